"""Bar tables, the merged timeline, the signal view and the view that cannot see past the clock."""

import random
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pytest

from market_builders import DAY, HOUR, daily, day_ns, market, split
from qtrader.bar_table import Bars
from qtrader.errors import DataError
from qtrader.events import PriceBarEvent
from qtrader.market import Market
from qtrader.market_view import MarketView
from qtrader.ports import BarValue
from qtrader.timeline import Timeline


def test_a_bar_reads_its_row_as_exact_decimals() -> None:
    bar = daily("A", [10, 12]).bar(1)

    assert (Decimal("10.00"), Decimal("13.00"), Decimal("9.00"), Decimal("12.00")) == (
        bar.open,
        bar.high,
        bar.low,
        bar.close,
    )


def test_a_bar_knows_when_it_was_known() -> None:
    bar = daily("A", [10, 12]).bar(1)

    assert datetime(2020, 1, 2, 21, tzinfo=UTC) == bar.time
    assert date(2020, 1, 2) == bar.session


def test_bar_dot_bar_is_the_bar() -> None:
    bar = daily("A", [10]).bar(0)

    assert bar.bar.close == bar.close


def test_a_bar_is_a_bar_value() -> None:
    assert isinstance(daily("A", [10]).bar(0), BarValue)


def test_a_bar_refuses_assignment() -> None:
    bar = daily("A", [10]).bar(0)

    with pytest.raises(AttributeError):
        bar.close = Decimal(1)  # type: ignore[misc]


def test_the_event_of_a_bar_holds_the_same_values() -> None:
    bar = daily("A", [10, 12]).bar(1)
    event = bar.event()

    assert isinstance(event, PriceBarEvent)
    assert (bar.symbol, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.time) == (
        event.symbol, event.open, event.high, event.low, event.close, event.volume, event.occurred_at,
    )  # fmt: skip


def test_fractional_volume_keeps_its_scale() -> None:
    table = daily("A", [10], volume=np.array([123456789]), volume_scale=8)

    assert Decimal("1.23456789") == table.bar(0).volume


def test_unknown_volume_is_none_and_zero_volume_is_zero() -> None:
    table = daily("A", [10, 11], volume=np.array([0, 0]), volume_known=np.array([False, True]))

    assert [None, Decimal(0)] == [table.bar(row).volume for row in (0, 1)]


def test_columns_of_a_table_cannot_be_written() -> None:
    table = daily("A", [10, 11])

    with pytest.raises(ValueError, match="read-only"):
        table.close[0] = 1


def test_a_table_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        daily("A", [10]).price_scale = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("low", 99_999, "low is above"),
        ("high", 1, "high is below"),
        ("volume", -1, "volume is negative"),
        ("time_ns", 1, "time is not later"),
        ("open_ns", day_ns(1) + 23 * HOUR, "begins after it ends"),
    ],
)
def test_a_row_that_breaks_the_bar_contract_is_refused_with_its_place(column: str, value: int, says: str) -> None:
    values = getattr(daily("A", [10, 11, 12]), column).copy()
    values[1] = value

    with pytest.raises(DataError, match=rf"A: row 1 .*{says}"):
        daily("A", [10, 11, 12], **{column: values})


def test_two_bars_of_one_instant_are_refused() -> None:
    with pytest.raises(DataError, match="time is not later"):
        daily("A", [10, 11], days=[0, 0])


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(DataError, match="different length"):
        daily("A", [10, 11], close=np.array([1000]))


def test_the_digest_tells_apart_any_changed_cell() -> None:
    base = daily("A", [10, 11, 12])
    digests = {base.digest}
    for column in ("open", "high", "low", "close", "volume"):
        values = getattr(base, column).copy()
        values[1] += -1 if column == "low" else 1
        if column == "close":
            digests.add(daily("A", [10, 11, 12], close=values).digest)
        else:
            digests.add(daily("A", [10, 11, 12], **{column: values}).digest)

    assert len(digests) == 6


def test_the_digest_tells_apart_symbol_and_warm_up() -> None:
    assert len({daily("A", [10]).digest, daily("B", [10]).digest, daily("A", [10], live_from=1).digest}) == 3


def test_tables_out_of_symbol_order_are_refused() -> None:
    with pytest.raises(DataError, match="symbol order"):
        Market(tables=(daily("B", [1]), daily("A", [1])))


def test_a_symbol_twice_is_refused() -> None:
    with pytest.raises(DataError, match="once"):
        Market(tables=(daily("A", [1]), daily("A", [1])))


def test_the_timeline_merges_by_time_then_symbol() -> None:
    timeline = Timeline.merge([daily("A", [10, 11], days=[0, 2]), daily("B", [20, 21, 22])])
    merged = [(bar.symbol, bar.session.day) for bar in timeline.bars(0, len(timeline))]

    assert merged == [("A", 1), ("B", 1), ("B", 2), ("A", 3), ("B", 3)]


def test_the_timeline_agrees_with_a_plain_sort_on_random_tables() -> None:
    chance = random.Random(11)
    for _ in range(50):
        tables = [
            daily(symbol, [10] * len(days), days=days)
            for symbol in "ABCD"
            if (days := sorted(chance.sample(range(30), chance.randrange(1, 20))))
        ]
        timeline = Timeline.merge(tables)
        expected = sorted((int(t.time_ns[row]), t.symbol) for t in tables for row in range(len(t)))

        assert expected == [(bar.time_ns, bar.symbol) for bar in timeline.bars(0, len(timeline))]
        assert list(range(len(timeline))) == [timeline.index(bar) for bar in timeline.bars(0, len(timeline))]


