"""Bars from CSV files: one file, one file per symbol, or one file with a symbol column. Numbers stay as written."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from qtrader.errors import DataError
from qtrader.ports import Chunk, ChunkReader, FileSource, Origin

from .lines import refuse_open_quote, require_rows

BLOCK = 1 << 20
"""Bytes that are read at a time: what a file of any size takes in memory is a few of these."""
SHOWN = 60


OTHER_DELIMITERS = (";", "\t", "|", ",")
"""What separates cells in files where the declared delimiter does not."""


@dataclass(frozen=True)
class CsvSource(FileSource):
    """CSV files with a header, a row a bar. What is declared here can be declared beside ``with:``, and that wins."""

    delimiter: str = ","
    """What stands between cells, such as ; or a tab."""
    decimal_point: Literal[".", ","] = "."
    """What stands before the decimals of a number."""
    time_format: str = ""
    """How times are written, such as %d/%m/%Y %H:%M; without it ISO dates or times, with or without a zone."""
    encoding: str = "utf8"
    """How characters are written, such as latin-1."""

    unit: ClassVar[str] = "line"

    def __post_init__(self) -> None:
        """Refuse what cannot separate cells."""
        if len(self.delimiter) != 1 or self.delimiter in '"\r\n' or self.delimiter == self.decimal_point:
            raise ValueError(
                f"delimiter {self.delimiter!r} cannot be told from quotes, lines or decimals; use , ; or a tab"
            )

    def names(self, file: Path) -> list[str]:
        """The names in the first line. Raises DataError for a file that is no text, and for another delimiter."""
        with self._named(file):
            self._require_text(file)
            with self._open(file, []) as reader:
                names: list[str] = list(reader.schema.names)
        if any("\n" in name or "\r" in name for name in names):
            refuse_open_quote(file, self.encoding, self.delimiter)
        other = next((mark for mark in OTHER_DELIMITERS if len(names) == 1 and mark in names[0]), None)
        if other is not None:
            raise DataError(
                f"{file}: its first line is one cell, {names[0]!r}; say what separates cells: delimiter: {other!r}"
            )
        return names

    def _require_text(self, file: Path) -> None:
        wide = self.encoding.lower().replace("-", "").startswith(("utf16", "utf32"))
        with file.open("rb") as opened:
            if not wide and b"\0" in opened.read(BLOCK):
                raise DataError(f"{file}: it is no text; name a CSV file, or read it with the source of its kind")

    def chunks(
        self,
        file: Path,
        columns: Sequence[str],
        symbol: tuple[str, str] | None = None,  # noqa: ARG002 - a CSV file has no parts to skip
    ) -> Iterator[Chunk]:
        """The rows as text, block by block."""
        broken: list[tuple[int, Mapping[str, str]]] = []  # filled while blocks are read
        told, line, count = 0, 2, 1
        with self._named(file), self._open(file, columns, broken) as reader:
            for batch in reader:
                count += batch.num_rows
                passed = [number for number, _ in broken]
                numbers = _lines(line, batch.num_rows, passed)
                line = int(numbers[-1]) + 1 if batch.num_rows else line
                yield _without_blank(Chunk(str(file), batch, numbers, broken[told:]))
                told = len(broken)
            require_rows(file, count + len(broken), self.encoding, self.delimiter)
            if len(broken) > told:
                yield Chunk(str(file), _no_rows(reader.schema), [], broken[told:])

    def reader(self, file: Path, picked: Mapping[str, str], symbol: str, first: Chunk) -> ChunkReader:
        """Times may be written in a way of their own."""
        return ChunkReader.of(first, picked, symbol, self.origin(picked), str(file), self.time_format)

    def origin(self, picked: Mapping[str, str]) -> Origin:
        """Numbers are text, written with a point or a comma."""
        return Origin(self.unit, picked, self.decimal_point)

    @contextmanager
    def _named(self, file: Path) -> Iterator[None]:
        """Name the file in what is wrong with all of it."""
        import pyarrow as pa

        try:
            yield
        except LookupError as error:
            raise DataError(f"{file}: {error}; say encoding: utf8 or another that Python knows") from None
        except (pa.ArrowInvalid, OSError, UnicodeError) as error:
            if isinstance(error, pa.ArrowInvalid):
                refuse_open_quote(file, self.encoding, self.delimiter)
            advice = (
                "say how its characters are written, e.g. encoding: latin-1"
                if "UTF" in str(error).upper()
                else "it must have a header and a row a line"
            )
            raise DataError(f"{file}: not a readable CSV file: {error}; {advice}") from None

    def _open(self, file: Path, columns: Sequence[str], broken: list[Any] | None = None) -> Any:
        import pyarrow as pa
        import pyarrow.csv as pc

        def note(row: Any) -> str:
            if broken is not None:
                text = row.text if len(row.text) <= SHOWN else f"{row.text[:SHOWN]}..."
                what = f"has {row.actual_columns} cells where the header has {row.expected_columns}"
                fix = "mend or remove the row"
                broken.append((row.number, {"column": "the row", "value": repr(text), "what": what, "fix": fix}))
            return "skip"

        return pc.open_csv(
            file,
            read_options=pc.ReadOptions(block_size=BLOCK, encoding=self.encoding, use_threads=False),
            parse_options=pc.ParseOptions(delimiter=self.delimiter, ignore_empty_lines=False, invalid_row_handler=note),
            convert_options=pc.ConvertOptions(
                include_columns=columns,
                column_types=dict.fromkeys(columns, pa.string()),
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=[""],
            ),
        )


def _no_rows(schema: Any) -> Any:
    import pyarrow as pa

    return pa.RecordBatch.from_pylist([], schema=schema)


def _lines(line: int, count: int, passed: list[int]) -> Any:
    """The next line numbers that were not passed over."""
    import numpy as np

    numbers = np.arange(line, line + count + len(passed))
    return numbers[~np.isin(numbers, passed)][:count] if passed else numbers


def _without_blank(chunk: Chunk) -> Chunk:
    """Leave out lines with nothing in them."""
    from functools import reduce

    import numpy as np
    import pyarrow.compute as pc

    if any(column.null_count == 0 for column in chunk.batch.columns):
        return chunk
    blank = np.asarray(reduce(pc.and_, [pc.is_null(column) for column in chunk.batch.columns]))
    numbers = np.asarray(chunk.numbers, dtype=np.int64)[~blank]
    return Chunk(chunk.file, chunk.batch.filter(~blank), numbers, chunk.broken)
