"""One signal a symbol, at its first bar."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

import qtrader_strategy_buy_and_hold
from qtrader.ports import SignalIntention, Strategy
from qtrader.testing import StrategyConformance, bar
from qtrader_strategy_buy_and_hold import BuyAndHoldStrategy


class Listener:
    """A context that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def emit_signal(self, **values: Any) -> None:
        """Remember a signal."""
        self.told.append(values)


class TestBuyAndHold(StrategyConformance):
    tool = BuyAndHoldStrategy()


@pytest.fixture
def play() -> Callable[..., list[Any]]:
    """The signals of one strategy over bars given as symbol and day."""

    def make(strategy: BuyAndHoldStrategy, *bars: tuple[str, int]) -> list[Any]:
        listener: Any = Listener()
        for symbol, day in bars:
            strategy.on_bar(bar(symbol, prices="10 12 9 11", day=day), listener)
        return [(one["symbol"], one["intention"], one["price"]) for one in listener.told]

    return make


def test_asks_once_for_each_symbol(play: Callable[..., Any]) -> None:
    """At the close of its first bar."""
    told = play(BuyAndHoldStrategy(), ("AAPL", 2), ("AAPL", 3), ("IBM", 3), ("AAPL", 6), ("IBM", 6))

    assert told == [(symbol, SignalIntention.OPEN_LONG, Decimal(11)) for symbol in ("AAPL", "IBM")]


def test_restored_it_does_not_ask_again(play: Callable[..., Any]) -> None:
    before, after = BuyAndHoldStrategy(), BuyAndHoldStrategy()
    play(before, ("AAPL", 2))
    after.restore(json.loads(json.dumps(before.snapshot())))

    assert [symbol for symbol, _, _ in play(after, ("AAPL", 3), ("IBM", 3))] == ["IBM"]


def test_two_copies_share_nothing(play: Callable[..., Any]) -> None:
    assert [len(play(BuyAndHoldStrategy(), ("AAPL", 2))) for _ in range(2)] == [1, 1]


def test_it_is_a_strategy() -> None:
    assert isinstance(BuyAndHoldStrategy(), Strategy)


def test_package_has_nothing_else() -> None:
    with pytest.raises(AttributeError, match="no attribute 'BuyAndHold'"):
        _ = qtrader_strategy_buy_and_hold.BuyAndHold
