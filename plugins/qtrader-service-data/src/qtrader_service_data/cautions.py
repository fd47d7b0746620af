"""What a run is warned of about a symbol's data: rows left out, gaps, quotes, actions that are missing or moved."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from qtrader import ScheduledAction
from qtrader.errors import DataError
from qtrader.ports import RESCALING, Instrument

from .bad_rows import BadRowsError, counted, several
from .normalise import Rows
from .sessions import Sessions, day_of, ordinal
from .supply import Supply
from .times import length_ns

WITH_ACTIONS = {"equity", "etf", "fund"}
"""Kinds of instruments that split and pay dividends."""
NAMED = 3


def while_listed(rows: Rows, instrument: Instrument) -> tuple[Rows, list[str]]:
    """The rows from the first listed session to the last: before and after, nobody could trade it."""
    listed, delisted, told = instrument.listed, instrument.delisted, list[str]()
    if listed and delisted and listed > delisted:
        return rows, told  # the instrument's contract refuses it, in words of its own
    early = rows.session < ordinal(listed) if listed else np.zeros(len(rows), np.bool_)
    late = rows.session > ordinal(delisted) if delisted else np.zeros(len(rows), np.bool_)
    for gone, words in ((early, f"before it was listed ({listed})"), (late, f"after it was delisted ({delisted})")):
        if count := int(gone.sum()):
            told.append(f"{instrument.symbol}: {several(count, 'row')} {words} left out")
    rows = rows.take(~(early | late))
    if len(rows) == 0:
        raise DataError("; ".join([*told, "nothing is left; mend listed and delisted, or the data"]))
    return rows, told


def dropped_warnings(symbol: str, faults: Sequence[BadRowsError]) -> list[str]:
    """What was left out by ``on_bad_rows: drop``, one line a reason with the first row of it."""
    firsts = {fault.reason: next(iter(fault)) for fault in reversed(faults)}
    return [
        f"{symbol}: {several(count, 'row')} dropped: {reason}, first {firsts[reason].place.removeprefix(f'{symbol}: ')}"
        for reason, count in counted(faults).items()
    ]


def row_warnings(rows: Rows, instrument: Instrument, table: Sessions) -> list[str]:
    """Rows outside sessions, crossed quotes, unknown volumes, sessions without a bar."""
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


def moved_actions(due: Sequence[ScheduledAction], table: Sessions) -> list[str]:
    """Actions whose ex-date is no session."""
    found = []
    for scheduled in due:
        day = day_of(int(table.days[table.first_from(scheduled.action.ex_date)]))
        if day != scheduled.action.ex_date:
            found.append(f"{scheduled.action_id}: its ex-date is no session; it takes effect on {day}")
    return found


def action_warnings(
    supply: Supply, instrument: Instrument, made: Sequence[Rows], due: list[ScheduledAction], *, known: bool
) -> list[str]:
    """Actions that nobody tells of, or that fall into a bar."""
    symbol, found = instrument.symbol, []
    if doubt := supply.doubt(symbol):
        found.append(f"{symbol}: {doubt}: no split or dividend of it is booked")
    if supply.facts.prices == "raw" and not known and instrument.asset_class in WITH_ACTIONS:
        found.append(f"{symbol}: prices are raw and no corporate actions are given: splits and dividends are missing")
    for scheduled, bars in product(due, made):
        within = (bars.open_ns < scheduled.time_ns) & (bars.time_ns > scheduled.time_ns)
        if scheduled.action.action_type in RESCALING and within.any():
            found.append(f"{symbol}: {scheduled.action_id} falls into a {bars.interval} bar, which mixes both prices")
    return found
