"""Coarser bars from finer ones on the instrument's sessions: open first, high max, low min, close last, volume sum."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from qtrader.errors import DataError
from qtrader.ports import INTERVALS, Interval

from .fixed_point import INT64, Volume
from .normalise import Rows
from .quoted import Quoted
from .sessions import Int32s, Int64s, day_of, ordinal, sessions
from .times import length_ns


def finer_interval(wanted: Interval, offered: Sequence[Interval]) -> Interval | None:
    """The coarsest offered interval that bars of ``wanted`` can be made of; ``wanted`` itself when offered."""
    fitting = [interval for interval in offered if interval == wanted or _divides(interval, wanted)]
    return max(fitting, key=INTERVALS.index, default=None)


def _divides(fine: Interval, coarse: Interval) -> bool:
    small, large = length_ns(fine), length_ns(coarse)
    if small is None:
        return fine == "1d" and coarse in ("1w", "1mo")
    return large is None or (large > small and large % small == 0)


@dataclass(frozen=True, slots=True)
class _Slots:
    """Where each coarse bar starts among the fine rows, and its begin, end and session."""

    starts: Int64s
    open_ns: Int64s
    time_ns: Int64s
    session: Int32s


def aggregate(rows: Rows, interval: Interval, calendar: str, symbol: str, end: date | None = None) -> Rows:
    """Bars of ``interval`` from finer rows. Intraday bars count from the session's open and end with it at the latest.

    A bar of days, weeks or months is known at the close of its last session. One whose last session lies after ``end``
    (None: the last row's session) is left out: it is not over yet.
    """
    last_day = rows.session[-1] if end is None else ordinal(end)
    table = sessions(calendar, day_of(int(rows.session[0])), day_of(int(rows.session[-1])))
    in_table, _ = table.find(rows.session)
    length = length_ns(interval)
    if length is None:
        first, last = table.period_bounds(in_table, interval)
        slots = _slots(last, table.open_ns[first], table.close_ns[last], table.days[last])
    else:
        opens = table.open_ns[in_table]
        begins = opens + (rows.open_ns - opens) // length * length
        slots = _slots(begins, begins, np.minimum(begins + length, table.close_ns[in_table]), rows.session)
        _no_straddling(rows, slots, interval, symbol)
    combined = _combine(rows, slots, interval, symbol)
    return combined.take(combined.session <= last_day)


def _slots(keys: Int64s, open_ns: Int64s, time_ns: Int64s, session: Int32s) -> _Slots:
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    return _Slots(starts, open_ns[starts], time_ns[starts], session[starts])


def _no_straddling(rows: Rows, slots: _Slots, interval: Interval, symbol: str) -> None:
    ends = np.repeat(slots.time_ns, np.diff([*slots.starts.tolist(), len(rows)]))
    late = rows.time_ns > ends
    if late.any():
        row = int(np.argmax(late))
        raise DataError(
            f"{symbol}: cannot make {interval} bars: a {rows.interval} bar of {day_of(int(rows.session[row]))} reaches "
            f"over the end of its {interval} bar, counted from the session's open; ask for {rows.interval} or 1d"
        )


def _combine(rows: Rows, slots: _Slots, interval: Interval, symbol: str) -> Rows:
    starts = slots.starts
    lasts = np.append(starts[1:], len(rows)) - 1
    return replace(
        rows,
        interval=interval,
        open_ns=slots.open_ns,
        time_ns=slots.time_ns,
        session=slots.session,
        prices=_ranges(rows.prices, starts, lasts),
        volume=None if rows.volume is None else _add(rows.volume, starts, symbol),
        quotes=None if rows.quotes is None else _quotes(rows.quotes, starts, lasts),
    )


def _ranges(prices: Mapping[str, Int64s], starts: Int64s, lasts: Int64s, side: str = "") -> dict[str, Int64s]:
    return {
        f"{side}open": prices[f"{side}open"][starts],
        f"{side}high": np.maximum.reduceat(prices[f"{side}high"], starts),
        f"{side}low": np.minimum.reduceat(prices[f"{side}low"], starts),
        f"{side}close": prices[f"{side}close"][lasts],
    }


def _quotes(quotes: Quoted, starts: Int64s, lasts: Int64s) -> Quoted:
    """Each side for itself; one row without quotes leaves the whole without. Sizes are those of the last row."""
    prices = _ranges(quotes.prices, starts, lasts, "bid_") | _ranges(quotes.prices, starts, lasts, "ask_")
    sizes = {name: volume.take(lasts) for name, volume in quotes.sizes.items()}
    if quotes.known is None:
        return Quoted(prices, sizes)
    known = np.logical_and.reduceat(quotes.known, starts)
    return Quoted({name: np.where(known, column, 0) for name, column in prices.items()}, sizes, known)


def _add(volume: Volume, starts: Int64s, symbol: str) -> Volume:
    """Sums; one unknown part makes the whole unknown."""
    most = int(np.diff([*starts.tolist(), len(volume.units)]).max()) * int(volume.units.max())
    if most > INT64 and _exact_overflow(volume.units, starts):
        raise DataError(f"{symbol}: the sum of volumes does not fit 64 bits with {volume.scale} decimals")
    known: NDArray[np.bool_] | None = None
    units = np.add.reduceat(volume.units, starts)
    if volume.known is not None:
        known = np.logical_and.reduceat(volume.known, starts)
        units = np.where(known, units, 0)
    return Volume(units, volume.scale, known)


def _exact_overflow(units: Int64s, starts: Int64s) -> bool:
    sums = np.add.reduceat(units.astype(object), starts)
    return any(total > INT64 for total in sums)
