"""What times say about themselves: dates or instants, and how far apart the bars are."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qtrader.ports import Interval

from ..sessions import DAY_NS, Int64s
from ..times import length_ns

Kind = Literal["date", "naive", "aware"]
LENGTHS: dict[int, Interval] = {
    length: interval for interval in get_args(Interval) if (length := length_ns(interval)) is not None
} | {DAY_NS: "1d", 7 * DAY_NS: "1w"}
KINDS: dict[Kind, str] = {
    "date": "dates",
    "naive": "times without a zone",
    "aware": "times with a zone, kept in UTC",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A property of a file: its value (None: the data does not say), why, and whether the user said it."""

    value: str | None
    why: str
    declared: bool = False


def kind_of(values: "pa.Array[Any]") -> Kind:
    """What a column of times is; naive midnights alone are dates, as data frames keep them."""
    if pa.types.is_date(values.type):
        return "date"
    if values.type.tz is not None:
        return "aware"
    dates = values.cast(pa.date32(), safe=False).cast(values.type)
    return "date" if pc.all(pc.equal(values, dates)).as_py() is not False else "naive"


def nanoseconds(values: "pa.Array[Any]") -> Int64s:
    """Times as nanoseconds since 1970, 0 where there is none."""
    if pa.types.is_date(values.type):
        days = np.asarray(pc.fill_null(values.cast(pa.int32()), 0), dtype=np.int64)
        return days * DAY_NS
    stamps = values.cast(pa.timestamp("ns", tz=values.type.tz), safe=False).cast(pa.int64())
    return np.asarray(pc.fill_null(stamps, 0), dtype=np.int64)


def interval_of(times: Int64s) -> Found:
    """The usual distance between rows, as an interval."""
    steps = np.diff(np.unique(times))
    if not len(steps):
        return Found(None, "there is one time only")
    lengths, counts = np.unique(steps, return_counts=True)
    usual = int(lengths[np.argmax(counts)])
    told = f"{int(counts.max()):,} of {len(steps):,} steps are this long"
    if 28 * DAY_NS <= usual <= 31 * DAY_NS:
        within = int(counts[(lengths >= 28 * DAY_NS) & (lengths <= 31 * DAY_NS)].sum())
        return Found("1mo", f"{within:,} of {len(steps):,} steps are a month long")
    if usual not in LENGTHS:
        return Found(None, f"the usual step is {usual / 1e9:g} s, which is no interval of bars")
    return Found(LENGTHS[usual], told)
