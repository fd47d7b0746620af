"""Lows and highs of stretches of bars: those of a plain loop, restated for splits, and never of a bar to come."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest

from market_builders import DAY, HOUR, daily, day_ns, market, split
from qtrader.extremes import BLOCK, Extremes
from qtrader.market_view import FollowingMarketView, MarketView
from runs import random_walk


def seen(made: MarketView, rows: int, symbol: str = "A") -> MarketView:
    """The view at the close of a row."""
    table = made._market.by_symbol[symbol]
    made.see(table.bar(rows - 1))
    made.time_ns = int(table.time_ns[rows - 1])
    return made


def close(day: int) -> int:
    return day_ns(day) + 21 * HOUR


def test_a_stretch_of_any_length_has_the_extremes_of_its_rows() -> None:
    """Against min and max of the rows: within a block, over one edge, over many, and the edges themselves."""
    table = daily("A", random_walk(5, 4 * BLOCK + 17))
    made, chance = Extremes(table), Random(1)
    spans = [(0, len(table)), (BLOCK, 2 * BLOCK), (1, 4 * BLOCK), (BLOCK - 1, 3 * BLOCK + 1), (BLOCK, 3 * BLOCK)]
    spans += [tuple(sorted(chance.sample(range(len(table) + 1), 2))) for _ in range(200)]  # type: ignore[misc]
    lows, highs = table.low.tolist(), table.high.tolist()

    for first, stop in spans:
        assert made.rows(first, stop) == (min(lows[first:stop]), max(highs[first:stop]))


def test_bars_that_ended_after_the_time_until_the_latest() -> None:
    """Closes 10, 20, 15, 40: of days 1 and 2 the low is 15 - 1, the high 20 + 1; the open of day 1 was 10."""
    made = seen(MarketView(market(daily("A", [10, 20, 15, 40]))), 3)

    assert made.extremes("A", close(0)) == (Decimal(9), Decimal(21))
    assert made.extremes("A", close(1)) == (Decimal(14), Decimal(21))


def test_a_bar_that_is_not_over_at_the_clock_is_not_seen() -> None:
    """The bar of day 3 reaches 41, and at the close of day 2 nobody knows."""
    made = seen(MarketView(market(daily("A", [10, 20, 15, 40]))), 3)

    assert made.extremes("A", close(0), close(3) + DAY) == (Decimal(9), Decimal(21))
    assert seen(made, 4).extremes("A", close(0)) == (Decimal(9), Decimal(41))


def test_the_end_of_the_stretch_may_lie_in_the_past() -> None:
    made = seen(MarketView(market(daily("A", [10, 20, 15, 40]))), 4)

    assert made.extremes("A", close(0), close(1)) == (Decimal(9), Decimal(21))


def test_where_no_bar_ended_there_is_nothing() -> None:
    made = MarketView(market(daily("A", [10, 20])))
    assert made.extremes("A", 0) is None
    seen(made, 2)

    assert made.extremes("A", close(1)) is None
    assert made.extremes("A", close(1), close(0)) is None


def test_prices_before_a_split_are_restated() -> None:
    """Closes 100, 120, then 2:1 and 65: the first two days in new shares reach from 49.5 to 60.5, the third to 121."""
    made = seen(MarketView(market(daily("A", [100, 120, 65]), actions=[split("A", 2)])), 3)

    assert made.extremes("A", day_ns(0)) == (Decimal("49.5"), Decimal(121))
    assert made.extremes("A", day_ns(0), close(1)) == (Decimal("49.5"), Decimal("60.5"))
    assert made.extremes("A", close(1)) == (Decimal(64), Decimal(121))


def test_a_bar_that_ends_when_the_split_comes_is_before_it() -> None:
    """Around the clock a session opens when the one before closes: the split of day 2 at the end of day 1's bar."""
    table = daily("A", [100, 120, 65])
    late = replace(split("A", 2), time_ns=close(1))
    made = seen(MarketView(market(table, actions=[late])), 3)

    assert made.extremes("A", day_ns(0), close(1)) == (Decimal("49.5"), Decimal("60.5"))


def test_a_split_that_is_to_come_restates_nothing() -> None:
    made = seen(MarketView(market(daily("A", [100, 120, 65]), actions=[split("A", 2)])), 2)

    assert made.extremes("A", day_ns(0)) == (Decimal(99), Decimal(121))


def test_at_the_open_of_the_split_the_past_is_restated() -> None:
    made = seen(MarketView(market(daily("A", [100, 120, 65]), actions=[split("A", 2)])), 2)
    made.time_ns = day_ns(2) + 14 * HOUR

    assert made.extremes("A", day_ns(0)) == (Decimal("49.5"), Decimal("60.5"))


@pytest.mark.parametrize("seed", range(5))
def test_several_splits_restate_like_a_loop_over_bars(seed: int) -> None:
    """The oracle takes each bar by itself, in fractions, over blocks and splits."""
    bars, chance = 2 * BLOCK + 300, Random(seed)
    days = sorted(chance.sample(range(10, bars), 4))
    ratios = [chance.choice([(2, 1), (3, 2), (7, 1)]) for _ in days]
    table = daily("A", random_walk(seed, bars))
    actions = [split("A", day, *ratio) for day, ratio in zip(days, ratios, strict=True)]
    made = MarketView(market(table, daily("B", [1] * bars), actions=[*actions, split("B", 50)], days=bars))

    for _ in range(30):
        now = chance.randrange(1, bars)
        first = chance.randrange(now)
        scaled = []
        for row in range(first + 1, now + 1):
            factor = Fraction(1)
            for day, (gives, takes) in zip(days, ratios, strict=True):
                if row < day <= now:
                    factor *= Fraction(takes, gives)
            scaled.append((int(table.low[row]) * factor / 100, int(table.high[row]) * factor / 100))
        found = seen(made, now + 1).extremes("A", close(first))

        assert found is not None
        assert abs(Fraction(found[0]) - min(low for low, _ in scaled)) < Fraction(1, 10**40)
        assert abs(Fraction(found[1]) - max(high for _, high in scaled)) < Fraction(1, 10**40)


def test_a_view_that_follows_the_bus_does_not_know_the_splits() -> None:
    assert FollowingMarketView().extremes("A", 0) is None