def test_steps_are_the_distinct_instants() -> None:
    timeline = Timeline.merge([daily("A", [10, 11], days=[0, 2]), daily("B", [20, 21, 22])])
    times, groups, coarser = zip(*timeline.chunk(0, 10), strict=True)

    assert [day_ns(day) + 21 * HOUR for day in range(3)] == list(times)
    assert [[bar.symbol for bar in bars] for bars in groups] == [["A", "B"], ["B"], ["A", "B"]]
    assert list(coarser) == [(), (), ()]


def test_warm_up_rows_are_not_on_the_timeline() -> None:
    timeline = Timeline.merge([daily("A", [10, 11, 12], live_from=2)])

    assert [Decimal(12)] == [bar.close for bar in timeline.bars(0, len(timeline))]


def test_the_signal_view_turns_a_split_into_a_smooth_line() -> None:
    """100, then 2:1 to 50: forward-adjusted 100, 100, 104; units of volume halve."""
    whole = market(daily("A", [100, 50, 52]), actions=[split("A", 1)])
    columns = whole.columns("A")

    assert columns.close.tolist() == [100.0, 100.0, 104.0]
    assert columns.volume.tolist() == [1000.0, 500.0, 500.0]


def test_the_signal_view_is_never_rewritten_by_a_later_split() -> None:
    before = market(daily("A", [100, 50])).columns("A").close[:1]
    after = market(daily("A", [100, 50]), actions=[split("A", 1)]).columns("A").close[:1]

    assert before.tolist() == after.tolist()


def test_the_raw_signal_view_leaves_prices_alone() -> None:
    whole = Market(tables=(daily("A", [100, 50]),), actions=(split("A", 1),), signal_view="raw")

    assert whole.columns("A").close.tolist() == [100.0, 50.0]


def test_a_split_of_another_symbol_changes_nothing() -> None:
    whole = market(daily("A", [100, 50]), daily("B", [1, 2]), actions=[split("B", 1)])

    assert whole.columns("A").close.tolist() == [100.0, 50.0]


def view(closes: list[int], seen: int) -> MarketView:
    table = daily("A", closes)
    made = MarketView(market(table))
    for row in range(seen):
        made.see(table.bar(row))
    return made


def test_history_ends_at_the_latest_bar_seen() -> None:
    assert view([1, 2, 3, 4, 5], seen=3).history("A", 2).close.tolist() == [2.0, 3.0]


def test_history_is_as_long_as_there_is_past() -> None:
    assert view([1, 2, 3, 4, 5], seen=3).history("A", 99).close.tolist() == [1.0, 2.0, 3.0]


def test_before_the_first_bar_there_is_no_past() -> None:
    made = view([1, 2], seen=0)

    assert len(made.history("A", 5)) == 0
    assert made.last("A") is None
    assert made.bar("A") is None
    assert made.row("A") == -1


def test_the_last_price_is_the_latest_close() -> None:
    assert Decimal(3) == view([1, 2, 3, 4], seen=3).last("A")


def test_after_a_split_the_last_price_is_restated_until_the_next_bar() -> None:
    made = view([100, 50], seen=1)
    made.rescale("A", 2, 1)
    assert Decimal(50) == made.last("A")
    made.see(daily("A", [100, 50]).bar(1))

    assert Decimal(50) == made.last("A")


def test_two_splits_before_the_next_bar_multiply() -> None:
    made = view([120], seen=1)
    made.rescale("A", 2, 1)
    made.rescale("A", 3, 1)

    assert Decimal(20) == made.last("A")


def test_the_close_is_that_of_the_latest_bar_whatever_was_split_since() -> None:
    made = view([100, 40], seen=1)
    assert made.close("B") is None
    assert Decimal(100) == made.close("A")
    made.rescale("A", 2, 1)
    assert Decimal(100) == made.close("A")
    made.see(daily("A", [100, 40]).bar(1))

    assert Decimal(40) == made.close("A") == made.last("A")


def test_warm_up_is_history_at_the_first_live_bar() -> None:
    made = MarketView(market(daily("A", [7, 8, 9], live_from=2)))

    assert Decimal(8) == made.last("A")
    assert made.history("A", 5).close.tolist() == [7.0, 8.0]


def test_an_unknown_symbol_is_named_with_those_that_are_known() -> None:
    with pytest.raises(DataError, match=r"'Z'.*it has A"):
        view([1], seen=0).instrument("Z")


def test_bars_of_an_instant_are_keyed_by_symbol() -> None:
    bars = Bars.of([daily("A", [1]).bar(0), daily("B", [2]).bar(0)])

    assert bars.symbols == ["A", "B"]
    assert Decimal(2) == bars["B"].close


def test_a_million_nanoseconds_make_no_day() -> None:
    """The builder's own arithmetic: sessions are a day apart."""
    table = daily("A", [1, 2, 3])

    assert np.diff(table.time_ns).tolist() == [DAY, DAY]
