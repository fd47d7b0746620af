"""One trade from its bar to its profit: the order of topics, what caused what, when it became known and when it filled.

Two symbols over eight days. On day 2 a strategy opens both, on day 4 it closes both; each order fills at the next open.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

import qtrader as qt
from qtrader import BacktestEngine, Bar, Context, SignalIntention
from qtrader.events import BaseEvent, FillEvent, PositionEvent, PriceBarEvent, SignalEvent, TradeEvent
from small_frames import close_of, data, day

PRICES = {"B": [50, 51, 52, 53, 54, 55, 56, 57], "A": [100, 101, 102, 103, 104, 105, 106, 107]}
OPENING, CLOSING = 2, 4
SIZE = qt.use("fixed", quantity=10)


@dataclass
class Pair:
    """Opens both legs when it sees the bar of the first of them, and closes both when it sees that of the last."""

    def on_bar(self, bar: Bar, context: Context) -> None:
        first, last = context.symbols[0], context.symbols[-1]
        if (bar.symbol, bar.session) == (first, day(OPENING)):
            self.ask(SignalIntention.OPEN_LONG, context, bar)
        elif (bar.symbol, bar.session) == (last, day(CLOSING)):
            self.ask(SignalIntention.CLOSE_LONG, context, bar)

    def ask(self, intention: SignalIntention, context: Context, bar: Bar) -> None:
        for symbol in reversed(context.symbols):
            context.emit_signal(symbol, intention, price=bar.close)


@dataclass
class Each:
    """Opens and closes each symbol on its own bar; notes the latest time of all that it can look back on."""

    def on_bar(self, bar: Bar, context: Context) -> None:
        context.record(latest=int(context.history(bar.symbol, 1_000_000).time_ns[-1]))
        if bar.session == day(OPENING):
            context.emit_signal(bar.symbol, SignalIntention.OPEN_LONG, price=bar.close)
        elif bar.session == day(CLOSING):
            context.emit_signal(bar.symbol, SignalIntention.CLOSE_LONG, price=bar.close)


@pytest.fixture(scope="module")
def result() -> qt.Result:
    """Each symbol traded on its own bar."""
    return qt.backtest(Each(), data(**PRICES), sizing=SIZE)


@pytest.fixture(scope="module")
def pair() -> qt.Result:
    """Both legs traded on one bar."""
    return qt.backtest(Pair(), data(**PRICES), sizing=SIZE)


def thread(result: qt.Result, event: BaseEvent) -> list[BaseEvent]:
    """The one query: everything with an event's correlation id."""
    return [one for one in result.log if one.correlation_id == event.correlation_id]


def events(result: qt.Result, kind: type[BaseEvent]) -> list[Any]:
    """All events of a class."""
    return [event for event in result.log if isinstance(event, kind)]


def cause(result: qt.Result, event: BaseEvent) -> BaseEvent:
    """The event that an event names as its cause."""
    [found] = [one for one in result.log if one.event_id == event.causation_id]
    return found


# the thread


def test_an_opening_goes_from_bar_to_position_in_order(result: qt.Result) -> None:
    [opening] = [fill for fill in events(result, FillEvent) if (fill.symbol, fill.side) == ("A", "buy")]
    updates = ["order_update"] * 3

    assert [one.topic for one in thread(result, opening)] == [
        *["bar", "record", "signal", "decision", "order", *updates],
        *["fill", "order_update", "position"],
    ]


def test_a_closing_ends_in_a_trade(result: qt.Result) -> None:
    [closing] = [fill for fill in events(result, FillEvent) if (fill.symbol, fill.side) == ("A", "sell")]

    assert [one.topic for one in thread(result, closing)][-4:] == ["fill", "order_update", "position", "trade"]


def test_any_fill_leads_to_its_bar_signal_order_and_position(result: qt.Result) -> None:
    wanted = {"bar", "signal", "order", "fill", "position"}
    found = [{one.topic for one in thread(result, fill)} for fill in events(result, FillEvent)]

    assert len(found) == 4
    assert all(wanted <= topics for topics in found)


def test_a_thread_speaks_of_one_symbol_only(result: qt.Result) -> None:
    symbols = [{one.symbol for one in thread(result, fill)} for fill in events(result, FillEvent)]  # type: ignore[attr-defined]

    assert [{"A"}, {"B"}, {"A"}, {"B"}] == symbols


def test_the_bar_of_the_thread_is_the_one_that_was_decided_on(result: qt.Result) -> None:
    [bar, *_] = thread(result, events(result, FillEvent)[0])

    assert isinstance(bar, PriceBarEvent)
    assert bar.session == day(OPENING)


def test_the_signal_is_caused_by_its_bar(result: qt.Result) -> None:
    causes = [cause(result, signal) for signal in events(result, SignalEvent)]

    assert [(one.topic, one.symbol) for one in causes] == [("bar", "A"), ("bar", "B")] * 2  # type: ignore[attr-defined]


