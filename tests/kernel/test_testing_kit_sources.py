"""The suite for data sources: what keeps to the port passes, what does not is caught by the test meant."""

import sys
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from qtrader.errors import DataError
from qtrader.ports import CorporateAction, Instrument, SourceFacts
from qtrader.testing import DataSourceConformance


@dataclass
class Rows:
    """Six days of one symbol."""

    facts: SourceFacts = field(default_factory=lambda: SourceFacts("raw", "session"))
    """What is declared."""

    def instruments(self) -> list[Instrument]:
        return [Instrument("A")]

    def intervals(self, symbol: str) -> list[str]:
        return ["1d"]

    def bars(self, symbol: str, interval: str, start: date | None, end: date | None) -> pa.RecordBatchReader:
        if (symbol, interval) != ("A", "1d"):
            raise DataError(f"no {interval} bars of {symbol!r}; there are 1d bars of 'A'")
        days = [date(2020, 1, day) for day in range(1, 25, 4)]
        kept = [day for day in days if (start or day) <= day <= (end or day)]
        prices = dict.fromkeys(("open", "high", "low", "close"), [1.0] * len(kept))
        return pa.table({"time": pa.array(kept, pa.date32()), **prices}).to_reader()

    def actions(self, symbol: str) -> list[CorporateAction]:
        return []


class TestRows(DataSourceConformance):
    tool = Rows()


class Undeclared(Rows):
    """Says nothing of its prices."""

    def __init__(self) -> None:
        super().__init__(SourceFacts())


class Boundless(Rows):
    """Gives everything, whatever the bounds."""

    def bars(self, symbol: str, interval: str, start: date | None, end: date | None) -> pa.RecordBatchReader:
        return super().bars(symbol, interval, None, None)


class Exclusive(Rows):
    """Leaves out the last day."""

    def bars(self, symbol: str, interval: str, start: date | None, end: date | None) -> pa.RecordBatchReader:
        rows = super().bars(symbol, interval, start, end).read_all()
        return (rows if end is None else rows.slice(0, len(rows) - 1)).to_reader()


class Obliging(Rows):
    """Has every symbol there is."""

    def bars(self, symbol: str, interval: str, start: date | None, end: date | None) -> pa.RecordBatchReader:
        return super().bars("A", interval, start, end)


class Backwards(Rows):
    """Gives the latest first."""

    def bars(self, symbol: str, interval: str, start: date | None, end: date | None) -> pa.RecordBatchReader:
        rows = super().bars(symbol, interval, start, end).read_all()
        return rows.take(pa.array(range(len(rows) - 1, -1, -1))).to_reader()


class Twice(Rows):
    """Lists an instrument twice."""

    def instruments(self) -> list[Instrument]:
        return [Instrument("A"), Instrument("A")]


class Coarse(Rows):
    """Gives days, whatever was asked for."""

    def bars(self, symbol: str, interval: str, start: date | None, end: date | None) -> pa.RecordBatchReader:
        return super().bars(symbol, "1d", start, end)


class Rebased(Rows):
    """Divides by the last close of all that was read, as an adjusted price does."""

    def bars(self, symbol: str, interval: str, start: date | None, end: date | None) -> pa.RecordBatchReader:
        rows = super().bars(symbol, interval, start, end).read_all()
        return rows.set_column(4, "close", pa.array([1.0 / len(rows)] * len(rows))).to_reader()


@dataclass
class Counting(Rows):
    """Counts what it was asked for."""

    read: int = 0
    """How often it was read."""

    def bars(self, symbol: str, interval: str, start: date | None, end: date | None) -> pa.RecordBatchReader:
        self.read += 1
        return super().bars(symbol, interval, start, end)


@dataclass
class Unsaid(Rows):
    """Has an option that nobody explains."""

    depth: int = 1


class Alone(Rows):
    """Equals no copy of itself."""

    __eq__ = object.__eq__


@dataclass
class Forgetful(Rows):
    """Leaves its rows behind when it is sent to a worker process."""

    price: float | None = field(default=2.0, compare=False)
    """The close of every day."""

    def bars(self, symbol: str, interval: str, start: date | None, end: date | None) -> pa.RecordBatchReader:
        rows = super().bars(symbol, interval, start, end).read_all()
        return rows.set_column(4, "close", pa.array([self.price] * len(rows), pa.float64())).to_reader()

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "price": None}


class Silent(Rows):
    """Knows no actions, not even that there are none."""

    actions = None  # type: ignore[assignment]


IMPURE = """\
import os
import random
from dataclasses import dataclass
from datetime import date

@dataclass
class Made:
    def bars(self, symbol, interval, start, end):
"""
WRONG = [
    (Undeclared(), "test_it_declares_prices_and_stamp"),
    (Boundless(), "test_bounds_are_inclusive_and_kept_within_two_days"),
    (Exclusive(), "test_bounds_are_inclusive_and_kept_within_two_days"),
    (Exclusive(), "test_each_bound_may_be_left_open"),
    (Obliging(), "test_an_unknown_symbol_is_named_in_the_error"),
    (Backwards(), "test_every_listed_instrument_delivers_rows_in_time_order"),
    (Twice(), "test_instruments_are_listed_in_symbol_order_without_repetition"),
    (Coarse(), "test_an_interval_that_it_has_not_got_is_refused"),
    (Rebased(), "test_what_lies_beyond_the_bounds_changes_no_row"),
    (Counting(), "test_reading_changes_no_option"),
    (Unsaid(), "test_class_and_options_are_documented"),
    (Alone(), "test_it_pickles_and_copies_to_an_equal_tool"),
    (Silent(), "test_it_is_a_data_source"),
    (Forgetful(), "test_its_copy_in_a_worker_process_delivers_the_same_rows"),
]


@pytest.mark.parametrize(("tool", "test"), WRONG, ids=[f"{type(tool).__name__}-{test}" for tool, test in WRONG])
def test_what_does_not_keep_to_the_port_is_caught(tool: Any, test: str) -> None:
    checked = type("Checked", (DataSourceConformance,), {"tool": tool})()

    with pytest.raises(AssertionError):
        getattr(checked, test)()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("date.today()", "made_source:9: date.today reads the clock"),
        ("random.random()", "made_source:9: random.random is left to chance"),
        ("open(self.path).close()", ""),
        ("os.environ.get('BARS')", ""),
    ],
)
def test_a_source_reads_files_but_no_clock_and_no_chance(
    line: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "made_source.py").write_text(f"{IMPURE}        {line}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    tool = import_module("made_source").Made()
    said = ""
    try:
        type(
            "Checked", (DataSourceConformance,), {"tool": tool}
        )().test_it_reads_no_clock_and_leaves_nothing_to_chance()
    except AssertionError as error:
        said = str(error)
    del sys.modules["made_source"]

    assert (said == "", told in said) == (told == "", True)
