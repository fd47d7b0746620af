"""Sessions and bars that the calendar has and the file has not, and bars where the calendar has no session."""

from typing import Any

import numpy as np

from ..sessions import DAY_NS, Int32s, Int64s, Sessions, day_of
from .findings import Problem
from .series import Series

MINUTE_NS = 60_000_000_000


def missing_sessions(series: Series, days: Int32s, table: Sessions) -> Problem | None:
    """Sessions between the first and the last row that have no row, in stretches. ``days`` are the rows' sessions."""
    span = table.days[(table.days >= days.min()) & (table.days <= days.max())]
    gone = np.flatnonzero(~np.isin(span, days))
    if not len(gone):
        return None
    stretches = np.split(gone, np.flatnonzero(np.diff(gone) > 1) + 1)
    items = [_stretch(span, stretch) for stretch in stretches]
    lines = [
        item["first"] if item["sessions"] == 1 else f"{item['first']} to {item['last']}, {item['sessions']:,} sessions"
        for item in items
    ]
    return Problem(
        "missing-sessions", "warning", series.symbol,
        f"{len(gone):,} of {len(span):,} sessions of {table.calendar} are without a row",
        "Fetch them again, or name another calendar if they are no trading days; a run warns and goes on.",
        items, lines,
    )  # fmt: skip


def _stretch(span: Int32s, rows: Int64s) -> dict[str, Any]:
    first, last = (str(day_of(int(span[row]))) for row in (rows[0], rows[-1]))
    return {"first": first, "last": last, "sessions": len(rows)}


def missing_bars(series: Series, begins: Int64s, length: int, table: Sessions) -> Problem | None:
    """Stretches without bars inside sessions that have some, longest first."""
    place = table.containing(begins)
    inside = (begins + length > table.open_ns[place]) & (begins < table.close_ns[place])
    begins, place = begins[inside], place[inside]
    if len(begins) < 2:
        return None
    seen = np.unique(place)
    slots = int(np.ceil((table.close_ns[seen] - table.open_ns[seen]) / length).sum())
    skipped = np.where(place[1:] == place[:-1], np.diff(begins) // length - 1, 0)
    holes = np.flatnonzero(skipped > 0)
    if not len(holes):
        return None
    order = holes[np.argsort(-skipped[holes], kind="stable")]
    items = [{"after": _utc(int(begins[row])), "bars": int(skipped[row])} for row in order]
    lines = [_hole(int(skipped[row]), int(begins[row])) for row in order]
    return Problem(
        "missing-bars", "warning", series.symbol,
        f"{int(skipped.sum()):,} of {slots:,} bars are missing inside sessions, longest first",
        "Nothing traded, or the download has holes: compare with another source. A run does not fill them.",
        items, lines,
    )  # fmt: skip


def outside_sessions(series: Series, begins: Int64s, length: int, table: Sessions) -> Problem | None:
    """Rows that lie outside every session, counted by the time of day on the exchange."""
    place = table.containing(begins)
    outside = ~((begins + length > table.open_ns[place]) & (begins < table.close_ns[place]))
    if not outside.any():
        return None
    before = outside & np.isin(begins // DAY_NS, table.open_ns // DAY_NS) & (begins < table.open_ns[place])
    count = int(outside.sum())
    rows = np.flatnonzero(outside)
    items = [{"first": _utc(int(begins[rows[0]])), "last": _utc(int(begins[rows[-1]])), "rows": count}]
    kinds = {"on days with a session, before its open or after its close": before, "on other days": outside & ~before}
    lines = [f"{int(mask.sum()):,} {name}" for name, mask in kinds.items() if mask.any()]
    return Problem(
        "outside-sessions", "warning", series.symbol,
        f"{count:,} of {len(series):,} rows lie outside the sessions of {table.calendar}",
        "A run leaves them out: trading before and after hours. If they are most rows, zone or calendar is wrong.",
        items, lines,
    )  # fmt: skip


def _hole(count: int, after: int) -> str:
    return f"{count:,} {'bar' if count == 1 else 'bars'} after {_utc(after)} UTC"


def _utc(nanoseconds: int) -> str:
    return str(np.datetime64(nanoseconds, "ns").astype("datetime64[s]")).replace("T", " ")
