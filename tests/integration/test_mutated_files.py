"""Files with something broken in them: a named error, or the bars that the file says, and never a third thing."""

import csv
import hashlib
import io
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from qtrader.errors import ConfigError, DataError
from qtrader.ports.settings import DataSettings, SourceSettings
from qtrader_data_arrow import ArrowSource
from qtrader_data_csv.csv import CsvSource
from qtrader_data_parquet.parquet import ParquetSource
from qtrader_service_data.loading import load_market

NAMES = ("open", "high", "low", "close")
Bars = list[tuple[str, ...]]
LIMIT = 2.0
"""Seconds that a small file may take, whatever is in it."""
DAYS = [date(2024, 1, 1) + timedelta(days=row) for row in range(40)]
TABLE = pa.table(
    {
        "date": DAYS,
        **{name: [10 + row % 7 + {"high": 1, "low": -1}.get(name, 0) + 0.25 for row in range(40)] for name in NAMES},
    }
)
LINES = ["date,open,high,low,close"] + [",".join(str(cell) for cell in row.values()) for row in TABLE.to_pylist()]


def load(source: Any, on_bad_rows: Any = "refuse") -> Bars | None:
    """The bars of symbol X as texts; None where an error of ours names the file. Anything else fails the test."""
    declared: dict[str, Any] = {"prices": "raw", "calendar": "24/7", "currency": "USD", "on_bad_rows": on_bad_rows}
    begun, said = time.process_time(), ""
    try:
        data = DataSettings(source="x", symbols=["X"])
        entry = SourceSettings(use="x", **declared)
        table = load_market(data, {"x": entry}, lambda _kind, _reference: source).tables[0]
    except (DataError, ConfigError) as error:
        said = str(error)
    finally:
        assert time.process_time() - begun < LIMIT
    if said:
        assert "x." in said or "X" in said
        return None
    days = [str(date(1970, 1, 1) + timedelta(days=int(day))) for day in table.session]
    prices = [
        [f"{table.prices[int(getattr(table, name)[row])].normalize():f}" for name in NAMES] for row in range(len(table))
    ]
    return [(day, *row) for day, row in zip(days, prices, strict=True)]


def written(text: str) -> Bars | None:
    """What a CSV text says, read by Python's own csv and decimals; None where it says something that is no bar."""
    try:
        rows = [
            (date.fromisoformat(row["date"].strip()), *(Decimal(row[name].strip()) for name in NAMES))
            for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
        ]
    except (ValueError, ArithmeticError, AttributeError, KeyError, csv.Error):
        return None
    return [(str(row[0]), *(f"{cell.normalize():f}" for cell in row[1:])) for row in rows]


@st.composite
def broken_lines(draw: Any) -> str:
    """The good file with some of its characters, cells or lines changed, gone, or twice there."""
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        cells = lines[at].split(",")
        cell = draw(st.integers(0, len(cells) - 1))
        what = draw(st.sampled_from(["cell", "drop line", "repeat line", "swap", "character", "drop cell"]))
        if what == "cell":
            odd = [
                "",
                "NaN",
                "inf",
                "-1",
                "0",
                "1e30",
                "1e-999999999",
                "1e5",
                "0x1",
                "1" * 30,
                '"',
                "é",
                "\x00",
                "1.123456789",
            ]
            cells[cell] = draw(st.sampled_from(odd) | st.text(max_size=4))
            lines[at] = ",".join(cells)
        elif what == "drop cell":
            lines[at] = ",".join(cells[:cell] + cells[cell + 1 :])
        elif what == "drop line" and len(lines) > 2:
            del lines[at]
        elif what == "repeat line":
            lines.insert(at, lines[at])
        elif what == "swap":
            other = draw(st.integers(0, len(lines) - 1))
            lines[at], lines[other] = lines[other], lines[at]
        elif lines[at]:
            place = draw(st.integers(0, len(lines[at]) - 1))
            lines[at] = lines[at][:place] + draw(st.characters()) + lines[at][place + 1 :]
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines) + draw(st.sampled_from(["", "\n", "\n\n"]))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mutated")


slow_disk = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


