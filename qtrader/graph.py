"""The graph of services and topics: every topic known, fed, and by one service alone."""

from collections.abc import Sequence

from qtrader.errors import WiringError
from qtrader.ports import Handler, Service
from qtrader.providers import ServiceProvider

ENGINE_EMITS = {"session_open", "valuation_trigger"}
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


def checked_handlers(provider: ServiceProvider, service: Service) -> list[Handler]:
    """The table of a service. Raises WiringError for anything else, and for what its provider does not say it consumes.

    The error carries the service, so that whoever tells of it names file and plugin.
    """
    handlers: object = service.handlers()
    if not isinstance(handlers, Sequence):
        raise _no_table(provider, service, handlers)
    declared = set(provider.consumes)
    for handler in handlers:
        if not isinstance(handler, Handler) or not isinstance(handler.topic, str) or not callable(handler.call):
            raise _no_table(provider, service, handler)
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
    return list(handlers)


def _no_table(provider: ServiceProvider, service: Service, found: object) -> WiringError:
    said = WiringError(
        f"service {provider.name!r}: handlers() answers {found!r}: it must answer a list of "
        "Handler(topic, function); mend the service"
    )
    return said.of(service)
