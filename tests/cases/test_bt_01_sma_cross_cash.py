"""Case bt-01: an index crosses its SMA(15) in 2006, one unit at a time, through the public API.

Only settings, inputs and conventions of the case reach the run. The index has no volume: it is unknown, not zero. Its
255 days are the sessions of 2006 in Frankfurt.
"""

import csv
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import qtrader as qt
from qtrader import Bar, Context, SignalIntention
from qtrader_indicators import crossing, price, sma

CASE = "cases/bt-01-sma-cross-cash"


@dataclass
class Cross:
    """Flat and the close crosses above its average: open. Long and it crosses below: close."""

    length: int

    def on_start(self, context: Context) -> None:
        """Track the crossing."""
        self.turn = context.track(crossing(price(), sma(self.length)))

    def on_bar(self, bar: Bar, context: Context) -> None:
        """Signal at the close of the bar that crosses."""
        turn, long = self.turn[bar.symbol], context.position(bar.symbol) > 0
        if turn > 0 and not long:
            context.emit_signal(symbol=bar.symbol, intention=SignalIntention.OPEN_LONG, price=bar.close)
        elif turn < 0 and long:
            context.emit_signal(symbol=bar.symbol, intention=SignalIntention.CLOSE_LONG, price=bar.close)


@pytest.fixture(scope="module")
def case(shared: Path) -> dict[str, Any]:
    """The case as it was written down."""
    document: dict[str, Any] = json.loads((shared / CASE / "case.json").read_text())
    return document


@pytest.fixture(scope="module")
def table(shared: Path, case: dict[str, Any]) -> pa.Table:
    """The case's prices, exact decimals."""
    with (shared / CASE / case["inputs"][0]).open(newline="") as file:
        rows = list(csv.DictReader(file))
    prices = {name: pa.array([Decimal(row[name]) for row in rows]) for name in ("open", "high", "low", "close")}
    return pa.table({"date": pa.array([date.fromisoformat(row["date"]) for row in rows]), **prices})


@pytest.fixture(scope="module")
def result(case: dict[str, Any], table: pa.Table) -> qt.Result:
    """The run: a market order of the fixed quantity, filled at the next open, for nothing."""
    settings = case["settings"]
    return qt.backtest(
        Cross(settings["sma"]),
        {"INDEX": qt.bars(table, calendar="XETR", prices="raw", currency="EUR", asset_class="index")},
        cash=settings["cash"],
        currency="EUR",
        account="cash",
        sizing=qt.use("fixed", quantity=settings["quantity"]),
        fill="next-open",
        commission="none",
        slippage="none",
    )


def texts(prices: list[Decimal]) -> list[str]:
    """With two decimals, as the case writes prices."""
    cents = [price.quantize(Decimal("0.01")) for price in prices]
    assert cents == prices
    return [str(price) for price in cents]


def created(result: qt.Result, intention: str) -> list[str]:
    """The signals' prices."""
    return texts([row["price"] for row in result.table("signal").to_pylist() if row["intention"] == intention])


def executed(result: qt.Result, side: str) -> list[str]:
    """The fills' prices."""
    return texts([row["price"] for row in result.fills.to_pylist() if row["side"] == side])


def test_buys_are_created_at_the_cases_prices(result: qt.Result, case: dict[str, Any]) -> None:
    assert created(result, "OPEN_LONG") == case["expected"]["buy_create"]


def test_sales_are_created_at_the_cases_prices(result: qt.Result, case: dict[str, Any]) -> None:
    assert created(result, "CLOSE_LONG") == case["expected"]["sell_create"]


def test_buys_are_executed_at_the_cases_prices(result: qt.Result, case: dict[str, Any]) -> None:
    assert executed(result, "buy") == case["expected"]["buy_exec"]


def test_sales_are_executed_at_the_cases_prices(result: qt.Result, case: dict[str, Any]) -> None:
    assert executed(result, "sell") == case["expected"]["sell_exec"]


def test_every_fill_has_the_quantity_of_the_case(result: qt.Result, case: dict[str, Any]) -> None:
    assert set(result.fills["quantity"].to_pylist()) == {Decimal(case["settings"]["quantity"])}


def test_the_value_ends_where_the_case_ends(result: qt.Result, case: dict[str, Any]) -> None:
    assert texts(result.equity["equity"].to_pylist()[-1:]) == [case["expected"]["final_value"]]


def test_the_cash_ends_where_the_case_ends(result: qt.Result, case: dict[str, Any]) -> None:
    assert texts(result.equity["cash"].to_pylist()[-1:]) == [case["expected"]["final_cash"]]


def test_the_result_warns_that_the_volume_is_unknown(result: qt.Result) -> None:
    assert [line for line in result.warnings if "volume is unknown in 255 of 255 bars" in line]
