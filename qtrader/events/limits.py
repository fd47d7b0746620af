"""What the bus does not let a handler do: change an event, or publish without end."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from operator import is_
from typing import Any

from qtrader.errors import RunError
from qtrader.events.base import BaseEvent, from_ns

MOST_EVENTS = 100_000
"""More discrete events than this at one instant of a run mean a handler that publishes without end."""
MOST_EVENTS_A_SYMBOL = 100
"""What a run of many symbols may publish at one instant for each of them, where that is more than ``MOST_EVENTS``."""
LOOKED_AT = 1000
"""How many of the last events say what the flood consists of."""


def most_events(symbols: int) -> int:
    """How many discrete events one instant of a run may have."""
    return max(MOST_EVENTS, MOST_EVENTS_A_SYMBOL * symbols)


def flood(events: Sequence[BaseEvent], most: int, time_ns: int) -> RunError:
    """The error for a handler that publishes without end: when, and what most of the last events are."""
    (topic, source), _ = Counter((event.topic, event.source_service) for event in events[-LOOKED_AT:]).most_common(1)[0]
    return RunError(
        f"more than {most:,} events at {from_ns(time_ns).isoformat()}, the last of them mostly {topic!r} ({source}): "
        f"a handler publishes without end; mend it"
    )


def watched(call: Callable[[Any], None]) -> Callable[[Any], None]:
    """The same handler, stopped when it changes an event: the event is put right, and a RunError names the fields.

    Events are frozen; writing past that (``object.__setattr__``, ``event.__dict__``) is what this catches, while the
    handler has the event. The services of the pipeline are not watched.
    """

    @wraps(call)
    def watch(event: Any) -> None:
        if not isinstance(event, BaseEvent):
            call(event)
            return
        before = dict(event.__dict__)
        try:
            call(event)
        finally:
            changed = _put_right(event, before)
        if changed:
            names = ", ".join(map(repr, changed))
            raise RunError(f"it changed {names} of the event: events are facts; publish a new one")

    return watch


def _put_right(event: BaseEvent, before: Mapping[str, Any]) -> list[str]:
    """Undo what was written into an event, and name the fields."""
    now = event.__dict__
    if len(now) == len(before) and all(map(is_, now.values(), before.values())):
        return []
    changed = [name for name in {**before, **now} if now.get(name) is not before.get(name)]
    now.clear()
    now.update(before)
    return changed
