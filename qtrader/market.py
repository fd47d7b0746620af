"""The market of a run: instruments, bars, corporate actions, sessions, and the signal view of each symbol."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from qtrader.bar_table import BarTable
from qtrader.errors import DataError
from qtrader.ports.data import CorporateAction
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
    def timeline(self) -> Timeline:
        """The live rows of all tables, merged by time, then symbol."""
        return Timeline.merge(self.tables)

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """All symbols, sorted."""
        return tuple(table.symbol for table in self.tables)

    @cached_property
    def by_symbol(self) -> Mapping[str, BarTable]:
        """Each symbol's table."""
        return {table.symbol: table for table in self.tables}

    def columns(self, symbol: str) -> Columns:
        """The whole signal view of one symbol, warm-up included, float64: for indicators computed ahead."""
        if symbol not in self._columns:
            self._columns[symbol] = SignalColumns(self.by_symbol[symbol], self.actions, self.signal_view)
        return self._columns[symbol]

    @cached_property
    def _columns(self) -> dict[str, Columns]:
        return {}
