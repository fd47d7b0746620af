"""Times of a source as bar begins and ends: UTC nanoseconds on the sessions of the instrument's calendar."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from qtrader.errors import ConfigError
from qtrader.ports import Interval, Stamp

from .bad_rows import Sheet
from .sessions import DAY_NS, Int32s, Int64s, Sessions, day_of, ordinal, sessions

SECOND_NS = 1_000_000_000
FIRST_DAY, LAST_DAY = ordinal(date(1700, 1, 1)), ordinal(date(2199, 12, 31))
_UNITS = {"s": SECOND_NS, "m": 60 * SECOND_NS, "h": 3600 * SECOND_NS}


def length_ns(interval: Interval) -> int | None:
    """Length of an intraday interval in nanoseconds; None for days, weeks and months, which follow the calendar."""
    return None if interval in ("1d", "1w", "1mo") else int(interval[:-1]) * _UNITS[interval[-1]]


@dataclass(frozen=True, slots=True)
class Spans:
    """When each bar begins and ends, the session it belongs to, and which rows lie in a session at all."""

    open_ns: Int64s
    time_ns: Int64s
    session: Int32s
    inside: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Clock:
    """How one source's times are to be read for one instrument."""

    interval: Interval
    calendar: str
    stamp: Stamp
    zone: str | None
    sheet: Sheet

    def spans(self, times: "pa.ChunkedArray[Any]") -> Spans:
        """Begin and end of each bar. Times must rise; dates must be sessions."""
        self.sheet.refuse(pc.is_null(times), "time", "has no value", "mend or remove the row")
        if self.stamp == "session":
            return self._dated(self._days(times))
        if pa.types.is_date(times.type):
            raise ConfigError(
                f"{self.sheet.place(0)}: times are dates, but stamp is {self.stamp!r}; say stamp: session"
            )
        instants = self._instants(times)
        self._rising(instants)
        length = length_ns(self.interval)
        return self._daily(instants) if length is None else self._intraday(instants, length)

    def _dated(self, days: Int32s) -> Spans:
        if length_ns(self.interval) is not None:
            raise ConfigError(
                f"{self.sheet.place(0)}: a bar of {self.interval} needs a time; say stamp: start or stamp: end"
            )
        self._rising(days)
        table = self._sessions(days)
        rows, found = table.find(days)
        if self.interval == "1d":
            fix = "remove the row or name the calendar that the instrument trades on"
            self.sheet.refuse(~found, "time", f"is no session of calendar {self.calendar}", fix)
        return self._periods(table, rows)

    def _periods(self, table: Sessions, rows: Int64s) -> Spans:
        """From the first session's open to the last one's close: the bar of a week is known when the week is over."""
        first, last = table.period_bounds(rows, self.interval)
        return Spans(table.open_ns[first], table.close_ns[last], table.days[last], np.ones(len(rows), dtype=np.bool_))

    def _daily(self, instants: Int64s) -> Spans:
        """A day's, week's or month's bar stamped with a time: the session of that time, else of that local date."""
        known = instants if self.stamp == "start" else instants - 1
        table = self._sessions((known // DAY_NS).astype(np.int32))
        rows = table.containing(known)
        local = _local_days(known, table.zone)
        dated, found = table.find(local)
        within = (table.open_ns[rows] <= known) & (known < table.close_ns[rows])
        if self.interval == "1d":
            what = f"is neither in a session of calendar {self.calendar} nor on the date of one in {table.zone}"
            self.sheet.refuse(~(within | found), "time", what, "remove the row or name the right calendar")
        return self._periods(table, np.where(within, rows, dated))

    def _intraday(self, instants: Int64s, length: int) -> Spans:
        """A bar belongs to a session that it overlaps and ends with it at the latest; others lie outside."""
        begins = instants if self.stamp == "start" else instants - length
        crowded = _after_first(np.diff(begins) < length)
        fix = "say the right interval, or mend the row"
        self.sheet.refuse(crowded, "time", f"is not {self.interval} after the row before", fix)
        table = self._sessions((begins // DAY_NS).astype(np.int32))
        rows = table.containing(begins)
        inside = (begins + length > table.open_ns[rows]) & (begins < table.close_ns[rows])
        ends = np.minimum(begins + length, table.close_ns[rows])
        return Spans(np.maximum(begins, table.open_ns[rows]), ends, table.days[rows], inside)

    def _sessions(self, days: Int32s) -> Sessions:
        return sessions(self.calendar, day_of(int(days[0])), day_of(int(days[-1])))

    def _rising(self, values: NDArray[np.int32] | NDArray[np.int64]) -> None:
        """Each row must be later than all before it."""
        latest = np.maximum.accumulate(values[:-1])
        fix = "times must rise: sort the rows and keep one of each"
        self.sheet.refuse(_after_first(values[1:] == latest), "time", "is there twice", fix)
        self.sheet.refuse(_after_first(values[1:] < latest), "time", "is earlier than a row before", fix)

    def _days(self, times: "pa.ChunkedArray[Any]") -> Int32s:
        """Session dates; a timestamp is one when it is a midnight on its own clock."""
        if pa.types.is_timestamp(times.type):
            local = pc.local_timestamp(times) if times.type.tz else times
            dates = local.cast(pa.date32(), safe=False)
            odd = np.asarray(pc.not_equal(dates.cast(local.type), local))
            fix = "say stamp: start or stamp: end, and the interval"
            self.sheet.refuse(odd, "time", "is a time and not a date, but stamp is 'session'", fix)
            days = np.asarray(dates.cast(pa.int32()), dtype=np.int32)
        else:
            days = np.asarray(times.cast(pa.date32()).cast(pa.int32()), dtype=np.int32)
        self._in_range(days.astype(np.int64))
        return days

    def _instants(self, times: "pa.ChunkedArray[Any]") -> Int64s:
        """UTC nanoseconds, whole microseconds."""
        if times.type.tz is None:
            times = self._in_zone(times)
        try:
            instants = np.asarray(times.cast(pa.timestamp("ns", tz="UTC")).cast(pa.int64()), dtype=np.int64)
        except pa.ArrowInvalid:
            seconds = np.asarray(times.cast(pa.timestamp("s", tz="UTC"), safe=False).cast(pa.int64()), dtype=np.int64)
            self._in_range(seconds // 86_400)
            raise
        self._in_range(instants // DAY_NS)
        fix = "round the times before they are loaded"
        self.sheet.refuse(instants % 1000 != 0, "time", "is finer than a microsecond", fix)
        return instants

    def _in_range(self, days: Int64s) -> None:
        outside = (days < FIRST_DAY) | (days > LAST_DAY)
        self.sheet.refuse(outside, "time", "is not between 1700 and 2199", "mend or remove the row")

    def _in_zone(self, times: "pa.ChunkedArray[Any]") -> "pa.ChunkedArray[Any]":
        """Naive times in the declared zone; refuses those that a change of daylight saving makes twice or never."""
        if self.zone is None:
            raise ConfigError(f"{self.sheet.place(0)}: times have no zone; say which, e.g. zone: America/New_York")
        earliest, latest = (self._assume(times, choice) for choice in ("earliest", "latest"))
        odd = np.asarray(pc.not_equal(earliest, latest))
        what = f"is there twice or never in {self.zone} (daylight saving changes)"
        self.sheet.refuse(odd, "time", what, "write the times in UTC")
        in_zone: pa.ChunkedArray[Any] = earliest
        return in_zone

    def _assume(self, times: Any, choice: Literal["earliest", "latest"]) -> Any:
        try:
            return pc.assume_timezone(times, str(self.zone), ambiguous=choice, nonexistent=choice)
        except pa.ArrowInvalid as error:
            raise ConfigError(f"{self.sheet.place(0)}: zone {self.zone!r} is not known: {error}") from None


def is_zone(zone: str) -> bool:
    """Whether times can be in it."""
    try:
        pc.assume_timezone(pa.array([0], pa.timestamp("s")), zone, ambiguous="earliest", nonexistent="earliest")
    except pa.ArrowInvalid:
        return False
    return True


def _local_days(instants: Int64s, zone: str) -> Int32s:
    stamps: Any = pa.array(instants, pa.timestamp("ns", tz="UTC")).cast(pa.timestamp("ns", tz=zone))
    return np.asarray(pc.local_timestamp(stamps).cast(pa.date32(), safe=False).cast(pa.int32()), dtype=np.int32)


def _after_first(bad: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A mask over all rows from one over all but the first."""
    return np.concatenate(([False], bad))
