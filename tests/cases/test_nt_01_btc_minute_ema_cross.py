"""Case nt-01: 10,000 minutes of BTC, reversed at each crossing of two averages, through the public API.

Its account holds 10 BTC and trades around them; a margin account that starts at nothing holds the difference. USDT is
no ISO 4217 currency, so the account counts in USD: nothing is exchanged, and the figures are the same.
"""

import csv
import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from qtrader import BacktestEngine, Bar, Context, Result, SignalIntention

CASE = "cases/nt-01-btc-minute-ema-cross"
POLICY = """
policy: of-the-case
version: 1
sizing: {use: fixed, with: {quantity: 0.001}}
signals: {shorts: true}
"""


@dataclass
class Reverse:
    """Long while the fast average is above the slow one, else short; ends flat with the bar that ends at ``last``."""

    last: str
    fast: int = 10
    slow: int = 20

    def on_start(self, context: Context) -> None:
        self.averages: list[float] = []
        self.bars = 0

    def on_bar(self, bar: Bar, context: Context) -> None:
        close = float(bar.close)
        before, weights = self.averages or [close, close], [2 / (size + 1) for size in (self.fast, self.slow)]
        self.averages = [weight * close + (1 - weight) * one for weight, one in zip(weights, before, strict=True)]
        self.bars += 1
        held = context.position(bar.symbol)
        if bar.time.isoformat() == self.last:
            self.leave(bar, context, held)
        elif self.bars >= self.slow and not bar.open == bar.high == bar.low == bar.close:
            wanted = 1 if self.averages[0] >= self.averages[1] else -1
            if held * wanted <= 0:
                self.leave(bar, context, held)
                intention = SignalIntention.OPEN_LONG if wanted > 0 else SignalIntention.OPEN_SHORT
                context.emit_signal(bar.symbol, intention, price=bar.close)

    def leave(self, bar: Bar, context: Context, held: Decimal) -> None:
        if held:
            intention = SignalIntention.CLOSE_LONG if held > 0 else SignalIntention.CLOSE_SHORT
            context.emit_signal(bar.symbol, intention, price=bar.close)


@pytest.fixture(scope="module")
def case(shared: Path) -> dict[str, Any]:
    """The case as it was written down."""
    document: dict[str, Any] = json.loads((shared / CASE / "case.json").read_text())
    return document


@pytest.fixture(scope="module")
def result(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The run: 0.001 BTC an order, filled at the close of the bar of the decision, for a tenth of a percent."""
    here = tmp_path_factory.mktemp("nt-01")
    (here / "of-the-case.yaml").write_text(POLICY)
    file = shared / CASE / "btc_1m.csv"
    with file.open() as lines:
        last = list(csv.DictReader(lines))[-1]["timestamp"]
    place = {"path": str(file), "symbols": ["BTC"], "columns": {"time": "timestamp"}, "interval": "1m"}
    declared = {
        "prices": "raw", "stamp": "end", "zone": "UTC", "calendar": "24/7", "currency": "USD", "asset_class": "crypto",
    }  # fmt: skip
    return BacktestEngine.from_config(
        {
            "data": {"source": "case", "symbols": ["BTC"], "interval": "1m", "instruments": {"BTC": {"lot": "0.001"}}},
            "data_sources": {"case": {"use": "csv", "with": place, **declared}},
            "strategies": [
                {
                    "name": "of-the-case",
                    "use": f"{__file__}:Reverse",
                    "with": {"last": last.replace(" ", "T").removesuffix(".000000") + "+00:00"},
                }
            ],
            "portfolio": {"cash": 10_000_000},
            "execution": {
                "fill": {"use": "close", "with": {"same_bar": True}},
                "commission": {"use": "percent", "with": {"rate": "0.001", "rounding": "none"}},
                "slippage": {"use": "none"},
            },
            "risk": {"policy": "of-the-case", "policies": [str(here)]},
        }
    ).run()


def test_there_are_as_many_orders_as_in_the_case(result: Result, case: dict[str, Any]) -> None:
    assert result.orders.num_rows == result.fills.num_rows == case["expected"]["orders"]


def test_cash_ends_where_the_case_ends(result: Result, case: dict[str, Any]) -> None:
    cash = result.equity["cash"].to_pylist()[-1]

    assert abs(cash - Decimal(case["expected"]["final_usdt"])) <= Decimal("0.000001")


def test_nothing_is_held_in_the_end(result: Result, case: dict[str, Any]) -> None:
    bought = {
        side: sum(row["quantity"] for row in result.fills.to_pylist() if row["side"] == side)
        for side in ("buy", "sell")
    }

    assert bought["buy"] - bought["sell"] == Decimal(case["expected"]["final_btc"]) - 10
