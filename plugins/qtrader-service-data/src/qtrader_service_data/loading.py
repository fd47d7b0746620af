"""From sources to a market: every symbol's checked bars, its actions, and the sessions of the run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from difflib import get_close_matches
from functools import partial
from typing import Any, Literal

import numpy as np

from qtrader import BarTable, Market, ScheduledAction, Session
from qtrader.errors import DataError
from qtrader.ports import ENDING, Instrument, Interval
from qtrader.ports.settings import DataSettings, SourceSettings

from .aggregate import aggregate, finer_interval
from .answers import things
from .cautions import action_warnings, dropped_warnings, moved_actions, row_warnings, while_listed
from .dated_actions import in_order, schedule
from .normalise import Rows
from .sessions import ALWAYS_OPEN, Sessions, day_of, ordinal, sessions
from .supply import Build, Supply, check_instrument, naming, open_supply, where

YEAR: Mapping[bool, Literal[365, 252]] = {True: 365, False: 252}
"""Sessions a year, by whether the calendar is always open."""
AFTERWARDS = timedelta(days=366)
"""How long after its last bar a symbol may still be delisted, merged or renamed."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Everything about one symbol of a run."""

    table: BarTable
    sessions: Sessions
    first: int
    """First session of the source's rows, days since 1970."""
    last: int
    """Last session of the source's rows."""
    actions: tuple[ScheduledAction, ...]
    warnings: tuple[str, ...]
    coarser: tuple[BarTable, ...] = ()
    """A table for each interval beyond the first; empty where none of its bars is over within the data."""

    @property
    def days(self) -> tuple[date, date]:
        """Session dates of the first and the last live bar."""
        live = self.table.session[self.table.live_from :]
        return day_of(int(live[0])), day_of(int(live[-1]))

    @property
    def live_actions(self) -> list[ScheduledAction]:
        """The actions that take effect with the first live bar or later."""
        start = int(self.table.open_ns[self.table.live_from])
        return [scheduled for scheduled in self.actions if scheduled.time_ns >= start]


def load_market(data: DataSettings, sources: Mapping[str, SourceSettings], build: Build) -> Market:
    """Load all symbols of the ``data`` section. Raises DataError or ConfigError, naming what is wrong and where."""
    supplies: dict[str, Supply] = {}
    loaded: list[Loaded] = []
    for symbol in sorted(data.symbols):
        overrides = data.instruments.get(symbol)
        name = (overrides and overrides.source) or data.source
        if name not in supplies:
            supplies[name] = open_supply(name, sources, build)
        instrument = supplies[name].instrument(symbol, overrides, place=where(data, "symbols"))
        loaded.append(load_symbol(supplies[name], instrument, data.intervals, data.start, data.end))
    _check_range(loaded, data)
    table = max(
        (one.sessions for one in loaded), key=lambda one: (one.calendar == ALWAYS_OPEN, _span(one, loaded, data))
    )
    valued = _span_slice(table, loaded, data)
    return Market(
        tables=tuple(one.table for one in loaded),
        actions=in_order(
            due for one in loaded for due in one.actions if ordinal(due.action.ex_date) <= max(o.last for o in loaded)
        ),
        sessions=tuple(map(partial(_session, table), range(valued.start, valued.stop))),
        around=(_day(table, valued.start - 1), _day(table, valued.stop)),
        zone=table.zone,
        sessions_per_year=YEAR[table.calendar == ALWAYS_OPEN],
        signal_view=data.signal_view,
        warnings=(*_unused(data), *(warning for one in loaded for warning in one.warnings)),
        coarser=tuple(table for tables in zip(*(one.coarser for one in loaded), strict=True) for table in tables),
    )


def load_symbol(
    supply: Supply, instrument: Instrument, intervals: Sequence[Interval], start: date | None, end: date | None
) -> Loaded:
    """Load one symbol: its bars up to ``end``, those before ``start`` as warm-up, and its actions.

    The first interval is the one that is traded at, the others are coarser.
    """
    with naming(supply.settings):
        return _load(supply, instrument, intervals, start, end)


def _load(
    supply: Supply, instrument: Instrument, intervals: Sequence[Interval], start: date | None, end: date | None
) -> Loaded:
    symbol = instrument.symbol
    natives = _natives(supply, symbol, intervals)
    read = {native: _read(supply, instrument, native, end) for native in dict.fromkeys(natives.values())}
    rows = read[natives[intervals[0]]][0]
    first_day, last_day = day_of(int(rows.session[0])), day_of(int(rows.session[-1]))
    actions, known = supply.actions(symbol)
    ends = [one.ex_date for one in actions if one.action_type in ENDING and one.ex_date <= last_day + AFTERWARDS]
    table = sessions(instrument.calendar, min(start or first_day, first_day), end or max([last_day, *ends]))
    instrument = instrument if instrument.zone else replace(instrument, zone=table.zone)
    check_instrument(instrument)
    first, last = int(table.days[table.containing(rows.open_ns[:1])[0]]), int(rows.session[-1])
    made = [_made(read[native][0], interval, instrument, end) for interval, native in natives.items()]
    due = schedule(actions, supply.facts.prices or "raw", table, first, last)
    warnings = [
        *(line for _, told in read.values() for line in told),
        *(line for some, _ in read.values() for line in row_warnings(some, instrument, table)),
        *action_warnings(supply, instrument, made, due, known=known),
        *moved_actions(due, table),
        *(f"{symbol}: no {bars.interval} bar is over within the data" for bars in made[1:] if not len(bars)),
    ]
    _check_live(made[0], symbol, start, end)
    trading, *coarser = (_table(bars, instrument, start) for bars in made)
    return Loaded(trading, table, first, last, tuple(due), tuple(warnings), tuple(coarser))


