"""What every data source must do."""

import copy
import pickle
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, get_args

from qtrader.errors import DataError
from qtrader.ports.data import DataSource, Interval
from qtrader.ports.tables import NUMBERS, PRICES, QUOTES
from qtrader.testing.purity import FETCHING, impurities
from qtrader.testing.tools import ToolConformance

NEAR = timedelta(days=2)
"""How far beyond the bounds asked for a source may go; the rows are cut by session later."""


class DataSourceConformance(ToolConformance):
    """A source declares its facts, delivers what it lists, keeps to its bounds, and says what it has not got.

    It reads files, the network or memory, and nothing else: no clock, no chance, nothing remembered in its options.
    """

    interval: ClassVar[Any] = "1d"

    def _rows(self, symbol: str, start: date | None = None, end: date | None = None) -> Any:
        return self.tool.bars(symbol, self.interval, start, end).read_all()

    def _days(self, symbol: str, start: date | None = None, end: date | None = None) -> list[date]:
        times = self._rows(symbol, start, end).column("time").to_pylist()
        return [time.date() if isinstance(time, datetime) else time for time in times]

    def _rows_within(self, symbol: str, start: date, end: date, bounds: tuple[date | None, date | None]) -> list[Any]:
        days = self._days(symbol, *bounds)
        rows = self._rows(symbol, *bounds).to_pylist()
        return [row for day, row in zip(days, rows, strict=True) if start <= day <= end]

    def test_it_is_a_data_source(self) -> None:
        """It has ``facts``, ``instruments``, ``intervals``, ``bars`` and ``actions``."""
        assert isinstance(self.tool, DataSource)

    def test_it_reads_no_clock_and_leaves_nothing_to_chance(self) -> None:
        """The source of its module says so: tomorrow's run reads the same rows."""
        found = impurities(type(self.tool), but=FETCHING)

        assert found == [], "\n".join(found)

    def test_reading_changes_no_option(self) -> None:
        """A tool is a value."""
        before = copy.deepcopy(self.tool)
        for one in self.tool.instruments():
            self._rows(one.symbol)
            self.tool.actions(one.symbol)

        assert before == self.tool

    def test_its_copy_in_a_worker_process_delivers_the_same_rows(self) -> None:
        """Whatever it needs goes along when it is pickled."""
        symbol = self.tool.instruments()[0].symbol
        copied = pickle.loads(pickle.dumps(self.tool))

        assert copied.bars(symbol, self.interval, None, None).read_all().equals(self._rows(symbol))

    def test_it_declares_prices_and_stamp(self) -> None:
        """Nothing is guessed."""
        assert self.tool.facts.prices in ("raw", "split-adjusted", "total-return")
        assert self.tool.facts.stamp in ("start", "end", "session")

    def test_instruments_are_listed_in_symbol_order_without_repetition(self) -> None:
        """A run's order does not hang on a file's."""
        symbols = [one.symbol for one in self.tool.instruments()]

        assert symbols
        assert symbols == sorted(set(symbols))

    def test_every_listed_instrument_names_its_interval(self) -> None:
        """The data service makes coarser bars from what is named."""
        for one in self.tool.instruments():
            assert self.interval in self.tool.intervals(one.symbol)

    def test_every_listed_instrument_delivers_rows_in_time_order(self) -> None:
        """With a time, and the prices of trades or of bid and ask."""
        for one in self.tool.instruments():
            table = self._rows(one.symbol)
            times = table.column("time").to_pylist()

            assert times, f"{one.symbol} has no rows"
            assert "time" in table.column_names
            assert set(PRICES) <= set(table.column_names) or set(QUOTES) <= set(table.column_names)
            assert times == sorted(set(times))

    def test_columns_have_types_that_keep_every_digit(self) -> None:
        """Dates or timestamps; decimals, whole numbers, float64 or text, never float32."""
        import pyarrow as pa

        exact = (pa.types.is_decimal, pa.types.is_integer, pa.types.is_float64, pa.types.is_string)
        for one in self.tool.instruments():
            schema = self._rows(one.symbol).schema
            numbers = [field for field in schema if field.name in NUMBERS and not pa.types.is_null(field.type)]

            assert pa.types.is_date32(schema.field("time").type) or pa.types.is_timestamp(schema.field("time").type)
            assert [field for field in numbers if not any(kind(field.type) for kind in exact)] == []

    def test_times_are_of_the_kind_that_is_declared(self) -> None:
        """Dates where the stamp is a session; else times, with a zone of their own or the declared one."""
        import pyarrow as pa

        kind = self._rows(self.tool.instruments()[0].symbol).schema.field("time").type
        if self.tool.facts.stamp != "session":
            assert pa.types.is_timestamp(kind)
            assert kind.tz is not None or self.tool.facts.zone is not None

    def test_rows_come_in_batches_that_are_read_as_they_are_asked_for(self) -> None:
        """A source may be larger than memory."""
        symbol = self.tool.instruments()[0].symbol
        reader = self.tool.bars(symbol, self.interval, None, None)
        read = sum(batch.num_rows for batch in reader)

        assert read == self._rows(symbol).num_rows

    def test_an_interval_that_it_has_not_got_is_refused(self) -> None:
        """Coarser bars are made by the data service."""
        one = self.tool.instruments()[0]
        other = next(interval for interval in get_args(Interval) if interval not in self.tool.intervals(one.symbol))
        said = ""
        try:
            self.tool.bars(one.symbol, other, None, None).read_all()
        except DataError as error:
            said = str(error)

        assert other in said, "an interval that is not there must raise a DataError that names it"

    def test_where_rows_tell_their_place_it_is_their_own(self) -> None:
        """Numbers from 1, rising; where rows name their files, in each file anew."""
        for one in self.tool.instruments():
            table = self._rows(one.symbol)
            if "row" in table.column_names:
                files = table.column("file").to_pylist() if "file" in table.column_names else [""] * table.num_rows
                places = list(zip(files, table.column("row").to_pylist(), strict=True))
                for file in dict.fromkeys(files):
                    numbers = [number for name, number in places if name == file]

                    assert numbers == sorted(set(numbers)), f"{one.symbol}: {file} {numbers}"
                    assert numbers[0] >= 1, f"{one.symbol}: {file} {numbers}"

    def test_bounds_are_inclusive_and_kept_within_two_days(self) -> None:
        """All rows from ``start`` to ``end`` come, and few others."""
        for one in self.tool.instruments():
            days = self._days(one.symbol)
            start, end = days[len(days) // 3], days[2 * len(days) // 3]
            found = self._days(one.symbol, start, end)

            assert [day for day in found if start <= day <= end] == [day for day in days if start <= day <= end]
            assert start - NEAR <= min(found) <= max(found) <= end + NEAR, f"{one.symbol}: {min(found)} to {max(found)}"

    def test_what_lies_beyond_the_bounds_changes_no_row(self) -> None:
        """A price that is made with a later one tells the future: a row is the same, however much is asked for."""
        for one in self.tool.instruments():
            days = self._days(one.symbol)
            start, end = days[len(days) // 3], days[2 * len(days) // 3]
            within = [self._rows_within(one.symbol, start, end, bounds) for bounds in ((None, None), (start, end))]

            assert within[0] == within[1], f"{one.symbol} from {start} to {end}"

    def test_each_bound_may_be_left_open(self) -> None:
        """None is as far as the data go."""
        for one in self.tool.instruments():
            days = self._days(one.symbol)

            assert self._days(one.symbol, days[0], None) == days == self._days(one.symbol, None, days[-1])

    def test_the_same_question_gives_the_same_rows(self) -> None:
        """A source holds still."""
        symbol = self.tool.instruments()[0].symbol

        assert self._rows(symbol).equals(self._rows(symbol))

    def test_an_unknown_symbol_is_named_in_the_error(self) -> None:
        """And what there is instead."""
        said = ""
        try:
            self._rows("NO-SUCH-SYMBOL")
        except DataError as error:
            said = str(error)

        assert "NO-SUCH-SYMBOL" in said, "an unknown symbol must raise a DataError that names it"

    def test_actions_come_by_ex_date(self) -> None:
        """And belong to the symbol that was asked for."""
        for one in self.tool.instruments():
            actions = self.tool.actions(one.symbol)

            assert [a.ex_date for a in actions] == sorted(a.ex_date for a in actions)
            assert {a.symbol for a in actions} <= {one.symbol}
