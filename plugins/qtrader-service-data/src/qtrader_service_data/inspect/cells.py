"""Cells as floats, for looking at them: what is no number is NaN. Nothing that is traded on is read this way."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .series import Floats

NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"


def floats(column: "pa.ChunkedArray[Any]", decimal_point: str = ".") -> Floats:
    """A column as floats, whatever its type; NaN where a cell is empty or no number."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or kind == pa.string_view():
        column = _text(column.cast(pa.string()), decimal_point)
    elif not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)):
        return np.full(len(column), np.nan)
    return np.asarray(pc.fill_null(column.cast(pa.float64()), np.nan), dtype=np.float64)


def _text(column: "pa.ChunkedArray[Any]", decimal_point: str) -> "pa.ChunkedArray[Any]":
    if decimal_point != ".":
        column = pc.replace_substring(column, decimal_point, ".")
    try:
        return column.cast(pa.float64())
    except pa.ArrowInvalid:
        trimmed = pc.utf8_trim_whitespace(column)
        fits = pc.match_substring_regex(trimmed, NUMBER)
        return pc.if_else(fits, trimmed, pa.scalar(None, pa.string())).cast(pa.float64())
