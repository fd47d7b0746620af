"""The lowest low and the highest high of a stretch of bars, quickly however long it is, restated for splits."""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from qtrader.bar_table import BarTable
from qtrader.ports.decimals import LEDGER

BLOCK = 1024
"""Rows whose extremes are found once and kept."""
Split = tuple[int, int, int]
"""When it took effect, ns UTC, its numerator and its denominator."""


class Extremes:
    """Of one table: a stretch costs a block at each of its ends, and what lies between is known by the block."""

    def __init__(self, table: BarTable, splits: Sequence[Split] = ()) -> None:
        starts = np.arange(0, len(table), BLOCK)
        self._table, self._latest_first = table, sorted(splits, reverse=True)
        self._lows, self._highs = (
            function.reduceat(column, starts) if len(table) else column
            for function, column in ((np.minimum, table.low), (np.maximum, table.high))
        )

    def rows(self, first: int, stop: int) -> tuple[int, int]:
        """Lowest and highest of rows ``first`` to ``stop`` (exclusive), in the table's units."""
        low, high = self._table.low, self._table.high
        begin, end = -(-first // BLOCK), stop // BLOCK
        if end - begin < 2:
            return int(low[first:stop].min()), int(high[first:stop].max())
        edges = (slice(first, begin * BLOCK), slice(end * BLOCK, stop))
        lows, highs = (
            [part for part in (*(column[edge] for edge in edges), blocks[begin:end]) if len(part)]
            for column, blocks in ((low, self._lows), (high, self._highs))
        )
        return min(int(part.min()) for part in lows), max(int(part.max()) for part in highs)

    def prices(self, first: int, stop: int, now_ns: int) -> tuple[Decimal, Decimal]:
        """Lowest and highest price of at least one row, in units of a share as it is after the splits until now."""
        found: list[Decimal] = []
        end, numerator, denominator = stop, 1, 1
        for time_ns, gives, takes in self._latest_first:
            if time_ns > now_ns:
                continue
            begin = max(first, int(np.searchsorted(self._table.time_ns, time_ns, side="right")))
            found += self._restated(begin, end, numerator, denominator)
            end, numerator, denominator = min(begin, end), numerator * gives, denominator * takes
            if end == first:
                break
        found += self._restated(first, end, numerator, denominator)
        return min(found), max(found)

    def _restated(self, first: int, stop: int, numerator: int, denominator: int) -> list[Decimal]:
        if first >= stop:
            return []
        prices = [self._table.prices[units] for units in self.rows(first, stop)]
        if numerator == denominator:
            return prices
        return [LEDGER.divide(LEDGER.multiply(one, Decimal(denominator)), Decimal(numerator)) for one in prices]
