"""Case bpy-02: one round trip with a spread and three commissions, through the public API.

The quantity is given by hand, as their sizing counts costs in a way of its own; the numbers follow from it.
"""

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import qtrader as qt
from qtrader import Bar, Context, SignalIntention
from qtrader.ports import BarValue, WorkingOrder

CASE = "cases/bpy-02-spread-and-commission"
PERCENT = Decimal("0.01")


@dataclass
class RoundTrip:
    """Buys on the close of row 1, the second bar, and closes on that of row 2."""

    bars: int = 0

    def on_bar(self, bar: Bar, context: Context) -> None:
        self.bars += 1
        if self.bars in (2, 3):
            intention = SignalIntention.OPEN_LONG if self.bars == 2 else SignalIntention.CLOSE_LONG
            context.emit_signal(bar.symbol, intention, price=bar.close)


@dataclass(frozen=True)
class EntrySpread:
    """A share of the price that a buyer pays, and a seller does not."""

    share: Decimal = Decimal(0)

    def adjust(self, price: Decimal, order: WorkingOrder, bar: BarValue) -> Decimal:
        return price * (1 + self.share) if order.side == "buy" else price


@pytest.fixture(scope="module")
def case(shared: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((shared / CASE / "case.json").read_text())
    return document


@pytest.fixture(scope="module")
def rows(shared: Path) -> list[dict[str, str]]:
    with (shared / CASE / "goog_20.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def equity(case: dict[str, Any], rows: list[dict[str, str]]) -> Callable[..., list[Decimal]]:
    """Equity after rows 2 and 3, to the cent."""
    prices = {name: [Decimal(row[name]) for row in rows] for name in ("open", "high", "low", "close")}
    frame = pd.DataFrame({"date": [date.fromisoformat(row["date"]) for row in rows], **prices})

    def run(spread: Decimal, unit_cost: Callable[[Decimal], Decimal], commission: Any) -> list[Decimal]:
        opened = Decimal(rows[2]["open"])
        units = Decimal(case["settings"]["cash"]) / (opened * (1 + spread) + unit_cost(opened))
        result = qt.backtest(
            RoundTrip(),
            {"GOOG": qt.bars(frame, calendar="XNYS", prices="raw")},
            cash=case["settings"]["cash"],
            sizing=qt.use("fixed", quantity=str(units.to_integral_value(ROUND_DOWN))),
            fill="next-open",
            commission=commission,
            slippage=EntrySpread(spread),
        )
        worth = result.equity["equity"].to_pylist()[2:4]
        return [one.quantize(PERCENT, ROUND_HALF_EVEN) for one in worth]

    return run


def one_percent(price: Decimal) -> Decimal:
    """What their sizing counts for a unit."""
    return price * PERCENT


def test_a_spread_and_a_commission_of_one_percent(case: dict[str, Any], equity: Callable[..., list[Decimal]]) -> None:
    found = equity(PERCENT, one_percent, qt.use("percent", rate="0.01", rounding="none"))

    assert found == [Decimal(one) for one in case["expected"]["spread1pct_commission1pct"]]


def test_an_amount_and_one_percent(case: dict[str, Any], equity: Callable[..., list[Decimal]]) -> None:
    """Their sizing counts the amount for every unit, the charge for every order."""
    commission = qt.use("percent", rate="0.01", fixed="100", rounding="none")
    found = equity(Decimal(0), lambda price: 100 + one_percent(price), commission)

    assert found == [Decimal(one) for one in case["expected"]["fixed100_plus_1pct"]]


def test_one_percent_of_the_value(case: dict[str, Any], equity: Callable[..., list[Decimal]]) -> None:
    found = equity(Decimal(0), one_percent, qt.use("percent", rate="0.01", rounding="none"))

    assert found == [Decimal(one) for one in case["expected"]["one_pct_of_value"]]
