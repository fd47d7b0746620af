"""The books of the sample run after every event, against sums kept here from fills, actions and prices alone."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest

from qtrader import BacktestEngine, Result
from qtrader.events import CashEvent, CorporateActionEvent, FillEvent, PositionEvent, PriceBarEvent, ValuationEvent
from runs import SAMPLE

CASH = Fraction(100_000)


@pytest.fixture(scope="module")
def result() -> Result:
    return BacktestEngine.from_config(SAMPLE).run()


def paid(fill: FillEvent) -> Fraction:
    """What a fill does to cash."""
    sign = -1 if fill.side == "buy" else 1
    return sign * Fraction(fill.quantity) * Fraction(fill.price) - Fraction(fill.commission)


def movements(result: Result) -> Iterator[tuple[tuple[int, int], Fraction]]:
    """Every movement of cash, in the order in which its cause was handled."""
    for event in result.log.discrete_events():
        if isinstance(event, FillEvent):
            yield (event.seq, -1), paid(event)
        elif isinstance(event, CashEvent):
            yield (event.origin.cause, event.seq), Fraction(event.amount)


def test_cash_events_plus_fills_sum_to_the_cash_that_every_event_carries(result: Result) -> None:
    moved = sorted(movements(result))
    places = [place for place, _ in moved]
    running = [Fraction(0)]
    for _, amount in moved:
        running.append(running[-1] + amount)

    checked = 0
    for event in result.log.discrete_events():
        if isinstance(event, PositionEvent | CashEvent):
            carried = event.cash_balance if isinstance(event, PositionEvent) else event.balance
            place = (event.origin.cause, event.seq)
            assert running[bisect_right(places, place)] == Fraction(carried), event
            checked += 1
    assert checked > 200


def test_the_deposit_is_the_configured_cash(result: Result) -> None:
    first = next(event for event in result.log.discrete_events("cash"))

    assert isinstance(first, CashEvent)
    assert (first.kind, Fraction(first.amount)) == ("deposit", CASH)


def test_positions_are_the_signed_fills_and_splits(result: Result) -> None:
    held: dict[str, Fraction] = defaultdict(Fraction)
    checked = 0
    for event in result.log.discrete_events():
        if isinstance(event, FillEvent):
            held[event.symbol] += Fraction(event.quantity) * (1 if event.side == "buy" else -1)
        elif isinstance(event, CorporateActionEvent) and event.action_type == "split":
            held[event.symbol] *= Fraction(event.numerator or 1, event.denominator or 1)
        elif isinstance(event, PositionEvent) and event.reason in ("fill", "split"):
            assert held[event.symbol] == Fraction(event.quantity), event
            checked += 1
    assert checked > 100


def test_cash_plus_market_value_is_equity_at_every_valuation(result: Result) -> None:
    cash, held, close = Fraction(0), defaultdict(Fraction), {}  # type: Fraction, dict[str, Fraction], dict[str, Fraction]
    checked = 0
    for event in result.log:
        if isinstance(event, PriceBarEvent):
            close[event.symbol] = Fraction(event.close)
        elif isinstance(event, FillEvent):
            cash += paid(event)
            held[event.symbol] += Fraction(event.quantity) * (1 if event.side == "buy" else -1)
        elif isinstance(event, CashEvent):
            cash += Fraction(event.amount)
        elif isinstance(event, CorporateActionEvent) and event.action_type == "split":
            held[event.symbol] *= Fraction(event.numerator or 1, event.denominator or 1)
        elif isinstance(event, ValuationEvent):
            value = sum((held[symbol] * close[symbol] for symbol in held if held[symbol]), Fraction(0))
            assert (cash, value) == (Fraction(event.cash), Fraction(event.market_value))
            assert cash + value == Fraction(event.equity)
            checked += 1
    assert checked == 3270


def test_the_books_projection_agrees_after_every_event() -> None:
    """Whoever asks the books at any event gets cash plus value of what is held at the last prices."""
    engine = BacktestEngine.from_config(SAMPLE)
    run = engine.run_state
    checked = [0]

    def agree(_: Any) -> None:
        value = sum(
            (Fraction(one.quantity) * Fraction(run.view.last(one.symbol) or 0) for one in run.books.positions()),
            Fraction(0),
        )
        owed = Fraction(run.books.receivable) - Fraction(run.books.payable)
        assert Fraction(run.books.cash) + value + owed == Fraction(run.books.equity)
        checked[0] += 1

    run.bus.subscribe("*", agree)
    engine.run()

    assert checked[0] == len(run.log)


def test_the_last_valuation_is_the_final_equity(result: Result) -> None:
    last = list(result.log.discrete_events("valuation"))[-1]

    assert isinstance(last, ValuationEvent)
    assert last.equity == result.metrics.final_equity


def test_net_profit_of_trades_and_open_lots_explains_the_equity(result: Result) -> None:
    """Equity - deposit = net profit of closed lots + open profit - their entry fees + dividends."""
    trades = sum((Fraction(row["net_pnl"]) for row in result.trades.to_pylist()), Fraction(0))
    dividends = sum(
        (Fraction(e.amount) for e in result.log.discrete_events("cash") if e.kind == "dividend"), Fraction(0)
    )  # type: ignore[attr-defined]
    fees = sum((Fraction(row["commission"]) for row in result.fills.to_pylist()), Fraction(0))
    closed = sum((Fraction(row["commission"]) for row in result.trades.to_pylist()), Fraction(0))
    last = list(result.log.discrete_events("valuation"))[-1]
    open_profit = Fraction(last.unrealised_pnl)  # type: ignore[attr-defined]

    assert Fraction(result.metrics.final_equity or 0) - CASH == trades + open_profit - (fees - closed) + dividends
