"""Small frames with known prices for runs through the public API."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

import qtrader as qt

FIRST = date(2024, 1, 1)


def day(number: int) -> date:
    """Day ``number`` of a frame, from 0; every day is a session."""
    return FIRST + timedelta(days=number)


def close_of(number: int) -> datetime:
    """When the bar of a day is known: midnight UTC, the end of the day."""
    return datetime.combine(day(number + 1), datetime.min.time(), UTC)


def frame(closes: Sequence[float], days: Sequence[int] | None = None) -> pa.Table:
    """Daily bars that open half a point above the close before (the first at its own close) and reach one beyond."""
    opens = [closes[0], *(close + 0.5 for close in closes[:-1])]
    both = list(zip(opens, closes, strict=True))
    return pa.table(
        {
            "Date": [day(number) for number in (range(len(closes)) if days is None else days)],
            "Open": pa.array(opens, pa.float64()),
            "High": pa.array([max(pair) + 1 for pair in both], pa.float64()),
            "Low": pa.array([min(pair) - 1 for pair in both], pa.float64()),
            "Close": pa.array(closes, pa.float64()),
            "Volume": [1000] * len(closes),
        }
    )


def bars(table: Any) -> Any:
    """A frame as data: raw prices, a session every day, nothing that splits."""
    return qt.bars(table, calendar="24/7", prices="raw", asset_class="crypto")


def data(**closes: Sequence[float]) -> dict[str, Any]:
    """Frames by symbol."""
    return {symbol: bars(frame(prices)) for symbol, prices in closes.items()}
