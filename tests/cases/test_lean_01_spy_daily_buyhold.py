"""Case lean-01: buy and hold SPY on daily bars, through the public API.

Only settings and conventions of the case reach the run. Its fee has more digits than the currency: 697 x 0.005 = 3.485.
The printed fee (3.49) and the end of equity (to the cent) agree with the case only when the fee is charged unrounded.
"""

import csv
import json
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import qtrader as qt
from qtrader import Bar, Context, SignalIntention

CASE = "cases/lean-01-spy-daily-buyhold"
CENT = Decimal("0.01")


@dataclass
class Hold:
    """Buys once, on the first bar, and holds."""

    def on_bar(self, bar: Bar, context: Context) -> None:
        """Ask for the position while there is none."""
        if not context.position(bar.symbol):
            context.emit_signal(symbol=bar.symbol, intention=SignalIntention.OPEN_LONG, price=bar.close)


@pytest.fixture(scope="session")
def case(shared: Path) -> dict[str, Any]:
    """The case as it was written down."""
    document: dict[str, Any] = json.loads((shared / CASE / "case.json").read_text())
    return document


@pytest.fixture(scope="session")
def rows(shared: Path) -> list[dict[str, str]]:
    """The bars of the case, as text."""
    with (shared / CASE / "spy_daily_adjusted.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def result(case: dict[str, Any], rows: list[dict[str, str]]) -> qt.Result:
    """The run: 0.9975 of equity at the first close, filled at the next open."""
    frame = pd.DataFrame(
        {
            name: [date.fromisoformat(row[name]) if name == "date" else Decimal(row[name]) for row in rows]
            for name in ("date", "open", "high", "low", "close", "volume")
        }
    )
    return qt.backtest(
        Hold(),
        {"SPY": qt.bars(frame, calendar="XNYS", prices="total-return")},
        cash=case["settings"]["cash"],
        currency=case["settings"]["currency"],
        start=case["settings"]["start"],
        end=case["settings"]["end"],
        sizing=qt.use("equity", pct="0.9975"),
        fill="next-open",
        commission=qt.use("per-share", rate="0.005", minimum="1.00", cap="0.005", rounding="none"),
        slippage="none",
    )


def cents(amount: Decimal) -> Decimal:
    """To the cent, half away from zero, as the case prints."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def test_there_is_one_order_and_one_fill(result: qt.Result, case: dict[str, Any]) -> None:
    assert result.orders.num_rows == result.fills.num_rows == case["expected"]["total_orders"]


def test_the_quantity_is_that_of_the_case(result: qt.Result, case: dict[str, Any]) -> None:
    assert result.fills["quantity"].to_pylist() == [case["expected"]["derived"]["quantity"]]


def test_it_fills_at_the_open_of_the_second_day(
    result: qt.Result, case: dict[str, Any], rows: list[dict[str, str]]
) -> None:
    [fill] = result.fills.to_pylist()

    assert fill["executed_at"].date().isoformat() == case["expected"]["derived"]["fill_date"]
    assert fill["price"] == Decimal(rows[1]["open"])


def test_the_fee_is_that_of_the_case(result: qt.Result, case: dict[str, Any]) -> None:
    fee = sum(result.fills["commission"].to_pylist(), Decimal(0))

    assert cents(fee) == Decimal(case["expected"]["total_fees"])


def test_equity_ends_where_the_case_ends(result: qt.Result, case: dict[str, Any]) -> None:
    assert cents(result.equity["equity"].to_pylist()[-1]) == Decimal(case["expected"]["end_equity"])


def test_the_profit_is_that_of_the_case(result: qt.Result, case: dict[str, Any]) -> None:
    profit = result.equity["equity"].to_pylist()[-1] / Decimal(case["settings"]["cash"]) - 1

    assert abs(profit * 100 - Decimal(case["expected"]["net_profit_pct"])) <= Decimal("0.001")


def test_the_yearly_return_is_that_of_the_case(result: qt.Result, case: dict[str, Any]) -> None:
    """(end / start)^(365 / days) - 1, from midnight of the first day to 16:00 of the last."""
    growth = float(result.equity["equity"].to_pylist()[-1] / Decimal(case["settings"]["cash"]))
    days = (date.fromisoformat(case["settings"]["end"]) - date.fromisoformat(case["settings"]["start"])).days + 16 / 24
    expected = float(case["expected"]["compounding_annual_return_pct"])

    assert (growth ** (365 / days) - 1) * 100 == pytest.approx(expected, rel=1e-4)


def test_a_fee_in_whole_cents_would_print_another_fee(result: qt.Result, case: dict[str, Any]) -> None:
    """Why the run keeps the fee's digits: half-even gives 3.48, and rounding up would move equity by a cent."""
    [fee] = result.fills["commission"].to_pylist()
    equity = result.equity["equity"].to_pylist()[-1]
    up = fee.quantize(CENT, ROUND_HALF_UP)

    assert cents(fee.quantize(CENT)) != Decimal(case["expected"]["total_fees"])
    assert cents(equity + fee - up) != Decimal(case["expected"]["end_equity"])
