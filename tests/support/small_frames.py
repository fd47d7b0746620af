"""Small frames with known prices, and a strategy to run on them, through the public API."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

import qtrader as qt
from qtrader import Bar, Context, SignalIntention

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


CLOSES = [100, 101, 102, 103, 104, 103, 102, 101]


@dataclass
class InAndOut:
    """Opens on one day, closes on another, and records every close."""

    opening: int = 1
    closing: int = 4
    seen: list[Any] = field(default_factory=list)

    def on_bar(self, bar: Bar, context: Context) -> None:
        self.seen.append(bar.session)
        context.record(
            close=bar.close, held=int(context.position(bar.symbol)), days=len(self.seen), late=bar.close > 103
        )
        if bar.session == day(self.opening):
            context.emit_signal(bar.symbol, SignalIntention.OPEN_LONG, price=bar.close)
        if bar.session == day(self.closing):
            context.emit_signal(bar.symbol, SignalIntention.CLOSE_LONG, price=bar.close)
