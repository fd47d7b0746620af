"""The only maker of envelopes: a service says what happened, the emitter says when, why and as which number."""

from typing import Any, TypeVar

from qtrader.errors import RunError
from qtrader.events.base import BaseEvent, defaults, trusted
from qtrader.events.event_bus import EventBus

E = TypeVar("E", bound=BaseEvent)


class Emitter:
    """Publishes the events of one service.

    Payloads are trusted: first-party services build them with exact types, and the log checks them in columns before a
    chunk is sealed. Events of strategies and third parties are validated before they come here.
    """

    __slots__ = ("_bus", "_known", "source")

    def __init__(self, bus: EventBus, source: str) -> None:
        self._bus = bus
        self._known: dict[type[BaseEvent], tuple[dict[str, Any], frozenset[str]]] = {}
        self.source = source

    def emit(self, kind: type[E], /, *, correlate: BaseEvent | None = None, **payload: Any) -> E:
        """Publish one event of a kind; fields with a default may be left out.

        What is being handled now is its cause. Its correlation is that of the cause, or that of ``correlate``
        where a trade leads through a bar: a fill belongs to its order's thread. Raises RunError for a missing or
        unknown field.
        """
        known = self._known.get(kind)
        if known is None:
            known = self._known[kind] = (defaults(kind), frozenset(kind.model_fields) - {"origin"})
        values = {**known[0], **payload}
        if values.keys() != known[1]:
            self._refuse(kind, payload)
        bus = self._bus
        event = trusted(kind, values, bus.log.next_origin(bus.current, correlate))
        bus.log.append(event)
        bus.accept(event)
        return event

    def follow(self, bar: Any) -> None:
        """Make a bar the cause of what is emitted next, until the bus hands out another event."""
        self._bus.current = bar

    def _refuse(self, kind: type[BaseEvent], payload: dict[str, Any]) -> None:
        fields = set(kind.model_fields) - {"origin"}
        missing = sorted(fields - set(defaults(kind)) - set(payload))
        unknown = sorted(set(payload) - fields)
        raise RunError(f"{self.source}: {kind.__name__} cannot be emitted: missing {missing}, unknown {unknown}")
