"""The market of a run: all that will be seen, its merged timeline, and the view that cannot see past the clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import pairwise, repeat
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from qtrader.bar_table import EPOCH_DAY, Bar, Bars, BarTable, utc
from qtrader.errors import DataError
from qtrader.ports.data import RESCALING, CorporateAction, Instrument
from qtrader.ports.decimals import LEDGER
from qtrader.ports.strategy import Columns

__all__ = ["Bar", "BarTable", "Bars", "Market", "MarketView", "ScheduledAction", "Session", "SignalView", "Timeline"]

SignalView = Literal["split", "total_return", "raw"]


@dataclass(frozen=True, slots=True)
class Session:
    """One trading session: its date and its open and close, int64 ns UTC."""

    day: date
    open_ns: int
    close_ns: int


@dataclass(frozen=True, slots=True)
class ScheduledAction:
    """A corporate action and when it takes effect: the open of the first session on or after its ex-date, ns UTC."""

    time_ns: int
    action_id: str
    action: CorporateAction


@dataclass(frozen=True)
class Market:
    """Everything that a run will see, loaded and checked before its first step.

    ``tables`` are in symbol order; ``actions`` by time, then kind, then symbol; ``sessions`` are those in which the
    run's equity is valued (from the calendar, never from the rows), and ``sessions_per_year`` annualises (252; 365 for
    24/7).
    """

    tables: tuple[BarTable, ...]
    actions: tuple[ScheduledAction, ...] = ()
    sessions: tuple[Session, ...] = ()
    sessions_per_year: int = 252
    signal_view: SignalView = "split"
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse tables out of order or twice."""
        symbols = [table.symbol for table in self.tables]
        if symbols != sorted(set(symbols)):
            raise DataError(f"bar tables must be in symbol order, each symbol once: {symbols}")

    @cached_property
    def timeline(self) -> "Timeline":
        """The live rows of all tables, merged by time, then symbol."""
        return Timeline.merge(self.tables)

    @cached_property
    def by_symbol(self) -> Mapping[str, BarTable]:
        """Each symbol's table."""
        return {table.symbol: table for table in self.tables}

    def columns(self, symbol: str) -> Columns:
        """The whole signal view of one symbol, warm-up included, float64: for indicators computed ahead."""
        if symbol not in self._columns:
            self._columns[symbol] = self._signal_view(self.by_symbol[symbol])
        return self._columns[symbol]

    @cached_property
    def _columns(self) -> dict[str, Columns]:
        return {}

    def _signal_view(self, table: BarTable) -> Columns:
        factor, units = self._factors(table)
        scale = 10.0**table.price_scale
        prices = (getattr(table, name) / scale * factor for name in ("open", "high", "low", "close"))
        if table.volume is None:
            volume = np.full(len(table), np.nan)
        else:
            volume = table.volume / 10.0**table.volume_scale / units
            if table.volume_known is not None:
                volume = np.where(table.volume_known, volume, np.nan)
        columns = [*prices, volume]
        for column in columns:
            column.flags.writeable = False
        return Columns(table.time_ns, *columns)

    def _factors(self, table: BarTable) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Forward factors of price and units at each row: the product of all actions up to it, never of later ones."""
        price, units = np.ones(len(table)), np.ones(len(table))
        if self.signal_view == "raw":
            return price, units
        for scheduled in self.actions:
            action = scheduled.action
            if action.symbol != table.symbol:
                continue
            row = int(np.searchsorted(table.open_ns, scheduled.time_ns))
            if action.action_type in RESCALING and action.numerator and action.denominator:
                ratio = action.numerator / action.denominator
                price[row:] *= ratio
                units[row:] *= ratio
            elif self.signal_view == "total_return" and action.action_type == "cash_dividend" and action.amount and row:
                before = int(table.close[row - 1]) / 10.0**table.price_scale
                price[row:] *= before / (before - float(action.amount))
        return price, units


@dataclass(frozen=True)
class Timeline:
    """The live rows of several tables by time, then by symbol: row k of the timeline is the k-th bar event."""

    tables: tuple[BarTable, ...]
    time_ns: NDArray[np.int64]
    table_of: NDArray[np.int32]
    row_of: NDArray[np.int64]
    step_starts: NDArray[np.int64]
    """First timeline row of each instant, and the total number of rows at the end."""

    @classmethod
    def merge(cls, tables: Sequence[BarTable]) -> "Timeline":
        """Merge the live rows."""
        times = np.concatenate([t.time_ns[t.live_from :] for t in tables] or [np.empty(0, np.int64)])
        which = np.repeat(np.arange(len(tables), dtype=np.int32), [len(t) - t.live_from for t in tables])
        rows = np.concatenate([np.arange(t.live_from, len(t)) for t in tables] or [np.empty(0, np.int64)])
        if len(tables) > 1:
            order = np.lexsort((which, times))
            times, which, rows = times[order], which[order], rows[order]
        starts = np.flatnonzero(np.concatenate(([True], times[1:] != times[:-1]))) if len(times) else times
        return cls(tuple(tables), times, which, rows, np.append(starts, len(times)))

    def __len__(self) -> int:
        """Number of bar events."""
        return len(self.time_ns)

    @property
    def steps(self) -> int:
        """Number of instants."""
        return len(self.step_starts) - 1

    def chunk(self, first: int, count: int) -> tuple[list[int], list[tuple[Bar, ...]]]:
        """Some steps: their times (ns UTC), and the bars of each."""
        starts = self.step_starts[first : first + count + 1]
        bars = self.bars(int(starts[0]), int(starts[-1]))
        times: list[int] = self.time_ns[starts[:-1]].tolist()
        if len(bars) == len(times):
            return times, list(zip(bars))
        bounds = (starts - starts[0]).tolist()
        return times, [tuple(bars[begin:end]) for begin, end in pairwise(bounds)]

    def bars(self, first: int, last: int) -> list[Bar]:
        """Row views of timeline rows ``first`` to ``last`` (exclusive)."""
        rows = self.row_of[first:last].tolist()
        if len(self.tables) == 1:
            return list(map(Bar, zip(repeat(self.tables[0]), rows)))
        tables = map(self.tables.__getitem__, self.table_of[first:last].tolist())
        return list(map(Bar, zip(tables, rows, strict=True)))

    def index(self, bar: Bar) -> int:
        """The timeline row of a bar."""
        table, row = bar
        time_ns = table.time_ns[row]
        first = int(np.searchsorted(self.time_ns, time_ns, side="left"))
        last = int(np.searchsorted(self.time_ns, time_ns, side="right"))
        which = self._number[table.symbol]
        return first + int(np.searchsorted(self.table_of[first:last], which))

    @cached_property
    def _number(self) -> dict[str, int]:
        return {table.symbol: index for index, table in enumerate(self.tables)}


class MarketView:
    """Prices and instruments up to the clock, and nothing later.

    The engine moves the clock; whoever holds the view only reads. Prices are raw decimals.
    """

    def __init__(self, market: Market) -> None:
        self._market = market
        self.latest: dict[str, Any] = {}
        """The latest bar of each symbol; the engine fills it."""
        self.rescaled: dict[str, Decimal] = {}
        """What the last price of a symbol is to be multiplied by, between a split and the next bar."""
        self.time_ns = 0
        self.session: date | None = None
        for table in market.tables:
            if table.live_from:
                self.latest[table.symbol] = Bar((table, table.live_from - 1))

    # what the engine calls

    def see(self, bar: Any) -> None:
        """Make a bar the latest of its symbol."""
        symbol = bar.symbol
        self.latest[symbol] = bar
        if symbol in self.rescaled:
            del self.rescaled[symbol]

    def rescale(self, symbol: str, numerator: int, denominator: int) -> None:
        """After a split and until the next bar, the last price is the last close x denominator / numerator."""
        before = self.rescaled.get(symbol, Decimal(1))
        self.rescaled[symbol] = LEDGER.divide(LEDGER.multiply(before, Decimal(denominator)), Decimal(numerator))

    # what everybody may ask

    @property
    def time(self) -> datetime:
        """The present instant, aware, UTC."""
        return utc(self.time_ns)

    @property
    def symbols(self) -> tuple[str, ...]:
        """All symbols of the run, sorted."""
        return tuple(table.symbol for table in self._market.tables)

    @property
    def sessions_per_year(self) -> int:
        """How many sessions a year has, for annualising: 252, or 365 for 24/7."""
        return self._market.sessions_per_year

    def instrument(self, symbol: str) -> Instrument:
        """What is known of an instrument. Raises DataError for a symbol that is not in the run."""
        table = self._market.by_symbol.get(symbol)
        if table is None:
            raise DataError(f"no instrument {symbol!r} in this run; it has {', '.join(self.symbols)}")
        return table.instrument

    def bar(self, symbol: str) -> Any | None:
        """The latest bar of a symbol; None before its first."""
        return self.latest.get(symbol)

    def last(self, symbol: str) -> Decimal | None:
        """The latest close, restated after a split; None before the first bar."""
        bar = self.latest.get(symbol)
        if bar is None:
            return None
        close: Decimal = bar.close
        return LEDGER.multiply(close, self.rescaled[symbol]) if symbol in self.rescaled else close

    def open_time(self, symbol: str) -> int:
        """When the latest bar of a symbol began, ns UTC."""
        bar = self.latest[symbol]
        return int(getattr(bar, "open_ns", bar.time_ns))

    def row(self, symbol: str) -> int:
        """Index of the latest bar in ``columns(symbol)``; -1 before the first."""
        bar = self.latest.get(symbol)
        return -1 if bar is None else bar[1]

    def columns(self, symbol: str) -> Columns | None:
        """The whole signal view, later rows included: only for computing causal indicators ahead. None when unknown."""
        return self._market.columns(symbol)

    def history(self, symbol: str, bars: int) -> Columns:
        """The latest ``bars`` rows of the signal view up to now."""
        columns = self._market.columns(symbol)
        stop = self.row(symbol) + 1
        return _rows(columns, max(0, stop - bars), stop)


def _rows(columns: Columns, start: int, stop: int) -> Columns:
    span = slice(start, stop)
    prices = (columns.open[span], columns.high[span], columns.low[span], columns.close[span])
    return Columns(columns.time_ns[span], *prices, columns.volume[span])


class FollowingMarketView(MarketView):
    """The view of a service that runs alone: it learns the market from bars published by hand."""

    def __init__(self, instruments: Mapping[str, Instrument] | None = None) -> None:
        super().__init__(Market(tables=()))
        self._instruments = dict(instruments or {})
        self._seen: dict[str, list[Any]] = {}

    def see(self, bar: Any) -> None:
        """Take a bar and move the clock to it."""
        super().see(bar)
        self._seen.setdefault(bar.symbol, []).append(bar)
        self.time_ns = max(self.time_ns, bar.time_ns)
        self.session = bar.session

    @property
    def symbols(self) -> tuple[str, ...]:
        """Symbols seen or described so far, sorted."""
        return tuple(sorted({*self._seen, *self._instruments}))

    def instrument(self, symbol: str) -> Instrument:
        """The instrument as described, else one with the defaults of ``Instrument``."""
        return self._instruments.get(symbol) or Instrument(symbol)

    def row(self, symbol: str) -> int:
        """Index of the latest bar seen."""
        return len(self._seen.get(symbol, ())) - 1

    def columns(self, symbol: str) -> Columns | None:  # noqa: ARG002 - nothing is known ahead
        """None: what comes is not known, so indicators follow bar by bar."""
        return None

    def history(self, symbol: str, bars: int) -> Columns:
        """The latest ``bars`` bars seen, raw."""
        seen = self._seen.get(symbol, [])[-bars:]
        times = np.array([bar.time_ns for bar in seen], dtype=np.int64)
        values = (np.array([float(getattr(bar, name)) for bar in seen]) for name in ("open", "high", "low", "close"))
        volume = np.array([np.nan if bar.volume is None else float(bar.volume) for bar in seen])
        return Columns(times, *values, volume)


def session_day(ordinal: int) -> date:
    """A session date from days since 1970-01-01."""
    return date.fromordinal(EPOCH_DAY.toordinal() + ordinal)
