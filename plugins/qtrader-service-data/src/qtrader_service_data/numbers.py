"""Cells as exact numbers: whole, decimal or float64; text is read digit by digit, never through a float."""

from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from qtrader.errors import DataError
from qtrader.ports import LEDGER, PRICES, QUOTES, as_text, is_text

from .bad_rows import Sheet
from .sessions import Int64s

FINE = 18
"""Most decimals of a price, declared or not."""
_UNIT = Decimal(1).scaleb(-FINE)
_WIDE = pa.decimal128(38, FINE)
_QUICK = pa.decimal64(18, 8)
"""What nearly all prices and volumes fit into, and what is read fastest."""
DIGITS = 18
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,9})?$"


def numbers(sheet: Sheet, name: str) -> Any:
    """One array of int64, float64, decimal64 or decimal128 cells, nulls where nothing is written."""
    column = as_text(sheet.column(name))
    kind = column.type
    if is_text(kind):
        return _read(sheet, name, _joined(column))
    if pa.types.is_null(kind):
        return pa.nulls(len(column), pa.int64())
    if pa.types.is_integer(kind):
        target: pa.DataType = pa.int64()
    elif pa.types.is_decimal(kind):
        target = pa.decimal128(38, kind.scale)
    elif pa.types.is_float64(kind):
        target = kind
    else:
        hint = ", for a float32 holds 7 digits" if pa.types.is_floating(kind) else ""
        raise DataError(f"{sheet.place(0)}: column {name} is {kind}; use decimal, integer or float64{hint}")
    try:
        cast = column.cast(target)
    except pa.ArrowInvalid:
        if pa.types.is_integer(kind):
            large = np.array([value is not None and value >= 2**63 for value in column.to_pylist()])
        else:
            large = misfits(column, kind.scale)
        sheet.refuse(large, name, "is too large for 64 bits", "mend or remove the row")
        raise
    return _joined(cast)


def _joined(column: Any) -> Any:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _read(sheet: Sheet, name: str, text: Any) -> Any:
    """Text as decimals, exactly as written."""
    if sheet.origin.decimal_point == ",":
        sheet.refuse(
            pc.match_substring(text, "."),
            name,
            "is not a number with a decimal comma",
            "mend the row, or leave decimal_point out",
        )
        text = pc.replace_substring(text, ",", ".")
    if _is_simple(text):
        try:
            return text.cast(_QUICK)
        except pa.ArrowInvalid:
            pass
    trimmed = pc.utf8_trim_whitespace(text)
    odd = pc.fill_null(pc.invert(pc.match_substring_regex(trimmed, _NUMBER)), False)
    sheet.refuse(odd, name, "is not a number", mending(name))
    values = [None if cell is None else Decimal(cell) for cell in trimmed.to_pylist()]
    far = [value is not None and _misfit(value, FINE, 38) for value in values]
    sheet.refuse(far, name, f"is too large, or has more than {FINE} decimals", "mend or remove the row")
    return pa.array([None if value is None else value.quantize(_UNIT, context=LEDGER) for value in values], _WIDE)


def _is_simple(text: Any) -> bool:
    """Whether Arrow can be trusted with these cells.

    It reads more than 18 digits as some other decimal64, 1e30 as some other decimal128, and dies of 1e-999999999.
    """
    longest = pc.max(pc.binary_length(text)).as_py() or 0
    raw = text.buffers()[2]
    letters = b"" if raw is None else raw.to_pybytes()
    return longest <= DIGITS and b"e" not in letters and b"E" not in letters


def mending(name: str) -> str:
    """What to do about a cell that is not a number."""
    return "mend or remove the row" if name in (*PRICES, *QUOTES) else f"mend the row; leave an unknown {name} empty"


def misfits(column: Any, decimals: int) -> NDArray[np.bool_]:
    """Which decimals have more than so many places, or too many digits before them."""
    return np.array(
        [value is not None and _misfit(value, decimals, 38) for value in column.to_pylist()], dtype=np.bool_
    )


def _misfit(value: Decimal, decimals: int, digits: int) -> bool:
    """Whether a number needs more decimals, or more digits in all; without arithmetic, which could overflow itself."""
    _, figures, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, figures)).lstrip("0")
    kept = text.rstrip("0")
    exponent += len(text) - len(kept)
    return bool(kept) and (-exponent > decimals or len(kept) + exponent > digits - decimals)


def words(column: Any) -> Int64s:
    """The whole numbers behind a decimal64 column without nulls."""
    raw = np.frombuffer(memoryview(column.buffers()[1] or b""), dtype="<i8")
    return np.array(raw[column.offset : column.offset + len(column)], dtype=np.int64)
