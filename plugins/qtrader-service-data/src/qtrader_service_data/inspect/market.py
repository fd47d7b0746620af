"""Which calendar, zone and stamp the rows of a file speak for. Advice for the user: a run guesses none of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from qtrader.errors import DataError

from ..sessions import ALWAYS_OPEN, DAY_NS, Int32s, Int64s, Sessions
from ..times import length_ns
from .boundaries import EXCHANGES, Boundary, around_the_clock, boundary, in_zone, sample, table_for, zones_for
from .clock import Found, Kind
from .series import Floats, Series

FOREIGN = 0.005
"""Share of rows on days without a session that a fitting calendar may leave."""
MISSING = 0.2
"""Share of sessions without rows up to which a calendar counts as fitting."""
SURE = 0.95
CLEAR = 0.6
"""Share of sessions whose edges must agree before anything is said."""
QUARTER = 15
SIGMAS = 3.0


@dataclass(frozen=True, slots=True)
class Declared:
    """What the user said about the rows; None where nothing was said."""

    calendar: str | None = None
    zone: str | None = None
    stamp: str | None = None
    interval: str | None = None


@dataclass(frozen=True, slots=True)
class Market:
    """Calendar, zone and stamp of a file."""

    calendar: Found
    zone: Found
    stamp: Found


@dataclass(frozen=True, slots=True)
class _Reading:
    """Times read in one way, and what the edges of its sessions say."""

    calendar: str
    zone: str
    edge: Boundary


def settle(series: Series, kind: Kind, interval: str | None, declared: Declared) -> Market:
    """Say which calendar, zone and stamp fit the rows of one symbol, oldest first."""
    length = length_ns(interval) if interval else None  # type: ignore[arg-type]  # read off get_args(Interval)
    if kind == "date":
        return Market(
            _calendar_of_days(series.days, declared.calendar),
            Found(declared.zone, "dates need none", declared=declared.zone is not None),
            _said(declared.stamp) or Found("session", "rows are dates"),
        )
    if length is None:
        return _daily(series, kind, declared)
    part = sample(series)
    always = around_the_clock(series.times) and declared.calendar is None
    readings = [] if always else list(_readings(part, kind, length, declared))
    best = max(readings, key=lambda one: one.edge.share, default=None)
    if best is None or best.edge.share < CLEAR:
        return _undecided(part, kind, length, declared)
    return _decided(best, readings, kind, declared)


def _said(value: str | None) -> Found | None:
    return None if value is None else Found(value, "as declared", declared=True)


def _readings(part: Series, kind: Kind, length: int, declared: Declared) -> Iterator[_Reading]:
    calendars = (declared.calendar,) if declared.calendar else EXCHANGES
    for calendar in calendars:
        if calendar == ALWAYS_OPEN:
            continue
        table = _table(calendar, part.times, strict=declared.calendar is not None)
        if table is None:
            continue
        found: list[_Reading] = []
        zones: Sequence[str] = (
            ("UTC",) if kind == "aware" else (declared.zone,) if declared.zone else zones_for(calendar, table)
        )
        for zone in zones:
            times = in_zone(part.times, zone)
            order = np.argsort(times, kind="stable")
            found.append(_Reading(calendar, zone, boundary(times[order], part.activity[order], length, table)))
        yield from found
        if any(one.edge.share >= SURE and one.edge.sessions > 1 for one in found):
            return


def _table(calendar: str, times: Int64s, *, strict: bool) -> Sessions | None:
    """The sessions of a calendar; None when one that nobody named does not know these years."""
    try:
        return table_for(calendar, times)
    except DataError:
        if strict:
            raise
        return None


def _decided(best: _Reading, readings: Sequence[_Reading], kind: Kind, declared: Declared) -> Market:
    edge = best.edge
    told = f"bars fit the opens and closes of {max(edge.starts, edge.ends):,} of {edge.sessions:,} sessions"
    others = [one.zone for one in readings if one.calendar == best.calendar and one.zone != best.zone
              and one.edge == edge]  # fmt: skip
    zone = Found("UTC", "the times say so") if kind == "aware" else Found(best.zone, f"{told} of {best.calendar}")
    if others:
        zone = Found(best.zone, f"{told} of {best.calendar}; so they do in {', '.join(others)}")
    stamp = "start" if edge.starts >= edge.ends else "end"
    edges = {"start": "a bar at the open and none at the close", "end": "a bar at the close and none at the open"}
    count = max(edge.starts, edge.ends)
    why = f"{count:,} of {edge.sessions:,} sessions look like {edges[stamp]}"
    return Market(
        _said(declared.calendar) or Found(best.calendar, told),
        _said(declared.zone if kind == "naive" else None) or zone,
        _said(declared.stamp) or Found(stamp, why),
    )


def _undecided(part: Series, kind: Kind, length: int, declared: Declared) -> Market:
    """No exchange fits: a market around the clock, or one that is not among the usual ones."""
    always = around_the_clock(part.times)
    calendar = Found(ALWAYS_OPEN, "bars at every hour of the day") if always else Found(
        None, f"none of {', '.join(EXCHANGES)} fits: name it with --calendar"
    )  # fmt: skip
    nothing = Found(None, "nothing in the rows says it: add --zone, such as UTC")
    return Market(
        _said(declared.calendar) or calendar,
        Found("UTC", "the times say so") if kind == "aware" else _said(declared.zone) or nothing,
        _said(declared.stamp) or _stamp_by_activity(part.times, part.activity, length),
    )


def _stamp_by_activity(times: Int64s, activity: Floats, length: int) -> Found:
    """Trading wakes up with every quarter of an hour: in the minute from :00, whose bar ends at :01."""
    nothing = Found(None, "nothing in the rows says it: ask where they are from, and add --stamp start or end")
    if length != 60_000_000_000 or not len(times):
        return nothing
    minutes = times // length % QUARTER
    values = np.log1p(activity / (np.median(activity[activity > 0]) if (activity > 0).any() else 1.0))
    counts = np.maximum(np.bincount(minutes, minlength=QUARTER), 1)
    means = np.bincount(minutes, weights=values, minlength=QUARTER) / counts
    scores = (means - means.mean()) / max(float(values.std()) / np.sqrt(len(times) / QUARTER), 1e-12)
    top = int(np.argmax(scores))
    if top > 1 or scores[top] < SIGMAS or scores[top] - scores[1 - top] < 2:
        return nothing
    why = f"trading wakes up in the bar stamped :{top:02} of a quarter of an hour, {scores[top]:.0f} sigma"
    return Found("end" if top else "start", why)


def _daily(series: Series, kind: Kind, declared: Declared) -> Market:
    """Bars of a day or more stamped with times."""
    times = in_zone(series.times, declared.zone) if declared.zone and kind == "naive" else series.times
    zone = Found("UTC", "the times say so") if kind == "aware" else _said(declared.zone) or Found(
        None, "nothing in the rows says it: add --zone"
    )  # fmt: skip
    calendar = _calendar_of_days((times // DAY_NS).astype(np.int32), declared.calendar)
    nothing = Found(None, "nothing in the rows says it: add --stamp start or end")
    stamp = _said(declared.stamp) or nothing
    if stamp is nothing and calendar.value and calendar.value != ALWAYS_OPEN:
        table = table_for(calendar.value, times)
        ends, starts = (float(np.isin(times, edge).mean()) for edge in (table.close_ns, table.open_ns))
        if max(ends, starts) > CLEAR:
            word, share = ("end", ends) if ends > starts else ("start", starts)
            stamp = Found(word, f"{share:.0%} of the times are {'closes' if word == 'end' else 'opens'} of sessions")
    return Market(calendar, zone, stamp)


def _calendar_of_days(days: Int32s, declared: str | None) -> Found:
    """The calendar whose sessions the dates are; the first that fits without exception is taken."""
    if declared is not None:
        return Found(declared, "as declared", declared=True)
    fits: list[tuple[float, str, str]] = []
    weekends = float(((days + 3) % 7 > 4).mean())
    for calendar in (ALWAYS_OPEN,) if weekends > FOREIGN else (*EXCHANGES, ALWAYS_OPEN):
        table = _table(calendar, days.astype(np.int64) * DAY_NS, strict=False)
        if table is None:
            continue
        sessions = table.days[(table.days >= days.min()) & (table.days <= days.max())]
        foreign, missing = len(np.setdiff1d(days, sessions)), len(np.setdiff1d(sessions, days))
        if foreign <= FOREIGN * len(days) and missing <= MISSING * max(len(sessions), 1):
            told = f"{foreign or 'no'} rows on days without a session, {missing or 'no'} sessions without a row"
            fits.append((foreign + missing, calendar, told))
            if not foreign + missing:
                break
    if not fits:
        return Found(None, f"none of {', '.join(EXCHANGES)} or 24/7 fits: name it with --calendar")
    best = min(fits, key=lambda one: one[0])
    same = [calendar for wrong, calendar, _ in fits if wrong == best[0] and calendar != best[1]]
    return Found(best[1], best[2] + (f"; the same for {', '.join(same)}" if same else ""))
