"""Times of a table: dates and timestamps as they are, text read by one rule for the whole column."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from qtrader.errors import ConfigError, DataError

if TYPE_CHECKING:
    import pyarrow as pa

ADVICE = "write 2020-01-31, 2020-01-31 09:30:00 or 2020-01-31T14:30:00Z"


def is_text(kind: "pa.DataType") -> bool:
    """Whether cells are text."""
    import pyarrow as pa

    return kind in (pa.string(), pa.large_string(), pa.string_view())


def as_text(column: "pa.ChunkedArray[Any]") -> "pa.ChunkedArray[Any]":
    """Plain strings of any kind of text column."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if column.type == pa.string_view():  # what polars hands over; pyarrow casts nothing from it
        return pa.chunked_array([pa.array(column.to_pylist(), pa.string())])
    return column


def read_times(column: "pa.ChunkedArray[Any]", name: str, place: str) -> "pa.ChunkedArray[Any]":
    """Dates and timestamps as they are; ISO text as dates, else as times with or without a zone."""
    column = as_text(column)
    if not is_text(column.type):
        return typed_times(column, name, place)
    for kind in _kinds():
        read, unread = parse_times(column, kind)
        if not unread:
            return read
    raise DataError(
        f"{place}: column {name!r} is text that is not all ISO dates or times, e.g. {_odd(column)!r}; {ADVICE}"
    )


def typed_times(column: "pa.ChunkedArray[Any]", name: str, place: str) -> "pa.ChunkedArray[Any]":
    """Dates and timestamps; DataError for anything else."""
    import pyarrow as pa

    if pa.types.is_date(column.type):
        return column.cast(pa.date32())
    if pa.types.is_timestamp(column.type):
        return column
    raise DataError(f"{place}: column {name!r} is {column.type}; times are dates, timestamps or ISO text")


def _kinds() -> tuple[Any, ...]:
    import pyarrow as pa

    return pa.date32(), pa.timestamp("us"), pa.timestamp("us", tz="UTC")


def kind_of_text(column: "pa.ChunkedArray[Any]", pattern: str, name: str, place: str) -> "pa.DataType":
    """What the first readable text of a column is: a date, a time, or a time with a zone."""
    import pyarrow as pa

    if pattern:
        if "%z" in pattern.casefold():
            raise ConfigError(f"{place}: time_format {pattern!r} has a zone; leave it out and say zone: instead")
        timed = any(mark in pattern for mark in ("%H", "%I", "%M", "%S", "%T", "%R"))
        return pa.timestamp("us") if timed else pa.date32()
    texts = [text for text in as_text(column).to_pylist() if text]
    for text in texts:
        for kind in _kinds():
            if not parse_times(pa.chunked_array([[text]], pa.string()), kind)[1]:
                found: pa.DataType = kind
                return found
    if not texts:
        return pa.date32()
    raise DataError(
        f"{place}: column {name!r} is text that is not all ISO dates or times, e.g. {texts[0]!r}; {ADVICE}, "
        "or say how it is written: time_format"
    )


def parse_times(
    column: "pa.ChunkedArray[Any]", kind: "pa.DataType", pattern: str = ""
) -> "tuple[pa.ChunkedArray[Any], list[int]]":
    """Text as times of one kind, and the numbers of the cells that are none: they become null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pattern:
        stamps = pc.strptime(column, format=pattern, unit="us", error_is_null=True)
        bad = pc.and_(pc.is_null(stamps), pc.is_valid(column))
        return stamps.cast(kind), pc.indices_nonzero(bad).to_pylist()
    try:
        return column.cast(kind), []
    except pa.ArrowInvalid:
        cells = [_cell(text, kind) for text in column.to_pylist()]
    bad_cells = [
        row for row, (cell, text) in enumerate(zip(cells, column.to_pylist(), strict=True)) if cell is None and text
    ]
    return pa.chunked_array([pa.array(cells, kind)]), bad_cells


def _cell(text: str | None, kind: Any) -> Any:
    import pyarrow as pa

    try:
        return None if text is None else pa.scalar(text.strip(), pa.string()).cast(kind).as_py()
    except pa.ArrowInvalid:
        return None


def _odd(column: "pa.ChunkedArray[Any]") -> str:
    """The first text that does not look like the others: the first that cannot be read."""
    for value in column.to_pylist():
        try:
            datetime.fromisoformat(str(value))
        except ValueError:
            return str(value)
    return str(column[0])


def is_midnight_only(column: "pa.ChunkedArray[Any]") -> bool:
    """Whether every time is a naive midnight, the way data frames keep dates."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_timestamp(column.type) or column.type.tz is not None:
        return False
    return bool(pc.all(pc.equal(column, column.cast(pa.date32(), safe=False).cast(column.type))).as_py())
