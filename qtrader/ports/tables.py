"""From a table with any usual column names to the rows that a data source hands over. For writers of sources."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from qtrader.errors import ConfigError, DataError

if TYPE_CHECKING:
    import pyarrow as pa

PRICES = ("open", "high", "low", "close")
USUAL = {
    "time": ("time", "date", "ts", "timestamp", "datetime"),
    **{name: (name,) for name in (*PRICES, "volume")},
    "symbol": ("symbol", "ticker"),
}
"""Column names that are understood without being told, in any case. An adjusted close is never taken for the close."""


def pick_columns(names: Sequence[str], declared: Mapping[str, str], place: str) -> dict[str, str]:
    """Which column is what: keys ``time``, ``open``, ``high``, ``low``, ``close``, and ``volume``, ``symbol`` if there.

    ``declared`` (key -> column) wins over the usual names; ``place`` opens every message.
    """
    if unknown := sorted(set(declared) - set(USUAL)):
        raise ConfigError(f"{place}: columns: unknown key {unknown[0]!r}; it takes {', '.join(USUAL)}")
    for key, name in declared.items():
        if name not in names:
            raise DataError(f"{place}: columns: no column {name!r} for {key}; it has {', '.join(names)}")
    usual = {key: _usual(key, names, place) for key in USUAL if key not in declared}
    picked = {**usual, **declared}
    for key in ("time", *PRICES):
        if not picked[key]:
            raise DataError(
                f"{place}: no column for {key} (looked for {', '.join(USUAL[key])}, any case); "
                f"it has {', '.join(names)}. Say which one it is: columns: {{{key}: NAME}}"
            )
        if names.count(picked[key]) > 1:
            raise DataError(f"{place}: several columns are called {picked[key]!r}; rename all but one")
    return {key: picked[key] for key in USUAL if picked[key]}


def _usual(key: str, names: Sequence[str], place: str) -> str:
    found = [name for name in names if name.strip().casefold() in USUAL[key]]
    if len(found) > 1:
        raise DataError(
            f"{place}: columns {', '.join(repr(name) for name in found)} could all be {key}; "
            f"say which one it is: columns: {{{key}: {found[0]}}}"
        )
    return found[0] if found else ""


def bar_rows(
    table: "pa.Table", picked: Mapping[str, str], start: date | None, end: date | None, place: str
) -> "pa.RecordBatchReader":
    """The rows of a table under their own names, between two dates (times: a day or two more on either side)."""
    import pyarrow as pa

    keys = [key for key in ("time", *PRICES, "volume") if key in picked]
    columns = [table.column(picked[key]) for key in keys]
    columns[0] = read_times(columns[0], picked["time"], place)
    rows = pa.Table.from_arrays(columns, names=keys)
    return _between(rows, start, end).to_reader()


def read_times(column: "pa.ChunkedArray[Any]", name: str, place: str) -> "pa.ChunkedArray[Any]":
    """Dates and timestamps as they are; ISO text as dates, else as times with or without a zone."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_date(column.type):
        return column.cast(pa.date32())
    if pa.types.is_timestamp(column.type):
        return column
    texts = (pa.string(), pa.large_string(), pa.string_view())
    if column.type not in texts:
        raise DataError(f"{place}: column {name!r} is {column.type}; times are dates, timestamps or ISO text")
    if column.type == pa.string_view():  # what polars hands over; pyarrow casts nothing from it
        column = pa.chunked_array([pa.array(column.to_pylist(), pa.string())])
    for kind in (pa.date32(), pa.timestamp("us"), pa.timestamp("us", tz="UTC")):
        try:
            return column.cast(kind)
        except pa.ArrowInvalid:
            continue
    raise DataError(
        f"{place}: column {name!r} is text that is not all ISO dates or times, e.g. {_odd(column)!r}; "
        "write 2020-01-31, 2020-01-31 09:30:00 or 2020-01-31T14:30:00Z"
    )


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


def _between(rows: "pa.Table", start: date | None, end: date | None) -> "pa.Table":
    import pyarrow as pa
    import pyarrow.compute as pc

    times = rows.column("time")
    dated = pa.types.is_date(times.type)
    if start is not None:
        first = start if dated else datetime.combine(start - timedelta(days=1), time())
        rows = rows.filter(pc.greater_equal(rows.column("time"), _bound(first, times.type)), "emit_null")
    if end is not None:
        last = end if dated else datetime.combine(end + timedelta(days=2), time())
        rows = rows.filter(pc.less_equal(rows.column("time"), _bound(last, times.type)), "emit_null")
    return rows


def _bound(moment: date, kind: Any) -> Any:
    import pyarrow as pa

    if isinstance(moment, datetime):
        return pa.scalar(moment, pa.timestamp("s")).cast(pa.timestamp(kind.unit)).cast(kind)
    return pa.scalar(moment, kind)
