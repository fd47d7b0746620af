"""Corporate actions in the warm-up shape what indicators see, and nothing else."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

import qtrader as qt
from qtrader.ports import CorporateAction

DAYS = [date(2024, 7, 1), date(2024, 7, 2), date(2024, 7, 3), date(2024, 7, 5)]
CLOSES = [100.0, 50.0, 51.0, 17.0]
SPLITS = [
    CorporateAction("X", "split", DAYS[1], numerator=2, denominator=1),
    CorporateAction("X", "split", DAYS[3], numerator=3, denominator=1),
]


@dataclass
class Watch:
    """Records the signal view of the latest closes."""

    def on_bar(self, bar: Any, context: Any) -> None:
        context.record(closes=" ".join(str(close) for close in context.history(bar.symbol, 10).close.tolist()))


@pytest.fixture(scope="module")
def result() -> qt.Result:
    """Four days, of which the first two are warm-up; a split in each half."""
    columns = {"date": DAYS, **dict.fromkeys(("open", "high", "low", "close"), CLOSES), "volume": [1, 1, 1, 1]}
    frame = qt.bars(pa.table(columns), calendar="XNYS", prices="raw", actions=SPLITS)
    return qt.backtest(Watch(), {"X": frame}, start="2024-07-03")


def test_only_live_actions_are_events(result: qt.Result) -> None:
    told = [event.ex_date for event in result.log if event.topic == "corporate_action"]

    assert told == [DAYS[3]]


def test_history_is_one_line_through_both_splits(result: qt.Result) -> None:
    told = [dict(event.values)["closes"] for event in result.log if event.topic == "record"]

    assert told == ["100.0 100.0 102.0", "100.0 100.0 102.0 102.0"]
