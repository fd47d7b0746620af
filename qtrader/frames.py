"""Data frames as a data source: PyArrow tables, pandas and polars frames, told apart by what they can do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from qtrader.errors import ConfigError, DataError
from qtrader.ports import (
    AssetClass,
    CorporateAction,
    Instrument,
    Interval,
    Prices,
    SourceFacts,
    Stamp,
)
from qtrader.ports.actions import by_ex_date, read_actions
from qtrader.ports.tables import bar_rows, named_rows, pick_columns
from qtrader.ports.times import is_midnight_only
from qtrader.suggest import did_you_mean

if TYPE_CHECKING:
    import pyarrow as pa

INDEX = "__index_level_0__"
"""What PyArrow calls the index of a pandas frame that has no name."""


@dataclass(frozen=True)
class FrameBars:
    """One frame and what was said about it; made by ``qtrader.bars``. ``rows`` has columns time, open, ... volume."""

    rows: Any = field(repr=False)
    facts: SourceFacts
    interval: Interval
    instrument: Instrument
    """Its symbol is given later, by the key in the mapping that is handed to ``qtrader.backtest``."""
    actions: tuple[CorporateAction, ...] = ()
    coarser: tuple[Interval, ...] = ()
    """Further intervals that the run shall have, made from the rows."""


@dataclass(frozen=True)
class FrameSource:
    """Frames by symbol as one data source; all must have one interval and be declared alike."""

    frames: Mapping[str, FrameBars]
    """Symbol -> the frame and what was said about it."""

    def __post_init__(self) -> None:
        """Refuse frames that differ in what holds for a whole source."""
        first, *others = sorted(self.frames)
        for symbol in others:
            for key in ("interval", "coarser", "prices", "stamp", "zone", "decimals"):
                one, other = (_said(self.frames[name], key) for name in (first, symbol))
                if one != other:
                    raise ConfigError(
                        f"data[{symbol!r}]: {key} is {other!r}, but {one!r} for {first!r}; the frames of one backtest "
                        f"share it: say the same {key}= for all"
                    )

    @property
    def interval(self) -> Interval | list[Interval]:
        """The interval of every frame; a list with the coarser ones to be made from it, where there are some."""
        frame = next(iter(self.frames.values()))
        return [frame.interval, *frame.coarser] if frame.coarser else frame.interval

    @property
    def facts(self) -> SourceFacts:
        """What was said about the frames."""
        every = all(frame.facts.knows_actions for frame in self.frames.values())
        return replace(next(iter(self.frames.values())).facts, knows_actions=every)

    def instruments(self) -> Sequence[Instrument]:
        """One instrument a frame, under the frame's key."""
        return [replace(self.frames[symbol].instrument, symbol=symbol) for symbol in sorted(self.frames)]

    def intervals(self, symbol: str) -> Sequence[Interval]:
        """The frame's own."""
        return [self._frame(symbol).interval]

    def bars(self, symbol: str, interval: Interval, start: date | None, end: date | None) -> "pa.RecordBatchReader":
        """Rows of one frame."""
        frame = self._frame(symbol)
        if interval != frame.interval:
            raise DataError(f"data[{symbol!r}]: the frame has bars of {frame.interval}, not {interval!r}")
        return bar_rows(frame.rows, {name: name for name in frame.rows.column_names}, start, end, f"data[{symbol!r}]")

    def actions(self, symbol: str) -> Sequence[CorporateAction]:
        """The actions given with the frame, under the frame's key."""
        frame = self._frame(symbol)
        return by_ex_date([replace(action, symbol=symbol) for action in frame.actions])

    def _frame(self, symbol: str) -> FrameBars:
        if symbol not in self.frames:
            raise DataError(f"no frame for {symbol!r}; there are frames for {', '.join(sorted(self.frames))}")
        return self.frames[symbol]


def _said(frame: FrameBars, key: str) -> Any:
    return getattr(frame if key in ("interval", "coarser") else frame.facts, key)


def bars(
    frame: Any,
    *,
    calendar: str | None = None,
    prices: Prices | None = None,
    interval: Interval | Sequence[Interval] | None = None,
    stamp: Stamp | None = None,
    zone: str | None = None,
    decimals: int | None = None,
    currency: str = "USD",
    asset_class: AssetClass = "equity",
    columns: Mapping[str, str] | None = None,
    actions: str | Path | Sequence[CorporateAction] | None = None,
) -> FrameBars:
    """Say what the rows of a frame are, so that it can be backtested. Nothing is guessed; errors name what to add.

    ``frame``: a PyArrow table, a pandas frame (its index may hold the times) or a polars frame with columns Date or
    Time, Open, High, Low, Close and, if known, Volume, in any case; ``columns`` names others: ``{"close": "Last"}``. An
    adjusted close is never taken. ``calendar``: the exchange calendar, such as ``"XNYS"``, or ``"24/7"``. ``prices``:
    ``"raw"`` (as traded), ``"split-adjusted"`` or ``"total-return"``. A date, or a naive midnight, is a session of the
    calendar; times need ``interval``, ``stamp`` (``"start"`` or ``"end"`` of the bar) and, when naive, ``zone``.
    ``interval`` is the length of a row's bar, or a list such as ``["1m", "1d"]``: coarser bars are made from the rows.
    ``decimals``: how many the prices have, needed when floats carry more than 8; they are rounded to it. ``actions``:
    splits and dividends, as a CSV file or as values.
    """
    place = "qtrader.bars"
    first, coarser = _lengths(interval, place)
    for one in (first, *coarser):
        _check_words(place, calendar=calendar, prices=prices, interval=one, stamp=stamp)
    table = _as_table(frame, place)
    rows = _rows(table, pick_columns(table.column_names, columns or {}, place), place)
    facts, length = _times(rows, first, stamp, zone, place)
    facts = replace(facts, prices=prices, decimals=decimals, knows_actions=actions is not None)
    if facts.stamp == "session":
        import pyarrow as pa

        rows = rows.set_column(0, "time", rows.column("time").cast(pa.date32()))
    given = read_actions(actions) if isinstance(actions, str | Path) else actions or ()
    instrument = Instrument("", asset_class, currency, calendar or "", zone="")
    return FrameBars(rows, facts, length, instrument, tuple(given), coarser)


