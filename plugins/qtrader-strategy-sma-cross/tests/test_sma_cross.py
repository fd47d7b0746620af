"""Signals at the crossings of two averages, worked out by hand."""

import re
from typing import Any

import numpy as np
import pytest

import qtrader_strategy_sma_cross
from qtrader.ports import Columns, SignalIntention, Strategy
from qtrader.testing import StrategyConformance, bar
from qtrader_indicators import Indicator, IndicatorStream
from qtrader_strategy_sma_cross import SMADualCrossStrategy

CLOSES = [5, 4, 3, 5, 7, 9, 6, 3, 2, 2, 8]
"""Means of 2 against means of 3, from the third bar: 3.5/4, 4/4, 6/5, 8/7, 7.5/7.33, 4.5/6, 2.5/3.67, 2/2.33, 5/4."""
UP, DOWN = SignalIntention.OPEN_LONG, SignalIntention.CLOSE_LONG
TURNS = [(4, UP), (7, DOWN), (10, UP)]
"""Row and what is asked for: up over the tie at row 3, down at row 7, up at the last."""


class Follower:
    """A context that follows one indicator bar by bar and remembers signals."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.value: float | None = None
        self.stream: IndicatorStream

    def track(self, indicator: Indicator) -> "Follower":
        """Follow it."""
        self.stream = indicator.stream()
        return self

    def __getitem__(self, symbol: str) -> float:
        assert self.value is not None
        return self.value

    def emit_signal(self, **values: Any) -> None:
        """Remember a signal."""
        self.told.append(values)


class TestSmaCross(StrategyConformance):
    tool = SMADualCrossStrategy()


def signals(strategy: SMADualCrossStrategy) -> list[tuple[int, dict[str, Any]]]:
    """Each signal with the row of its bar."""
    context: Any = Follower()
    strategy.on_start(context)
    found = []
    for row, close in enumerate(CLOSES):
        context.value = context.stream.update(close, close, close, close, 1)
        if context.value is not None:
            strategy.on_bar(bar(prices=f"{close} {close} {close} {close}", day=row + 1), context)
        found += [(row, one) for one in context.told]
        context.told.clear()
    return found


def test_long_above_and_flat_below() -> None:
    assert [(row, one["intention"]) for row, one in signals(SMADualCrossStrategy(2, 3))] == TURNS


def test_speaks_of_the_bar_s_close() -> None:
    assert [(one["symbol"], one["price"]) for _, one in signals(SMADualCrossStrategy(2, 3))] == [
        ("AAPL", CLOSES[row]) for row, _ in TURNS
    ]


def test_says_why() -> None:
    reasons = [one["reason"] for _, one in signals(SMADualCrossStrategy(2, 3))]

    assert reasons == ["2 crossed above 3", "2 crossed below 3", "2 crossed above 3"]


def test_wakes_where_it_signals() -> None:
    """Once it is warm: before that nobody calls it."""
    closes = np.array(CLOSES, dtype=np.float64)
    columns = Columns(np.arange(len(closes)), closes, closes, closes, closes, np.ones(len(closes)))
    mask = SMADualCrossStrategy(2, 3).wake(columns)

    assert [row for row in np.flatnonzero(mask).tolist() if row >= 3] == [row for row, _ in TURNS]


@pytest.mark.parametrize(("fast", "slow"), [(20, 20), (100, 20), (0, 20), (-1, 20)])
def test_averages_in_the_wrong_order_are_refused(fast: int, slow: int) -> None:
    with pytest.raises(ValueError, match=re.escape(f"fast={fast} must be at least 1 and less than slow={slow}")):
        SMADualCrossStrategy(fast, slow)


def test_it_is_a_strategy() -> None:
    assert isinstance(SMADualCrossStrategy(), Strategy)


def test_package_has_nothing_else() -> None:
    with pytest.raises(AttributeError, match="no attribute 'SmaCross'"):
        _ = qtrader_strategy_sma_cross.SmaCross
