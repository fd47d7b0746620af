"""The emitter: what a service says becomes an event with its place, time, cause and thread."""

from typing import Any

import pytest

from event_samples import EVENT_CLASSES, made, payload
from logs import KINDS, RUN, world
from qtrader import EventBus
from qtrader.emitter import Emitter
from qtrader.errors import RunError
from qtrader.events import BaseEvent, OrderEvent, SignalEvent, ValuationTriggerEvent
from qtrader.events.base import defaults
from qtrader.log import EventLog


@pytest.fixture
def bus() -> EventBus:
    return EventBus(EventLog(RUN, world(), KINDS))


@pytest.fixture
def emitter(bus: EventBus) -> Emitter:
    return Emitter(bus, "acme")


SIGNAL = payload(SignalEvent)


@pytest.mark.parametrize("missing", sorted(set(SIGNAL) - set(defaults(SignalEvent))))
def test_a_missing_field_is_named(emitter: Emitter, missing: str) -> None:
    values = {name: value for name, value in SIGNAL.items() if name != missing}

    with pytest.raises(RunError, match=rf"acme: SignalEvent cannot be emitted: missing \['{missing}'\], unknown \[\]"):
        emitter.emit(SignalEvent, **values)


def test_an_unknown_field_is_named(emitter: Emitter) -> None:
    with pytest.raises(RunError, match=r"missing \[\], unknown \['colour'\]"):
        emitter.emit(SignalEvent, **SIGNAL, colour="red")


def test_a_misspelt_field_is_both_missing_and_unknown(emitter: Emitter) -> None:
    values = {"prise" if name == "price" else name: value for name, value in SIGNAL.items()}

    with pytest.raises(RunError, match=r"missing \['price'\], unknown \['prise'\]"):
        emitter.emit(SignalEvent, **values)


def test_what_was_refused_is_not_in_the_log(bus: EventBus, emitter: Emitter) -> None:
    with pytest.raises(RunError):
        emitter.emit(SignalEvent)

    assert len(bus.history) == 0


@pytest.mark.parametrize("kind", EVENT_CLASSES)
def test_fields_with_a_default_may_be_left_out(emitter: Emitter, kind: type[BaseEvent]) -> None:
    values, left_out = payload(kind), defaults(kind)
    emitted = emitter.emit(kind, **{name: value for name, value in values.items() if name not in left_out})

    assert {name: getattr(emitted, name) for name in left_out} == left_out


def test_what_is_emitted_holds_what_was_said(emitter: Emitter) -> None:
    emitted = emitter.emit(SignalEvent, **SIGNAL)

    assert {name: getattr(emitted, name) for name in SIGNAL} == SIGNAL


@pytest.mark.parametrize("kind", EVENT_CLASSES)
def test_what_is_posted_is_what_would_have_been_emitted(emitter: Emitter, kind: type[BaseEvent]) -> None:
    posted = emitter.post(kind, payload(kind))
    emitted = emitter.emit(kind, **payload(kind))

    assert posted.model_dump() == emitted.model_dump()
    assert posted.model_fields_set == emitted.model_fields_set
    assert posted.origin == emitted.origin._replace(seq=0, corr=0)


def test_what_is_posted_can_belong_to_another_thread(bus: EventBus, emitter: Emitter) -> None:
    emitter.emit(SignalEvent, **SIGNAL)
    order = emitter.emit(OrderEvent, **payload(OrderEvent))
    trigger = emitter.post(ValuationTriggerEvent, {"session": None, "reason": "end"}, order)

    assert trigger.origin[3:5] == (-1, 1)
    assert trigger is bus.history[2]


def test_an_event_is_in_the_log_and_with_its_subscribers(bus: EventBus, emitter: Emitter) -> None:
    got: list[Any] = []
    bus.subscribe("signal", got.append)
    emitted = emitter.emit(SignalEvent, **SIGNAL)

    assert [emitted] == got == list(bus.history)


def test_an_event_carries_the_clock(bus: EventBus, emitter: Emitter) -> None:
    bus.log.time_ns = 1_577_836_800_000_000_000

    assert emitter.emit(SignalEvent, **SIGNAL).time_ns == 1_577_836_800_000_000_000


def test_outside_any_handler_an_event_has_no_cause_and_begins_a_thread(emitter: Emitter) -> None:
    emitter.emit(SignalEvent, **SIGNAL)
    second = emitter.emit(SignalEvent, **SIGNAL).origin

    assert (second.seq, second.cause, second.corr) == (1, -1, 1)


def test_what_is_handled_is_the_cause_and_its_thread_goes_on(bus: EventBus, emitter: Emitter) -> None:
    bus.subscribe("signal", lambda _: emitter.emit(OrderEvent, **payload(OrderEvent)))
    bus.subscribe("order", lambda _: emitter.emit(ValuationTriggerEvent, session=None, reason="end"))
    emitter.emit(ValuationTriggerEvent, session=None, reason="end")
    bus.publish(made(SignalEvent))

    assert [(one.origin.cause, one.origin.corr) for one in bus.history] == [(-1, 0), (-1, 1), (1, 1), (2, 1)]


def test_a_followed_bar_is_the_cause(bus: EventBus, emitter: Emitter) -> None:
    log = bus.log
    assert log.market is not None
    bars = log.market.timeline.bars(0, 2)
    log.step_bars, log.bars = tuple(bars), 2
    emitter.follow(bars[1])

    assert emitter.emit(SignalEvent, **SIGNAL).origin[3:5] == (1, 1)


def test_a_thread_can_be_taken_up_again_through_a_bar(bus: EventBus, emitter: Emitter) -> None:
    log = bus.log
    assert log.market is not None
    signal = emitter.emit(SignalEvent, **SIGNAL)
    order = emitter.emit(OrderEvent, correlate=signal, **payload(OrderEvent))
    log.step_bars = tuple(log.market.timeline.bars(0, 1))
    log.bars = 1
    emitter.follow(log.step_bars[0])
    answer = emitter.emit(ValuationTriggerEvent, correlate=order, session=None, reason="end")

    assert (answer.origin.cause, answer.origin.corr) == (2, 0)


def test_events_are_not_validated_when_emitted_but_when_sealed(bus: EventBus, emitter: Emitter) -> None:
    emitter.emit(ValuationTriggerEvent, session=None, reason="lunch")

    with pytest.raises(RunError, match="'lunch'"):
        bus.log.seal()
