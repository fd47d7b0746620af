"""Cells as numbers and times where they are; which cells are neither."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
NAIVE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?$"
AWARE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})$"
MOST_DECIMALS = 18
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Cells:
    """A column read: ``values`` are null where a cell is empty or ``bad``."""

    values: "pa.Array[Any]"
    bad: Flags
    empty: Flags


def whole(column: "pa.ChunkedArray[Any]") -> "pa.Array[Any]":
    """A column in one piece, text as plain strings."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if kind == pa.string_view() or pa.types.is_large_string(kind):
        column = column.cast(pa.string())
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def numbers(column: "pa.ChunkedArray[Any]") -> Cells:
    """A column of numbers: decimals from text, exact; what is no number, or not finite, is bad."""
    cells = whole(column)
    if pa.types.is_string(cells.type):
        return _from_text(cells, [(NUMBER, pa.decimal128(38, _decimals(cells)))])
    empty = np.asarray(pc.is_null(cells))
    if pa.types.is_floating(cells.type):
        bad = ~np.asarray(pc.fill_null(pc.is_finite(cells), True))  # noqa: FBT003 - a value
        return Cells(pc.if_else(pa.array(bad), pa.scalar(None, cells.type), cells), bad, empty)
    if pa.types.is_integer(cells.type) or pa.types.is_decimal(cells.type):
        return Cells(cells, np.zeros(len(cells), dtype=np.bool_), empty)
    return Cells(pa.nulls(len(cells), pa.float64()), ~empty, empty)


def times(column: "pa.ChunkedArray[Any]") -> Cells:
    """A column of times: date32, naive or UTC timestamps in microseconds, by what most cells of a text column are."""
    cells = whole(column)
    if pa.types.is_string(cells.type):
        forms = [(DATE, pa.date32()), (NAIVE, pa.timestamp("us")), (AWARE, pa.timestamp("us", tz="UTC"))]
        head = pc.utf8_trim_whitespace(cells.slice(0, 1000))
        hits = [pc.sum(pc.match_substring_regex(head, form)).as_py() or 0 for form, _ in forms]
        return _from_text(cells, [forms[hits.index(max(hits))]])
    empty = np.asarray(pc.is_null(cells))
    if pa.types.is_date(cells.type):
        return Cells(cells.cast(pa.date32()), ~empty & empty, empty)
    if pa.types.is_timestamp(cells.type):
        return Cells(cells, ~empty & empty, empty)
    return Cells(pa.nulls(len(cells), pa.timestamp("us")), ~empty, empty)


def _decimals(cells: "pa.Array[Any]") -> int:
    """The most digits behind a point, as far as a decimal column can hold them."""
    points = pc.find_substring(cells, ".")
    behind = pc.if_else(pc.less(points, 0), 0, pc.subtract(pc.subtract(pc.binary_length(cells), points), 1))
    return min(MOST_DECIMALS, max(0, pc.max(behind).as_py() or 0))


def _from_text(cells: "pa.Array[Any]", forms: Sequence[tuple[str, "pa.DataType"]]) -> Cells:
    form, kind = forms[0]
    cells = pc.utf8_trim_whitespace(cells)
    empty = np.asarray(pc.fill_null(pc.equal(cells, ""), True))  # noqa: FBT003 - a value
    try:
        return Cells(_cast(cells, kind, empty), np.zeros(len(cells), dtype=np.bool_), empty)
    except pa.ArrowInvalid:
        pass
    fits = np.asarray(pc.fill_null(pc.match_substring_regex(cells, form), False))  # noqa: FBT003 - a value
    good = np.array(fits & ~empty)
    for row in _unreadable(cells, kind, np.flatnonzero(good)):
        good[row] = False
    return Cells(_cast(cells, kind, ~good), ~good & ~empty, empty)


def _cast(cells: "pa.Array[Any]", kind: "pa.DataType", without: Flags) -> "pa.Array[Any]":
    if without.any():
        cells = pc.if_else(pa.array(without), pa.scalar(None, pa.string()), cells)
    return cells.cast(kind)


def _unreadable(cells: "pa.Array[Any]", kind: "pa.DataType", rows: NDArray[np.int64]) -> list[int]:
    """The rows that look right but cannot be read, such as the 30th of February; found by halving."""
    if not len(rows):
        return []
    try:
        cells.take(pa.array(rows)).cast(kind)
    except pa.ArrowInvalid:
        if len(rows) == 1:
            return [int(rows[0])]
        half = len(rows) // 2
        return [*_unreadable(cells, kind, rows[:half]), *_unreadable(cells, kind, rows[half:])]
    return []
