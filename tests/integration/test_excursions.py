"""MAE and MFE of the trades of a run, against a plain loop over the bars in fractions."""

from decimal import Decimal
from fractions import Fraction
from math import prod
from typing import Any

import pytest

from market_builders import daily, market, split
from qtrader import BacktestEngine
from qtrader.ports import RESCALING
from runs import SAMPLE, play, random_walk

TOLERANCE = Fraction(1, 10**5)
"""Splits cut lots to 10^-8 of a unit, and a unit is worth some hundred."""


def excursions(result: Any, trade: Any) -> tuple[Fraction, Fraction]:
    """The worst and the best of zero, the profit that was made, and the profit at the lows and highs in between."""
    table, sign = result.log.market.by_symbol[trade.symbol], 1 if trade.side == "long" else -1
    splits = [
        (one.time_ns, Fraction(one.action.denominator, one.action.numerator))
        for one in result.log.market.actions
        if one.action.symbol == trade.symbol and one.action.action_type in RESCALING
    ]

    def worth(price: Decimal, known_ns: int) -> Fraction:
        """What the units, as they are at the exit, were worth at a price known then."""
        ratios = [ratio for time_ns, ratio in splits if known_ns <= time_ns <= trade.time_ns]
        return Fraction(price) * Fraction(trade.quantity) * prod(ratios)

    entry = next(one for one in result.log if one.topic == "fill" and one.fill_id == trade.entry_fill_id)
    cost = worth(entry.price, entry.time_ns)
    found = [Fraction(0), Fraction(trade.gross_pnl)]
    for row in range(table.live_from, len(table)):
        bar = table.bar(row)
        if trade.entry_time < bar.time and bar.time_ns <= trade.time_ns:
            found += [sign * (worth(price, bar.time_ns) - cost) for price in (bar.low, bar.high)]
    return min(found), max(found)


def check(result: Any) -> int:
    trades = [event for event in result.log if event.topic == "trade"]
    for trade in trades:
        worst, best = excursions(result, trade)
        assert abs(Fraction(trade.mae) - worst) < TOLERANCE, trade.trade_id
        assert abs(Fraction(trade.mfe) - best) < TOLERANCE, trade.trade_id
    return len(trades)


def test_every_trade_of_the_sample_run() -> None:
    """Thirteen years, of which AAPL was held over its split of 2005."""
    assert check(BacktestEngine.from_config(SAMPLE).run()) == 74


@pytest.mark.parametrize("lots", ["fifo", "lifo", "hifo"])
def test_trades_over_splits_whatever_the_order_of_lots(lots: str) -> None:
    world = market(
        daily("A", random_walk(1, 90)),
        daily("B", random_walk(2, 90)),
        actions=[split("A", 20), split("B", 41, 3, 2), split("A", 60, 5, 1)],
        days=90,
    )
    result = play(world, portfolio={"cash": 100_000, "lots": {"long": lots}}).get_results()

    assert check(result) > 10
