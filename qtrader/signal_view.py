"""The signal view of one symbol: what indicators read, float64, each column made when it is first read."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from qtrader.bar_table import BarTable
from qtrader.ports.data import RESCALING
from qtrader.ports.strategy import Columns

if TYPE_CHECKING:
    from qtrader.market import ScheduledAction

Floats = NDArray[np.float64]
SignalView = Literal["split", "total_return", "raw"]


class SignalColumns(Columns):
    """Raw prices times the factors of all actions up to each row, never of later ones; warm-up included."""

    _table: BarTable
    _actions: "list[ScheduledAction]"
    _view: SignalView

    def __init__(self, table: BarTable, actions: Sequence["ScheduledAction"], view: SignalView) -> None:
        mine = [one for one in actions if one.action.symbol == table.symbol and view != "raw"]
        self.__dict__.update(_table=table, _actions=mine, _view=view)

    @property
    def time_ns(self) -> NDArray[np.int64]:
        """The bars' ends, int64 ns UTC."""
        return self._table.time_ns

    @cached_property
    def open(self) -> Floats:
        """First prices."""
        return self._price("open")

    @cached_property
    def high(self) -> Floats:
        """Highest prices."""
        return self._price("high")

    @cached_property
    def low(self) -> Floats:
        """Lowest prices."""
        return self._price("low")

    @cached_property
    def close(self) -> Floats:
        """Last prices."""
        return self._price("close")

    @cached_property
    def volume(self) -> Floats:
        """Units traded, in units of the first row; NaN where unknown."""
        table = self._table
        if table.volume is None:
            return _frozen(np.full(len(table), np.nan))
        volume = table.volume / 10.0**table.volume_scale
        if self._actions:
            volume /= self._factors[1]
        if table.volume_known is not None:
            volume = np.where(table.volume_known, volume, np.nan)
        return _frozen(volume)

    def _price(self, name: str) -> Floats:
        column: Floats = getattr(self._table, name) / 10.0**self._table.price_scale
        if self._actions:
            column *= self._factors[0]
        return _frozen(column)

    @cached_property
    def _factors(self) -> tuple[Floats, Floats]:
        """Forward factors of price and units at each row."""
        table = self._table
        price, units = np.ones(len(table)), np.ones(len(table))
        for scheduled in self._actions:
            action = scheduled.action
            row = int(np.searchsorted(table.open_ns, scheduled.time_ns))
            if action.action_type in RESCALING and action.numerator and action.denominator:
                ratio = action.numerator / action.denominator
                price[row:] *= ratio
                units[row:] *= ratio
            elif self._view == "total_return" and action.action_type == "cash_dividend" and action.amount and row:
                before = int(table.close[row - 1]) / 10.0**table.price_scale
                price[row:] *= before / (before - float(action.amount))
        return price, units


def _frozen(column: Floats) -> Floats:
    column.flags.writeable = False
    return column
