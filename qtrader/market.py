"""The market of a run: instruments, bars, corporate actions, sessions, and the signal view of each symbol."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qtrader.bar_table import BarTable
from qtrader.errors import DataError
from qtrader.ports.data import RESCALING, CorporateAction
from qtrader.ports.strategy import Columns
from qtrader.timeline import Timeline

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
