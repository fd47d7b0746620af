"""The bus: topics and patterns, FIFO run to completion, subscribing at any time, order of services, failing fast."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from itertools import permutations
from typing import Any

import pytest

from qtrader import EventBus
from qtrader.errors import HandlerError, RunError
from qtrader.events import BaseEvent, PriceBarEvent, SignalEvent, ValuationTriggerEvent
from qtrader.ports import Handler, SignalIntention

pytestmark = pytest.mark.bus


def trigger(day: int = 1) -> ValuationTriggerEvent:
    return ValuationTriggerEvent(session=date(2020, 1, day), reason="session_end")


def signal(symbol: str = "AAPL") -> SignalEvent:
    return SignalEvent(
        signal_id="s-1",
        strategy_id="s",
        symbol=symbol,
        intention=SignalIntention.OPEN_LONG,
        price=Decimal(10),
        confidence=Decimal(1),
    )


def bar(symbol: str = "AAPL", close: str = "11") -> PriceBarEvent:
    return PriceBarEvent(
        symbol=symbol,
        asset_class="equity",
        interval="1d",
        timestamp=datetime(2020, 1, 2, 21, tzinfo=UTC),
        session=date(2020, 1, 2),
        open=Decimal(10),
        high=Decimal(12),
        low=Decimal(9),
        close=Decimal(close),
        volume=Decimal(100),
        currency="USD",
    )


@pytest.fixture
def bus() -> EventBus:
    return EventBus()


def collect(bus: EventBus, topic: str, **options: Any) -> list[BaseEvent]:
    got: list[BaseEvent] = []
    bus.subscribe(topic, got.append, **options)
    return got


def test_a_subscriber_gets_events_of_its_topic(bus: EventBus) -> None:
    got = collect(bus, "signal")

    event = bus.publish(signal())

    assert [event] == got


def test_a_subscriber_gets_nothing_of_other_topics(bus: EventBus) -> None:
    got = collect(bus, "signal")

    bus.publish(trigger())

    assert got == []


def test_star_gets_every_topic_once(bus: EventBus) -> None:
    got = collect(bus, "*")

    events = [bus.publish(signal()), bus.publish(trigger()), bus.publish(bar())]

    assert events == got


def test_a_prefix_pattern_gets_the_topics_that_begin_with_it(bus: EventBus) -> None:
    got = collect(bus, "sig*")

    event = bus.publish(signal())
    bus.publish(trigger())

    assert [event] == got


def test_a_prefix_pattern_covers_the_topic_that_equals_the_prefix(bus: EventBus) -> None:
    got = collect(bus, "signal*")

    bus.publish(signal())

    assert len(got) == 1


@pytest.mark.parametrize("pattern", ["", "a*b", "*signal"])
def test_a_pattern_with_a_star_elsewhere_than_at_the_end_is_refused(bus: EventBus, pattern: str) -> None:
    with pytest.raises(ValueError, match="no topic"):
        bus.subscribe(pattern, print)


def test_a_handler_that_cannot_be_called_is_refused(bus: EventBus) -> None:
    with pytest.raises(TypeError, match="callable"):
        bus.subscribe("signal", "on_signal")  # type: ignore[arg-type]


@pytest.mark.parametrize("thing", [{}, None, "signal", 1, object()])
def test_publish_refuses_anything_but_an_event(bus: EventBus, thing: Any) -> None:
    with pytest.raises(TypeError, match="publish takes events"):
        bus.publish(thing)


def test_what_publish_refused_is_not_in_the_history(bus: EventBus) -> None:
    with pytest.raises(TypeError):
        bus.publish({})  # type: ignore[arg-type]

    assert len(bus.history) == 0


def test_publishing_without_subscribers_is_kept_in_the_history(bus: EventBus) -> None:
    event = bus.publish(signal())

    assert [event] == list(bus.history)


def test_history_is_complete_and_in_order_without_a_cap(bus: EventBus) -> None:
    published = [bus.publish(trigger(1 + n % 28)) for n in range(10_000)]

    assert published == list(bus.history)


def test_history_can_be_indexed_from_both_ends(bus: EventBus) -> None:
    first, _, last = (bus.publish(trigger(day)) for day in (1, 2, 3))

    assert (first, last) == (bus.history[0], bus.history[-1])


def test_history_refuses_an_index_beyond_its_end(bus: EventBus) -> None:
    bus.publish(trigger())

    with pytest.raises(IndexError):
        bus.history[1]


def test_publishing_inside_a_handler_waits_until_every_subscriber_has_seen_the_cause(bus: EventBus) -> None:
    seen: list[str] = []

    def reply(event: SignalEvent) -> None:
        seen.append("first got signal")
        bus.publish(trigger())

    bus.subscribe("signal", reply)
    bus.subscribe("signal", lambda _: seen.append("second got signal"))
    bus.subscribe("valuation_trigger", lambda _: seen.append("trigger"))

    bus.publish(signal())

    assert seen == ["first got signal", "second got signal", "trigger"]


def test_no_handler_is_entered_while_it_runs(bus: EventBus) -> None:
    depth, deepest = 0, 0

    def nested(event: ValuationTriggerEvent) -> None:
        nonlocal depth, deepest
        depth += 1
        deepest = max(deepest, depth)
        if event.session is not None and event.session.day < 5:
            bus.publish(trigger(event.session.day + 1))
        depth -= 1

    bus.subscribe("valuation_trigger", nested)
    bus.publish(trigger(1))

    assert deepest == 1
    assert len(bus.history) == 5


def test_publish_returns_only_when_everything_that_follows_is_done(bus: EventBus) -> None:
    done: list[str] = []
    bus.subscribe("signal", lambda _: bus.publish(trigger()))
    bus.subscribe("valuation_trigger", lambda _: done.append("trigger"))

    bus.publish(signal())

    assert done == ["trigger"]


def test_replies_are_delivered_in_the_order_of_publishing(bus: EventBus) -> None:
    days: list[int] = []

    def three(_: SignalEvent) -> None:
        for day in (3, 1, 2):
            bus.publish(trigger(day))

    bus.subscribe("signal", three)
    bus.subscribe("valuation_trigger", lambda event: days.append(event.session.day))
    bus.publish(signal())

    assert days == [3, 1, 2]


def test_a_reply_names_its_cause(bus: EventBus) -> None:
    from qtrader.emitter import Emitter

    emitter = Emitter(bus, "engine")
    bus.subscribe("signal", lambda _: emitter.emit(ValuationTriggerEvent, session=None, reason="bar"))
    cause = bus.publish(signal())

    assert cause.event_id == bus.history[-1].causation_id


def test_unsubscribing_by_token_stops_delivery(bus: EventBus) -> None:
    got: list[BaseEvent] = []
    token = bus.subscribe("signal", got.append)
    bus.unsubscribe(token)

    bus.publish(signal())

    assert got == []


def test_unsubscribing_by_topic_and_handler_stops_delivery(bus: EventBus) -> None:
    got: list[BaseEvent] = []
    bus.subscribe("signal", got.append)
    bus.unsubscribe("signal", got.append)

    bus.publish(signal())

    assert got == []


def test_unsubscribing_one_handler_leaves_the_others(bus: EventBus) -> None:
    gone, stays = [], []  # type: list[BaseEvent], list[BaseEvent]
    token = bus.subscribe("signal", gone.append)
    bus.subscribe("signal", stays.append)
    bus.unsubscribe(token)

    bus.publish(signal())

    assert (len(gone), len(stays)) == (0, 1)


def test_unsubscribing_what_is_not_subscribed_is_an_error(bus: EventBus) -> None:
    with pytest.raises(KeyError, match="signal"):
        bus.unsubscribe("signal", print)


def test_unsubscribing_twice_is_an_error(bus: EventBus) -> None:
    token = bus.subscribe("signal", print)
    bus.unsubscribe(token)

    with pytest.raises(KeyError):
        bus.unsubscribe(token)


def test_a_handler_that_leaves_while_the_event_is_delivered_does_not_get_it(bus: EventBus) -> None:
    got: list[BaseEvent] = []
    bus.subscribe("signal", lambda _: bus.unsubscribe("signal", got.append))
    bus.subscribe("signal", got.append)

    bus.publish(signal())

    assert got == []


def test_a_handler_may_leave_during_its_own_call(bus: EventBus) -> None:
    calls: list[BaseEvent] = []

    def once(event: SignalEvent) -> None:
        calls.append(event)
        bus.unsubscribe("signal", once)

    bus.subscribe("signal", once)
    bus.publish(signal())
    bus.publish(signal())

    assert len(calls) == 1


def test_a_handler_that_joins_while_an_event_is_delivered_gets_the_next_one(bus: EventBus) -> None:
    late: list[BaseEvent] = []

    def join(_: SignalEvent) -> None:
        if not late and len(bus.subscribers("signal")) == 1:
            bus.subscribe("signal", late.append)

    bus.subscribe("signal", join)
    bus.publish(signal())
    assert late == []
    second = bus.publish(signal())

    assert [second] == late


def test_one_handler_subscribed_twice_is_called_twice(bus: EventBus) -> None:
    got: list[BaseEvent] = []
    bus.subscribe("signal", got.append)
    bus.subscribe("signal", got.append)

    bus.publish(signal())

    assert len(got) == 2


def test_a_failing_handler_stops_publishing_with_a_handler_error(bus: EventBus) -> None:
    def fails(_: SignalEvent) -> None:
        raise ZeroDivisionError("by zero")

    bus.subscribe("signal", fails)

    with pytest.raises(HandlerError, match=r"fails failed on signal .*ZeroDivisionError: by zero"):
        bus.publish(signal())


def test_a_handler_error_names_the_service_that_failed(bus: EventBus) -> None:
    def fails(_: SignalEvent) -> None:
        raise ValueError("no")

    bus.attach("manager", [Handler("signal", fails)])

    with pytest.raises(HandlerError, match=r"^manager: "):
        bus.publish(signal())


def test_handlers_after_a_failing_one_are_not_called(bus: EventBus) -> None:
    got: list[BaseEvent] = []

    def fails(_: SignalEvent) -> None:
        raise RunError("stop")

    bus.subscribe("signal", fails)
    bus.subscribe("signal", got.append)
    with pytest.raises(HandlerError):
        bus.publish(signal())

    assert got == []


def test_a_failing_handler_error_keeps_its_cause(bus: EventBus) -> None:
    def fails(_: SignalEvent) -> None:
        raise KeyError("gone")

    bus.subscribe("signal", fails)
    with pytest.raises(HandlerError) as caught:
        bus.publish(signal())

    assert isinstance(caught.value.__cause__, KeyError)


def test_services_are_called_in_pipeline_order_however_they_were_attached() -> None:
    names = ("data", "portfolio", "execution", "strategy", "manager", "reporting", "aardvark", "zebra")

    for order in list(permutations(names))[:: 40320 // 60]:
        called: list[str] = []
        bus = EventBus()
        for name in order:
            bus.attach(name, [Handler("signal", partial(lambda who, into, _: into.append(who), name, called))])
        bus.publish(signal())

        assert list(names) == called


def test_plain_subscribers_come_after_services_in_the_order_they_came(bus: EventBus) -> None:
    called: list[str] = []
    bus.subscribe("signal", lambda _: called.append("first"))
    bus.subscribe("signal", lambda _: called.append("second"))
    bus.attach("zebra", [Handler("signal", lambda _: called.append("zebra"))])
    bus.publish(signal())

    assert called == ["zebra", "first", "second"]


def test_market_phase_handlers_of_bar_come_before_decide_phase_handlers(bus: EventBus) -> None:
    called: list[str] = []
    bus.attach("strategy", [Handler("bar", lambda _: called.append("decide"))])
    bus.attach("reporting", [Handler("bar", lambda _: called.append("market"), phase="market")])
    bus.publish(bar())

    assert called == ["market", "decide"]


def test_a_handler_with_a_symbol_set_gets_only_bars_of_those_symbols(bus: EventBus) -> None:
    wanted = {"IBM"}
    got = collect(bus, "bar", symbols=wanted)
    bus.publish(bar("AAPL"))
    event = bus.publish(bar("IBM"))

    assert [event] == got


def test_the_symbol_set_is_live(bus: EventBus) -> None:
    wanted: set[str] = set()
    got = collect(bus, "bar", symbols=wanted)
    bus.publish(bar("IBM"))
    wanted.add("IBM")
    bus.publish(bar("IBM"))
    wanted.clear()
    bus.publish(bar("IBM"))

    assert len(got) == 1


def test_a_batch_handler_gets_a_hand_published_bar_as_a_tuple_of_one(bus: EventBus) -> None:
    got: list[Any] = []
    bus.subscribe("bar", got.append, batch=True)
    event = bus.publish(bar())

    assert [(event,)] == got


def test_a_coroutine_can_be_scheduled_from_a_handler(bus: EventBus) -> None:
    """Asynchronous consumers subscribe a function that hands events to their own queue."""
    import asyncio

    async def consume() -> list[BaseEvent]:
        queue: asyncio.Queue[BaseEvent] = asyncio.Queue()
        put: Callable[[BaseEvent], None] = queue.put_nowait
        bus.subscribe("signal", put)
        for symbol in ("A", "B", "C"):
            bus.publish(signal(symbol))
        return [await queue.get() for _ in range(3)]

    consumed = asyncio.run(consume())

    assert list(bus.history) == consumed


def test_subscribers_lists_who_gets_a_topic_in_calling_order(bus: EventBus) -> None:
    bus.subscribe("*", print)
    bus.attach("manager", [Handler("signal", print)])

    assert [one.owner for one in bus.subscribers("signal")] == ["manager", "subscriber"]


def test_the_briefs_snippet_runs(bus: EventBus) -> None:
    event_bus, bars, signals = bus, [], []  # type: EventBus, list[BaseEvent], list[BaseEvent]

    event_bus.subscribe("bar", bars.append)
    event_bus.subscribe("signal", signals.append)
    event_bus.publish(bar())
    event_bus.publish(signal())

    assert (len(bars), len(signals)) == (1, 1)