@pytest.mark.parametrize("topic", ["decision", "order"])
def test_decision_and_order_are_caused_by_the_signal(result: qt.Result, topic: str) -> None:
    answers = [one for one in result.log if one.topic == topic]

    assert [cause(result, one) for one in answers] == events(result, SignalEvent)


def test_the_fill_is_caused_by_the_next_bar(result: qt.Result) -> None:
    sessions = [cause(result, fill).session for fill in events(result, FillEvent)]  # type: ignore[attr-defined]

    assert [day(OPENING + 1)] * 2 + [day(CLOSING + 1)] * 2 == sessions


def test_the_fill_names_the_order_of_its_thread(result: qt.Result) -> None:
    for fill in events(result, FillEvent):
        [order] = [one for one in thread(result, fill) if one.topic == "order"]

        assert (fill.source_order_id, fill.intent_id) == (order.order_id, order.intent_id)  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", [PositionEvent, TradeEvent])
def test_position_and_trade_are_caused_by_the_fill(result: qt.Result, kind: type[BaseEvent]) -> None:
    assert {cause(result, one).topic for one in events(result, kind)} == {"fill"}


def test_every_event_comes_after_its_cause(result: qt.Result) -> None:
    caused = [one for one in result.log if one.causation_id is not None]

    assert caused
    assert all(cause(result, one).seq < one.seq for one in caused)


# time


@pytest.fixture(scope="module")
def delivered(result: qt.Result) -> list[tuple[int, int]]:
    """Of everything that a subscriber to all topics is handed: when it became known, and what the clock says."""
    seen: list[tuple[int, int]] = []
    assert result.recipe is not None
    engine = BacktestEngine.from_config(result.recipe)
    engine.event_bus.subscribe("*", lambda event: seen.append((event.time_ns, engine.run_state.view.time_ns)))
    engine.run()
    return seen


def test_nothing_is_delivered_before_its_time(result: qt.Result, delivered: list[tuple[int, int]]) -> None:
    assert len(delivered) == len(result.log)
    assert [known for known, now in delivered if known > now] == []


def test_time_never_runs_backwards(result: qt.Result) -> None:
    assert all(before.occurred_at <= after.occurred_at for before, after in pairwise(result.log))


def test_a_strategy_looks_back_no_further_than_now(result: qt.Result) -> None:
    rows = result.records.to_pylist()
    nanoseconds = [int(row["time"].timestamp()) * 10**9 for row in rows]

    assert [row["latest"] for row in rows] == nanoseconds


def test_bars_of_one_instant_come_in_symbol_order(result: qt.Result) -> None:
    bars = [(bar.occurred_at, bar.symbol) for bar in events(result, PriceBarEvent)]

    assert bars == [(close_of(number), symbol) for number in range(8) for symbol in ("A", "B")]


def test_strategies_get_bars_of_one_instant_in_symbol_order(result: qt.Result) -> None:
    called = [row["symbol"] for row in result.records.to_pylist()]

    assert called == ["A", "B"] * 8


# fills


def opens(number: int) -> dict[str, Decimal]:
    """Each symbol's open on a day, worked out from the closes: half a point above the close before."""
    return {symbol: Decimal(closes[number - 1]) + Decimal("0.5") for symbol, closes in PRICES.items()}


@pytest.mark.parametrize("name", ["result", "pair"])
@pytest.mark.parametrize(("side", "decided"), [("buy", OPENING), ("sell", CLOSING)])
def test_a_signal_on_one_bar_fills_at_the_open_of_the_next(
    request: pytest.FixtureRequest, name: str, side: str, decided: int
) -> None:
    fills = [one for one in events(request.getfixturevalue(name), FillEvent) if one.side == side]

    assert {one.symbol: one.price for one in fills} == opens(decided + 1)


@pytest.mark.parametrize("side", ["buy", "sell"])
def test_both_legs_fill_at_the_same_moment(pair: qt.Result, side: str) -> None:
    """Whichever leg's bar they were asked for on, and whatever the symbols are called."""
    executed = [one.executed_at for one in events(pair, FillEvent) if one.side == side]

    assert len(executed) == 2
    assert len(set(executed)) == 1


def pairs_of(result: qt.Result) -> Iterator[tuple[SignalEvent, FillEvent]]:
    """Each fill and the signal that it goes back to."""
    for fill in events(result, FillEvent):
        [signal] = [one for one in thread(result, fill) if isinstance(one, SignalEvent)]
        yield signal, fill


def test_no_fill_is_executed_before_its_signal(result: qt.Result) -> None:
    """The next open is the same instant as this close; the sequence says which came first."""
    found = [(fill.executed_at >= signal.occurred_at, fill.seq > signal.seq) for signal, fill in pairs_of(result)]

    assert found == [(True, True)] * 4


def test_the_trade_earns_the_difference_of_the_two_opens(result: qt.Result) -> None:
    """10 units from 102.5 to 104.5, and from 52.5 to 54.5."""
    assert {one.symbol: one.net_pnl for one in events(result, TradeEvent)} == {"A": Decimal(20), "B": Decimal(20)}
