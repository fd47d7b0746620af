"""The only maker of envelopes: a service says what happened, the emitter says when, why and as which number."""

from typing import Any, TypeVar

from qtrader.errors import RunError
from qtrader.events.base import BaseEvent, defaults
from qtrader.events.event_bus import EventBus

E = TypeVar("E", bound=BaseEvent)


class Emitter:
    """Publishes the events of one service.

    Payloads are trusted: first-party services build them with exact types, and the log checks them in columns before a
    chunk is sealed. Events of strategies and third parties are validated before they come here.
    """

    __slots__ = ("_bus", "source")

    def __init__(self, bus: EventBus, source: str) -> None:
        self._bus = bus
        self.source = source

    def emit(self, kind: type[E], /, *, correlate: BaseEvent | None = None, **payload: Any) -> E:
        """Publish one event of a kind; fields with a default may be left out.

        What is being handled now is its cause. Its correlation is that of the cause, or that of ``correlate``
        where a trade leads through a bar: a fill belongs to its order's thread. Raises RunError for a missing or
        unknown field. Quickest where all fields are given, in the order of the class.
        """
        if tuple(payload) != kind._payload:
            payload = self._complete(kind, payload)
        return self.post(kind, payload, correlate)

    def post(self, kind: type[E], values: dict[str, Any], correlate: BaseEvent | None = None) -> E:
        """Publish one event like ``emit``, from a dict of all its fields, which is the event's from then on.

        Nothing is looked at: for those who write every field down, in the order of the class, at their hottest place.
        """
        bus = self._bus
        event = bus.log.enter(kind, values, bus.current, correlate)
        bus.accept(event)
        return event

    def place(self, event: E, *, correlate: BaseEvent | None = None) -> E:
        """Publish what was validated already: the event with its place in the run is returned."""
        return Emitter.post(self, type(event), {**event.__dict__}, correlate)

    def follow(self, bar: Any) -> None:
        """Make a bar the cause of what is emitted next, until the bus hands out another event."""
        self._bus.current = bar

    def _complete(self, kind: type[BaseEvent], payload: dict[str, Any]) -> dict[str, Any]:
        """Every field in the order of the class, defaults where nothing was said."""
        known = defaults(kind)
        missing = sorted(set(kind._payload) - set(known) - set(payload))
        unknown = sorted(set(payload) - set(kind._payload))
        if missing or unknown:
            raise RunError(f"{self.source}: {kind.__name__} cannot be emitted: missing {missing}, unknown {unknown}")
        return {name: payload[name] if name in payload else known[name] for name in kind._payload}
