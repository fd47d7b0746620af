"""Numbers of a source as int64 fixed point: exact, or a BadRowsError that names row, column and value."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from qtrader.ports import PRICES, QUOTES

from .bad_rows import Sheet
from .numbers import FINE, mending, misfits, numbers, words
from .sessions import Int64s

FEWEST = 8
"""Most decimals that a float is given without being told."""
MOST = 12
"""Most decimals that exact numbers, decimals and text, are given without being told: one slip must not scale all."""
EXACT_FLOAT = 2**53
INT64 = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Volume:
    """Volumes: units / 10^scale, and which are known (None: all)."""

    units: Int64s
    scale: int
    known: NDArray[np.bool_] | None = None

    def take(self, chosen: "NDArray[np.bool_] | Int64s | slice") -> "Volume":
        """Some of the rows."""
        return Volume(self.units[chosen], self.scale, None if self.known is None else self.known[chosen])


def prices(
    sheet: Sheet,
    names: Sequence[str],
    decimals: int | None,
    scale: int | None,
    *,
    negative: bool = False,
    optional: Sequence[str] = (),
) -> tuple[dict[str, Int64s], int]:
    """The price columns at one common scale, and the scale.

    ``decimals`` is declared for the source: floats are rounded to it. ``scale`` is the instrument's: more is an error.
    With neither, the fewest decimals, at most 8 (floats) or 12, that keep every value exact. Prices must be above
    zero unless
    ``negative``. Columns in ``optional`` may have empty cells, which come back as zero.
    """
    cells = {name: numbers(sheet, name) for name in names}
    filled = {name: _filled(sheet, name, column, optional=name in optional) for name, column in cells.items()}
    wanted = decimals if decimals is not None else scale
    if wanted is None:
        wanted = 0
        for name, column in filled.items():
            wanted = max(wanted, fewest_decimals(sheet, name, column, wanted))
    units = {
        name: to_units(sheet, name, column, wanted, rounded=decimals is not None) for name, column in filled.items()
    }
    if not negative:
        for name, whole in units.items():
            low = (whole <= 0) & np.asarray(pc.is_valid(cells[name]))
            sheet.refuse(
                low, name, "is not above zero", "mend or remove the row, or say negative_prices: true of the instrument"
            )
    return units, wanted


def _filled(sheet: Sheet, name: str, column: Any, *, optional: bool) -> Any:
    """The column without nulls, which become zero where a price may be missing."""
    if not column.null_count:
        return column
    if not optional:
        sheet.refuse(pc.is_null(column), name, "has no value", "fill or remove the row")
    return _zeros(column)


def _zeros(column: Any) -> Any:
    wide = column.cast(pa.decimal128(38, FINE)) if pa.types.is_decimal64(column.type) else column
    return pc.fill_null(wide, pa.scalar(0).cast(wide.type))


def volumes(sheet: Sheet, decimals: int | None = None, name: str = "volume") -> Volume | None:
    """A column of volumes or sizes; None when nothing is known. Null is unknown, zero is zero.

    ``decimals`` are declared: floats are rounded to them.
    """
    raw = sheet.column(name)
    if raw is None or raw.null_count == len(raw):
        return None
    cells = numbers(sheet, name)
    known = np.asarray(pc.is_valid(cells)) if cells.null_count else None
    filled = _zeros(cells) if cells.null_count else cells
    scale = fewest_decimals(sheet, name, filled, 0) if decimals is None else decimals
    units = to_units(sheet, name, filled, scale, rounded=decimals is not None)
    sheet.refuse(units < 0, name, "is negative", "mend the row, or leave it empty when it is unknown")
    return Volume(units, scale, known)


def fewest_decimals(sheet: Sheet, name: str, column: Any, start: int) -> int:
    """The fewest decimals, at least ``start``, that keep every value of the column exact."""
    if pa.types.is_integer(column.type):
        return start
    if pa.types.is_decimal(column.type):
        return _fewest_of_decimal(sheet, name, column, start)
    values = _finite(sheet, name, column)
    for decimals in range(start, FEWEST + 1):
        if not _inexact(values, decimals).any():
            return decimals
    _too_fine(sheet, name, _inexact(values, FEWEST), FEWEST)
    return FEWEST


def _too_fine(sheet: Sheet, name: str, bad: Any, most: int) -> None:
    key = "decimals" if name in (*PRICES, *QUOTES) else "volume_decimals"
    fix = f"mend the row, or say how many there are, e.g. {key}=4 (floats are then rounded to it)"
    sheet.refuse(bad, name, f"needs more than {most} decimals", fix)


def to_units(sheet: Sheet, name: str, column: Any, decimals: int, *, rounded: bool = False) -> Int64s:
    """Every value times 10^decimals as int64, exact (floats rounded where ``rounded``)."""
    if pa.types.is_integer(column.type):
        return _widen(sheet, name, np.asarray(column, dtype=np.int64), decimals, decimals)
    if pa.types.is_decimal(column.type):
        return _decimals(sheet, name, column, decimals)
    values = _finite(sheet, name, column)
    with np.errstate(over="ignore"):
        scaled = np.rint(values * 10.0**decimals)
    sheet.refuse(np.abs(scaled) >= EXACT_FLOAT, name, f"is too large for {decimals} decimals in a float",
                 "declare fewer decimals or use a decimal column")  # fmt: skip
    if not rounded:
        sheet.refuse(scaled / 10.0**decimals != values, name, f"has more than {decimals} decimals",
                     "raise price_decimals, or declare decimals to round to them")  # fmt: skip
    return scaled.astype(np.int64)


def _finite(sheet: Sheet, name: str, column: Any) -> NDArray[np.float64]:
    values = np.asarray(column, dtype=np.float64)
    sheet.refuse(~np.isfinite(values), name, "is not a number", mending(name))
    return values


def _inexact(values: NDArray[np.float64], decimals: int) -> NDArray[np.bool_]:
    """Where m / 10^decimals, m whole, is not the very float: then its shortest decimal text has more decimals."""
    power = 10.0**decimals
    with np.errstate(over="ignore"):
        scaled = np.rint(values * power)
    return np.array((scaled / power != values) | (np.abs(scaled) >= EXACT_FLOAT), dtype=np.bool_)


def _widen(sheet: Sheet, name: str, values: Int64s, power: int, decimals: int) -> Int64s:
    """Whole numbers times 10^power, which makes them units of 10^-decimals."""
    limit = INT64 // 10**power
    sheet.refuse((values > limit) | (values < -limit), name, f"does not fit 64 bits with {decimals} decimals",
                 "mend the row or declare fewer decimals")  # fmt: skip
    return values * np.int64(10**power)


def _fewest_of_decimal(sheet: Sheet, name: str, column: Any, start: int) -> int:
    declared: int = column.type.scale
    if pa.types.is_decimal64(column.type):
        units = words(column)
        return next((d for d in range(start, declared) if not (units % 10 ** (declared - d)).any()), declared)
    for decimals in range(start, min(declared, MOST) + 1):
        try:
            column.cast(pa.decimal128(38, decimals))
        except pa.ArrowInvalid:
            continue
        return decimals
    if declared > MOST:
        _too_fine(sheet, name, misfits(column, MOST), MOST)
    return max(start, declared)


def _decimals(sheet: Sheet, name: str, column: Any, decimals: int) -> Int64s:
    if pa.types.is_decimal64(column.type) and decimals >= column.type.scale:
        return _widen(sheet, name, words(column), decimals - column.type.scale, decimals)
    if pa.types.is_decimal64(column.type):
        step = 10 ** (column.type.scale - decimals)
        units = words(column)
        sheet.refuse(units % step != 0, name, f"does not fit {decimals} decimals", "raise price_decimals or decimals")
        return np.array(units // step, dtype=np.int64)
    try:
        cast = column.cast(pa.decimal128(38, decimals))
    except pa.ArrowInvalid:
        sheet.refuse(
            misfits(column, decimals), name, f"does not fit {decimals} decimals", "raise price_decimals or decimals"
        )
        raise
    pairs = np.frombuffer(memoryview(cast.buffers()[1] or b""), dtype="<i8").reshape(-1, 2)
    low, high = pairs[cast.offset : cast.offset + len(cast)].T
    sheet.refuse(
        high != low >> 63, name, f"does not fit 64 bits with {decimals} decimals", "mend the row or use fewer decimals"
    )
    return np.array(low, dtype=np.int64)
