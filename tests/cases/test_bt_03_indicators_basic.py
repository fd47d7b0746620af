"""Case bt-03: six indicators at three bars each, tracked by a strategy on bars published one by one.

The case seeds every average with the mean of its own first values, so its MACD is the difference of two such averages;
TA-Lib's (``macd``, case ta-01) starts the fast one where the slow one starts.
"""

import csv
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from qtrader import Bar, Context, EventBus
from qtrader.events import PriceBarEvent, RecordEvent
from qtrader.ports import Indicator
from qtrader.ports.settings import StrategySettings
from qtrader_indicators import atr, bollinger, difference, ema, rsi, sma
from qtrader_service_strategy.service import StrategyService

CASE = "cases/bt-03-indicators-basic"
MACD = difference(ema(12), ema(26))
SIGNAL = ema(9, of=MACD)
BANDS = bollinger(20, 2)
INDICATORS: dict[str, list[Indicator]] = {
    "sma": [sma(30)],
    "ema": [ema(30)],
    "rsi": [rsi(14)],
    "macdhisto": [MACD, SIGNAL, difference(MACD, SIGNAL)],
    "bbands": [BANDS.middle, BANDS.upper, BANDS.lower],
    "atr": [atr(14)],
}


@dataclass
class Watch:
    """Records the lines of one indicator at every bar from the first at which they are ready."""

    name: str

    def on_start(self, context: Context) -> None:
        self.lines = [context.track(line) for line in INDICATORS[self.name]]

    def on_bar(self, bar: Bar, context: Context) -> None:
        context.record(**{f"line{number}": line[bar.symbol] for number, line in enumerate(self.lines)})


@pytest.fixture(scope="module")
def bars(shared: Path) -> list[PriceBarEvent]:
    with (shared / CASE / "index_2006_daily.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [
        PriceBarEvent(
            symbol="INDEX",
            asset_class="index",
            interval="1d",
            timestamp=datetime.fromisoformat(row["date"]).replace(hour=16, tzinfo=UTC),
            currency="EUR",
            **{name: Decimal(row[name]) for name in ("open", "high", "low", "close")},
        )
        for row in rows
    ]


@pytest.fixture(scope="module")
def expected(shared: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared / CASE / "case.json").read_text())["expected"]
    assert set(found) == set(INDICATORS)
    return found


def watched(name: str, bars: list[PriceBarEvent]) -> list[RecordEvent]:
    """What a strategy that tracks one indicator recorded."""
    bus = EventBus()
    StrategyService(bus, [StrategySettings(name="watch", use="Watch", instance=Watch(name))])
    for bar in bars:
        bus.publish(bar)
    return [event for event in bus.history if isinstance(event, RecordEvent)]


@pytest.mark.parametrize("name", INDICATORS)
def test_first_value_is_at_the_published_bar(name: str, bars: list[PriceBarEvent], expected: dict[str, Any]) -> None:
    """The first record is at the bar whose number the case gives."""
    first = watched(name, bars)[0]

    assert bars.index(next(bar for bar in bars if bar.time_ns == first.time_ns)) + 1 == expected[name]["first_bar"]


@pytest.mark.parametrize("name", INDICATORS)
def test_values_are_the_published_ones(name: str, bars: list[PriceBarEvent], expected: dict[str, Any]) -> None:
    """Three rows of each line, to the six decimals in which they were published."""
    by_time = {record.time_ns: record.values for record in watched(name, bars)}
    lines = range(len(INDICATORS[name]))
    ours = [[by_time[bars[row].time_ns][f"line{line}"] for row in expected[name]["bars"]] for line in lines]

    assert ours == [pytest.approx([float(text) for text in line], abs=1e-6) for line in expected[name]["lines"]]
