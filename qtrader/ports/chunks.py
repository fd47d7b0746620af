"""Rows of a file on their way to a bar source: named, of one symbol, times read, each with its place in the file."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qtrader.ports.tables import NUMBERS, Origin
from qtrader.ports.times import as_text, is_text, kind_of_text, parse_times, typed_times

if TYPE_CHECKING:
    import pyarrow as pa

Fault = Mapping[str, str]
"""What a source found wrong with a row: ``column``, ``value``, ``what``, ``fix``, as in ``Open 'x' is no y; do z``."""
FAULT = ("column", "value", "what", "fix")
_SYMBOL = re.compile(r"[!-~]([ -~]{0,62}[!-~])?")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a file as it has them, and the number of each, from 1.

    ``broken`` are rows that could not be read into cells at all: their numbers and what is wrong with them.
    """

    file: str
    batch: Any
    numbers: Any
    broken: Sequence[tuple[int, Fault]] = ()


@dataclass(frozen=True, slots=True)
class ChunkReader:
    """Turns chunks of one file into rows as ``DataSource.bars`` hands them over."""

    picked: Mapping[str, str]
    symbol: str
    origin: Origin
    place: str
    """Begins messages that are about the whole file."""
    text_kind: Any = None
    """What times written as text are; None for columns of dates or timestamps."""
    pattern: str = ""
    """How times written as text are written; empty for ISO."""

    @classmethod
    def of(
        cls, first: Chunk, picked: Mapping[str, str], symbol: str, origin: Origin, place: str, pattern: str = ""
    ) -> "ChunkReader":
        """Make a reader; the first chunk tells what times that are text are."""
        times = as_text(_column(first, picked["time"]))
        kind = kind_of_text(times, pattern, picked["time"], place) if is_text(times.type) else None
        return cls(picked, symbol, origin, place, kind, pattern)

    def rows(self, chunk: Chunk) -> "pa.Table":
        """The rows of the symbol, and those of which nobody can say whose they are, each with what is wrong with it."""
        import pyarrow as pa

        faults: dict[int, Fault] = {}
        chosen = None
        if "symbol" in self.picked:
            chosen = self._chosen(as_text(_column(chunk, self.picked["symbol"])), faults)
        times = self._times(chunk, faults)
        count = chunk.batch.num_rows
        columns = {"time": times} | {key: _column(chunk, self.picked[key]) for key in NUMBERS if key in self.picked}
        told = pa.array([faults.get(row) for row in range(count)], _kind()) if faults else pa.nulls(count, _kind())
        table = pa.table(
            {**columns, "row": pa.array(chunk.numbers, pa.int64()), "file": _same(chunk.file, count), "fault": told}
        )
        if chosen is not None:
            table = table.filter(chosen)
        if chunk.broken:
            table = pa.concat_tables([table, _broken(table.schema, chunk)])
        return table.replace_schema_metadata(self.origin.mark(table.schema).metadata)

    def _times(self, chunk: Chunk, faults: dict[int, Fault]) -> Any:
        name = self.picked["time"]
        column = as_text(_column(chunk, name))
        if self.text_kind is None:
            return typed_times(column, name, self.place)
        times, unread = parse_times(column, self.text_kind, self.pattern)
        written = f"of the form {self.pattern}" if self.pattern else "written like those before it"
        for row in unread:
            faults[row] = _fault(name, repr(column[row].as_py()), f"is no time {written}", "mend or remove the row")
        return times

    def _chosen(self, column: Any, faults: dict[int, Fault]) -> Any:
        """Which rows are the symbol's, or nobody's: those without a symbol, or with what cannot be one, are faults."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        text = column if is_text(column.type) else column.cast(pa.string())
        odd = [cell for cell in pc.unique(text).to_pylist() if cell is None or not _SYMBOL.fullmatch(cell)]
        if odd:
            name, fix = self.picked["symbol"], "mend or remove the row"
            for row, cell in enumerate(text.to_pylist()):
                if cell is None:
                    faults[row] = _fault(name, "", "has no value", fix)
                elif cell in odd:
                    faults[row] = _fault(name, repr(cell), "is no symbol (1 to 64 printable ASCII characters)", fix)
        chosen = pc.fill_null(pc.equal(text, self.symbol), False)
        return np.asarray(chosen) | _marked(faults, len(text)) if faults else chosen


def distinct(chunks: Iterable[Chunk], column: str) -> list[str]:
    """The symbols in a column, in order; what could not be one is left to be found when rows are read."""
    import pyarrow.compute as pc

    found: set[str] = set()
    for chunk in chunks:
        cells = (str(cell) for cell in pc.unique(as_text(_column(chunk, column))).to_pylist() if cell is not None)
        found.update(cell for cell in cells if _SYMBOL.fullmatch(cell))
    return sorted(found)


def _column(chunk: Chunk, name: str) -> Any:
    import pyarrow as pa

    return pa.chunked_array([chunk.batch.column(chunk.batch.schema.get_field_index(name))])


def _fault(column: str, value: str, what: str, fix: str) -> Fault:
    return {"column": column, "value": value, "what": what, "fix": fix}


def _kind() -> Any:
    import pyarrow as pa

    return pa.struct([(name, pa.string()) for name in FAULT])


def _same(text: str, count: int) -> Any:
    import numpy as np
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, dtype=np.int32)), pa.array([text]))


def _marked(rows: Iterable[int], count: int) -> Any:
    import numpy as np

    mask = np.zeros(count, dtype=np.bool_)
    mask[list(rows)] = True
    return mask


def _broken(schema: Any, chunk: Chunk) -> "pa.Table":
    """A row for each that could not be read: nothing but its place and its fault."""
    import pyarrow as pa

    count = len(chunk.broken)
    given = {
        "row": pa.array([number for number, _ in chunk.broken], pa.int64()),
        "file": _same(chunk.file, count),
        "fault": pa.array([dict(fault) for _, fault in chunk.broken], _kind()),
    }
    return pa.table([given.get(field.name, pa.nulls(count, field.type)) for field in schema], schema=schema)
