"""Trading sessions from exchange calendars, as columns: which dates trade, from when to when, in UTC nanoseconds."""

import difflib
import warnings
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qtrader.errors import ConfigError, DataError
from qtrader.ports import Interval

ALWAYS_OPEN = "24/7"
DAY_NS = 86_400 * 1_000_000_000
MARGIN = timedelta(days=7)
"""How far a table reaches beyond the years asked for, so that a week at a year's end is whole."""
Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]


def ordinal(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - 719_163


def day_of(days: int) -> date:
    """The date of a number of days since 1970-01-01."""
    return date.fromordinal(days + 719_163)


@dataclass(frozen=True, eq=False)
class Sessions:
    """The sessions of one calendar, oldest first: ``days`` since 1970-01-01, opens and closes in ns UTC."""

    calendar: str
    zone: str
    days: Int32s
    open_ns: Int64s
    close_ns: Int64s

    def __post_init__(self) -> None:
        """Freeze the columns: tables are shared."""
        for column in (self.days, self.open_ns, self.close_ns):
            column.flags.writeable = False

    def __len__(self) -> int:
        """Number of sessions."""
        return len(self.days)

    def find(self, days: Int32s) -> tuple[Int64s, NDArray[np.bool_]]:
        """Row of each date, and whether it is a session at all (else the row of the next session)."""
        rows = np.searchsorted(self.days, days)
        inside = np.minimum(rows, len(self) - 1)
        return inside, self.days[inside] == days

    def containing(self, instants: Int64s) -> Int64s:
        """Row of the first session that closes after each instant."""
        return np.minimum(np.searchsorted(self.close_ns, instants, side="right"), len(self) - 1)

    def period_bounds(self, rows: Int64s, interval: Interval) -> tuple[Int64s, Int64s]:
        """Rows of the first and last session of the day, week (Monday to Sunday) or month that each row is in."""
        if interval == "1d":
            return rows, rows
        days = self.days.astype("datetime64[D]")
        periods = (self.days + 3) // 7 if interval == "1w" else days.astype("datetime64[M]").astype(np.int64)
        asked = periods[rows]
        return np.searchsorted(periods, asked), np.searchsorted(periods, asked, side="right") - 1

    def between(self, first: date, last: date) -> slice:
        """The rows of the sessions from one date to another, both inclusive."""
        low, high = np.searchsorted(self.days, [ordinal(first), ordinal(last) + 1])
        return slice(int(low), int(high))

    def first_from(self, day: date) -> int:
        """Row of the first session on or after a date."""
        return int(np.searchsorted(self.days, ordinal(day)))

    def last_until(self, day: date) -> int:
        """Row of the last session on or before a date; -1 when there is none."""
        return int(np.searchsorted(self.days, ordinal(day), side="right")) - 1


def sessions(calendar: str, first: date, last: date) -> Sessions:
    """The sessions of a calendar in the years of ``first`` to ``last``, and a week more on both sides.

    ``24/7`` trades on every UTC day. Others are those of the library exchange_calendars, half days and daylight saving
    time included. Raises ConfigError for an unknown calendar and DataError for dates that it does not know.
    """
    if calendar == ALWAYS_OPEN:
        return _always_open(first, last)
    try:
        return _exchange(calendar, date(first.year, 1, 1) - MARGIN, date(last.year, 12, 31) + MARGIN)
    except DataError:  # the calendar is not recorded for whole years around the dates: take the dates alone
        return _exchange(calendar, first, last)


def _always_open(first: date, last: date) -> Sessions:
    days = np.arange(ordinal(first - 5 * MARGIN), ordinal(last + 5 * MARGIN), dtype=np.int32)
    opens = days.astype(np.int64) * DAY_NS
    return Sessions(ALWAYS_OPEN, "UTC", days, opens, opens + DAY_NS)


@lru_cache(maxsize=32)
def _exchange(name: str, first: date, last: date) -> Sessions:
    import exchange_calendars  # type: ignore[import-untyped]
    from exchange_calendars.errors import CalendarError, InvalidCalendarName  # type: ignore[import-untyped]

    try:
        found = _quietly(exchange_calendars.get_calendar, name, start=first.isoformat(), end=last.isoformat())
    except InvalidCalendarName:
        raise ConfigError(_unknown(name, exchange_calendars.get_calendar_names())) from None
    except (CalendarError, ValueError) as error:
        raise DataError(f"calendar {name} does not know {first} to {last}: {error}") from None
    days = (found.sessions_nanos // DAY_NS).astype(np.int32)
    opens, closes = (np.asarray(column, dtype=np.int64) for column in (found.opens_nanos, found.closes_nanos))
    return Sessions(name, str(found.tz), days, opens, closes)


def _quietly(call: Any, *args: Any, **options: Any) -> Any:
    """Call without the deprecation warnings that exchange_calendars sets off inside newer pandas versions."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return call(*args, **options)


def _unknown(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=3)
    hint = f"did you mean {', '.join(near)}?" if near else "use e.g. XNYS, XLON, XTKS or 24/7"
    return f"no exchange calendar is called {name!r}; {hint}"
