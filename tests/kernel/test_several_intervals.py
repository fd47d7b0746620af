"""Bars of several intervals in one market: their order, who hears of them, and what is known when."""

import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from event_samples import payload
from market_builders import HOUR, daily, day_ns, market, sessions, split
from qtrader.archive import market_size, read_market, write_market
from qtrader.bar_table import BarTable
from qtrader.engine.loop import Loop
from qtrader.errors import DataError
from qtrader.events import PriceBarEvent
from qtrader.market import Market
from qtrader.market_view import FollowingMarketView, MarketView
from qtrader.timeline import Timeline
from tiny_run import engine, play, wire


def weekly(symbol: str, closes: Sequence[int], days: Sequence[int] = (4, 11), **values: Any) -> BarTable:
    """Bars that are known at the close of these days."""
    return replace(daily(symbol, closes, days), interval="1w", **values)


def world(days: int = 6) -> Market:
    """A and B, day by day, and a week of each that ends with the fifth day."""
    tables = [daily("A", range(10, 10 + days)), daily("B", range(20, 20 + days))]
    weeks = (weekly("A", [99], [4]), weekly("B", [77], [4]))
    return replace(market(*tables, days=days), coarser=weeks)


def told(log: Any, day: int) -> list[str]:
    """What happened on a day, bars by symbol and interval."""
    inside = (event for event in log if day_ns(day) <= event.time_ns < day_ns(day + 1))
    return [f"{one.symbol} {one.interval}" if one.topic == "bar" else one.topic for one in inside]


# order


def test_a_step_is_the_trading_bars_then_the_coarser_ones_then_all_are_decided_on() -> None:
    assert told(play(world()).log, 4) == [
        *("A 1d", "fill", "position", "B 1d", "fill", "position"),
        *("A 1w", "B 1w"),
        *("signal", "signal", "signal", "signal", "order", "order", "order", "order"),
        *("valuation_trigger", "valuation"),
    ]


def test_a_step_without_coarser_bars_is_as_ever() -> None:
    alone = replace(world(), coarser=())

    assert told(play(world()).log, 3) == told(play(alone).log, 3)


def test_the_timeline_is_by_time_then_interval_then_symbol() -> None:
    chance = random.Random(3)
    for _ in range(50):
        days = {symbol: sorted(chance.sample(range(30), chance.randrange(1, 20))) for symbol in "ABC"}
        weeks = {symbol: sorted(chance.sample(range(30), chance.randrange(5))) for symbol in "ABC"}
        trading = [daily(symbol, [10] * len(found), found) for symbol, found in days.items()]
        coarser = [weekly(symbol, [10] * len(found), found) for symbol, found in weeks.items()]
        timeline = Timeline.merge(trading, coarser)
        bars = timeline.bars(0, len(timeline))
        expected = sorted(
            (int(time), rank, table.symbol)
            for rank, tables in enumerate((trading, coarser))
            for table in tables
            for time in table.time_ns
        )

        assert [(bar.time_ns, int(bar.interval == "1w"), bar.symbol) for bar in bars] == expected
        assert [timeline.index(bar) for bar in bars] == list(range(len(timeline)))
        for size in (1, 7, 100):
            steps = [step for first in range(0, timeline.steps, size) for step in timeline.chunk(first, size)]
            assert [bar for _, fine, coarse in steps for bar in (*fine, *coarse)] == bars
            assert all({bar.interval for bar in fine} <= {"1d"} for _, fine, _ in steps)
            assert all({bar.interval for bar in coarse} <= {"1w"} for _, _, coarse in steps)


def test_each_event_stands_at_its_number() -> None:
    log = play(world()).log

    assert [event.seq for event in log] == list(range(len(log)))
    assert log.bars == 2 * 6 + 2


def test_what_comes_of_a_coarser_bar_says_so() -> None:
    log = play(world()).log
    causes = [log[event.origin.cause] for event in log if event.topic == "signal"]
    close = day_ns(4) + 21 * HOUR

    assert [f"{one.symbol} {one.interval}" for one in causes if one.time_ns == close] == [
        "A 1d",
        "B 1d",
        "A 1w",
        "B 1w",
    ]


# who hears of them


def test_market_phase_hears_of_trading_bars_alone() -> None:
    run, early, late = wire(world()), [], []
    run.bus.subscribe("bar", lambda bar: early.append(bar.interval), phase="market")
    run.bus.subscribe("bar", lambda bar: late.append(bar.interval))
    for _ in Loop(run).play():
        pass

    assert (early.count("1d"), early.count("1w")) == (12, 0)
    assert (late.count("1d"), late.count("1w")) == (12, 2)


