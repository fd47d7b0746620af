"""The least that Python needs: tuples, deques, integers and lists; and the least that NumPy needs. No framework."""

from collections import deque
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from benchmarks.outcome import Outcome
from benchmarks.workloads import CASH, FAST, FEE, QUANTITY, SLOW, Workload
from qtrader import BarTable

Fill = tuple[int, int, int, int]
"""Row of the symbol, symbol, signed units, price."""


class Row(tuple[int, ...]):
    """A bar: symbol number, end, open, high, low, close, volume."""

    __slots__ = ()


def columns(table: BarTable, number: int) -> Iterator[tuple[int, ...]]:
    """The bars of a table as tuples, made one by one."""
    values = (table.time_ns, table.open, table.high, table.low, table.close, table.volume)
    return zip(repeat(number), *(column.tolist() for column in values if column is not None), strict=False)


def floor(workload: Workload, tables: Sequence[BarTable]) -> Outcome:
    """Play a workload in plain Python."""
    bars, play = sum(map(len, tables)), cross if workload.rule == "cross" else every
    signals, fills = 0, []
    for number, table in enumerate(tables):
        signalled, filled = play(table, number)
        signals += signalled
        fills += filled
    return outcome(tables, bars + signals + len(fills), fills)


def cross(table: BarTable, number: int) -> tuple[int, list[Fill]]:
    """A moving-average cross, filled at the next open: signals and fills."""
    closes: deque[int] = deque()
    fast = slow = side = wanted = held = signals = 0
    fills: list[Fill] = []
    for row, bar in enumerate(map(Row, columns(table, number))):
        if wanted:
            fills.append((row, number, wanted, bar[2]))
            held += wanted
            wanted = 0
        close = bar[5]
        closes.append(close)
        fast += close
        slow += close
        if len(closes) > FAST:
            fast -= closes[-FAST - 1]
            if len(closes) > SLOW:
                slow -= closes.popleft()
        if len(closes) < SLOW:
            continue
        a, b = fast * SLOW, slow * FAST
        now = 1 if a > b else -1 if a < b else 0
        if now != side and now:
            if side:
                signals += 1
                wanted = QUANTITY if now > 0 and not held else -held if now < 0 else 0
            side = now
    return signals, fills


def every(table: BarTable, number: int) -> tuple[int, list[Fill]]:
    """An order on every bar, filled at the next open: signals and fills."""
    wanted = held = signals = 0
    fills: list[Fill] = []
    for row, bar in enumerate(map(Row, columns(table, number))):
        if wanted:
            fills.append((row, number, wanted, bar[2]))
            held += wanted
        wanted = -held or QUANTITY
        signals += 1
    return signals, fills


def vectorised(workload: Workload, tables: Sequence[BarTable]) -> Outcome:
    """Play a workload in NumPy: a few operations over each whole column."""
    fills: list[Fill] = []
    signals = 0
    for number, table in enumerate(tables):
        sides = np.where(np.arange(len(table)) % 2, -1, 1) if workload.rule == "every" else turns(table.close)
        rows = np.flatnonzero(sides)
        signals += len(rows)
        rows = rows[int(len(rows) > 0 and sides[rows[0]] < 0) :]
        rows = rows[rows + 1 < len(table)]
        units, prices = sides[rows] * QUANTITY, table.open[rows + 1]
        fills += zip((rows + 1).tolist(), repeat(number), units.tolist(), prices.tolist(), strict=False)
    return outcome(tables, sum(map(len, tables)) + signals + len(fills), fills)


def turns(close: NDArray[np.int64]) -> NDArray[np.int64]:
    """+1 where the fast sum came above the slow one, -1 where below, else 0."""
    total = np.concatenate(([0], np.cumsum(close)))
    ends = np.arange(SLOW, len(close) + 1)
    fast, slow = total[ends] - total[ends - FAST], total[ends] - total[ends - SLOW]
    sides = np.zeros(len(close), dtype=np.int64)
    sides[SLOW - 1 :] = np.sign(fast * SLOW - slow * FAST)
    rows = np.flatnonzero(sides)
    kept = sides[rows]
    turned = np.zeros_like(sides)
    turned[rows[1:]] = np.where(kept[1:] != kept[:-1], kept[1:], 0)
    return turned


def outcome(tables: Sequence[BarTable], events: int, fills: Sequence[Fill]) -> Outcome:
    """The books at the end, in hundredths: cash, and what is held at the last close."""
    cents = CASH * 100
    held = [0] * len(tables)
    for _, number, units, price in fills:
        cents -= units * price + FEE * 100
        held[number] += units
    cents += sum(units * int(table.close[-1]) for units, table in zip(held, tables, strict=True))
    return Outcome(sum(map(len, tables)), events, len(fills), Decimal(cents) / 100)
