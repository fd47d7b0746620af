"""The Parquet source: files, symbols, columns, and what is said when they are not there."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qtrader.errors import ConfigError, DataError
from qtrader.testing import DataSourceConformance
from qtrader_data_parquet.parquet import ParquetSource

DAYS = [date(2024, 7, 3), date(2024, 7, 5), date(2024, 7, 8)]


def table(**columns: Any) -> pa.Table:
    """Three daily bars; columns may be added or replaced."""
    prices = {name: [10.0, 10.5, 11.0] for name in ("open", "high", "low", "close")}
    return pa.table({"date": DAYS, **prices, "volume": [1, 2, 3], **columns})


@pytest.fixture
def stored(tmp_path: Path) -> Callable[..., str]:
    """Write a table to a file of a name and give its path."""

    def write(content: pa.Table, name: str = "bars.parquet") -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(content, path)
        return str(path)

    return write


def rows(source: ParquetSource, symbol: str, start: date | None = None, end: date | None = None) -> pa.Table:
    return source.bars(symbol, source.interval, start, end).read_all()


class TestOneFileForEachSymbol(DataSourceConformance):
    tool: ClassVar[Any]

    @pytest.fixture(autouse=True)
    def _files(self, stored: Callable[..., str], tmp_path: Path) -> None:
        for symbol in ("IBM", "AAPL"):
            stored(table(), f"{symbol}.parquet")
        type(self).tool = ParquetSource(str(tmp_path / "{symbol}.parquet"), prices="raw", stamp="session")


class TestOneFileWithASymbolColumn(DataSourceConformance):
    tool: ClassVar[Any]

    @pytest.fixture(autouse=True)
    def _files(self, stored: Callable[..., str]) -> None:
        content = table(Ticker=["IBM", "AAPL", "IBM"])
        type(self).tool = ParquetSource(stored(content), prices="raw", stamp="session")

    def test_rows_are_those_of_the_symbol(self) -> None:
        assert rows(self.tool, "IBM").column("volume").to_pylist() == [1, 3]


class TestOneFileOfOneSymbol(DataSourceConformance):
    tool: ClassVar[Any]

    @pytest.fixture(autouse=True)
    def _files(self, stored: Callable[..., str]) -> None:
        type(self).tool = ParquetSource(stored(table()), symbols=["AAPL"], prices="raw", stamp="session")

    def test_an_undeclared_symbol_is_refused(self) -> None:
        with pytest.raises(DataError, match="no symbol 'IBM'; declared are AAPL"):
            rows(self.tool, "IBM")


class TestSymbols:
    def test_are_found_in_the_names_of_folders_too(self, stored: Callable[..., str], tmp_path: Path) -> None:
        stored(table(), "[us]/BRK.B/BRK.B.parquet")
        stored(table(), "[us]/IBM/OTHER.parquet")
        source = ParquetSource(str(tmp_path / "[us]" / "{symbol}" / "{symbol}.parquet"))

        assert [one.symbol for one in source.instruments()] == ["BRK.B"]

    def test_without_any_file_are_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match=r"\{symbol\}\.parquet: no such files; check the path"):
            ParquetSource(str(tmp_path / "{symbol}.parquet")).instruments()

    def test_of_a_file_without_them_are_asked_for(self, stored: Callable[..., str]) -> None:
        with pytest.raises(ConfigError, match=r"bars\.parquet: it has no symbol column; .*symbols: \[AAPL\]"):
            ParquetSource(stored(table())).instruments()

    def test_of_a_column_are_listed_when_one_is_missing(self, stored: Callable[..., str]) -> None:
        source = ParquetSource(stored(table(symbol=["IBM", "AAPL", "IBM"])))

        with pytest.raises(DataError, match="no rows whose symbol is 'MSFT'; it has AAPL, IBM"):
            rows(source, "MSFT")

    def test_have_what_was_declared(self, stored: Callable[..., str]) -> None:
        source = ParquetSource(stored(table()), symbols=["X"], calendar="XNYS", currency="USD")
        (instrument,) = source.instruments()

        assert (instrument.calendar, instrument.currency, instrument.zone) == ("XNYS", "USD", "")

    def test_have_no_calendar_that_nobody_declared(self, stored: Callable[..., str]) -> None:
        (instrument,) = ParquetSource(stored(table()), symbols=["X"]).instruments()

        assert (instrument.calendar, instrument.currency) == ("", "")


class TestFiles:
    def test_missing_are_named(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match=r"nowhere\.parquet: no such file; check the path"):
            rows(ParquetSource(str(tmp_path / "nowhere.parquet")), "X")

    def test_that_are_not_parquet_are_named(self, tmp_path: Path) -> None:
        file = tmp_path / "bars.parquet"
        file.write_text("date,open\n")

        with pytest.raises(DataError, match=r"bars\.parquet: not a readable Parquet file"):
            rows(ParquetSource(str(file)), "X")


class TestColumns:
    @pytest.mark.parametrize("name", ["Date", "TIME", "ts", "Timestamp", "dateTime"])
    def test_of_time_are_found_in_any_case(self, stored: Callable[..., str], name: str) -> None:
        content = table().rename_columns([name, "OPEN", "High", "low", "Close", "Volume"])

        assert rows(ParquetSource(stored(content)), "X").column("time").to_pylist() == DAYS

    def test_of_another_name_are_declared(self, stored: Callable[..., str]) -> None:
        content = table(Last=[1.0, 2.0, 3.0])

        assert rows(ParquetSource(stored(content), columns={"close": "Last"}), "X").column("close").to_pylist() == [
            1,
            2,
            3,
        ]

    def test_of_adjusted_closes_are_never_the_close(self, stored: Callable[..., str]) -> None:
        content = table().rename_columns(["date", "open", "high", "low", "Adj Close", "volume"])

        with pytest.raises(DataError, match=r"no column for close .*it has date, open, high, low, Adj Close, volume"):
            rows(ParquetSource(stored(content)), "X")

    def test_declared_but_missing_are_named_with_what_there_is(self, stored: Callable[..., str]) -> None:
        with pytest.raises(DataError, match="no column 'Last' for close; it has date, open, high, low, close, volume"):
            rows(ParquetSource(stored(table()), columns={"close": "Last"}), "X")

    def test_for_unknown_keys_are_refused(self, stored: Callable[..., str]) -> None:
        with pytest.raises(ConfigError, match="unknown key 'closing'; it takes time, open, high, low, close, volume"):
            rows(ParquetSource(stored(table()), columns={"closing": "close"}), "X")

    def test_that_could_both_be_meant_are_asked_about(self, stored: Callable[..., str]) -> None:
        with pytest.raises(DataError, match=r"columns 'date', 'ts' could all be time; .*columns: \{time: date\}"):
            rows(ParquetSource(stored(table(ts=DAYS))), "X")

    def test_of_one_name_twice_are_refused(self, stored: Callable[..., str]) -> None:
        content = table(other=[1.0, 2.0, 3.0]).rename_columns(["date", "open", "high", "low", "x", "volume", "x"])

        with pytest.raises(DataError, match="several columns are called 'x'; rename all but one"):
            rows(ParquetSource(stored(content), columns={"close": "x"}), "X")

    def test_of_volume_may_be_missing(self, stored: Callable[..., str]) -> None:
        assert "volume" not in rows(ParquetSource(stored(table().drop_columns(["volume"]))), "X").column_names


class TestTimes:
    def test_written_as_dates_become_dates(self, stored: Callable[..., str]) -> None:
        content = table(date=[day.isoformat() for day in DAYS])

        assert rows(ParquetSource(stored(content)), "X").column("time").to_pylist() == DAYS

    def test_written_with_a_zone_become_instants(self, stored: Callable[..., str]) -> None:
        content = table(date=["2024-07-03T09:30:00-04:00", "2024-07-03T09:31:00-04:00", "2024-07-03T13:32:00Z"])

        times = rows(ParquetSource(stored(content)), "X").column("time").to_pylist()

        assert times == [datetime(2024, 7, 3, 13, minute, tzinfo=UTC) for minute in (30, 31, 32)]

    def test_in_a_dictionary_are_read(self, stored: Callable[..., str]) -> None:
        content = table(date=pa.array(["2024-07-03", "2024-07-05", "2024-07-08"]).dictionary_encode())

        assert rows(ParquetSource(stored(content)), "X").column("time").to_pylist() == DAYS

    def test_that_cannot_be_read_are_quoted(self, stored: Callable[..., str]) -> None:
        content = table(date=["07/03/2024", "07/05/2024", "07/08/2024"])

        with pytest.raises(DataError, match=r"column 'date' is text .*e\.g\. '07/03/2024'; write 2020-01-31"):
            rows(ParquetSource(stored(content)), "X")

    def test_unlike_those_before_are_left_with_their_fault(self, stored: Callable[..., str]) -> None:
        content = table(date=["2024-07-03", "07/05/2024", "2024-07-08"])

        found = rows(ParquetSource(stored(content)), "X")

        assert found.column("time").to_pylist() == [DAYS[0], None, DAYS[2]]
        assert found.column("fault")[1].as_py()["value"] == "'07/05/2024'"

    def test_that_are_numbers_are_refused(self, stored: Callable[..., str]) -> None:
        with pytest.raises(DataError, match="column 'date' is int64; times are dates, timestamps or ISO text"):
            rows(ParquetSource(stored(table(date=[1, 2, 3]))), "X")

    def test_are_bounded_by_dates(self, stored: Callable[..., str]) -> None:
        found = rows(ParquetSource(stored(table())), "X", date(2024, 7, 5), date(2024, 7, 5))

        assert found.column("time").to_pylist() == [date(2024, 7, 5)]

    def test_of_day_are_bounded_with_room_for_sessions_over_midnight(self, stored: Callable[..., str]) -> None:
        times = [datetime(2024, 7, day, 18, tzinfo=UTC) for day in (2, 5, 9)]

        found = rows(ParquetSource(stored(table(date=times))), "X", date(2024, 7, 5), date(2024, 7, 5))

        assert found.column("time").to_pylist() == [times[1]]

    def test_that_are_missing_stay_to_be_found(self, stored: Callable[..., str]) -> None:
        found = rows(ParquetSource(stored(table(date=[DAYS[0], None, DAYS[2]]))), "X", end=DAYS[0])

        assert found.column("time").to_pylist() == [DAYS[0], None]


def test_another_interval_than_the_declared_is_refused(stored: Callable[..., str]) -> None:
    source = ParquetSource(stored(table()), interval="1m")

    with pytest.raises(DataError, match="the bars are of 1m, not '1d'"):
        source.bars("X", "1d", None, None)


def test_the_declared_interval_is_offered() -> None:
    assert ParquetSource("x.parquet", interval="5m").intervals("X") == ["5m"]


class TestWhatAFileSaysOfItself:
    """The keys that ``qtrader data import`` writes into the schema."""

    def told(self, stored: Callable[..., str], name: str = "bars.parquet", **metadata: str) -> str:
        content = table().replace_schema_metadata({f"qtrader.{key}": value for key, value in metadata.items()})
        return stored(content, name)

    def test_is_declared(self, stored: Callable[..., str]) -> None:
        path = self.told(
            stored, prices="raw", stamp="start", zone="UTC", interval="1m", decimals="4", volume_decimals="2",
            calendar="XNYS", currency="USD",
        )  # fmt: skip

        source = ParquetSource(path, symbols=["AAPL"])

        facts = source.facts
        assert (facts.prices, facts.stamp, facts.zone, facts.decimals, facts.volume_decimals) == (
            "raw",
            "start",
            "UTC",
            4,
            2,
        )
        assert source.intervals("AAPL") == ["1m"]
        assert [(one.calendar, one.currency) for one in source.instruments()] == [("XNYS", "USD")]
        assert source.bars("AAPL", "1m", None, None).read_all().num_rows == 3

    def test_gives_way_to_what_is_declared(self, stored: Callable[..., str]) -> None:
        path = self.told(stored, prices="raw", stamp="start", interval="1m", calendar="XNYS", currency="USD")

        source = ParquetSource(path, ["AAPL"], prices="split-adjusted", interval="5m", calendar="XLON")

        assert (source.facts.prices, source.facts.stamp) == ("split-adjusted", "start")
        assert source.intervals("AAPL") == ["5m"]
        assert [(one.calendar, one.currency) for one in source.instruments()] == [("XLON", "USD")]

    def test_must_be_words_that_mean_something(self, stored: Callable[..., str]) -> None:
        path = self.told(stored, prices="cooked")

        with pytest.raises(DataError, match="metadata prices is 'cooked'"):
            ParquetSource(path, ["AAPL"]).facts  # noqa: B018 - the property raises

    def test_must_agree_between_files(self, stored: Callable[..., str], tmp_path: Path) -> None:
        for symbol, prices in (("AAPL", "raw"), ("IBM", "total-return")):
            self.told(stored, f"{symbol}.parquet", prices=prices)

        with pytest.raises(DataError, match=r"IBM.parquet: its prices is 'total-return', but 'raw' in .*AAPL.parquet"):
            ParquetSource(str(tmp_path / "{symbol}.parquet")).facts  # noqa: B018 - the property raises

    def test_is_nothing_for_other_files(self, stored: Callable[..., str]) -> None:
        source = ParquetSource(stored(table()), symbols=["AAPL"])

        assert (source.facts.prices, source.facts.stamp, source.intervals("AAPL")) == (None, None, ["1d"])
