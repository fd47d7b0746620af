"""What the bus does not let a handler do."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from event_samples import event, made
from qtrader import EventBus
from qtrader.errors import HandlerError, RunError
from qtrader.events import FillEvent, RecordEvent, limits
from qtrader.events.limits import most_events, watched
from qtrader.log import EventLog
from qtrader.market import Market

pytestmark = pytest.mark.bus

CHANGES: dict[str, Callable[[Any], Any]] = {
    "a field": lambda fill: object.__setattr__(fill, "quantity", Decimal(0)),
    "the dictionary": lambda fill: fill.__dict__.update(quantity=Decimal(0)),
    "an equal value of another type": lambda fill: fill.__dict__.update(quantity=float(fill.quantity)),
    "a field taken out": lambda fill: fill.__dict__.pop("quantity"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_named_and_undone(change: Callable[[Any], Any]) -> None:
    fill = event(FillEvent)
    before = dict(fill.__dict__)

    with pytest.raises(RunError, match="it changed 'quantity' of the event: events are facts"):
        watched(change)(fill)

    assert fill.__dict__ == before


def test_a_change_is_undone_when_the_handler_raises_as_well() -> None:
    fill = event(FillEvent)
    before = dict(fill.__dict__)

    def change(one: Any) -> None:
        one.__dict__["quantity"] = Decimal(0)
        raise KeyError("gone")

    with pytest.raises(KeyError):
        watched(change)(fill)

    assert fill.__dict__ == before


def test_reading_is_no_change() -> None:
    seen: list[datetime] = []

    watched(lambda fill: seen.append(fill.executed_at))(event(FillEvent))

    assert len(seen) == 1


def test_subscribers_and_services_outside_the_pipeline_are_watched() -> None:
    bus = EventBus()
    bus.subscribe("fill", lambda fill: fill.__dict__.update(quantity=Decimal(0)))

    with pytest.raises(HandlerError, match=r"subscriber: .*it changed 'quantity'"):
        bus.publish(event(FillEvent))


def test_a_watched_handler_can_be_unsubscribed() -> None:
    bus, seen = EventBus(), []
    handler = seen.append
    bus.subscribe("fill", handler)

    bus.unsubscribe("fill", handler)
    bus.publish(event(FillEvent))

    assert seen == []


@pytest.mark.parametrize(("symbols", "most"), [(0, 100_000), (1_000, 100_000), (5_000, 500_000)])
def test_many_symbols_may_publish_more(symbols: int, most: int) -> None:
    assert most_events(symbols) == most


def test_as_many_events_as_are_allowed_at_one_instant_are_no_flood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_EVENTS", 50)
    bus = EventBus(EventLog(1, Market(tables=())))

    for instant in range(1, 5):
        bus.log.time_ns = instant
        for _ in range(50):
            bus.publish(made(RecordEvent))

    assert len(bus.log) == 200


def test_twice_as_many_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_EVENTS", 50)
    bus = EventBus(EventLog(1, Market(tables=())))
    bus.log.time_ns = 1

    for _ in range(99):
        bus.publish(made(RecordEvent))

    with pytest.raises(RunError, match="more than 50 events at 1970-01-01T00:00:00"):
        bus.publish(made(RecordEvent))


def test_outside_a_run_nothing_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_EVENTS", 50)
    bus = EventBus()

    for _ in range(200):
        bus.publish(made(RecordEvent))

    assert len(bus.history) == 200
