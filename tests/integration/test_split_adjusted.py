"""One history twice: raw prices with splits, and prices adjusted for them. The return is the same to a billionth."""

import random
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from qtrader import BacktestEngine, Bar, Context, Result, SignalIntention
from small_frames import day

DAYS = 60
SPLITS = {18: (3, 2), 31: (2, 1), 44: (1, 10)}


@dataclass
class Turns:
    """In and out by the day alone, so that both runs decide the same; in across every split."""

    def on_bar(self, bar: Bar, context: Context) -> None:
        number = (bar.session - day(0)).days if bar.session else 0
        if number % 13 == 1:
            context.emit_signal(bar.symbol, SignalIntention.OPEN_LONG, price=bar.close)
        if number % 13 == 9:
            context.emit_signal(bar.symbol, SignalIntention.CLOSE_LONG, price=bar.close)


def raw_rows() -> list[list[Fraction]]:
    """Open, high, low and close of each day in cents, falling and rising as splits have it."""
    draw, price, rows = random.Random(7), 180.0, []
    for number in range(DAYS):
        if number in SPLITS:
            price *= SPLITS[number][1] / SPLITS[number][0]
        opening, close = (round(price * draw.uniform(0.97, 1.03), 2) for _ in range(2))
        price = close
        both = Fraction(str(opening)), Fraction(str(close))
        rows.append([both[0], max(both) + Fraction(1, 100), min(both) - Fraction(1, 100), both[1]])
    return rows


def adjusted(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    """The same in units of the last day, to twelve decimals."""
    found = []
    for number, row in enumerate(rows):
        factor = Fraction(1)
        for ex, (new, old) in SPLITS.items():
            factor *= Fraction(old, new) if ex > number else 1
        found.append([round(price * factor, 12) for price in row])
    return found


def run(folder: Path, rows: list[list[Fraction]], prices: str, lot: str) -> Result:
    lines = ["date,open,high,low,close"]
    lines += [
        ",".join([str(day(number)), *(f"{Decimal(p.numerator) / Decimal(p.denominator):f}" for p in row)])
        for number, row in enumerate(rows)
    ]
    (folder / f"{prices}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    actions = [f"X,{'split' if n > d else 'reverse_split'},{day(ex)},{n},{d}" for ex, (n, d) in SPLITS.items()]
    listed = "\n".join(["symbol,action_type,ex_date,numerator,denominator", *actions]) + "\n"
    (folder / "actions.csv").write_text(listed, encoding="utf-8")
    declared: dict[str, Any] = {"prices": prices, "stamp": "session", "calendar": "24/7", "currency": "USD"}
    source = {"use": "csv", "with": {"path": str(folder / f"{prices}.csv"), "symbols": ["X"]}, **declared}
    return BacktestEngine.from_config(
        {
            "data": {"source": "rows", "symbols": ["X"], "instruments": {"X": {"lot": lot}}},
            "data_sources": {"rows": {**source, "actions": str(folder / "actions.csv")}},
            "strategies": [{"name": "turns", "use": f"{__file__}:Turns"}],
            "execution": {
                "commission": {"use": "percent", "with": {"rate": "0.001", "rounding": "none"}},
                "slippage": {"use": "none"},
            },
            "risk": {"sizing": {"use": "equity", "with": {"pct": "0.9"}}},
        }
    ).run()


def both(folder: Path, lot: str) -> tuple[Result, Result]:
    """The run on raw prices, and the one on adjusted prices."""
    rows = raw_rows()
    return run(folder, rows, "raw", lot), run(folder, adjusted(rows), "split-adjusted", lot)


def growth(result: Result) -> Fraction:
    return Fraction(result.equity["equity"][-1].as_py()) / 100_000


def test_raw_prices_with_splits_return_what_adjusted_prices_do(tmp_path: Path) -> None:
    raw, other = both(tmp_path, "0.00000001")

    assert raw.manifest["trades"] == other.manifest["trades"] >= 4
    splits = [one for one in raw.positions["reason"].to_pylist() if "split" in one]
    assert len(splits) == len(SPLITS)
    assert abs(growth(raw) - growth(other)) < Fraction(1, 10**9)
    assert abs(growth(raw) - 1) > Fraction(1, 100)


def test_with_whole_units_they_differ_by_what_was_paid_in_cash(tmp_path: Path) -> None:
    """At most a unit of each order and split stays in cash; what it would have earned is the difference."""
    raw, other = both(tmp_path, "1")

    assert 0 < abs(growth(raw) - growth(other)) < Fraction(1, 100)


@pytest.mark.parametrize("prices", ["raw", "split-adjusted"])
def test_splits_are_booked_on_raw_prices_alone(tmp_path: Path, prices: str) -> None:
    result = run(tmp_path, raw_rows(), prices, "1")

    assert result.manifest["counts"].get("corporate_action", 0) == (len(SPLITS) if prices == "raw" else 0)
