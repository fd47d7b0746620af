"""The CSV source: files as people have them, and what is said when they cannot be read."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pytest

from qtrader.errors import DataError
from qtrader.ports import Origin
from qtrader.testing import DataSourceConformance
from qtrader_data_csv.csv import CsvSource
from qtrader_data_csv.lines import count_lines

THREE = """\
date,open,high,low,close,volume
2024-07-03,10,11,9,10.5,1
2024-07-05,10.5,11,10,10.75,2
2024-07-08,10,12,9,11,3
"""
DAYS = [date(2024, 7, 3), date(2024, 7, 5), date(2024, 7, 8)]


@pytest.fixture
def stored(tmp_path: Path) -> Callable[..., str]:
    """Write text, or bytes, to a file of a name and give its path."""

    def write(content: str | bytes, name: str = "bars.csv") -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


def rows(source: CsvSource, symbol: str = "X", start: date | None = None, end: date | None = None) -> pa.Table:
    return source.bars(symbol, source.interval, start, end).read_all()


class TestOneFileForEachSymbol(DataSourceConformance):
    tool: ClassVar[Any]

    @pytest.fixture(autouse=True)
    def _files(self, stored: Callable[..., str], tmp_path: Path) -> None:
        for symbol in ("IBM", "AAPL"):
            stored(THREE, f"{symbol}.csv")
        type(self).tool = CsvSource(str(tmp_path / "{symbol}.csv"), prices="raw", stamp="session")


class TestOneFileWithASymbolColumn(DataSourceConformance):
    tool: ClassVar[Any]

    @pytest.fixture(autouse=True)
    def _files(self, stored: Callable[..., str]) -> None:
        names = ("Ticker", "IBM", "AAPL", "IBM")
        text = "".join(f"{line},{name}\n" for line, name in zip(THREE.splitlines(), names, strict=True))
        type(self).tool = CsvSource(stored(text), prices="raw", stamp="session")

    def test_rows_are_those_of_the_symbol_with_their_lines(self) -> None:
        found = rows(self.tool, "IBM")

        assert (found.column("volume").to_pylist(), found.column("row").to_pylist()) == (["1", "3"], [2, 4])


class TestMinutesOfQuotes(DataSourceConformance):
    tool: ClassVar[Any]
    interval = "1m"

    @pytest.fixture(autouse=True)
    def _files(self, stored: Callable[..., str]) -> None:
        sides = ",".join(f"{side}_{name}" for side in ("bid", "ask") for name in ("open", "high", "low", "close"))
        lines = [f"2024-07-03T09:3{minute}:00Z,1,2,1,2,1.5,2.5,1.5,2.5" for minute in range(5)]
        path = stored("\n".join([f"ts,{sides}", *lines]))
        type(self).tool = CsvSource(path, symbols=["X"], interval="1m", prices="raw", stamp="start")


class TestNumbers:
    def test_are_the_text_of_the_file(self, stored: Callable[..., str]) -> None:
        text = THREE.replace("10.75", "0.1000000000000000055")

        assert rows(CsvSource(stored(text))).column("close").to_pylist() == ["10.5", "0.1000000000000000055", "11"]

    def test_that_are_empty_are_null(self, stored: Callable[..., str]) -> None:
        found = rows(CsvSource(stored(THREE.replace(",2\n", ",\n").replace(",3\n", ',""\n'))))

        assert found.column("volume").to_pylist() == ["1", None, None]

    def test_with_a_decimal_comma_say_so(self, stored: Callable[..., str]) -> None:
        text = THREE.replace(",", ";").replace(".", ",")
        found = rows(CsvSource(stored(text), delimiter=";", decimal_point=","))

        assert (found.column("close")[0].as_py(), Origin.of(found.schema).decimal_point) == ("10,5", ",")


class TestText:
    @pytest.mark.parametrize(
        "change",
        [
            lambda text: b"\xef\xbb\xbf" + text.encode(),
            lambda text: text.replace("\n", "\r\n").encode(),
            lambda text: text.rstrip().encode(),
            lambda text: text.encode() + b"\n\n",
            lambda text: "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in text.split()).encode(),
        ],
        ids=["byte order mark", "CRLF", "no newline at the end", "blank lines at the end", "quotes"],
    )
    def test_of_any_usual_make_is_the_same(self, stored: Callable[..., str], change: Any) -> None:
        plain, other = rows(CsvSource(stored(THREE))), rows(CsvSource(stored(change(THREE))))

        assert plain.equals(other)

    def test_with_tabs_is_read(self, stored: Callable[..., str]) -> None:
        assert rows(CsvSource(stored(THREE.replace(",", "\t")), delimiter="\t")).num_rows == 3

    def test_of_another_encoding_is_read_when_that_is_said(self, stored: Callable[..., str]) -> None:
        path = stored(THREE.replace("close", "Schluß").encode("latin-1"))

        assert rows(CsvSource(path, columns={"close": "Schluß"}, encoding="latin-1")).num_rows == 3

    def test_of_another_encoding_is_refused_unsaid(self, stored: Callable[..., str]) -> None:
        path = stored(THREE.replace("2024-07-05", "2024-07-05\xe9").encode("latin-1"))

        with pytest.raises(DataError, match=r"bars\.csv: not a readable CSV file: .*UTF8.*encoding: latin-1"):
            rows(CsvSource(path))

    def test_names_are_the_same_however_accents_are_written(self, stored: Callable[..., str]) -> None:
        path = stored(THREE.replace("close", "clo\u0302ture"))

        assert rows(CsvSource(path, columns={"close": "cl\u00f4ture"})).num_rows == 3

    def test_of_nothing_is_refused(self, stored: Callable[..., str]) -> None:
        with pytest.raises(
            DataError, match=r"bars\.csv: not a readable CSV file: Empty CSV file; it must have a header"
        ):
            rows(CsvSource(stored("")))

    def test_of_bytes_that_are_no_text_is_refused_without_a_traceback(
        self, stored: Callable[..., str], capfd: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(DataError, match=r"bars\.csv: it is no text"):
            rows(CsvSource(stored(b"PAR1\x00\xff\n1,2\n\xfe\n")))

        assert capfd.readouterr().err == ""

    @pytest.mark.parametrize("delimiter", [";", "\t", "|"])
    def test_with_another_delimiter_says_which(self, stored: Callable[..., str], delimiter: str) -> None:
        with pytest.raises(DataError, match="say what separates cells: delimiter: " + re.escape(repr(delimiter))):
            rows(CsvSource(stored(THREE.replace(",", delimiter))))

    def test_of_a_header_alone_is_refused(self, stored: Callable[..., str]) -> None:
        with pytest.raises(DataError, match=r"bars\.csv: it has no rows"):
            rows(CsvSource(stored(THREE.splitlines()[0] + "\n")))

    def test_in_an_unknown_encoding_is_refused(self, stored: Callable[..., str]) -> None:
        with pytest.raises(DataError, match="unknown encoding: klingon; say encoding: utf8"):
            rows(CsvSource(stored(THREE), encoding="klingon"))


class TestTimes:
    def test_are_dates_where_the_first_is_one(self, stored: Callable[..., str]) -> None:
        assert rows(CsvSource(stored(THREE))).column("time").to_pylist() == DAYS

    def test_with_a_zone_become_instants(self, stored: Callable[..., str]) -> None:
        text = THREE.replace("2024-07-03", "2024-07-03T09:30:00-04:00").replace("2024-07-05", "2024-07-05T13:30:00Z")
        found = rows(CsvSource(stored(text.replace("2024-07-08", "2024-07-08 13:30:00Z"))))

        assert found.column("time").to_pylist() == [datetime(2024, 7, day, 13, 30, tzinfo=UTC) for day in (3, 5, 8)]

    def test_of_a_declared_form_are_read(self, stored: Callable[..., str]) -> None:
        text = THREE.replace("2024-07-03", "03/07/2024").replace("2024-07-05", "05/07/2024")
        found = rows(CsvSource(stored(text.replace("2024-07-08", "08/07/2024")), time_format="%d/%m/%Y"))

        assert found.column("time").to_pylist() == DAYS

    def test_of_another_than_the_declared_form_are_faults(self, stored: Callable[..., str]) -> None:
        found = rows(CsvSource(stored(THREE.replace("2024-07-05", "05.07.2024")), time_format="%Y-%m-%d"))

        assert [fault and fault["what"] for fault in found.column("fault").to_pylist()] == [
            None,
            "is no time of the form %Y-%m-%d",
            None,
        ]


class TestLines:
    def test_with_too_few_cells_are_faults_with_their_number(self, stored: Callable[..., str]) -> None:
        lines = THREE.splitlines()
        text = "\n".join([lines[0], "", lines[1], "2024-07-04,10,11", *lines[2:]])
        found = rows(CsvSource(stored(text)))
        faults = zip(found.column("row").to_pylist(), found.column("fault").to_pylist(), strict=True)
        told = {row: fault and (fault["value"], fault["what"]) for row, fault in faults}

        assert told == {3: None, 4: ("'2024-07-04,10,11'", "has 3 cells where the header has 6"), 5: None, 6: None}

    def test_of_which_none_can_be_read_are_all_faults(self, stored: Callable[..., str]) -> None:
        found = rows(CsvSource(stored(THREE.splitlines()[0] + "\nshort\n")))

        assert [fault["what"] for fault in found.column("fault").to_pylist()] == ["has 1 cells where the header has 6"]

    def test_without_a_symbol_belong_to_nobody_and_are_faults(self, stored: Callable[..., str]) -> None:
        names = ("symbol", "IBM", "", "IB\x07M")
        text = "".join(f"{line},{name}\n" for line, name in zip(THREE.splitlines(), names, strict=True))
        found = rows(CsvSource(stored(text)), "IBM")

        assert [fault and fault["what"] for fault in found.column("fault").to_pylist()] == [
            None,
            "has no value",
            "is no symbol (1 to 64 printable ASCII characters)",
        ]

    def test_of_many_blocks_are_numbered_through(
        self, stored: Callable[..., str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("qtrader_data_csv.csv.BLOCK", 256)
        first = date(2024, 1, 1).toordinal()
        lines = [f"{date.fromordinal(first + day)},1,1,1,1,1" if day % 7 else "short" for day in range(200)]
        found = rows(CsvSource(stored("\n".join([THREE.splitlines()[0], *lines]))))
        times = zip(found.column("row").to_pylist(), found.column("time").to_pylist(), strict=True)
        good = [(row, time.toordinal() - first + 2) for row, time in times if time]

        assert len(good) == 171
        assert all(row == line for row, line in good)


class TestOpenQuotes:
    """A quote that is not closed on its line would take good rows along: the file is refused, with the line."""

    LINES: ClassVar[list[str]] = [
        "date,open,high,low,close,note",
        *(f"2024-03-{day:02d},1,1,1,1,a" for day in range(1, 29)),
    ]

    @pytest.fixture(params=[1 << 20, 128], ids=["one block", "many blocks"])
    def refused(self, request: Any, stored: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
        """Read lines of which one is changed; the message of the refusal."""
        monkeypatch.setattr("qtrader_data_csv.csv.BLOCK", request.param)

        def read(changes: dict[int, str], end: str = "\n") -> str:
            lines = [changes.get(number, line) for number, line in enumerate(self.LINES, 1)]
            with pytest.raises(DataError, match="a quote that opens here is not closed on its line") as caught:
                rows(CsvSource(stored(end.join(lines) + end)))
            return str(caught.value)

        return read

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_to_the_end_of_the_file(self, refused: Callable[..., str], end: str) -> None:
        assert "bars.csv: line 7: " in refused({7: '2024-03-06,1,1,1,"1,a'}, end)

    def test_that_another_one_closes(self, refused: Callable[..., str]) -> None:
        assert "bars.csv: line 7: " in refused({7: '2024-03-06,1,1,1,"1,a', 9: '2024-03-08,1,1,1,1",a'})

    def test_in_a_column_that_is_not_read(self, refused: Callable[..., str]) -> None:
        assert "bars.csv: line 7: " in refused({7: '2024-03-06,1,1,1,1,"a', 9: '2024-03-08,1,1,1,1,a"'})

    def test_in_the_last_line(self, refused: Callable[..., str]) -> None:
        assert "bars.csv: line 29: " in refused({29: '2024-03-28,1,1,1,1,"a'})

    def test_where_the_file_is_cut(self, stored: Callable[..., str]) -> None:
        with pytest.raises(DataError, match=r"line 4: a quote that opens here"):
            rows(CsvSource(stored(THREE.replace("9,11,3\n", '9,"1'))))

    def test_in_the_header(self, refused: Callable[..., str]) -> None:
        assert "bars.csv: line 1: " in refused({1: 'date,open,high,low,close,"note', 3: '2024-03-02,1,1,1,1,"a'})

    def test_of_more_than_any_cell(self, stored: Callable[..., str]) -> None:
        lines = [*self.LINES, '2024-03-29,1,1,1,1,"a,b', *["2024-03-30,1,1,1,1,a"] * 10_000]

        with pytest.raises(DataError, match=r"line 30: a quote that opens here"):
            rows(CsvSource(stored("\n".join(lines))))

    @pytest.mark.parametrize("note", ['"a, b"', '"5"" pipe"', '5" pipe', '""', '"a"b"'])
    def test_are_not_those_that_are_closed_or_stand_inside_a_cell(self, stored: Callable[..., str], note: str) -> None:
        text = "\n".join([*self.LINES, f"2024-03-29,1,1,1,1,{note}", "2024-03-30,1,1,1,1,a"])

        assert rows(CsvSource(stored(text))).column("row").to_pylist() == list(range(2, 32))


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), ("a", 1), ("a\n", 1), ("a\n\nb", 3), ("a\r\nb\rc\n", 3), ("a\r\r\nb", 3)]
)
@pytest.mark.parametrize("encoding", ["utf8", "utf-16", "latin-1"])
@pytest.mark.parametrize("block", [1, 2, 3, 1 << 20])
def test_lines_are_counted_as_they_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, count: int, encoding: str, block: int
) -> None:
    monkeypatch.setattr("qtrader_data_csv.lines.BLOCK", block)
    file = tmp_path / "lines.csv"
    file.write_bytes(text.encode(encoding))

    lines, last = count_lines(file, encoding)

    assert (lines, last) == (count, text.splitlines()[-1] if text else "")


@pytest.mark.parametrize("delimiter", ["", ";;", '"', "\n", "."])
def test_a_delimiter_that_separates_nothing_is_refused(delimiter: str) -> None:
    with pytest.raises(ValueError, match="cannot be told from quotes, lines or decimals"):
        CsvSource("x.csv", delimiter=delimiter)