class TestCsv:
    @slow_disk
    @given(text=broken_lines())
    @example(text="\n".join(LINES))
    @example(text="")
    @example(text=LINES[0])
    @example(text="\ufeff" + "\r\n".join(LINES))
    def test_of_broken_lines_is_refused_or_what_it_says(self, folder: Path, text: str) -> None:
        path = folder / "x.csv"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        found = load(CsvSource(str(path), symbols=["X"]))

        assert found is None or found == written(text)

    @slow_disk
    @given(text=broken_lines())
    def test_with_bad_rows_dropped_holds_only_rows_that_are_written(self, folder: Path, text: str) -> None:
        path = folder / "x.csv"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        found = load(CsvSource(str(path), symbols=["X"]), "drop") or []
        single = [written("\n".join((LINES[0], line))) for line in text.splitlines()]

        if text.startswith(LINES[0]):
            assert all([bar] in single for bar in found)

    @slow_disk
    @given(raw=st.binary(max_size=200))
    def test_of_any_bytes_is_refused(self, folder: Path, raw: bytes) -> None:
        path = folder / "x.csv"
        path.write_bytes(raw)

        assert load(CsvSource(str(path), symbols=["X"])) is None


@contextmanager
def as_file(folder: Path, kind: str) -> Iterator[tuple[bytes, Callable[[bytes], Any]]]:
    """The good file of a kind as bytes, and how to read another with its name."""
    path = folder / f"x.{kind}"
    if kind == "parquet":
        pq.write_table(TABLE, path, write_page_checksum=True)
    else:
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, TABLE.schema) as writer:
            writer.write_table(TABLE)

    def read(raw: bytes) -> Any:
        path.write_bytes(raw)
        made = ParquetSource if kind == "parquet" else ArrowSource
        return load(made(str(path), symbols=["X"]))

    yield path.read_bytes(), read


TRUE = written("\n".join(LINES))


class TestBinaryFiles:
    @pytest.mark.parametrize("kind", ["parquet", "arrow"])
    def test_as_they_were_written_hold_the_bars(self, folder: Path, kind: str) -> None:
        with as_file(folder, kind) as (raw, read):
            assert read(raw) == TRUE

    @pytest.mark.parametrize("kind", ["parquet", "arrow"])
    def test_that_are_cut_are_refused(self, folder: Path, kind: str) -> None:
        with as_file(folder, kind) as (raw, read):
            assert [length for length in range(0, len(raw), 37) if read(raw[:length]) is not None] == []

    def test_of_parquet_with_a_bit_flipped_are_refused_or_hold_the_bars(self, folder: Path) -> None:
        """Page checksums see what is in the pages; names, types and counts are in the footer, which has none."""
        chance = random.Random(20240101)
        with as_file(folder, "parquet") as (raw, read):
            footer = len(raw) - 8 - int.from_bytes(raw[-8:-4], "little")
            for _ in range(300):
                place, bit = chance.randrange(footer), 1 << chance.randrange(8)
                flipped = bytearray(raw)
                flipped[place] ^= bit

                assert read(bytes(flipped)) in (None, TRUE), f"byte {place}, bit {bit}"

    @pytest.mark.parametrize("kind", ["parquet", "arrow"])
    def test_with_a_bit_flipped_anywhere_never_end_in_an_error_that_is_not_ours(self, folder: Path, kind: str) -> None:
        chance = random.Random(7)
        with as_file(folder, kind) as (raw, read):
            for _ in range(300):
                flipped = bytearray(raw)
                flipped[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)

                read(bytes(flipped))

    @pytest.mark.parametrize("kind", ["parquet", "arrow"])
    def test_held_against_their_sums_are_refused_with_any_bit_flipped(self, folder: Path, kind: str) -> None:
        chance = random.Random(8)
        made = ParquetSource if kind == "parquet" else ArrowSource
        path, sums = folder / f"x.{kind}", folder / f"{kind}.sums"
        with as_file(folder, kind) as (raw, _):
            sums.write_text(f"{hashlib.sha256(raw).hexdigest()}  x.{kind}\n")
            source = made(str(path), symbols=["X"], checksums=str(sums))
            assert load(source) == TRUE
            for _ in range(100):
                flipped = bytearray(raw)
                flipped[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
                path.write_bytes(flipped)

                assert load(source) is None
