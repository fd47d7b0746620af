"""The graph of services and topics: every topic known, fed, and by one service alone."""

from collections.abc import Sequence

from qtrader.errors import WiringError
from qtrader.ports import Service
from qtrader.providers import ServiceProvider

ENGINE_EMITS = {"valuation_trigger"}
"""Topics that the engine itself publishes."""


def check_graph(providers: Sequence[ServiceProvider], topics: set[str]) -> None:
    """Refuse topics that nobody knows, nobody feeds, or two services emit. Raises WiringError."""
    emitters: dict[str, str] = dict.fromkeys(ENGINE_EMITS, "engine")
    for provider in providers:
        for topic in provider.emits:
            if topic not in topics:
                raise WiringError(
                    f"service {provider.name!r} emits the unknown topic {topic!r}; offer it by qtrader_event_types"
                )
            if topic in emitters:
                raise WiringError(
                    f"topic {topic!r} has two emitters, {emitters[topic]!r} and {provider.name!r}; remove one"
                )
            emitters[topic] = provider.name
    for provider in providers:
        for entry in provider.consumes:
            topic = entry.partition("@")[0]
            pattern = topic.endswith("*")
            if not any(known.startswith(topic[:-1]) if pattern else known == topic for known in topics):
                raise WiringError(f"service {provider.name!r} consumes the unknown topic {topic!r}")
            if not pattern and topic not in emitters:
                raise WiringError(f"service {provider.name!r} consumes {topic!r}, which no service of this run emits")


def check_handlers(provider: ServiceProvider, service: Service) -> None:
    """Refuse a service that listens to something else than its provider says it consumes. Raises WiringError."""
    declared = set(provider.consumes)
    for handler in service.handlers():
        entry = (
            f"{handler.topic}@{handler.phase}"
            if handler.topic == "bar" and handler.phase != "decide"
            else handler.topic
        )
        if entry not in declared:
            raise WiringError(
                f"service {provider.name!r} handles {entry!r}, but its provider declares only {sorted(declared)}; "
                "add it there"
            )
