"""The market of a run: instruments, bars, corporate actions, sessions, and the signal view of each symbol."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from qtrader.bar_table import BarTable
from qtrader.errors import DataError
from qtrader.extremes import Extremes
from qtrader.ports.data import INTERVALS, RESCALING, CorporateAction, Interval
from qtrader.ports.strategy import Columns
from qtrader.signal_view import SignalColumns, SignalView
from qtrader.timeline import Timeline


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
    24/7). ``coarser`` holds the bars of further intervals that strategies see, finer before coarser, each in symbol
    order: nothing is traded or marked on them.
    """

    tables: tuple[BarTable, ...]
    actions: tuple[ScheduledAction, ...] = ()
    sessions: tuple[Session, ...] = ()
    sessions_per_year: int = 252
    signal_view: SignalView = "split"
    warnings: tuple[str, ...] = ()
    coarser: tuple[BarTable, ...] = ()
    around: tuple[date | None, date | None] = (None, None)
    """The calendar's sessions just before the first and just after the last of ``sessions``; None where unknown."""
    zone: str = "UTC"
    """IANA time zone of the calendar that ``sessions`` are of."""

    def __post_init__(self) -> None:
        """Refuse tables out of order or twice."""
        symbols = [table.symbol for table in self.tables]
        if symbols != sorted(set(symbols)):
            raise DataError(f"bar tables must be in symbol order, each symbol once: {symbols}")
        places = [(INTERVALS.index(table.interval), table.symbol) for table in self.coarser]
        finest = max((INTERVALS.index(table.interval) for table in self.tables), default=-1)
        if places != sorted(set(places)) or any(rank <= finest or one not in symbols for rank, one in places):
            told = ", ".join(f"{table.symbol} {table.interval}" for table in self.coarser)
            raise DataError(f"coarser tables must be of the same symbols, by interval, then symbol, each once: {told}")

    @cached_property
    def timeline(self) -> Timeline:
        """The live rows of all tables, merged by time, then interval, then symbol."""
        return Timeline.merge(self.tables, self.coarser)

    @property
    def all_tables(self) -> tuple[BarTable, ...]:
        """The tables of every interval, in the order of the timeline."""
        return self.tables + self.coarser

    @cached_property
    def intervals(self) -> tuple[Interval, ...]:
        """The trading interval, then the coarser ones; empty where there are no bars."""
        return tuple(dict.fromkeys(table.interval for table in self.all_tables))

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """All symbols, sorted."""
        return tuple(table.symbol for table in self.tables)

    @cached_property
    def by_symbol(self) -> Mapping[str, BarTable]:
        """Each symbol's table."""
        return {table.symbol: table for table in self.tables}

    def columns(self, symbol: str, interval: str | None = None) -> Columns:
        """The whole signal view of one symbol, warm-up included, float64: for indicators computed ahead.

        ``interval`` is one of ``intervals``; None is the trading interval.
        """
        if (symbol, interval) not in self._columns:
            table = self.by_symbol[symbol] if interval is None else self.table(symbol, interval)
            self._columns[symbol, interval] = SignalColumns(table, self.actions, self.signal_view)
        return self._columns[symbol, interval]

    def table(self, symbol: str, interval: str) -> BarTable:
        """The bars of a symbol at one interval. Raises DataError where the run has none."""
        for table in self.all_tables:
            if (table.symbol, table.interval) == (symbol, interval):
                return table
        raise DataError(f"no {interval} bars of {symbol} in this run; it has {', '.join(self.intervals)}")

    @property
    def digests(self) -> dict[str, str]:
        """The digest of each table, by symbol, and for coarser ones by symbol and interval."""
        coarser = {f"{table.symbol} {table.interval}": table.digest for table in self.coarser}
        return {table.symbol: table.digest for table in self.tables} | coarser

    def extremes(self, symbol: str) -> Extremes:
        """Lows and highs of a symbol's bars at the trading interval."""
        if symbol not in self._extremes:
            splits = [
                (one.time_ns, one.action.numerator, one.action.denominator)
                for one in self.actions
                if one.action.symbol == symbol and one.action.action_type in RESCALING
                if one.action.numerator and one.action.denominator
            ]
            self._extremes[symbol] = Extremes(self.by_symbol[symbol], splits)
        return self._extremes[symbol]

    @cached_property
    def _extremes(self) -> dict[str, Extremes]:
        return {}

    @cached_property
    def _columns(self) -> dict[tuple[str, str | None], Columns]:
        return {}
