"""Case lean-04: half of equity in SPY on raw prices, its cash dividends on top, through the public API.

Settings and inputs of the case reach the run, its figures the assertions alone. The case keeps a quarter of a percent
of equity free, so half of equity is 0.5 x 0.9975.
"""

import csv
import json
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

import qtrader as qt
from qtrader import BacktestEngine, Bar, Context, SignalIntention

CASE = "cases/lean-04-spy-dividends-raw"
CENT = Decimal("0.01")


@dataclass
class Hold:
    """Buys once, on the first bar, and holds."""

    def on_bar(self, bar: Bar, context: Context) -> None:
        """Ask for the position while there is none."""
        if not context.position(bar.symbol):
            context.emit_signal(bar.symbol, SignalIntention.OPEN_LONG, price=bar.close)


@pytest.fixture(scope="session")
def case(shared: Path) -> dict[str, Any]:
    """The case as it was written down."""
    document: dict[str, Any] = json.loads((shared / CASE / "case.json").read_text())
    return document


@pytest.fixture(scope="session")
def result(case: dict[str, Any], shared: Path, tmp_path_factory: pytest.TempPathFactory) -> qt.Result:
    """The run, with the dividends as our actions file has them."""
    actions = tmp_path_factory.mktemp("lean04") / "actions.csv"
    with (shared / CASE / "dividends.csv").open(encoding="utf-8") as file:
        rows = [f"SPY,cash_dividend,{row['ex_date']},{row['cash_per_share']},USD" for row in csv.DictReader(file)]
    actions.write_text("\n".join(["symbol,action_type,ex_date,amount,currency", *rows]) + "\n", encoding="utf-8")
    settings = case["settings"]
    declared = {"prices": "raw", "stamp": "session", "calendar": "XNYS", "currency": settings["currency"]}
    path = str(shared / CASE / "spy_daily_raw.csv")
    fee = {"rate": "0.005", "minimum": "1.00", "cap": "0.005", "rounding": "none"}
    return BacktestEngine.from_config(
        {
            "data": {"source": "case", "symbols": ["SPY"], "start": settings["start"], "end": settings["end"]},
            "data_sources": {
                "case": {"use": "csv", "with": {"path": path, "symbols": ["SPY"]}, "actions": str(actions), **declared}
            },
            "strategies": [{"name": "hold", "use": f"{__file__}:Hold"}],
            "portfolio": {"cash": settings["cash"], "currency": settings["currency"]},
            "execution": {"commission": {"use": "per-share", "with": fee}, "slippage": {"use": "none"}},
            "risk": {"sizing": {"use": "equity", "with": {"pct": "0.49875"}}},
        }
    ).run()


def cents(amount: Decimal) -> Decimal:
    """To the cent, half away from zero, as the case prints."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def test_the_quantity_and_the_fee_are_those_of_the_case(result: qt.Result, case: dict[str, Any]) -> None:
    expected = case["expected"]

    assert result.fills["quantity"].to_pylist() == [expected["derived"]["quantity"]]
    assert [cents(fee) for fee in result.fills["commission"].to_pylist()] == [Decimal(expected["total_fees"])]


def test_the_dividends_are_those_of_the_case(result: qt.Result, case: dict[str, Any]) -> None:
    cash = result.table("cash").to_pylist()

    paid = sum((row["amount"] for row in cash if row["kind"] == "dividend"), Decimal(0))
    assert paid == Decimal(case["expected"]["derived"]["dividends_total"])


def test_equity_ends_where_the_case_ends(result: qt.Result, case: dict[str, Any]) -> None:
    assert cents(result.equity["equity"][-1].as_py()) == Decimal(case["expected"]["end_equity"])


def test_the_yearly_return_is_that_of_the_case(result: qt.Result, case: dict[str, Any]) -> None:
    """(end / start)^(365 / days) - 1, from midnight of the first day to 16:00 of the last."""
    settings = case["settings"]
    growth = float(result.equity["equity"][-1].as_py() / Decimal(settings["cash"]))
    days = (date.fromisoformat(settings["end"]) - date.fromisoformat(settings["start"])).days + 16 / 24
    expected = float(case["expected"]["compounding_annual_return_pct"])

    assert (growth ** (365 / days) - 1) * 100 == pytest.approx(expected, abs=0.0005)
