"""What bars around the opens and closes of sessions say about calendar, zone and stamp."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..sessions import ALWAYS_OPEN, DAY_NS, Int64s, Sessions, day_of, sessions
from .series import Flags, Floats, Series

EXCHANGES = ("XNYS", "XLON", "XETR", "XTKS", "XHKG", "XASX", "XTSE")
ZONES = ("UTC", "America/New_York", "America/Chicago", "Europe/London", "Europe/Berlin", "Asia/Tokyo")
SAMPLE = 60_000
BLOCKS = 12
AROUND = 4 * DAY_NS // 24
"""How far around a session to look for trading outside it."""
LEAP = 2.5
"""How many times livelier the first bar of a session is than the one before, where trading goes on outside it."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """How many sessions there were, and in how many the bars fit starts, or ends, at the session's edges."""

    sessions: int
    starts: int
    ends: int

    @property
    def share(self) -> float:
        """Share of the sessions that say anything, the better of both ways."""
        return max(self.starts, self.ends) / self.sessions if self.sessions else 0.0


def boundary(times: Int64s, activity: Floats, length: int, table: Sessions) -> Boundary:
    """Look at the edges of every session that has bars. ``times`` rise and are UTC.

    Where there is nothing around the session, bars at its open or close tell; else the leap of activity at the open.
    """
    low, high = (np.searchsorted(times, edge) for edge in (table.open_ns - length + 1, table.close_ns + length))
    filled = np.flatnonzero((high - low) > 1)
    if not len(filled):
        return Boundary(0, 0, 0)
    opens, closes = table.open_ns[filled], table.close_ns[filled]
    at = partial(_at, times, activity)
    (before, _), (first, at_open), (second, _), (_, at_close) = map(at, (opens - length, opens, opens + length, closes))
    earliest, latest = times[low[filled]], times[np.minimum(high[filled], len(times)) - 1]
    slack = length + (closes - opens) // 10
    spans = (earliest <= opens + slack) & (latest >= closes - slack)
    alone = ~_any_between(times, opens - AROUND, opens - length) & ~_any_between(times, closes + 1, closes + AROUND)
    neither = ~at_open & ~at_close
    starts = np.where(
        alone, (at_open & ~at_close) | (neither & (latest + length == closes)), _leaps(before, first, second)
    )
    ends = np.where(
        alone, (at_close & ~at_open) | (neither & (earliest - length == opens)), _leaps(first, second, first)
    )
    return Boundary(len(filled), int((starts & spans).sum()), int((ends & spans).sum()))


def _any_between(times: Int64s, first: Int64s, last: Int64s) -> Flags:
    """Whether there is a bar from one moment to another, both included."""
    return np.asarray(np.searchsorted(times, last, side="right") > np.searchsorted(times, first), dtype=np.bool_)


def _leaps(before: Floats, now: Floats, after: Floats) -> Flags:
    """Whether a bar is far livelier than the one before it, and more so than the next than itself."""
    before, now, after = (np.maximum(one, 1e-12) for one in (before, now, after))
    return np.asarray((now > LEAP * before) & (now * now > before * after), dtype=np.bool_)


def _at(times: Int64s, activity: Floats, moments: Int64s) -> tuple[Floats, Flags]:
    """Activity at each moment (0 without a bar), and whether there is a bar."""
    rows = np.minimum(np.searchsorted(times, moments), len(times) - 1)
    there = times[rows] == moments
    return np.where(there, activity[rows], 0.0), there


def sample(series: Series) -> Series:
    """The rows of a long series in a few blocks spread over it."""
    if len(series) <= SAMPLE:
        return series
    size = SAMPLE // BLOCKS
    begins = np.linspace(0, len(series) - size, BLOCKS).astype(np.int64)
    return series.take(np.concatenate([np.arange(begin, begin + size) for begin in begins]))


def around_the_clock(times: Int64s) -> bool:
    """Whether there are bars at every hour of the day."""
    hours = np.bincount((times // (DAY_NS // 24) % 24).astype(np.int64), minlength=24)
    return bool(hours.min() > len(times) / 24 / 6)


def in_zone(times: Int64s, zone: str) -> Int64s:
    """Times on the clock of a zone as UTC."""
    if zone == "UTC":
        return times
    stamps: Any = pa.array(times, pa.timestamp("ns"))
    aware = pc.assume_timezone(stamps, zone, ambiguous="earliest", nonexistent="earliest")
    return np.asarray(aware.cast(pa.int64()), dtype=np.int64)


def table_for(calendar: str, times: Int64s) -> Sessions:
    """The sessions around some times."""
    return sessions(calendar, day_of(int(times.min() // DAY_NS)), day_of(int(times.max() // DAY_NS)))


def zones_for(calendar: str, table: Sessions) -> Sequence[str]:
    """The zones that times of a calendar may be in."""
    return tuple(dict.fromkeys(ZONES if calendar == ALWAYS_OPEN else (table.zone, *ZONES)))
