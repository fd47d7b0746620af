"""Buy and hold through every split and dividend of a real share: the books against sums over its rows of actions."""

import csv
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from qtrader import BacktestEngine, Bar, Context, Result, SignalIntention
from qtrader.events import CashEvent, TradeEvent

CENT = Decimal("0.01")


@dataclass
class Hold:
    """Buys on its first bar and holds."""

    def on_bar(self, bar: Bar, context: Context) -> None:
        """Ask for the position while there is none."""
        if not context.position(bar.symbol):
            context.emit_signal(bar.symbol, SignalIntention.OPEN_LONG, price=bar.close)


def actions_of(shared: Path, symbol: str) -> list[dict[str, str]]:
    with (shared / "data" / "equity_actions.csv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["symbol"] == symbol]


def ratio_of(row: dict[str, str]) -> Fraction:
    return Fraction(Decimal(row["split_ratio"]))


def held_through(shared: Path, folder: Path, symbol: str, units: int) -> Result:
    """A run over all rows of a share, with the actions as our columns have them."""
    lines = ["symbol,action_type,ex_date,numerator,denominator,amount,currency"]
    for row in actions_of(shared, symbol):
        if row["type"] == "split":
            ratio = ratio_of(row)
            lines.append(f"{symbol},split,{row['ex_date']},{ratio.numerator},{ratio.denominator},,")
        else:
            lines.append(f"{symbol},cash_dividend,{row['ex_date']},,,{row['cash_amount']},USD")
    (folder / "actions.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    path = str(shared / "data" / "equity_daily" / f"{symbol}.parquet")
    declared: dict[str, Any] = {"prices": "raw", "stamp": "session", "calendar": "XNYS", "currency": "USD"}
    return BacktestEngine.from_config(
        {
            "data": {"source": "raw", "symbols": [symbol]},
            "data_sources": {
                "raw": {
                    "use": "parquet", "with": {"path": path, "symbols": [symbol]}, "decimals": 4,
                    "actions": str(folder / "actions.csv"), **declared,
                }
            },
            "strategies": [{"name": "hold", "use": f"{__file__}:Hold"}],
            "execution": {"commission": {"use": "none"}, "slippage": {"use": "none"}},
            "risk": {"sizing": {"use": "fixed", "with": {"quantity": units}}},
        }
    ).run()  # fmt: skip


def opens(shared: Path, symbol: str) -> list[Decimal]:
    column = pq.read_table(shared / "data" / "equity_daily" / f"{symbol}.parquet").column("open")
    return [Decimal(str(price)) for price in column.to_pylist()]


def test_apple_through_four_splits_and_every_dividend(shared: Path, tmp_path: Path) -> None:
    result = held_through(shared, tmp_path, "AAPL", 100)
    units, cash, dividends = Decimal(100), Decimal(100_000) - 100 * opens(shared, "AAPL")[1], 0
    for row in actions_of(shared, "AAPL"):
        if row["type"] == "split":
            units *= Decimal(row["split_ratio"])
        else:
            dividends += 1
            cash += (units * Decimal(row["cash_amount"])).quantize(CENT, ROUND_HALF_EVEN)

    last = result.equity.to_pylist()[-1]
    assert units == 100 * 2 * 2 * 7 * 4
    assert dividends > 30
    assert result.positions["quantity"][-1].as_py() == units
    assert last["cash"] == cash
    close = Decimal(str(pq.read_table(shared / "data" / "equity_daily" / "AAPL.parquet").column("close")[-1].as_py()))
    assert last["equity"] == cash + units * close


def test_one_share_of_google_becomes_one_and_cash_for_0_0027(shared: Path, tmp_path: Path) -> None:
    """The stock dividend of 2015-04-27: 0.0027 of a share at 565.06 / 1.0027, the last close after the split."""
    result = held_through(shared, tmp_path, "GOOG", 1)
    cash = [event for event in result.log.discrete_events("cash") if isinstance(event, CashEvent)]
    (trade,) = (event for event in result.log.discrete_events("trade") if isinstance(event, TradeEvent))

    in_lieu = (Decimal("0.0027") * Decimal("565.06") / Decimal("1.0027")).quantize(CENT)
    assert [(one.kind, one.amount) for one in cash] == [("deposit", 100_000), ("cash_in_lieu", in_lieu)]
    assert in_lieu == Decimal("1.52")
    assert (trade.symbol, trade.quantity) == ("GOOG", Decimal("0.0027"))
    assert result.positions["quantity"][-1].as_py() == 1
    cost = (opens(shared, "GOOG")[1] * Decimal("0.0027") / Decimal("1.0027")).quantize(Decimal("1E-8"))
    assert trade.gross_pnl == in_lieu - cost


@pytest.mark.parametrize("symbol", ["IBM", "SPY", "BAC"])
def test_quarterly_dividends_of_twenty_years(shared: Path, tmp_path: Path, symbol: str) -> None:
    result = held_through(shared, tmp_path, symbol, 77)
    units, paid = Decimal(77), Decimal(0)
    for row in actions_of(shared, symbol):
        if row["type"] == "split":
            units *= Decimal(row["split_ratio"])
        else:
            paid += (units * Decimal(row["cash_amount"])).quantize(CENT, ROUND_HALF_EVEN)

    assert paid > 1_000
    assert result.equity["cash"][-1].as_py() == 100_000 - 77 * opens(shared, symbol)[1] + paid
    assert result.positions["quantity"][-1].as_py() == units