def _natives(supply: Supply, symbol: str, intervals: Sequence[Interval]) -> dict[Interval, Interval]:
    """By interval: which of the source's own it is made of."""
    source = supply.source
    offered: list[Any] = things(source, "intervals", source.intervals(symbol), str)
    natives = {}
    for interval in intervals:
        native = finer_interval(interval, offered)
        if native is None:
            raise DataError(
                f"{symbol}: the source has {', '.join(offered)} bars; {interval} bars cannot be made of them"
            )
        natives[interval] = native
    return natives


def _read(supply: Supply, instrument: Instrument, native: Interval, end: date | None) -> tuple[Rows, list[str]]:
    """The source's rows at one of its own intervals, and warnings about what was left out of them."""
    symbol = instrument.symbol
    rows, faults = supply.rows(instrument, native, end)
    if rows is not None and end is not None:
        rows = rows.until(end)
    if rows is None or len(rows) == 0:
        raise DataError("; ".join([_no_bars(symbol, rows, instrument, end), *dropped_warnings(symbol, faults)]))
    traded, told = while_listed(rows, instrument)
    return traded, [*dropped_warnings(symbol, faults), *told]


def _made(rows: Rows, interval: Interval, instrument: Instrument, end: date | None) -> Rows:
    if rows.interval == interval:
        return rows
    return aggregate(rows, interval, instrument.calendar, instrument.symbol, end)


def _live_from(rows: Rows, start: date | None) -> int:
    return 0 if start is None else int(np.searchsorted(rows.session, ordinal(start)))


def _check_live(rows: Rows, symbol: str, start: date | None, end: date | None) -> None:
    """There must be something to trade on."""
    if _live_from(rows, start) == len(rows):
        days = [day_of(int(day)) for day in (*rows.session[:1], *rows.session[-1:])]
        span = f"; its bars run from {days[0]} to {days[1]}" if days else ""
        asked = " ".join([*([f"from {start}"] if start else []), *([f"until {end}"] if end else [])])
        raise DataError(f"{symbol}: no {rows.interval} bars in the range ({asked}){span}; choose another start or end")


def _table(rows: Rows, instrument: Instrument, start: date | None) -> BarTable:
    volume = rows.volume
    return BarTable(
        instrument=instrument,
        interval=rows.interval,
        price_scale=rows.scale,
        time_ns=rows.time_ns,
        open_ns=rows.open_ns,
        session=rows.session,
        open=rows.prices["open"],
        high=rows.prices["high"],
        low=rows.prices["low"],
        close=rows.prices["close"],
        volume=None if volume is None else volume.units,
        volume_scale=0 if volume is None else volume.scale,
        volume_known=None if volume is None else volume.known,
        live_from=_live_from(rows, start),
        basis="mid" if rows.mid else "trade",
        quotes=None if rows.quotes is None else rows.quotes.table(),
    )


def _no_bars(symbol: str, rows: Rows | None, instrument: Instrument, end: date | None) -> str:
    until = f" until {end}" if end else ""
    if rows is not None and rows.outside:
        told = "the only row lies" if rows.outside == 1 else f"all {rows.outside} rows lie"
        return f"{symbol}: {told}{until} outside the sessions of {instrument.calendar}; check calendar, zone and stamp"
    return f"{symbol}: the source has no bars{until}; choose a later end or another source"


def _unused(data: DataSettings) -> list[str]:
    """Instruments that are described and not traded: of a shared file, or misspelt."""
    found = []
    for name in sorted(set(data.instruments) - set(data.symbols)):
        near = get_close_matches(name, data.symbols, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        found.append(f"{where(data, 'instruments')}.{name}: it is not in data.symbols and changes nothing.{hint}")
    return found


def _check_range(loaded: list[Loaded], data: DataSettings) -> None:
    """Refuse a start or an end that no symbol's bars reach, counted in sessions."""
    start, end = data.start, data.end
    if start and all(int(one.sessions.days[one.sessions.first_from(start)]) < one.first for one in loaded):
        early = min(loaded, key=lambda one: one.first)
        raise DataError(
            f"{where(data, 'start')} {start} is before the first bar, {day_of(early.first)} ({early.table.symbol}); "
            "start later"
        )
    if end and all(int(one.sessions.days[one.sessions.last_until(end)]) > one.last for one in loaded):
        late = max(loaded, key=lambda one: one.last)
        raise DataError(
            f"{where(data, 'end')} {end} is after the last bar, {day_of(late.last)} ({late.table.symbol}); end earlier"
        )


def _span_slice(table: Sessions, loaded: list[Loaded], data: DataSettings) -> slice:
    first = data.start or day_of(min(one.first for one in loaded))
    last = data.end or day_of(max(one.last for one in loaded))
    return table.between(first, last)


def _span(table: Sessions, loaded: list[Loaded], data: DataSettings) -> int:
    """How many sessions a calendar has in the run: the one with most values the books of a mixed run."""
    span = _span_slice(table, loaded, data)
    return int(span.stop - span.start)


def _day(table: Sessions, row: int) -> date | None:
    """The date of a session; None for a row outside what is known of the calendar."""
    return day_of(int(table.days[row])) if 0 <= row < len(table) else None


def _session(table: Sessions, row: int) -> Session:
    return Session(day_of(int(table.days[row])), int(table.open_ns[row]), int(table.close_ns[row]))
