"""Crossings and the other rules over lines."""

import json
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from qtrader_indicators import (
    Level,
    above,
    crossing,
    difference,
    ema,
    highest,
    indicator,
    previous,
    price,
    rsi,
    sma,
)

Make = Callable[..., Any]
RULES = [
    crossing(sma(3), sma(8)),
    crossing(price(), ema(15)),
    crossing(rsi(5), 50),
    crossing(price(), previous(highest(10))),
    above(sma(3), sma(8)),
    difference(price("high"), price("low")),
    previous(sma(4), 3),
    crossing(indicator("LN"), 3),
    price("volume"),
    Level(3),
]


def streamed(rule: Any, columns: Any) -> list[float | None]:
    stream = rule.stream()
    return [stream.update(*row) for row in columns.rows()]


class TestCrossing:
    """Closes against the level 10; the first bar can have no crossing."""

    @pytest.mark.parametrize(
        ("closes_", "expected"),
        [
            ((9, 11), [1]),
            ((11, 9), [-1]),
            ((9, 11, 12, 9, 8, 11), [1, 0, -1, 0, 1]),
            ((9, 10, 11), [0, 1]),
            ((9, 10, 10, 10, 11), [0, 0, 0, 1]),
            ((9, 10, 9), [0, 0]),
            ((11, 10, 11), [0, 0]),
            ((11, 10, 9), [0, -1]),
            ((10, 11), [0]),
            ((10, 10, 9, 11), [0, 0, 1]),
        ],
        ids=str,
    )
    def test_counts_from_the_last_bar_that_differed(
        self, closes_: tuple[float, ...], expected: list[int], closes: Make
    ) -> None:
        columns = closes(*closes_)
        rule = crossing(price(), 10)

        assert rule.over(columns)[1:].tolist() == expected
        assert streamed(rule, columns) == [None, *expected]

    def test_needs_one_bar_more_than_its_lines(self) -> None:
        assert crossing(sma(20), sma(100)).lookback == 100

    def test_last_bits_of_running_sums_are_no_crossing(self, closes: Make) -> None:
        """From row 169 on both means are of flat prices: equal, but for the last bits of their running sums."""
        columns = closes(*np.random.default_rng(0).uniform(10, 20, 120).round(2), *[12.34] * 100)
        apart = (sma(5).over(columns) - sma(50).over(columns))[168:]

        assert apart[0] > 0 > apart[1] > -1e-12
        assert not crossing(sma(5), sma(50)).over(columns)[169:].any()

    def test_bar_where_a_line_is_undefined_is_undefined(self, closes: Make) -> None:
        """The logarithm of -1 is none; the side before it still counts after it."""
        columns = closes(1, 100, -1, 1)
        rule = crossing(indicator("LN"), 2)

        assert streamed(rule, columns)[1::2] == [1.0, -1.0]
        assert np.isnan(rule.over(columns)).tolist() == [True, False, True, False]


class TestOtherRules:
    def test_above_is_one_or_zero(self, closes: Make) -> None:
        assert above(price(), 2).over(closes(1, 2, 3)).tolist() == [0, 0, 1]

    def test_difference_subtracts(self, closes: Make) -> None:
        assert difference(price(), 2).over(closes(1, 2, 5)).tolist() == [-1, 0, 3]

    def test_previous_is_the_value_some_bars_ago(self, closes: Make) -> None:
        assert previous(price(), 2).over(closes(1, 2, 5, 7)).tolist()[2:] == [1, 2]

    @pytest.mark.parametrize("bad", ["close", True, float("nan"), None])
    def test_line_must_be_indicator_or_number(self, bad: Any) -> None:
        with pytest.raises(ValueError, match="neither an indicator nor a finite number"):
            crossing(price(), bad)


@pytest.mark.parametrize("rule", RULES, ids=repr)
class TestEveryRule:
    def test_stream_gives_the_bits_of_batch(self, rule: Any, market: Make) -> None:
        columns = market(3, kind="cents")
        values = [float("nan") if value is None else value for value in streamed(rule, columns)]

        assert np.array(values).tobytes() == rule.over(columns).tobytes()

    def test_later_rows_change_nothing_earlier(self, rule: Any, market: Make) -> None:
        columns = market(4, kind="cents")
        cuts = range(0, len(columns), 7)

        assert [rule.over(columns.until(cut)).tobytes() for cut in cuts] == [
            rule.over(columns)[:cut].tobytes() for cut in cuts
        ]

    def test_undefined_for_the_lookback(self, rule: Any, market: Make) -> None:
        columns = market(5)

        assert np.isnan(rule.over(columns)).tolist() == [row < rule.lookback for row in range(len(columns))]

    @pytest.mark.parametrize("stop", [0, 1, 12, 100])
    def test_restored_stream_goes_on(self, rule: Any, stop: int, market: Make) -> None:
        rows = market(6).rows()
        stream, resumed = rule.stream(), rule.stream()
        for row in rows[:stop]:
            stream.update(*row)
        resumed.restore(json.loads(json.dumps(stream.snapshot(), allow_nan=False)))

        assert [resumed.update(*row) for row in rows[stop:]] == [stream.update(*row) for row in rows[stop:]]

    def test_reset_stream_starts_again(self, rule: Any, market: Make) -> None:
        rows = market(6, rows=60).rows()
        stream = rule.stream()
        first = [stream.update(*row) for row in rows]
        stream.reset()

        assert [stream.update(*row) for row in rows] == first

    def test_equal_by_value_hashable_and_picklable(self, rule: Any) -> None:
        copy = pickle.loads(pickle.dumps(rule))

        assert (copy == rule, hash(copy) == hash(rule), repr(copy) == repr(rule)) == (True, True, True)


def test_rules_of_the_same_lines_differ() -> None:
    assert len({crossing(sma(3), sma(8)), above(sma(3), sma(8)), difference(sma(3), sma(8))}) == 3
