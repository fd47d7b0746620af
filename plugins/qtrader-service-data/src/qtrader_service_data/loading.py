"""From sources to a market: every symbol's checked bars, its actions, and the sessions of the run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from functools import partial
from typing import Any, Literal

import numpy as np

from qtrader import BarTable, Market, ScheduledAction, Session
from qtrader.errors import DataError
from qtrader.ports import RESCALING, Instrument, Interval
from qtrader.ports.settings import DataSettings, SourceSettings

from .aggregate import aggregate, finer_interval
from .answers import things
from .bad_rows import BadRowsError, counted, several
from .dated_actions import in_order, schedule
from .normalise import Rows
from .sessions import ALWAYS_OPEN, Sessions, day_of, ordinal, sessions
from .supply import Build, Supply, check_instrument, naming, open_supply, where
from .times import length_ns

YEAR: Mapping[bool, Literal[365, 252]] = {True: 365, False: 252}
"""Sessions a year, by whether the calendar is always open."""
WITH_ACTIONS = {"equity", "etf", "fund"}
"""Kinds of instruments that split and pay dividends."""
NAMED = 3


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
        loaded.append(load_symbol(supplies[name], instrument, data.interval, data.start, data.end))
    _check_range(loaded, data)
    table = max(
        (one.sessions for one in loaded), key=lambda one: (one.calendar == ALWAYS_OPEN, _span(one, loaded, data))
    )
    valued = _span_slice(table, loaded, data)
    return Market(
        tables=tuple(one.table for one in loaded),
        actions=in_order(action for one in loaded for action in one.actions),
        sessions=tuple(map(partial(_session, table), range(valued.start, valued.stop))),
        sessions_per_year=YEAR[table.calendar == ALWAYS_OPEN],
        signal_view=data.signal_view,
        warnings=(*_unused(data), *(warning for one in loaded for warning in one.warnings)),
    )


def load_symbol(
    supply: Supply, instrument: Instrument, interval: Interval, start: date | None, end: date | None
) -> Loaded:
    """Load one symbol: its bars up to ``end``, those before ``start`` as warm-up, and its actions."""
    with naming(supply.settings):
        return _load(supply, instrument, interval, start, end)


def _load(supply: Supply, instrument: Instrument, interval: Interval, start: date | None, end: date | None) -> Loaded:
    symbol, source = instrument.symbol, supply.source
    offered: list[Any] = things(source, "intervals", source.intervals(symbol), str)
    native = finer_interval(interval, offered)
    if native is None:
        raise DataError(f"{symbol}: the source has {', '.join(offered)} bars; {interval} bars cannot be made of them")
    rows, faults = supply.rows(instrument, native, end)
    if rows is not None and end is not None:
        rows = rows.until(end)
    if rows is None or len(rows) == 0:
        raise DataError("; ".join([_no_bars(symbol, rows, instrument, end), *_dropped_warnings(symbol, faults)]))
    first_day, last_day = day_of(int(rows.session[0])), day_of(int(rows.session[-1]))
    table = sessions(instrument.calendar, min(start or first_day, first_day), end or last_day)
    instrument = instrument if instrument.zone else replace(instrument, zone=table.zone)
    check_instrument(instrument)
    first, last = int(table.days[table.containing(rows.open_ns[:1])[0]]), int(rows.session[-1])
    bars = rows if native == interval else aggregate(rows, interval, instrument.calendar, symbol, end)
    actions, known = supply.actions(symbol)
    due = schedule(actions, supply.facts.prices or "raw", table, first, last)
    warnings = [
        *_dropped_warnings(symbol, faults),
        *_row_warnings(rows, instrument, table),
        *_action_warnings(supply, instrument, bars, due, known=known),
    ]
    return Loaded(_table(bars, instrument, start, end), table, first, last, tuple(due), tuple(warnings))


def _table(rows: Rows, instrument: Instrument, start: date | None, end: date | None) -> BarTable:
    live_from = 0 if start is None else int(np.searchsorted(rows.session, ordinal(start)))
    if live_from == len(rows):
        days = [day_of(int(day)) for day in (*rows.session[:1], *rows.session[-1:])]
        span = f"; its bars run from {days[0]} to {days[1]}" if days else ""
        asked = " ".join([*([f"from {start}"] if start else []), *([f"until {end}"] if end else [])])
        raise DataError(
            f"{instrument.symbol}: no {rows.interval} bars in the range ({asked}){span}; choose another start or end"
        )
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
        live_from=live_from,
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


def _session(table: Sessions, row: int) -> Session:
    return Session(day_of(int(table.days[row])), int(table.open_ns[row]), int(table.close_ns[row]))


def _dropped_warnings(symbol: str, faults: Sequence[BadRowsError]) -> list[str]:
    """What was left out by ``on_bad_rows: drop``, one line a reason with the first row of it."""
    firsts = {fault.reason: next(iter(fault)) for fault in reversed(faults)}
    return [
        f"{symbol}: {several(count, 'row')} dropped: {reason}, first {firsts[reason].place.removeprefix(f'{symbol}: ')}"
        for reason, count in counted(faults).items()
    ]


def _row_warnings(rows: Rows, instrument: Instrument, table: Sessions) -> list[str]:
    symbol, found = instrument.symbol, []
    if rows.outside:
        left = "is left out" if rows.outside == 1 else "are left out"
        found.append(f"{symbol}: {several(rows.outside, 'row')} outside the sessions of {instrument.calendar} {left}")
    if rows.quotes is not None and rows.quotes.crossed.any():
        crossed, closes = int(rows.quotes.crossed.sum()), int(rows.quotes.crossed_close.sum())
        told = f"{symbol}: in {crossed} of {len(rows)} rows a bid is above its ask ({closes} of them at the close)"
        found.append(f"{told}: the quotes are crossed, and nothing fills there")
    unknown = len(rows) if rows.volume is None else 0 if rows.volume.known is None else int((~rows.volume.known).sum())
    if unknown:
        found.append(f"{symbol}: volume is unknown in {unknown} of {len(rows)} bars: rules that need it are off there")
    if rows.interval == "1d" or length_ns(rows.interval) is not None:
        inside = table.between(day_of(int(rows.session[0])), day_of(int(rows.session[-1])))
        missing = np.setdiff1d(table.days[inside], rows.session)
        if len(missing):
            named = [str(day_of(int(day))) for day in missing[:NAMED]] + ["..."] * (len(missing) > NAMED)
            gone = several(len(missing), "session")
            found.append(f"{symbol}: no bars in {gone} of {instrument.calendar}: {', '.join(named)}")
    return found


def _action_warnings(
    supply: Supply, instrument: Instrument, bars: Rows, due: list[ScheduledAction], *, known: bool
) -> list[str]:
    symbol, found = instrument.symbol, []
    if supply.facts.prices == "raw" and not known and instrument.asset_class in WITH_ACTIONS:
        found.append(f"{symbol}: prices are raw and no corporate actions are given: splits and dividends are missing")
    if doubt := supply.doubt(symbol):
        found.append(f"{symbol}: {doubt}: no split or dividend of it is booked")
    for scheduled in due:
        within = (bars.open_ns < scheduled.time_ns) & (bars.time_ns > scheduled.time_ns)
        if scheduled.action.action_type in RESCALING and within.any():
            found.append(f"{symbol}: {scheduled.action_id} falls into a {bars.interval} bar, which mixes both prices")
    return found
