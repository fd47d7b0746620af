"""The live rows of all tables in one order: by time, then by interval, then by symbol."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, repeat

import numpy as np
from numpy.typing import NDArray

from qtrader.bar_table import Bar, BarTable
from qtrader.ports.data import Interval


@dataclass(frozen=True)
class Timeline:
    """The live rows of several tables by time, then by table: row k of the timeline is the k-th bar event.

    ``tables`` are those of the trading interval, in symbol order, then those of ``coarser`` ones, interval by interval.
    """

    tables: tuple[BarTable, ...]
    time_ns: NDArray[np.int64]
    table_of: NDArray[np.int32]
    row_of: NDArray[np.int64]
    step_starts: NDArray[np.int64]
    """First timeline row of each instant, and the total number of rows at the end."""
    coarser: int = 0
    """How many of the tables, the last ones, are coarser than the trading interval."""

    @classmethod
    def merge(cls, trading: Sequence[BarTable], coarser: Sequence[BarTable] = ()) -> "Timeline":
        """Merge the live rows."""
        tables = (*trading, *coarser)
        if len(tables) == 1:
            return cls._of_one(tables[0])
        times = np.concatenate([t.time_ns[t.live_from :] for t in tables] or [np.empty(0, np.int64)])
        which = np.repeat(np.arange(len(tables), dtype=np.int32), [len(t) - t.live_from for t in tables])
        rows = np.concatenate([np.arange(t.live_from, len(t)) for t in tables] or [np.empty(0, np.int64)])
        order = np.lexsort((which, times))
        times, which, rows = times[order], which[order], rows[order]
        starts = np.flatnonzero(np.concatenate(([True], times[1:] != times[:-1]))) if len(times) else times
        return cls(tables, times, which, rows, np.append(starts, len(times)), len(coarser))

    @classmethod
    def _of_one(cls, table: BarTable) -> "Timeline":
        """One table is in order as it is, and each of its rows is an instant of its own."""
        times = table.time_ns[table.live_from :]
        rows = np.arange(table.live_from, len(table))
        return cls((table,), times, np.zeros(len(times), np.int32), rows, np.arange(len(times) + 1))

    def __len__(self) -> int:
        """Number of bar events."""
        return len(self.time_ns)

    @property
    def steps(self) -> int:
        """Number of instants."""
        return len(self.step_starts) - 1

    def chunk(self, first: int, count: int) -> Iterator[tuple[int, tuple[Bar, ...], tuple[Bar, ...]]]:
        """Some steps: the time (ns UTC) of each, its bars of the trading interval, and the coarser ones."""
        starts = self.step_starts[first : first + count + 1]
        bars = self.bars(int(starts[0]), int(starts[-1]))
        times: list[int] = self.time_ns[starts[:-1]].tolist()
        if self.coarser:
            return zip(times, *self._both(starts, bars), strict=True)
        if len(bars) == len(times):
            return zip(times, zip(bars), repeat(()))
        bounds = (starts - starts[0]).tolist()
        return zip(times, (tuple(bars[begin:end]) for begin, end in pairwise(bounds)), repeat(()))

    def _both(self, starts: NDArray[np.int64], bars: list[Bar]) -> tuple[list[tuple[Bar, ...]], list[tuple[Bar, ...]]]:
        """The bars of each step between ``starts``, those of the trading interval apart from the coarser ones."""
        fine = np.concatenate(([0], np.cumsum(self.table_of[starts[0] : starts[-1]] < len(self.tables) - self.coarser)))
        offsets = starts - starts[0]
        begins, ends = offsets[:-1].tolist(), offsets[1:].tolist()
        middles = (offsets[:-1] + np.diff(fine[offsets])).tolist()
        trading = [tuple(bars[begin:middle]) for begin, middle in zip(begins, middles, strict=True)]
        return trading, [tuple(bars[middle:end]) for middle, end in zip(middles, ends, strict=True)]

    def bars(self, first: int, last: int) -> list[Bar]:
        """Row views of timeline rows ``first`` to ``last`` (exclusive)."""
        rows = self.row_of[first:last].tolist()
        if len(self.tables) == 1:
            table = self.tables[0]
            return list(map(Bar, zip(repeat(table), rows, repeat(table.symbol))))
        which = self.table_of[first:last].tolist()
        tables, symbols = map(self.tables.__getitem__, which), map(self._symbols.__getitem__, which)
        return list(map(Bar, zip(tables, rows, symbols, strict=True)))

    def index(self, bar: Bar) -> int:
        """The timeline row of a bar."""
        table, row, symbol = bar
        time_ns = table.time_ns[row]
        first = int(np.searchsorted(self.time_ns, time_ns, side="left"))
        last = int(np.searchsorted(self.time_ns, time_ns, side="right"))
        which = self._number[symbol, table.interval]
        return first + int(np.searchsorted(self.table_of[first:last], which))

    @cached_property
    def _symbols(self) -> list[str]:
        return [table.symbol for table in self.tables]

    @cached_property
    def _number(self) -> dict[tuple[str, Interval], int]:
        return {(table.symbol, table.interval): index for index, table in enumerate(self.tables)}
