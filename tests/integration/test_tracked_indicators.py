"""What a strategy tracks has the same bits in a run, where it is computed ahead, and by hand, where it is followed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from qtrader import Bar, Context, EventBus
from qtrader.events import PriceBarEvent, RecordEvent
from qtrader.ports import Columns, Indicator
from qtrader.ports.settings import StrategySettings
from qtrader_indicators import above, adx, bollinger, crossing, ema, highest, macd, previous, price, rsi, sma
from qtrader_service_strategy import StrategyService

TRACKED: list[Indicator] = [
    crossing(price(), sma(15)),
    crossing(sma(5), sma(20)),
    crossing(rsi(5), 50),
    crossing(price(), previous(highest(10))),
    above(ema(3), ema(8)),
    bollinger(20).upper,
    macd().histogram,
    adx(7),
    sma(5, of=rsi(5)),
]


@dataclass
class Watch:
    """Records one indicator."""

    what: Any = None

    def on_start(self, context: Context) -> None:
        self.tracked = context.track(self.what)

    def on_bar(self, bar: Bar, context: Context) -> None:
        context.record(value=self.tracked[bar.symbol])


def rounded(values: Any) -> list[float]:
    """As a record keeps floats: 12 significant digits."""
    return [float(f"{value:.12g}") for value in values]


@pytest.fixture(scope="module")
def columns() -> Columns:
    """A random walk in cents, its bars a little wider than their closes."""
    rng = np.random.default_rng(5)
    close = np.round(100 + np.cumsum(rng.integers(-50, 51, 200)) / 100, 2)
    reach = np.round(rng.integers(0, 30, (2, 200)) / 100, 2)
    high, low = np.round(close + reach[0], 2), np.round(close - reach[1], 2)
    return Columns(np.arange(200), close, high, low, close, np.full(200, 1000.0))


@pytest.fixture(scope="module")
def bars(columns: Columns) -> list[PriceBarEvent]:
    """The same as events: decimals of the printed prices."""
    first = datetime(2024, 1, 2, 21, tzinfo=UTC)
    names: tuple[str, ...] = ("open", "high", "low", "close")
    return [
        PriceBarEvent(
            symbol="AAPL",
            asset_class="equity",
            interval="1d",
            timestamp=first + timedelta(days=row),
            currency="USD",
            volume=Decimal(1000),
            **{name: Decimal(repr(float(getattr(columns, name)[row]))) for name in names},
        )
        for row in range(len(columns))
    ]


@pytest.mark.parametrize("what", TRACKED, ids=repr)
def test_bars_by_hand_give_the_values_of_the_whole_series(
    what: Indicator, columns: Columns, bars: list[PriceBarEvent]
) -> None:
    bus = EventBus()
    StrategyService(bus, [StrategySettings(name="watch", use="Watch", instance=Watch(what))])
    for bar in bars:
        bus.publish(bar)
    followed = [event.values["value"] for event in bus.history if isinstance(event, RecordEvent)]

    assert followed == rounded(what.over(columns)[what.lookback :])
