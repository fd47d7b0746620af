"""What holding costs in ordinary runs: a short of thirty days, and cash below zero."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from pyarrow.csv import write_csv

import qtrader as qt
from qtrader import BacktestEngine, Bar, Context, Result, SignalIntention
from qtrader.errors import ConfigError
from qtrader.events import CashEvent, ValuationEvent
from small_frames import day, frame

CLOSES = [100.0 + (number * 7) % 5 for number in range(70)]


POLICY = """\
policy: two-sided
version: 1
sizing: {use: fixed, with: {quantity: 100}}
signals: {shorts: true}
"""


@dataclass
class Once:
    """Opens on the second day, closes thirty days later."""

    opening: str = "OPEN_SHORT"
    closing: str = "CLOSE_SHORT"

    def on_bar(self, bar: Bar, context: Context) -> None:
        if bar.session in (day(1), day(31)):
            wish = self.opening if bar.session == day(1) else self.closing
            context.emit_signal(bar.symbol, SignalIntention(wish), price=bar.close)


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., BacktestEngine]:
    """An engine for ``Once`` on 70 daily closes, with a policy that opens shorts, and these portfolio settings."""
    write_csv(frame(CLOSES), tmp_path / "x.csv")
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "two-sided.yaml").write_text(POLICY, encoding="utf-8")

    def engine(side: str = "SHORT", **portfolio: Any) -> BacktestEngine:
        declared = {"prices": "raw", "stamp": "session", "calendar": "24/7", "currency": "USD", "asset_class": "crypto"}
        once = {"opening": f"OPEN_{side}", "closing": f"CLOSE_{side}"}
        return BacktestEngine.from_config(
            {
                "data": {"source": "file", "symbols": ["X"]},
                "data_sources": {
                    "file": {"use": "csv", "with": {"path": str(tmp_path / "x.csv"), "symbols": ["X"]}, **declared}
                },
                "strategies": [{"name": "once", "use": f"{__file__}:Once", "with": once}],
                "portfolio": portfolio,
                "execution": {"commission": {"use": "none"}, "slippage": {"use": "none"}},
                "risk": {"policy": "two-sided", "policies": [str(tmp_path / "policies")]},
            }
        )

    return engine


def final_equity(result: Result) -> Fraction:
    return Fraction(result.equity["equity"][-1].as_py())


def expected(rate: str, base: Any) -> Fraction:
    """Thirty nights: held at the session ends of days 2 to 31, every night rounded to 10^-8."""
    nights = (base(number) * Fraction(rate) / 360 for number in range(2, 32))
    return sum((round(one, 8) for one in nights), Fraction(0))


def test_a_short_of_thirty_days_pays_for_thirty_nights(run: Any) -> None:
    with_fee, without = run(borrow={"rate": "0.05"}).run(), run().run()
    fee = expected("0.05", lambda number: 100 * Fraction(CLOSES[number]))

    assert fee > 40
    assert final_equity(without) - final_equity(with_fee) == fee
    assert (Fraction(with_fee.metrics.carry), without.metrics.carry) == (fee, 0)
    cash = [event for event in with_fee.log.discrete_events("cash") if isinstance(event, CashEvent)]
    bills = [event.amount for event in cash if event.kind == "borrow_fee" and event.amount]
    assert len(bills) == 2  # on the first of February, and of March
    assert all(bill == round(bill, 2) for bill in bills)


def test_cash_below_zero_pays_interest(run: Any) -> None:
    with_interest = run("LONG", cash=1_000, margin_interest={"rate": "0.0683"}).run()
    paid = final_equity(run("LONG", cash=1_000).run()) - final_equity(with_interest)
    bought = Fraction(CLOSES[1]) + Fraction(1, 2)  # the next day opens half a point above

    simple = 30 * (100 * bought - 1_000) * Fraction(683, 10_000) / 360
    assert simple - Fraction(1, 10**6) < paid < simple * Fraction(1001, 1000)  # more: of what was billed on the way


def test_equity_counts_what_is_accrued_at_every_valuation(run: Any) -> None:
    result = run(borrow={"rate": "0.05", "basis": "collateral"}, margin_interest={"rate": "0.06"}).run()
    accrued, checked = Fraction(0), 0
    for event in result.log.discrete_events():
        if isinstance(event, CashEvent):
            accrued = Fraction(event.accrued)
        elif isinstance(event, ValuationEvent):
            parts = (event.cash, event.market_value, event.receivables, -event.payables, -event.accruals)
            assert Fraction(event.equity) == sum(map(Fraction, parts))
            assert Fraction(event.accruals) == accrued
            checked += 1
    assert checked == 70


def test_the_books_that_strategies_see_count_it_too(run: Any) -> None:
    engine = run(borrow={"rate": "0.5"})
    agreed = []

    def compare(event: ValuationEvent) -> None:
        agreed.append(engine.run_state.books.equity == event.equity)

    engine.run_state.bus.subscribe("valuation", compare)
    engine.run()

    assert agreed == [True] * 70


@pytest.mark.parametrize(
    ("portfolio", "message"),
    [
        ({"borrow": {"rate": "-0.01"}}, "portfolio.borrow.rate"),
        ({"margin_interest": {"rate": 0.05, "day_count": "30/360"}}, "portfolio.margin_interest.day_count"),
        ({"borrow": {"rate": 0.05, "changes": {"2024-02-30": 0.1}}}, "2024-02-30"),
        ({"borrow": {"rate": "five"}}, "'five' is not a number"),
    ],
)
def test_a_wrong_rate_is_refused_before_the_run(run: Any, portfolio: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        run(**portfolio)


def test_a_rate_that_costs_nothing_changes_nothing(run: Any) -> None:
    assert run(borrow={"rate": 0}).run().digest == run().run().digest != run(borrow={"rate": "0.05"}).run().digest


def test_a_run_from_python_takes_a_rate_or_a_mapping() -> None:
    held = {"X": qt.bars(frame(CLOSES), calendar="24/7", prices="raw", asset_class="crypto")}
    choices: dict[str, Any] = {"cash": 1_000, "sizing": qt.use("fixed", quantity=100), "commission": "none"}
    long = Once("OPEN_LONG", "CLOSE_LONG")
    one = qt.backtest(long, held, margin_interest="0.0683", **choices)
    other = qt.backtest(long, held, margin_interest={"rate": 0.0683, "day_count": "ACT/360"}, **choices)

    assert one.digest == other.digest != qt.backtest(long, held, **choices).digest


def test_no_more_is_sold_short_than_can_be_borrowed(run: Any) -> None:
    result = run(borrow={"rate": "0.05", "available": {"X": 40, "Y": 7}}).run()
    decision = next(iter(result.log.discrete_events("decision")))
    opened = next(iter(result.log.discrete_events("fill")))

    assert (opened.side, opened.quantity) == ("sell", 40)
    assert decision.checks[0].reason == ("100 units would be short and 40 can be borrowed (portfolio.borrow.available)")
    assert "portfolio.borrow.available.Y: it is not in data.symbols and changes nothing." in result.warnings


@pytest.mark.parametrize("units", ["-1", "nan", "many"])
def test_units_that_cannot_be_are_refused_before_the_run(run: Any, units: str) -> None:
    with pytest.raises(ConfigError, match=r"portfolio\.borrow\.available\.X"):
        run(borrow={"available": {"X": units}})
