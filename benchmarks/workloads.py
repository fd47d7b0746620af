"""The markets that every variant plays: seeded random walks in whole ticks, the same columns for all."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from qtrader import BarTable, Market, Session
from qtrader.ports import Instrument

MINUTE = 60_000_000_000
DAY = 24 * 60 * MINUTE
FIRST = date(2000, 1, 3)
FIRST_NS = (FIRST - date(1970, 1, 1)).days * DAY
OPEN = 870 * MINUTE
"""Sessions open at 14:30 UTC and last 390 minutes, every day."""
PER_SESSION = 390
TICK = 25
"""Prices have two decimals and move by 0.25: sums of such floats are exact, so every variant must trade alike."""
FAST, SLOW = 20, 100
QUANTITY = 100
FEE = 1
CASH = 1_000_000_000
SEED = 20_260_101
EVERYWHERE = ("naive", "floor", "numpy", "validated", "dense")
GUARDED = (*EVERYWHERE, "unguarded")
VARIANTS = (*EVERYWHERE, "dense-deque", "empty", "pydantic", "unguarded")


@dataclass(frozen=True)
class Workload:
    """A market shape and a rule: ``cross`` trades a moving-average cross, ``every`` sends an order on each bar."""

    name: str
    about: str
    symbols: int
    minutes: bool
    rule: str
    bars: int
    """Bars of the whole run, over all symbols; a quick run has a tenth."""
    naive: int
    validated: int
    """Bars that the two slow variants are measured on."""
    variants: tuple[str, ...]

    def tables(self, bars: int) -> tuple[BarTable, ...]:
        """The bars, ``bars`` over all symbols, as QTrader keeps them."""
        return tuple(self._table(number, bars // self.symbols) for number in range(self.symbols))

    def market(self, bars: int) -> Market:
        """The bars with their sessions."""
        tables = self.tables(bars)
        return Market(tables=tables, sessions=self._sessions(len(tables[0])))

    def _table(self, number: int, rows: int) -> BarTable:
        dice = np.random.default_rng([SEED, number])
        close = _walk(dice, rows)
        opens = np.concatenate((close[:1], close[:-1])) + TICK * dice.integers(-1, 2, rows, dtype=np.int64)
        begin, end = self._times(rows)
        return BarTable(
            Instrument(f"S{number:03d}"),
            "1m" if self.minutes else "1d",
            2,
            time_ns=end,
            open_ns=begin,
            session=(begin // DAY).astype(np.int32),
            open=opens,
            high=np.maximum(opens, close) + TICK,
            low=np.minimum(opens, close) - TICK,
            close=close,
            volume=dice.integers(100, 10_000, rows, dtype=np.int64),
        )

    def _times(self, rows: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        row = np.arange(rows, dtype=np.int64)
        if not self.minutes:
            begin = FIRST_NS + row * DAY + OPEN
            return begin, begin + PER_SESSION * MINUTE
        begin = FIRST_NS + row // PER_SESSION * DAY + OPEN + row % PER_SESSION * MINUTE
        return begin, begin + MINUTE

    def _sessions(self, rows: int) -> tuple[Session, ...]:
        days = -(-rows // PER_SESSION) if self.minutes else rows
        opens = (FIRST_NS + day * DAY + OPEN for day in range(days))
        return tuple(
            Session(FIRST + timedelta(days=day), at, at + PER_SESSION * MINUTE) for day, at in enumerate(opens)
        )


def _walk(dice: np.random.Generator, rows: int) -> NDArray[np.int64]:
    """A random walk between 1,000 and 3,000, reflected at both."""
    span = 8_000
    steps = dice.integers(-4, 5, rows, dtype=np.int64)
    place = (np.cumsum(steps) + span // 2) % (2 * span)
    return (4_000 + np.where(place > span, 2 * span - place, place)) * TICK


WORKLOADS = {
    one.name: one
    for one in (
        Workload("W1", "1 symbol, minutes, SMA cross", 1, True, "cross", 1_000_000, 5_000, 200_000, VARIANTS[:8]),
        Workload("W2", "500 symbols, days, SMA cross", 500, False, "cross", 1_260_000, 5_000, 126_000, VARIANTS[:6]),
        Workload("W4", "1 symbol, minutes, an order a bar", 1, True, "every", 200_000, 1_000, 50_000, GUARDED),
    )
}
