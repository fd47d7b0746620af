"""From a table with any usual column names to the rows that a data source hands over. For writers of sources."""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from qtrader.errors import ConfigError, DataError
from qtrader.ports.times import read_times

if TYPE_CHECKING:
    import pyarrow as pa

PRICES = ("open", "high", "low", "close")
QUOTES = tuple(f"{side}_{price}" for side in ("bid", "ask") for price in PRICES)
SIZES = ("bid_size", "ask_size")
NUMBERS = (*PRICES, "volume", *QUOTES, *SIZES)
USUAL = {
    "time": ("time", "date", "ts", "timestamp", "datetime"),
    **{name: (name,) for name in NUMBERS},
    "symbol": ("symbol", "ticker"),
}
"""Column names that are understood without being told, in any case. An adjusted close is never taken for the close."""
_ORIGIN = b"qtrader.origin"


@dataclass(frozen=True, slots=True)
class Origin:
    """How a source calls its rows and columns, for messages; it travels in the metadata of the rows' schema.

    ``unit``: what a number in the column ``row`` counts, ``row`` or ``line``. ``names``: the file's own name of a
    column, by ours. ``decimal_point``: what stands between units and decimals in columns of text.
    """

    unit: str = "row"
    names: Mapping[str, str] = field(default_factory=dict)
    decimal_point: str = "."

    @classmethod
    def of(cls, schema: "pa.Schema") -> "Origin":
        """Read the origin that a source wrote; the usual one when it wrote none."""
        text = (schema.metadata or {}).get(_ORIGIN)
        return cls(**json.loads(text)) if text else cls()

    def mark(self, schema: "pa.Schema") -> "pa.Schema":
        """The schema with this origin in it."""
        told = {"unit": self.unit, "names": dict(self.names), "decimal_point": self.decimal_point}
        return schema.with_metadata({_ORIGIN: json.dumps(told).encode()})


def pick_columns(names: Sequence[str], declared: Mapping[str, str], place: str) -> dict[str, str]:
    """Which column is what: ``time``, the prices of trades, of bid and ask, or both, and what else is there.

    ``declared`` (key -> column) wins over the usual names; ``place`` opens every message.
    """
    if unknown := sorted(set(declared) - set(USUAL)):
        raise ConfigError(f"{place}: columns: unknown key {unknown[0]!r}; it takes {', '.join(USUAL)}")
    composed = {_composed(name): name for name in names}
    for key, name in declared.items():
        if _composed(name) not in composed:
            raise DataError(f"{place}: columns: no column {name!r} for {key}; it has {', '.join(names)}")
    usual = {key: _usual(key, names, place) for key in USUAL if key not in declared}
    picked = {**usual, **{key: composed[_composed(name)] for key, name in declared.items()}}
    needed = ("time", *(QUOTES if _quotes_alone(picked) else PRICES), *(QUOTES if _any(picked, QUOTES) else ()))
    for key in needed:
        if not picked[key]:
            raise DataError(
                f"{place}: no column for {key} (looked for {', '.join(USUAL[key])}, any case); "
                f"it has {', '.join(names)}. Say which one it is: columns: {{{key}: NAME}}"
            )
    for name in picked.values():
        if names.count(name) > 1:
            raise DataError(f"{place}: several columns are called {name!r}; rename all but one")
    return {key: picked[key] for key in USUAL if picked[key]}


def _any(picked: Mapping[str, str], keys: Sequence[str]) -> bool:
    return any(picked[key] for key in keys)


def _quotes_alone(picked: Mapping[str, str]) -> bool:
    return _any(picked, QUOTES) and not _any(picked, PRICES)


def _composed(name: str) -> str:
    """One spelling of a name: an accent may be a character of its own or part of its letter."""
    return unicodedata.normalize("NFC", name)


def _usual(key: str, names: Sequence[str], place: str) -> str:
    found = [name for name in names if name.strip().casefold() in USUAL[key]]
    if len(found) > 1 and len(set(found)) > 1:
        raise DataError(
            f"{place}: columns {', '.join(repr(name) for name in found)} could all be {key}; "
            f"say which one it is: columns: {{{key}: {found[0]}}}"
        )
    return found[0] if found else ""


def bar_rows(
    table: "pa.Table", picked: Mapping[str, str], start: date | None, end: date | None, place: str
) -> "pa.RecordBatchReader":
    """The rows of a table under their own names, between two dates (times: a day or two more on either side)."""
    return between(named_rows(table, picked, place), start, end).to_reader()


def named_rows(table: "pa.Table", picked: Mapping[str, str], place: str) -> "pa.Table":
    """The columns of the bars alone, under their own names, times read."""
    import pyarrow as pa

    keys = [key for key in ("time", *NUMBERS) if key in picked]
    columns = [table.column(picked[key]) for key in keys]
    columns[0] = read_times(columns[0], picked["time"], place)
    return pa.Table.from_arrays(columns, names=keys)


def between(rows: "pa.Table", start: date | None, end: date | None) -> "pa.Table":
    """The rows from ``start`` to ``end`` (times: a day or two more); rows without a time stay to be found."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = rows.column("time").type
    dated = pa.types.is_date(kind)
    if start is not None:
        first = start if dated else datetime.combine(start - timedelta(days=1), time())
        rows = _filled(rows, pc.greater_equal(rows.column("time"), _bound(first, kind)))
    if end is not None:
        last = end if dated else datetime.combine(end + timedelta(days=2), time())
        rows = _filled(rows, pc.less_equal(rows.column("time"), _bound(last, kind)))
    return rows


def _filled(rows: "pa.Table", mask: Any) -> "pa.Table":
    import pyarrow.compute as pc

    return rows.filter(pc.fill_null(mask, True))


def _bound(moment: date, kind: Any) -> Any:
    import pyarrow as pa

    if isinstance(moment, datetime):
        return pa.scalar(moment, pa.timestamp("s")).cast(pa.timestamp(kind.unit)).cast(kind)
    return pa.scalar(moment, kind)
