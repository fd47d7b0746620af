"""Targets in whole runs: shares of equity to the lot, what is not named, short positions, and money from sales."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import qtrader as qt
from qtrader import BacktestEngine, Context, Result
from qtrader.errors import HandlerError
from qtrader.frames import FrameSource
from small_frames import data, day

FREE: dict[str, Any] = {"commission": qt.use("none"), "slippage": qt.use("none")}


@dataclass
class Plan:
    """Sets the targets of each day, by its number."""

    steps: dict[int, dict[str, str]]
    kind: str = "percent"
    rest: str = "zero"

    def on_bars(self, bars: Any, context: Context) -> None:
        session = next(iter(bars.values())).session
        for number, targets in self.steps.items():
            if session == day(number):
                getattr(context, f"target_{self.kind}")(targets, rest=self.rest)


def run(steps: dict[int, dict[str, str]], prices: dict[str, list[float]], cash: int = 10_000, **more: Any) -> Result:
    options = {name: more.pop(name) for name in ("kind", "rest") if name in more}
    return qt.backtest(Plan(steps, **options), data(**prices), cash=cash, **FREE, **more)


def fills(result: Result) -> list[tuple[str, str, int]]:
    return [(one["symbol"], one["side"], int(one["quantity"])) for one in result.fills.to_pylist()]


def codes(result: Result) -> list[str]:
    return [event.code for event in result.log.discrete_events("signal_rejected")]


def test_halves_to_the_lot() -> None:
    """10,000 in halves at 30 and 70: 5000 / 30 = 166.7 and 5000 / 70 = 71.4 units."""
    assert fills(run({0: {"A": "0.5", "B": "0.5"}}, {"A": [30] * 3, "B": [70] * 3})) == [
        ("A", "buy", 166), ("B", "buy", 71),
    ]  # fmt: skip


def test_what_is_not_named_goes_to_zero() -> None:
    result = run({0: {"A": "0.5"}, 2: {"B": "0.5"}}, {"A": [30] * 5, "B": [70] * 5})

    assert fills(result)[0] == ("A", "buy", 166)
    assert ("A", "sell", 166) in fills(result)[1:]


def test_the_rest_may_stay() -> None:
    result = run({0: {"A": "0.5"}, 2: {"B": "0.2"}}, {"A": [30] * 5, "B": [70] * 5}, rest="keep")

    assert [one[:2] for one in fills(result)] == [("A", "buy"), ("B", "buy")]


def test_at_the_target_nothing_is_ordered_and_that_is_said() -> None:
    result = run({0: {"A": "100"}, 2: {"A": "100"}}, {"A": [30] * 5}, kind="quantity")

    assert (fills(result), codes(result)) == ([("A", "buy", 100)], ["at-target"])
    assert not [one for one in result.warnings if "at-target" in one]


def test_a_short_needs_leave() -> None:
    assert codes(run({0: {"A": "-0.5"}}, {"A": [30] * 3})) == ["shorts-off"]


def test_a_cash_account_sells_before_it_buys() -> None:
    """All of it from Z to A, at prices that stand still but for the half point of the first open: 100 x 100."""
    steps = {0: {"Z": "0.9"}, 2: {"A": "0.9"}}
    result = run(steps, {"A": [100] * 5, "Z": [100] * 5}, account="cash")
    orders = [(one.symbol, one.side) for one in result.log.discrete_events("order")]

    assert orders == [("Z", "buy"), ("Z", "sell"), ("A", "buy")]
    assert sorted(one[:2] for one in fills(result)) == [("A", "buy"), ("Z", "buy"), ("Z", "sell")]
    assert codes(result) == []


def test_shares_are_of_the_budget_and_what_shrinks_is_decided_first() -> None:
    """Half of 10,000 for each: Z goes from all of it to 0.6, and what it leaves is there for A.

    50 Z are bought half a point above 100: half of 9,975 is 4,987.5, of which 0.6 are 29.9 units and 0.4 are 19.9.
    """
    plans = {"s": Plan({0: {"Z": "1"}, 2: {"Z": "0.6", "A": "0.4"}}), "t": Plan({})}
    half = {"s": "0.5", "t": "0.5"}
    feed = data(A=[100] * 5, Z=[100] * 5)
    result = qt.backtest(plans, feed, cash=10_000, budgets=half, account="cash", **FREE)
    orders = [(one.symbol, one.side, one.quantity) for one in result.log.discrete_events("order")]

    assert orders == [("Z", "buy", 50), ("Z", "sell", 50 - 29), ("A", "buy", 19)]
    assert codes(result) == []


PATIENT = """
policy: patient
version: 1
sizing: {use: fixed, with: {quantity: 100}}
orders: {type: limit, time_in_force: GTC}
"""


def test_a_cash_account_does_not_spend_what_a_limit_order_may_bring(tmp_path: Path) -> None:
    """100 Z at a limit of 100 are all of 10,000; their sale waits at 99 and is no money to buy A with."""
    (tmp_path / "patient.yaml").write_text(PATIENT, encoding="utf-8")
    feeds = data(A=[100] * 4, Z=[100, 99, 99, 99])
    engine = BacktestEngine.from_config(
        {
            "data": {"source": "frames", "symbols": ["A", "Z"]},
            "data_sources": {"frames": {"use": "frames", "instance": FrameSource(feeds)}},
            "strategies": [{"name": "s", "use": "plan", "instance": Plan({0: {"Z": "1"}, 2: {"A": "1"}})}],
            "portfolio": {"cash": 10_000, "account": "cash"},
            "risk": {"policy": "patient", "policies": [str(tmp_path)]},
            "execution": {"commission": {"use": "none"}, "slippage": {"use": "none"}},
        }
    )
    result = engine.run()

    assert [(one.symbol, one.side) for one in result.log.discrete_events("order")] == [("Z", "buy"), ("Z", "sell")]
    assert result.fills.to_pylist()[0]["price"] == 100
    assert codes(result) == ["cash"]


@dataclass
class Bare:
    """Forgets to say how much."""

    def on_bars(self, bars: Any, context: Context) -> None:
        context.target_percent("A")  # type: ignore[arg-type]


def test_targets_that_are_no_mapping_are_named() -> None:
    with pytest.raises(HandlerError, match=r"target_percent: 'A' is no mapping; write symbol: value, {'AAPL': '0.5'}"):
        qt.backtest(Bare(), data(A=[30] * 3), cash=10_000, **FREE)
