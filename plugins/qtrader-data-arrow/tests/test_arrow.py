"""The Arrow source: a table, an IPC file, a folder of files; each is the same to whoever reads it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qtrader.errors import ConfigError, DataError
from qtrader.testing import DataSourceConformance
from qtrader_data_arrow.arrow import ArrowSource

DAYS = [date(2024, 7, 3), date(2024, 7, 5), date(2024, 7, 8)]


def table(**columns: Any) -> pa.Table:
    """Three daily bars; columns may be added or replaced."""
    prices = {name: [10.0, 10.5, 11.0] for name in ("open", "high", "low", "close")}
    return pa.table({"date": DAYS, **prices, "volume": [1, 2, 3], **columns})


def ipc(content: pa.Table, path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, content.schema) as writer:
        writer.write_table(content, max_chunksize=2)
    return str(path)


def rows(source: ArrowSource, symbol: str) -> pa.Table:
    return source.bars(symbol, source.interval, None, None).read_all()


class TestTable(DataSourceConformance):
    tool = ArrowSource(table=table(ticker=["IBM", "AAPL", "IBM"]), prices="raw", stamp="session")

    def test_rows_are_those_of_the_symbol(self) -> None:
        assert rows(self.tool, "IBM").column("volume").to_pylist() == [1, 3]


class TestIpcFile(DataSourceConformance):
    tool: ClassVar[Any]

    @pytest.fixture(autouse=True)
    def _files(self, tmp_path: Path) -> None:
        for symbol in ("IBM", "AAPL"):
            ipc(table(), tmp_path / f"{symbol}.arrow")
        type(self).tool = ArrowSource(str(tmp_path / "{symbol}.arrow"), prices="raw", stamp="session")

    def test_rows_of_several_batches_are_numbered_through(self) -> None:
        assert rows(self.tool, "IBM").column("row").to_pylist() == [1, 2, 3]


class TestFolderPartitionedBySymbol(DataSourceConformance):
    tool: ClassVar[Any]

    @pytest.fixture(autouse=True)
    def _files(self, tmp_path: Path) -> None:
        for symbol, volume in (("IBM", 5), ("AAPL", 7)):
            for number in range(2):
                part = table(volume=[volume] * 3).slice(2 * number, 2 - number)
                folder = tmp_path / "bars" / f"symbol={symbol}"
                folder.mkdir(parents=True, exist_ok=True)
                pq.write_table(part, folder / f"{number}.parquet")
        type(self).tool = ArrowSource(str(tmp_path / "bars"), prices="raw", stamp="session")

    def test_rows_are_those_of_the_symbol(self) -> None:
        assert rows(self.tool, "IBM").column("volume").to_pylist() == [5, 5, 5]

    def test_rows_name_their_own_file(self) -> None:
        found = rows(self.tool, "AAPL")
        files = [Path(name).name for name in found.column("file").to_pylist()]

        assert files == ["0.parquet", "0.parquet", "1.parquet"]

    def test_rows_are_numbered_in_their_own_file(self) -> None:
        assert rows(self.tool, "AAPL").column("row").to_pylist() == [1, 2, 1]


class TestFolderOfIpcFilesInNamedLevels(DataSourceConformance):
    tool: ClassVar[Any]

    @pytest.fixture(autouse=True)
    def _files(self, tmp_path: Path) -> None:
        for symbol in ("IBM", "AAPL"):
            ipc(table(), tmp_path / "bars" / symbol / "2024.arrow")
        folder = str(tmp_path / "bars")
        type(self).tool = ArrowSource(folder, format="ipc", partitions=["symbol"], prices="raw", stamp="session")


@pytest.mark.parametrize("given", [{}, {"path": "x.arrow", "table": table()}])
def test_path_and_table_exclude_each_other(given: Any) -> None:
    with pytest.raises(ValueError, match="one of the two"):
        ArrowSource(**given)


def test_another_thing_than_a_table_is_refused() -> None:
    with pytest.raises(
        ConfigError, match=r"table is a dict; pass a pyarrow\.Table, or any frame through qtrader\.bars"
    ):
        ArrowSource(table={"time": []}).instruments()


def test_a_folder_without_files_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no parquet files in this folder; check path and format"):
        ArrowSource(str(tmp_path)).instruments()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.arrow: no such file; check the path"):
        rows(ArrowSource(str(tmp_path / "none.arrow")), "X")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


@pytest.mark.parametrize(
    "damage", [cut, lambda path: path.write_bytes(b""), lambda path: path.write_bytes(b"no arrow")]
)
def test_a_file_that_is_no_arrow_is_named(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    path = tmp_path / "x.arrow"
    ipc(table(), path)
    damage(path)

    with pytest.raises(DataError, match=r"x\.arrow: not readable as Arrow data: .*; it may be cut or damaged"):
        rows(ArrowSource(str(path), symbols=["X"]), "X")
