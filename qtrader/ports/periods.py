"""Periods of sessions: which sessions are the first and the last of their week, month, quarter and year."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

Period = Literal["session", "week", "month", "quarter", "year"]
NS = 1_000_000_000


class Edges(NamedTuple):
    """The first and the last sessions of every period."""

    firsts: frozenset[date]
    lasts: frozenset[date]


def edges(days: Sequence[date], around: tuple[date | None, date | None], period: Period) -> Edges:
    """Which of some sessions, oldest first, begin and end a period; ``around`` are the sessions before and after them.

    Where a neighbour is not known, the session at that end counts as neither.
    """
    line = [around[0], *days, around[1]]
    turns = [(one, two) for one, two in pairwise(line) if one and two and _number(one, period) != _number(two, period)]
    inside = frozenset(days)
    return Edges(inside & {two for _, two in turns}, inside & {one for one, _ in turns})


def _number(day: date, period: Period) -> tuple[int, ...]:
    """What is the same for all dates of a period alone; weeks are those of ISO 8601, from Monday on."""
    if period == "week":
        return tuple(day.isocalendar()[:2])
    part = {"session": day.toordinal(), "month": day.month, "quarter": (day.month + 2) // 3, "year": 0}[period]
    return day.year, part


def moment_in(session: date, open_ns: int, at: time, zone: str) -> int:
    """When a session's clock shows a time, ns UTC: on the session's date, or the evening before where it opens then.

    May lie before the open or after the close.
    """
    evening = _moment(session - timedelta(days=1), at, zone)
    return evening if evening >= open_ns else _moment(session, at, zone)


def _moment(day: date, at: time, zone: str) -> int:
    return int(datetime.combine(day, at, ZoneInfo(zone)).timestamp()) * NS
