"""Small markets with known numbers, for kernel tests."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from qtrader.bar_table import EPOCH_DAY, BarTable
from qtrader.market import Market, ScheduledAction, Session
from qtrader.ports import CorporateAction, Instrument

HOUR = 3_600_000_000_000
DAY = 24 * HOUR
FIRST = date(2020, 1, 1)


def day_ns(day: int) -> int:
    """Midnight UTC of 2020-01-01 plus ``day`` days."""
    return ((FIRST - EPOCH_DAY).days + day) * DAY


def daily(symbol: str, closes: Sequence[int], days: Sequence[int] | None = None, **values: object) -> BarTable:
    """Daily bars with whole closes; open = close before, high and low one beyond; open at 14:00, close at 21:00 UTC."""
    days = list(range(len(closes))) if days is None else list(days)
    close = np.array(closes, dtype=np.int64) * 100
    opens = np.concatenate((close[:1], close[:-1])) if len(close) else close
    ends = np.array([day_ns(day) + 21 * HOUR for day in days], dtype=np.int64)
    columns = {
        "time_ns": ends,
        "open_ns": ends - 7 * HOUR,
        "session": np.array([day_ns(day) // DAY for day in days], dtype=np.int32),
        "open": opens,
        "high": np.maximum(opens, close) + 100,
        "low": np.minimum(opens, close) - 100,
        "close": close,
        "volume": np.full(len(close), 1000, dtype=np.int64),
    }
    return BarTable(Instrument(symbol), "1d", 2, **{**columns, **values})  # type: ignore[arg-type]


def sessions(count: int) -> tuple[Session, ...]:
    """One session a day, 14:00 to 21:00 UTC."""
    return tuple(
        Session(FIRST + timedelta(days=day), day_ns(day) + 14 * HOUR, day_ns(day) + 21 * HOUR) for day in range(count)
    )


def split(symbol: str, day: int, numerator: int = 2, denominator: int = 1) -> ScheduledAction:
    """A split at the open of a day."""
    ex_date = FIRST + timedelta(days=day)
    action = CorporateAction(symbol, "split", ex_date, numerator=numerator, denominator=denominator)
    return ScheduledAction(day_ns(day) + 14 * HOUR, f"{symbol}-split-{ex_date}", action)


def market(*tables: BarTable, actions: Sequence[ScheduledAction] = (), days: int = 10) -> Market:
    """A market of daily tables."""
    return Market(tables=tables, actions=tuple(actions), sessions=sessions(days))