def test_a_step_shows_all_its_bars() -> None:
    made = engine(world())
    shown = [[f"{bar.symbol} {bar.interval}" for bar in made.process_bar().bars] for _ in range(5)]  # type: ignore[union-attr]

    assert shown[3:] == [["A 1d", "B 1d"], ["A 1d", "B 1d", "A 1w", "B 1w"]]


def test_an_instant_of_a_coarser_bar_alone_is_no_point_of_the_curve() -> None:
    """Nobody traded on the fifth day, and so the week ends at an instant of its own."""
    table = daily("A", [10, 11], [0, 1])
    whole = Market((table,), sessions=sessions(2), coarser=(weekly("A", [11], [4]),))
    log = play(whole, engine={"valuation": "bar"}).log

    assert told(log, 4)[:2] == ["A 1w", "signal"]
    assert log.counts["valuation_trigger"] == 3  # each bar, and the end


# what is known


def test_a_week_is_known_when_it_is_over_and_marks_nothing() -> None:
    run, known = wire(world()), []
    run.bus.subscribe(
        "bar",
        lambda _: known.append((run.view.row("A", "1w"), run.view.last("A"), len(run.view.history("A", 9, "1w")))),
        batch=True,
    )
    for _ in Loop(run).play():
        pass

    assert known == [(-1, Decimal(10 + day), 0) for day in range(4)] + [(0, Decimal(14), 1), (0, Decimal(15), 1)]


def test_weeks_before_the_start_are_known_at_once() -> None:
    view = MarketView(replace(world(), coarser=(weekly("A", [98, 99], live_from=1),)))

    assert view.intervals == ("1d", "1w")
    assert view.history("A", 9, "1w").close.tolist() == [98.0]
    assert view.bar("A") is None


def test_the_signal_view_of_weeks_has_the_splits_of_weeks() -> None:
    """2 for 1 at the open of the sixth day: the second week is in new units."""
    weeks = weekly("A", [100, 50], open_ns=np.array([day_ns(0), day_ns(7)]))
    days = market(daily("A", [100] * 5 + [50] * 7), actions=[split("A", 5)], days=12)

    assert replace(days, coarser=(weeks,)).columns("A", "1w").close.tolist() == [100.0, 100.0]


def test_an_interval_that_is_not_there_is_named() -> None:
    with pytest.raises(DataError, match="no 1mo bars of A in this run; it has 1d, 1w"):
        world().columns("A", "1mo")


def test_bars_by_hand_are_traded_at_the_interval_of_the_first() -> None:
    view = FollowingMarketView()
    for interval, close in (("1m", 10), ("1d", 99), ("1m", 11)):
        prices = dict.fromkeys(("open", "high", "low", "close"), Decimal(close))
        view.see(PriceBarEvent(**{**payload(PriceBarEvent), **prices, "symbol": "A", "interval": interval}))

    assert view.last("A") == 11
    assert view.history("A", 9).close.tolist() == [10.0, 11.0]
    assert view.history("A", 9, "1d").close.tolist() == [99.0]
    assert (view.row("A"), view.row("A", "1d"), view.row("A", "1w")) == (1, 0, -1)


# what is refused, and kept


@pytest.mark.parametrize(
    "coarser",
    [
        (weekly("B", [1], [4]), weekly("A", [1], [4])),
        (weekly("A", [1], [4]), weekly("A", [1], [4])),
        (weekly("C", [1], [4]),),
        (daily("A", [1]),),
        (replace(daily("A", [1]), interval="1h"),),
        (replace(weekly("A", [1], [4]), interval="1mo"), weekly("A", [1], [4])),
    ],
    ids=["out of order", "twice", "other symbol", "same interval", "finer", "coarsest first"],
)
def test_coarser_tables_that_cannot_be_are_refused(coarser: tuple[BarTable, ...]) -> None:
    with pytest.raises(DataError, match="coarser tables must be of the same symbols, by interval, then symbol"):
        replace(world(), coarser=coarser)


def test_a_market_on_disk_keeps_them(tmp_path: Path) -> None:
    write_market(world(), tmp_path / "bars")
    again = read_market(tmp_path / "bars")

    assert again.digests == world().digests
    assert [table.interval for table in again.coarser] == ["1w", "1w"]
    assert market_size(again) == market_size(world()) > market_size(replace(world(), coarser=()))


def test_they_are_part_of_what_a_run_is() -> None:
    other = replace(world(), coarser=(weekly("A", [98], [4]), weekly("B", [77], [4])))
    runs = [play(world()), play(other), play(replace(world(), coarser=()))]

    assert len({run.digest for run in runs}) == 3
    assert len({run.log.digest() for run in runs}) == 3
    assert list(runs[0].identity["data"]) == ["A", "B", "A 1w", "B 1w"]
