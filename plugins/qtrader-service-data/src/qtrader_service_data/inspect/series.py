"""One symbol's rows as columns of numbers: in file order, and in time order without what cannot be read."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..sessions import DAY_NS, Int32s, Int64s

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Series:
    """Rows of one symbol. ``times`` are ns since 1970 (UTC, or on the clock of naive times); NaN is no number.

    ``prices`` are open, high, low, close of trades, or of the bid side where there are no trades.
    """

    symbol: str
    unit: str
    """What rows are counted in: row or line."""
    dated: bool
    rows: Int64s
    """Numbers of the rows in the file, from 1."""
    times: Int64s
    timed: Flags
    """Which rows have a time that can be read."""
    prices: Mapping[str, Floats]
    volume: Floats | None

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.rows)

    def tidy(self) -> "Series":
        """The rows with a time and four prices above zero, in time order; of rows with one time the first."""
        good = self.timed.copy()
        for column in self.prices.values():
            good &= column > 0
        return self._in_order(good)

    def timely(self) -> "Series":
        """The rows with a time, whatever is wrong with their prices, in time order; of rows with one time the first."""
        return self._in_order(self.timed)

    def _in_order(self, good: Flags) -> "Series":
        kept = np.flatnonzero(good)
        order = kept[np.argsort(self.times[kept], kind="stable")]
        times = self.times[order]
        return self.take(order[np.concatenate(([True], times[1:] != times[:-1]))] if len(order) else order)

    def take(self, chosen: Int64s) -> "Series":
        """Some rows, in the order given."""
        return Series(
            self.symbol,
            self.unit,
            self.dated,
            self.rows[chosen],
            self.times[chosen],
            self.timed[chosen],
            {name: column[chosen] for name, column in self.prices.items()},
            None if self.volume is None else self.volume[chosen],
        )

    def when(self, row: int) -> str:
        """The time of a row, for reading."""
        stamp = np.datetime64(int(self.times[row]), "ns").astype("datetime64[D]" if self.dated else "datetime64[s]")
        return str(stamp).replace("T", " ")

    def where(self, row: int) -> str:
        """The place of a row in the file, with its time."""
        return f"{self.unit} {self.rows[row]} ({self.when(row)})"

    @property
    def days(self) -> Int32s:
        """Dates of the times, days since 1970."""
        return (self.times // DAY_NS).astype(np.int32)

    @property
    def activity(self) -> Floats:
        """How much went on in each bar: its volume, or its range where volume is not known."""
        if self.volume is not None and np.nansum(self.volume) > 0:
            return np.nan_to_num(self.volume)
        return np.asarray(np.log(self.prices["high"] / self.prices["low"]), dtype=np.float64)
