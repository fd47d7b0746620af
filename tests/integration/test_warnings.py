"""What a run warns of when it has ended: what its events give cause for, and settings that changed nothing."""

from datetime import date
from typing import Any

import pytest

import qtrader as qt
from qtrader import BacktestEngine
from qtrader.events import CashEvent
from runs import SAMPLE


def run(**settings: Any) -> Any:
    data = qt.source("samples", symbols=["AAPL", "IBM"])
    return qt.backtest(qt.use("buy-and-hold"), data, start="2004-01-02", end="2006-01-03", **settings)


def test_dividends_without_a_pay_date_are_counted_and_the_first_is_named() -> None:
    """Of those that were booked: a dividend of what nobody held is none."""
    result = BacktestEngine.from_config(SAMPLE).run()
    paid = [one for one in result.log.discrete_events("cash") if isinstance(one, CashEvent) and one.kind == "dividend"]

    told = f"{len(paid)} dividends have no pay date and were paid on their ex-dates, first {paid[0].action_id}"
    assert told in result.warnings
    assert result.manifest["counts"]["corporate_action"] > len(paid) > 10


def test_one_dividend_is_told_by_its_name() -> None:
    data = qt.source("samples", symbols="IBM")
    result = qt.backtest(qt.use("buy-and-hold"), data, start="2004-01-02", end=date(2004, 2, 20))

    (warning,) = [one for one in result.warnings if "pay date" in one]
    assert warning == "IBM-2004-02-06-cash_dividend has no pay date: the dividend was paid on its ex-date"


def test_without_dividends_nothing_is_told() -> None:
    data = qt.source("samples", symbols="AAPL")
    result = qt.backtest(qt.use("buy-and-hold"), data, start="2004-01-02", end="2006-01-03")

    assert [one for one in result.warnings if "pay date" in one] == []


@pytest.mark.parametrize(
    ("symbols", "told"),
    [
        ({"IBM": {"rate": "0.05"}}, []),
        (
            {"IBMM": {"rate": "0.05"}},
            ["portfolio.borrow.symbols.IBMM: it is not in data.symbols and changes nothing. Did you mean 'IBM'?"],
        ),
        (
            {"ZZZ": {"rate": "0.05"}},
            ["portfolio.borrow.symbols.ZZZ: it is not in data.symbols and changes nothing."],
        ),
    ],
)
def test_a_borrow_rate_of_a_symbol_that_is_not_there_is_told(symbols: Any, told: list[str]) -> None:
    warnings = run(borrow={"symbols": symbols}).warnings

    assert [one for one in warnings if "borrow" in one] == told


def optimistic(result: Any) -> list[str]:
    return [one for one in result.warnings if "optimistic" in one]


def test_fills_on_the_bar_of_the_decision_are_told_and_others_are_not() -> None:
    (told,) = optimistic(run(fill=qt.use("close", same_bar=True)))

    assert told.startswith("fills on the bar of the decision (same_bar): optimistic")
    assert optimistic(run()) == []
    assert optimistic(BacktestEngine.from_config(SAMPLE).run()) == []
