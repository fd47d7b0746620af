"""Times of a source as bar begins and ends: UTC nanoseconds on the sessions of the instrument's calendar."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from qtrader.errors import ConfigError, DataError
from qtrader.ports import Interval, Stamp

from .fixed_point import Where
from .sessions import DAY_NS, Int32s, Int64s, Sessions, day_of, sessions

SECOND_NS = 1_000_000_000
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
    where: Where

    def spans(self, times: "pa.ChunkedArray[Any]") -> Spans:
        """Begin and end of each bar. Times must rise; dates must be sessions."""
        if times.null_count:
            raise DataError(
                f"{self.where(int(np.argmax(np.asarray(pc.is_null(times)))))}: time has no value; mend the row"
            )
        if self.stamp == "session":
            return self._dated(self._days(times))
        if pa.types.is_date(times.type):
            raise ConfigError(f"{self.where(0)}: times are dates, but stamp is {self.stamp!r}; say stamp: session")
        instants = self._instants(times)
        self._rising(instants)
        length = length_ns(self.interval)
        return self._daily(instants) if length is None else self._intraday(instants, length)

    def _dated(self, days: Int32s) -> Spans:
        if length_ns(self.interval) is not None:
            raise ConfigError(f"{self.where(0)}: a bar of {self.interval} needs a time; say stamp: start or stamp: end")
        self._rising(days)
        table = self._sessions(days)
        rows, found = table.find(days)
        if self.interval == "1d" and not found.all():
            row = int(np.argmin(found))
            raise DataError(
                f"{self.where(row)}: {day_of(int(days[row]))} is no session of calendar {self.calendar}; "
                "remove the row or name the calendar that the instrument trades on"
            )
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
        if self.interval == "1d" and not (within | found).all():
            row = int(np.argmin(within | found))
            raise DataError(
                f"{self.where(row)}: neither in a session of calendar {self.calendar} nor on the date of one "
                f"({day_of(int(local[row]))} in {table.zone}); remove the row or name the right calendar"
            )
        return self._periods(table, np.where(within, rows, dated))

    def _intraday(self, instants: Int64s, length: int) -> Spans:
        """A bar belongs to a session that it overlaps and ends with it at the latest; others lie outside."""
        begins = instants if self.stamp == "start" else instants - length
        crowded = np.flatnonzero(np.diff(begins) < length)
        if len(crowded):
            raise DataError(
                f"{self.where(int(crowded[0]) + 1)}: not {self.interval} after the row before; say the right interval"
            )
        table = self._sessions((begins // DAY_NS).astype(np.int32))
        rows = table.containing(begins)
        inside = (begins + length > table.open_ns[rows]) & (begins < table.close_ns[rows])
        ends = np.minimum(begins + length, table.close_ns[rows])
        return Spans(np.maximum(begins, table.open_ns[rows]), ends, table.days[rows], inside)

    def _sessions(self, days: Int32s) -> Sessions:
        return sessions(self.calendar, day_of(int(days[0])), day_of(int(days[-1])))

    def _rising(self, values: NDArray[np.int32] | NDArray[np.int64]) -> None:
        steps = np.flatnonzero(np.diff(values) <= 0)
        if len(steps):
            row = int(steps[0]) + 1
            what = "is there twice" if values[row] == values[row - 1] else "is earlier than the row before"
            raise DataError(f"{self.where(row)}: this time {what}; times must rise: sort the rows and keep one of each")

    def _days(self, times: "pa.ChunkedArray[Any]") -> Int32s:
        """Session dates; a timestamp is one when it is a midnight on its own clock."""
        if pa.types.is_timestamp(times.type):
            local = pc.local_timestamp(times) if times.type.tz else times
            dates = local.cast(pa.date32(), safe=False)
            odd = np.asarray(pc.not_equal(dates.cast(local.type), local))
            if odd.any():
                raise DataError(
                    f"{self.where(int(np.argmax(odd)))}: stamp is 'session', but this is a time and not a date; "
                    "say stamp: start or stamp: end, and the interval"
                )
            return np.asarray(dates.cast(pa.int32()), dtype=np.int32)
        return np.asarray(times.cast(pa.date32()).cast(pa.int32()), dtype=np.int32)

    def _instants(self, times: "pa.ChunkedArray[Any]") -> Int64s:
        """UTC nanoseconds, whole microseconds."""
        if times.type.tz is None:
            times = self._in_zone(times)
        try:
            instants = np.asarray(times.cast(pa.timestamp("ns", tz="UTC")).cast(pa.int64()), dtype=np.int64)
        except pa.ArrowInvalid as error:
            raise DataError(f"{self.where(0)}: times lie outside 1677 to 2262: {error}") from None
        fine = instants % 1000 != 0
        if fine.any():
            raise DataError(
                f"{self.where(int(np.argmax(fine)))}: finer than a microsecond; round the times before they are loaded"
            )
        return instants

    def _in_zone(self, times: "pa.ChunkedArray[Any]") -> "pa.ChunkedArray[Any]":
        """Naive times in the declared zone; refuses those that a change of daylight saving makes twice or never."""
        if self.zone is None:
            raise ConfigError(f"{self.where(0)}: times have no zone; say which, e.g. zone: America/New_York")
        earliest, latest = (self._assume(times, choice) for choice in ("earliest", "latest"))
        odd = np.asarray(pc.not_equal(earliest, latest))
        if odd.any():
            raise DataError(
                f"{self.where(int(np.argmax(odd)))}: this time is there twice or never in {self.zone} (daylight saving "
                "changes); write the times in UTC"
            )
        in_zone: pa.ChunkedArray[Any] = earliest
        return in_zone

    def _assume(self, times: Any, choice: Literal["earliest", "latest"]) -> Any:
        try:
            return pc.assume_timezone(times, str(self.zone), ambiguous=choice, nonexistent=choice)
        except pa.ArrowInvalid as error:
            raise ConfigError(f"{self.where(0)}: zone {self.zone!r} is not known: {error}") from None


def _local_days(instants: Int64s, zone: str) -> Int32s:
    stamps: Any = pa.array(instants, pa.timestamp("ns", tz="UTC")).cast(pa.timestamp("ns", tz=zone))
    return np.asarray(pc.local_timestamp(stamps).cast(pa.date32(), safe=False).cast(pa.int32()), dtype=np.int32)


def shown(moment: date | datetime | None) -> str:
    """A time for a message."""
    return (
        "no time"
        if moment is None
        else moment.isoformat(sep=" ")
        if isinstance(moment, datetime)
        else moment.isoformat()
    )
