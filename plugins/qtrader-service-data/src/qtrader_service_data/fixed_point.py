"""Numbers of a source as int64 fixed point: exact, or an error that names row, column and value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from qtrader.errors import DataError

Int64s = NDArray[np.int64]
Where = Callable[[int], str]
"""Names a row in a message, by its number from 0."""
FEWEST = 8
"""Most decimals that a float is given without being told."""
EXACT_FLOAT = 2**53
INT64 = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Volume:
    """Volumes: units / 10^scale, and which are known (None: all)."""

    units: Int64s
    scale: int
    known: NDArray[np.bool_] | None = None


def prices(
    columns: Mapping[str, "pa.ChunkedArray[Any]"], where: Where, decimals: int | None, scale: int | None
) -> tuple[dict[str, Int64s], int]:
    """The price columns at one common scale, and the scale.

    ``decimals`` is declared for the source: floats are rounded to it. ``scale`` is the instrument's: more is an error.
    With neither, the fewest decimals that keep every value exact.
    """
    cells = {name: _numbers(column, name, where) for name, column in columns.items()}
    for name, column in cells.items():
        _refuse(pc.is_null(column), name, column, where, "has no value", "fill or remove the row")
    wanted = decimals if decimals is not None else scale
    if wanted is None:
        wanted = 0
        for name, column in cells.items():
            wanted = max(wanted, fewest_decimals(column, name, where, wanted))
    units = {
        name: to_units(column, wanted, name, where, rounded=decimals is not None) for name, column in cells.items()
    }
    for name, whole in units.items():
        _refuse(whole <= 0, name, cells[name], where, "is not above zero", "mend or remove the row")
    return units, wanted


def volumes(column: "pa.ChunkedArray[Any] | None", where: Where) -> Volume | None:
    """The volume column; None when there is none or nothing in it is known. Null is unknown, zero is zero."""
    if column is None or column.null_count == len(column):
        return None
    cells = _numbers(column, "volume", where)
    known = np.asarray(pc.is_valid(cells)) if cells.null_count else None
    filled = pc.fill_null(cells, pa.scalar(0).cast(cells.type))
    scale = fewest_decimals(filled, "volume", where, 0)
    units = to_units(filled, scale, "volume", where)
    _refuse(units < 0, "volume", filled, where, "is negative", "mend the row, or leave it empty when it is unknown")
    return Volume(units, scale, known)


def fewest_decimals(column: "pa.Array[Any]", name: str, where: Where, start: int) -> int:
    """The fewest decimals, at least ``start``, that keep every value of the column exact."""
    if pa.types.is_integer(column.type):
        return start
    if pa.types.is_decimal(column.type):
        return _fewest_of_decimal(column, start)
    values = _finite(column, name, where)
    for decimals in range(start, FEWEST + 1):
        if not _inexact(values, decimals).any():
            return decimals
    row = int(np.argmax(_inexact(values, FEWEST)))
    raise DataError(
        f"{where(row)}: {name} {values[row].item()!r} needs more than {FEWEST} decimals; say how many the prices have, "
        f"e.g. decimals=4 (floats are then rounded to it), or use a decimal column"
    )


def to_units(column: "pa.Array[Any]", decimals: int, name: str, where: Where, *, rounded: bool = False) -> Int64s:
    """Every value times 10^decimals as int64, exact (floats rounded where ``rounded``)."""
    if pa.types.is_integer(column.type):
        return _integers(column, decimals, name, where)
    if pa.types.is_decimal(column.type):
        return _decimals(column, decimals, name, where)
    values = _finite(column, name, where)
    with np.errstate(over="ignore"):
        scaled = np.rint(values * 10.0**decimals)
    _refuse(np.abs(scaled) >= EXACT_FLOAT, name, column, where, f"is too large for {decimals} decimals in a float",
            "declare fewer decimals or use a decimal column")  # fmt: skip
    if not rounded:
        _refuse(scaled / 10.0**decimals != values, name, column, where, f"has more than {decimals} decimals",
                "raise price_decimals, or declare decimals to round to them")  # fmt: skip
    return scaled.astype(np.int64)


def _numbers(column: "pa.ChunkedArray[Any]", name: str, where: Where) -> "pa.Array[Any]":
    """One array of int64, float64 or decimal128 cells."""
    kind = column.type
    if pa.types.is_integer(kind):
        target: pa.DataType = pa.int64()
    elif pa.types.is_decimal(kind):
        target = pa.decimal128(38, kind.scale)
    elif pa.types.is_float64(kind):
        target = kind
    else:
        hint = ", for a float32 holds 7 digits" if pa.types.is_floating(kind) else ""
        raise DataError(f"{where(0)}: column {name} is {kind}; use decimal, integer or float64{hint}")
    try:
        cast = column.cast(target)
    except pa.ArrowInvalid as error:
        raise DataError(f"{where(0)}: column {name} holds numbers too large for 64 bits: {error}") from None
    return pa.concat_arrays(cast.chunks) if cast.num_chunks else pa.array([], target)


def _finite(column: "pa.Array[Any]", name: str, where: Where) -> NDArray[np.float64]:
    values = np.asarray(column, dtype=np.float64)
    _refuse(~np.isfinite(values), name, column, where, "is not a number", "mend the row; leave an unknown volume empty")
    return values


def _inexact(values: NDArray[np.float64], decimals: int) -> NDArray[np.bool_]:
    """Where m / 10^decimals, m whole, is not the very float: then its shortest decimal text has more decimals."""
    power = 10.0**decimals
    with np.errstate(over="ignore"):
        scaled = np.rint(values * power)
    return np.array((scaled / power != values) | (np.abs(scaled) >= EXACT_FLOAT), dtype=np.bool_)


def _integers(column: "pa.Array[Any]", decimals: int, name: str, where: Where) -> Int64s:
    values = np.asarray(column, dtype=np.int64)
    limit = INT64 // 10**decimals
    _refuse((values > limit) | (values < -limit), name, column, where, f"does not fit 64 bits with {decimals} decimals",
            "declare fewer decimals")  # fmt: skip
    return values * np.int64(10**decimals)


def _fewest_of_decimal(column: "pa.Array[Any]", start: int) -> int:
    declared: int = column.type.scale
    for decimals in range(start, declared):
        try:
            column.cast(pa.decimal128(38, decimals))
        except pa.ArrowInvalid:
            continue
        return decimals
    return max(start, declared)


def _decimals(column: "pa.Array[Any]", decimals: int, name: str, where: Where) -> Int64s:
    try:
        cast = column.cast(pa.decimal128(38, decimals))
    except pa.ArrowInvalid:
        bad = np.array([_misfit(Decimal(str(value)), decimals) for value in column.to_pylist()])
        _refuse(bad, name, column, where, f"does not fit {decimals} decimals", "raise price_decimals or decimals")
        raise
    words = np.frombuffer(memoryview(cast.buffers()[1] or b""), dtype="<i8").reshape(-1, 2)
    low, high = words[cast.offset : cast.offset + len(cast)].T
    _refuse(
        high != low >> 63, name, column, where, f"does not fit 64 bits with {decimals} decimals", "use fewer decimals"
    )
    return np.array(low, dtype=np.int64)


def _misfit(value: Decimal, decimals: int) -> bool:
    scaled = value.scaleb(decimals)
    return scaled != scaled.to_integral_value() or abs(scaled) >= 10**38


def _refuse(
    bad: "NDArray[np.bool_] | pa.Array[Any]", name: str, cells: "pa.Array[Any]", where: Where, what: str, advice: str
) -> None:
    """Raise for the first row where ``bad`` is true."""
    mask = np.asarray(bad)
    if mask.any():
        row = int(np.argmax(mask))
        shown = cells[row].as_py()
        raise DataError(f"{where(row)}: {name} {'' if shown is None else str(shown) + ' '}{what}; {advice}")