def _lengths(
    interval: Interval | Sequence[Interval] | None, place: str
) -> tuple[Interval | None, tuple[Interval, ...]]:
    """The length of a row's bar, and of the coarser bars asked for."""
    if interval is None or isinstance(interval, str):
        return interval, ()
    if not interval:
        raise ConfigError(f"{place}: interval={interval!r} names none; add interval='1m' (or ['1m', '1d'] ...)")
    return interval[0], tuple(interval[1:])


def _check_words(
    place: str, *, calendar: str | None, prices: str | None, interval: str | None, stamp: str | None
) -> None:
    """Refuse what is missing or no known word."""
    if calendar is None:
        raise ConfigError(
            f"{place}: on which calendar do the rows trade? Add calendar='XNYS', or calendar='24/7' for UTC days"
        )
    if prices is None:
        raise ConfigError(
            f"{place}: what are the prices? Add prices='raw' (as traded), 'split-adjusted' or 'total-return'"
        )
    for key, value, kind in (("prices", prices, Prices), ("interval", interval, Interval), ("stamp", stamp, Stamp)):
        if value not in (None, *get_args(kind)):
            known = get_args(kind)
            raise ConfigError(
                f"{place}: {key}={value!r} is unknown; use one of {', '.join(known)}.{did_you_mean(str(value), known)}"
            )


def _as_table(frame: Any, place: str) -> "pa.Table":
    """A PyArrow table of any frame that PyArrow understands."""
    import pyarrow as pa

    if isinstance(frame, pa.Table):
        return frame
    if isinstance(frame, pa.RecordBatch):
        return pa.Table.from_batches([frame])
    if hasattr(frame, "iloc") and hasattr(frame, "columns"):
        return _from_pandas(frame)
    if hasattr(frame, "__arrow_c_stream__"):
        return pa.table(frame)
    raise ConfigError(f"{place}: {type(frame).__name__} is no frame; pass a PyArrow table, a pandas or a polars frame")


def _from_pandas(frame: Any) -> "pa.Table":
    """A pandas frame, its index as a column when that holds the times."""
    import pyarrow as pa

    timed = "datetime" in str(frame.index.dtype) or frame.index.name is not None
    table = pa.Table.from_pandas(frame, preserve_index=timed)
    if INDEX in table.column_names:
        table = table.rename_columns(["time" if name == INDEX else name for name in table.column_names])
    return table.replace_schema_metadata(None)


def _rows(table: "pa.Table", picked: Mapping[str, str], place: str) -> "pa.Table":
    """The columns of the bars alone, under their own names; a frame holds one symbol."""
    import pyarrow.compute as pc

    if "symbol" in picked and pc.count_distinct(table.column(picked["symbol"])).as_py() > 1:
        raise ConfigError(f"{place}: column {picked['symbol']!r} holds several symbols; pass one frame a symbol")
    return named_rows(table, picked, place)


def _times(
    rows: "pa.Table", interval: Interval | None, stamp: Stamp | None, zone: str | None, place: str
) -> tuple[SourceFacts, Interval]:
    """What the times are: dates are sessions; times must be declared."""
    import pyarrow as pa

    times = rows.column("time")
    dated = pa.types.is_date(times.type) or (stamp in (None, "session") and is_midnight_only(times))
    if dated and interval in (None, "1d", "1w", "1mo"):
        if stamp not in (None, "session"):
            raise ConfigError(f"{place}: the rows are dates, but stamp={stamp!r}; leave stamp out")
        return SourceFacts(stamp="session"), interval or "1d"
    if interval is None:
        raise ConfigError(
            f"{place}: the rows have times; how long is a bar? Add interval='1m' (or '5m', '1h', '1d' ...)"
        )
    if stamp not in ("start", "end"):
        raise ConfigError(f"{place}: is a row's time the start or the end of its bar? Add stamp='start' or stamp='end'")
    if zone is None and times.type.tz is None:
        raise ConfigError(f"{place}: the times have no zone; add zone='America/New_York', zone='UTC' ...")
    return SourceFacts(stamp=stamp, zone=zone), interval
