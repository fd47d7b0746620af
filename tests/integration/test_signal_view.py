"""What strategies see of a split: nothing, unless they ask for raw prices; bars and books stay raw.

AAPL split 2:1 on 2005-02-28. Of its raw closes the average of 20 falls below the average of 100 on 2005-03-14, though
nobody lost a cent; on prices restated forward by the split it does not.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pyarrow as pa
import pytest

import qtrader as qt
from qtrader import Bar, Context
from qtrader.ports import CorporateAction

SPLIT = date(2005, 2, 28)
FALSE_CROSS = date(2005, 3, 14)
DAYS = [date(2024, 1, day) for day in (2, 3, 4, 5)]
CLOSES = [Decimal(100), Decimal(95), Decimal(96), Decimal(48)]
DIVIDEND = CorporateAction("X", "cash_dividend", DAYS[1], amount=Decimal(5), currency="USD")
HALVED = CorporateAction("X", "split", DAYS[3], numerator=2, denominator=1)


@dataclass
class Witness:
    """Records what it sees of each bar: the raw close, and the last close of the signal view."""

    def on_bar(self, bar: Bar, context: Context) -> None:
        context.record(raw=bar.close, seen=context.history(bar.symbol, 1).close[-1])


@cache
def crosses(view: str) -> list[tuple[date, str]]:
    """The signals of SMA 20/100 on AAPL from 2003 to the year of the split: session and intention."""
    data = qt.source("samples", symbols="AAPL", prices="raw")
    cross = qt.use("sma-cross", fast=20, slow=100)
    result = qt.backtest({"trend": cross}, data, start="2003-01-02", end="2005-12-30", signal_view=view)
    return [(row["time"].date(), row["intention"]) for row in result.table("signal").to_pylist()]


@cache
def seen(view: str) -> pa.Table:
    """What the witness recorded of four bars: 100, 95 after a dividend of 5, 96, 48 after a split."""
    columns = {"open": CLOSES, "high": CLOSES, "low": CLOSES, "close": CLOSES}
    frame = pa.table({"date": DAYS, **columns, "volume": [1, 2, 3, 4]})
    bars = qt.bars(frame, calendar="XNYS", prices="raw", actions=[DIVIDEND, HALVED])
    return qt.backtest(Witness(), {"X": bars}, signal_view=view).records


def test_on_raw_prices_a_split_trades_a_false_cross() -> None:
    assert (FALSE_CROSS, "CLOSE_LONG") in crosses("raw")


def test_on_the_signal_view_it_does_not() -> None:
    assert FALSE_CROSS not in [day for day, _ in crosses("split")]


def test_the_signal_view_is_the_default() -> None:
    data = qt.source("samples", symbols="AAPL", prices="raw")
    result = qt.backtest(qt.use("sma-cross"), data, start="2005-01-03", end="2005-04-29")

    assert FALSE_CROSS not in [time.date() for time in result.table("signal")["time"].to_pylist()]


def test_up_to_the_split_both_views_trade_alike() -> None:
    before = [[cross for cross in crosses(view) if cross[0] < SPLIT] for view in ("raw", "split")]

    assert before[0]
    assert before[0] == before[1]


def test_the_run_file_may_ask_for_raw_prices() -> None:
    """``data.signal_view: raw``, as in YAML."""
    document: dict[str, Any] = {
        "data": {"source": "wiki", "symbols": ["AAPL"], "start": "2005-01-03", "end": "2005-04-29"},
        "data_sources": {"wiki": {"use": "samples", "prices": "raw"}},
        "strategies": [{"name": "trend", "use": "sma-cross"}],
    }
    days = {}
    for view in ("raw", "split"):
        engine = qt.BacktestEngine.from_config(document, overrides=[f"data.signal_view={view}"])
        days[view] = [time.date() for time in engine.run().table("signal")["time"].to_pylist()]

    assert FALSE_CROSS in days["raw"]
    assert FALSE_CROSS not in days["split"]


@pytest.mark.parametrize("view", ["split", "raw", "total_return"])
def test_bars_stay_raw(view: str) -> None:
    assert seen(view)["raw"].to_pylist() == ["100", "95", "96", "48"]


def test_the_split_view_multiplies_by_the_split_alone() -> None:
    """48 x 2 = 96; the dividend shows as the fall that it was."""
    assert seen("split")["seen"].to_pylist() == [100.0, 95.0, 96.0, 96.0]


def test_the_total_return_view_gives_the_dividend_back() -> None:
    """95 x 100 / (100 - 5) = 100; 96 and 48 x 2 by the same factor, to 12 digits."""
    restated = 96 * 100 / 95

    assert [100.0, 100.0, *[pytest.approx(restated, abs=1e-9)] * 2] == seen("total_return")["seen"].to_pylist()


def test_the_raw_view_is_raw() -> None:
    assert seen("raw")["seen"].to_pylist() == [100.0, 95.0, 96.0, 48.0]


def test_an_earlier_bar_is_never_rewritten() -> None:
    """The view is restated forwards: the first price is as traded, whatever splits later."""
    assert seen("split")["seen"].to_pylist()[0] == float(CLOSES[0])
