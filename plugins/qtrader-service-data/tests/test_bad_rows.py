"""Rows that cannot be bars: refused one by one, dropped and counted, or listed, by the same checks."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest

from qtrader import Market
from qtrader.errors import DataError
from qtrader.ports import Instrument, Origin, SourceFacts
from qtrader_service_data.bad_rows import Sheet, counted
from qtrader_service_data.normalise import Reading

Load = Callable[..., Market]
DAYS = [date(2024, 7, 8) + timedelta(days=day) for day in range(5)]
FILE = {"file": ["x.csv"] * 5, "row": [2, 3, 5, 6, 7]}
FACTS = SourceFacts(prices="raw", stamp="session")
STOCK = Instrument("X", calendar="XNYS")


def bars(**columns: Any) -> pa.Table:
    """Five days that stand still at 10, with lines of a file in which line 4 is blank."""
    prices = {name: [10.0] * 5 for name in ("open", "high", "low", "close")}
    return pa.table({"time": DAYS, **prices, **FILE, **columns})


def marked(table: pa.Table, **names: str) -> pa.Table:
    return table.replace_schema_metadata(Origin("line", names).mark(table.schema).metadata)


class TestRefused:
    def test_names_file_line_time_column_value_and_fix(self, source: Any, load: Load) -> None:
        table = marked(bars(close=[10.0, 10.0, -1.0, 10.0, 0.0]), close="Last")

        with pytest.raises(
            DataError,
            match=r"X: x\.csv line 5 \(2024-07-10\): Last -1\.0 is not above zero; mend .* \(1 more row like it\)",
        ):
            load(source({"X": table}))

    def test_a_row_counts_from_one_where_the_source_says_nothing(self, source: Any, rows: Any, load: Load) -> None:
        with pytest.raises(DataError, match=r"X: row 2 \(2024-07-09\): volume -1 is negative"):
            load(source({"X": rows(DAYS, volume=[1, -1, 1, 1, 1])}))

    def test_prices_below_zero_are_taken_where_they_may_be(self, source: Any, load: Load) -> None:
        table = bars(low=[10.0, -37.5, 10.0, 10.0, 10.0])

        market = load(source({"X": table}), instruments={"X": {"negative_prices": True}})

        assert str(market.tables[0].bar(1).low) == "-37.5"


class TestDropped:
    def test_leave_the_rest(self, source: Any, load: Load) -> None:
        table = bars(close=[10.0, 10.0, float("nan"), 10.0, 10.0])

        market = load(source({"X": table}), {"on_bad_rows": "drop"})

        assert [
            str(DAYS[0] + timedelta(days=int(day - market.tables[0].session[0]))) for day in market.tables[0].session
        ] == [str(day) for day in DAYS if day != DAYS[2]]

    def test_are_counted_by_reason_with_the_first_of_each(self, source: Any, load: Load) -> None:
        table = bars(close=[float("nan"), 10.0, float("nan"), 10.0, 10.0], low=[10.0, 10.0, 10.0, 11.0, 10.0])

        warnings = load(source({"X": table}), {"on_bad_rows": "drop"}).warnings

        assert "X: 2 rows dropped: close is not a number, first x.csv row 2 (2024-07-08)" in warnings
        assert "X: 1 row dropped: low is above open or close, first x.csv row 6 (2024-07-11)" in warnings

    def test_a_bad_row_does_not_take_the_place_of_a_good_one_at_its_time(self, source: Any, load: Load) -> None:
        table = bars(time=[DAYS[0], DAYS[0], *DAYS[1:4]], close=[float("inf"), 10.0, 10.0, 10.0, 10.0])

        assert len(load(source({"X": table}), {"on_bad_rows": "drop"}).tables[0]) == 4

    def test_of_two_rows_at_one_time_the_first_stays(self, source: Any, load: Load) -> None:
        table = bars(time=[DAYS[0], DAYS[0], *DAYS[1:4]], high=[11.0, 12.0, 10.0, 10.0, 10.0])

        loaded = load(source({"X": table}), {"on_bad_rows": "drop"}).tables[0]

        assert (len(loaded), str(loaded.bar(0).high)) == (4, "11")

    def test_all_of_them_are_no_bars(self, source: Any, load: Load) -> None:
        with pytest.raises(DataError, match=r"X: the source has no bars.*5 rows dropped: close is not a number"):
            load(source({"X": bars(close=[float("nan")] * 5)}), {"on_bad_rows": "drop"})


class TestListed:
    def test_are_all_found_in_one_go(self) -> None:
        table = marked(bars(close=["10", "abc", "10", "", "10"], low=[10.0, 10.0, 11.0, 10.0, 10.0]), close="Last")
        _, found = Reading(FACTS, STOCK, "1d").sift(Sheet.of(table, "X"))
        listed = [(row.number, row.column, row.value, row.what) for fault in found for row in fault]

        assert sorted(listed) == [
            (3, "Last", "'abc'", "is not a number"),
            (5, "low", "(open 10.0, high 10.0, low 11.0, close 10)", "is above open or close"),
            (6, "Last", "''", "is not a number"),
        ]

    def test_are_counted(self) -> None:
        table = bars(close=[float("nan")] * 2 + [10.0] * 3)
        _, found = Reading(FACTS, STOCK, "1d").sift(Sheet.of(table, "X"))

        assert counted(found) == {"close is not a number": 2}

    def test_what_the_source_found_comes_first(self) -> None:
        told = {"column": "Date", "value": "'x'", "what": "is no time", "fix": "mend it"}
        table = bars(time=[*DAYS[:4], None], fault=[None, None, None, None, told])
        _, found = Reading(FACTS, STOCK, "1d").sift(Sheet.of(table, "X"))

        assert [str(row) for fault in found for row in fault] == [
            "X: x.csv row 7 (no time): Date 'x' is no time; mend it"
        ]
