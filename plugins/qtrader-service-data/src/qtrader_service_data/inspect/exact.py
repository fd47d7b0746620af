"""Checked rows as the columns of a clean file: exact decimals, UTC times or session dates."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qtrader.ports import PRICES, QUOTES, SIZES, SourceFacts

from ..bad_rows import Sheet
from ..fixed_point import Volume, prices, volumes
from ..sessions import Int64s
from .series import Flags

WIDTH = 18
"""Digits that the narrow decimal type holds; wider numbers take the widest."""


@dataclass(frozen=True, slots=True)
class Exact:
    """The rows of one symbol: times, and numbers as whole units of a scale, null where ``known`` is false."""

    symbol: str
    times: Any
    prices: dict[str, tuple[Int64s, Flags]]
    scale: int
    sizes: dict[str, Volume]

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.times)


def exact(sheet: Sheet, facts: SourceFacts) -> Exact:
    """Read rows that are known to be good, as a run reads them."""
    names = [name for name in (*PRICES, *QUOTES) if name in sheet.table.column_names]
    units, scale = prices(sheet, names, facts.decimals, None, negative=True, optional=QUOTES)
    known = {name: np.asarray(pc.is_valid(sheet.column(name)), dtype=np.bool_) for name in names}
    sizes = {
        name: found for name in ("volume", *SIZES) if (found := volumes(sheet, facts.volume_decimals, name)) is not None
    }
    times = _times(sheet.table.column("time"), facts)
    return Exact(sheet.symbol, times, {name: (units[name], known[name]) for name in names}, scale, sizes)


def _times(column: Any, facts: SourceFacts) -> Any:
    """Session dates, or UTC microseconds of naive times in the declared zone."""
    if facts.stamp == "session":
        local = pc.local_timestamp(column) if pa.types.is_timestamp(column.type) and column.type.tz else column
        return local.cast(pa.date32(), safe=False)
    if column.type.tz is None:
        column = pc.assume_timezone(column, facts.zone)
    return column.cast(pa.timestamp("us", tz="UTC"))


def table_of(parts: list[Exact]) -> "pa.Table":
    """The rows of all symbols, each column of one type: the widest that a symbol needs."""
    scale = max(part.scale for part in parts)
    sizes = {name: max(part.sizes[name].scale for part in parts if name in part.sizes)
             for name in ("volume", *SIZES) if any(name in part.sizes for part in parts)}  # fmt: skip
    columns: dict[str, Any] = {
        "time": pa.chunked_array([chunk for part in parts for chunk in part.times.chunks], parts[0].times.type),
        "symbol": pa.concat_arrays([pa.repeat(pa.scalar(part.symbol), len(part)) for part in parts]),
    }
    for name in parts[0].prices:
        columns[name] = _column([(*part.prices[name], part.scale) for part in parts], scale)
    for name, wide in sizes.items():
        columns[name] = _column([_size(part, name) for part in parts], wide)
    return pa.table(columns)


def _size(part: Exact, name: str) -> tuple[Int64s, Flags, int]:
    found = part.sizes.get(name)
    if found is None:
        return np.zeros(len(part), dtype=np.int64), np.zeros(len(part), dtype=np.bool_), 0
    return found.units, np.ones(len(part), dtype=np.bool_) if found.known is None else found.known, found.scale


def _column(parts: list[tuple[Int64s, Flags, int]], scale: int) -> Any:
    """One column of whole numbers or decimals from the units of every symbol."""
    if scale == 0:
        return pa.concat_arrays([pa.array(units, mask=~known) for units, known, _ in parts])
    narrow = all(int(np.abs(units).max(initial=0)) < 10 ** (WIDTH - scale + own) for units, _, own in parts)
    kind = pa.decimal128(WIDTH if narrow else 38, scale)
    return pa.concat_arrays([_decimals(units, known, own).cast(kind) for units, known, own in parts])


def _decimals(units: Int64s, known: Flags, scale: int) -> Any:
    """Units as decimals: 128 bits each, the upper half filled with the sign."""
    words = np.empty((len(units), 2), dtype="<i8")
    words[:, 0], words[:, 1] = units, units >> 63
    raw = pa.Array.from_buffers(pa.decimal128(38, scale), len(units), [None, pa.py_buffer(words)])
    return raw if known.all() else pc.if_else(pa.array(known), raw, pa.scalar(None, raw.type))
