"""One indicator: what it is equal to, what it reads, what it refuses."""

import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest

from qtrader_indicators import (
    Indicator,
    Price,
    adx,
    atr,
    bollinger,
    cci,
    donchian,
    ema,
    highest,
    indicator,
    lowest,
    macd,
    momentum,
    money_flow,
    on_balance_volume,
    previous,
    price,
    rate_of_change,
    rsi,
    sma,
    standard_deviation,
    stochastic,
    true_range,
    wma,
)

Make = Callable[..., Any]


class TestIdentity:
    def test_defaults_written_out_make_no_difference(self) -> None:
        assert indicator("RSI") == indicator("rsi", timeperiod=14) == rsi(14)

    def test_whole_number_for_a_fraction_makes_no_difference(self) -> None:
        assert indicator("BBANDS", output="upperband", nbdevup=2) == indicator(
            "BBANDS", output="upperband", nbdevup=2.0
        )

    def test_average_by_name_is_the_average_by_number(self) -> None:
        assert indicator("MA", matype="ema") == indicator("MA", matype=1)

    @pytest.mark.parametrize("other", [sma(21), sma(20, "open"), indicator("EMA", timeperiod=20)], ids=repr)
    def test_other_options_inputs_or_function_differ(self, other: Indicator) -> None:
        assert sma(20) != other

    def test_equal_ones_are_one_key(self) -> None:
        assert len({sma(20), indicator("SMA", timeperiod=20), sma(20, of=price())}) == 2

    def test_frozen(self) -> None:
        with pytest.raises(FrozenInstanceError):
            sma(20).function = "EMA"  # type: ignore[misc]

    def test_pickled_one_is_equal(self) -> None:
        one = sma(5, of=rsi(3))

        assert pickle.loads(pickle.dumps(one)) == one

    @pytest.mark.parametrize(
        "one",
        [sma(20), macd().signal, sma(9, "volume"), atr(7), sma(5, of=rsi(3)), on_balance_volume("open")],
        ids=repr,
    )
    def test_repr_is_the_call_that_makes_it(self, one: Indicator) -> None:
        assert eval(repr(one), {"indicator": indicator}) == one

    def test_importing_the_library_leaves_talib_alone(self) -> None:
        """TA-Lib takes pandas and polars with it; a listing of plugins must not pay for that."""
        code = "import sys, qtrader_indicators; assert 'talib' not in sys.modules"

        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class TestValues:
    """Worked out by hand."""

    def test_sma(self, closes: Make) -> None:
        assert sma(3).over(closes(1, 2, 6, 4)).tolist()[2:] == [3.0, 4.0]

    def test_wma_weighs_the_latest_most(self, closes: Make) -> None:
        """(1 x 1 + 2 x 4) / 3."""
        assert wma(2).over(closes(1, 4)).tolist()[1:] == [3.0]

    def test_ema_is_seeded_with_the_mean(self, closes: Make) -> None:
        """Mean of 1 and 3 is 2; then 2 + 2/3 x (5 - 2)."""
        assert ema(2).over(closes(1, 3, 5)).tolist()[1:] == [2.0, 4.0]

    def test_adx_of_a_straight_rise_is_hundred(self, closes: Make) -> None:
        assert adx(2).over(closes(1, 2, 3, 4, 5))[-1] == 100.0

    def test_cci_is_in_mean_deviations(self, closes: Make) -> None:
        """Of 2 and 6: 6 is 2 above the mean, the mean deviation is 2: 2 / (0.015 x 2)."""
        assert cci(2).over(closes(2, 6))[1] == pytest.approx(1 / 0.015)

    def test_highest_and_lowest_include_the_bar(self, closes: Make) -> None:
        columns = closes(3, 1, 2, 5)

        assert (highest(2).over(columns).tolist()[1:], lowest(2).over(columns).tolist()[1:]) == ([3, 2, 5], [1, 1, 2])

    def test_rate_of_change_is_in_percent(self, closes: Make) -> None:
        assert rate_of_change(1).over(closes(50, 55, 44)).tolist()[1:] == pytest.approx([10.0, -20.0])

    def test_momentum_is_in_units(self, closes: Make) -> None:
        assert momentum(2).over(closes(50, 55, 44)).tolist()[2:] == [-6.0]

    def test_standard_deviation_is_of_the_population(self, closes: Make) -> None:
        """Of 2 and 6: mean 4, squares 4 and 4, root of 4."""
        assert standard_deviation(2).over(closes(2, 6)).tolist()[1:] == [2.0]

    def test_bollinger_is_mean_and_deviations(self, closes: Make) -> None:
        """Of 2 and 6: 4, and three times 2 around it."""
        columns = closes(2, 6)
        bands = bollinger(2, 3)

        assert [band.over(columns)[1] for band in bands] == [10.0, 4.0, -2.0]

    def test_macd_histogram_is_line_less_signal(self, market: Make) -> None:
        columns = market(1)
        lines = macd(5, 9, 4)
        line, signal, histogram = (one.over(columns)[lines.line.lookback :] for one in lines)

        assert histogram == pytest.approx(line - signal)

    def test_true_range_reaches_to_the_close_before(self, market: Make) -> None:
        columns = replace(
            market(1, rows=2), high=np.array([9.0, 7]), low=np.array([8.0, 6]), close=np.array([8.5, 6.5])
        )

        assert true_range().over(columns)[1] == 2.5

    def test_donchian_is_the_range_of_highs_and_lows(self, market: Make) -> None:
        columns = market(1)
        bands = donchian(10)

        assert (bands.upper.over(columns)[9], bands.lower.over(columns)[9]) == (
            columns.high[:10].max(),
            columns.low[:10].min(),
        )

    def test_stochastic_of_a_close_at_the_high_is_hundred(self, closes: Make) -> None:
        assert stochastic(3, 1, 1).k.over(closes(1, 2, 3, 4))[-1] == 100.0

    def test_volume_can_be_averaged(self, market: Make) -> None:
        columns = market(1)

        assert sma(2, "volume").over(columns)[1] == columns.volume[:2].mean()

    def test_indicator_of_an_indicator_waits_for_both(self, market: Make) -> None:
        columns = market(1)
        inner = rsi(5).over(columns)
        outer = sma(3, of=rsi(5))

        assert (outer.lookback, outer.over(columns)[7]) == (7, pytest.approx(inner[5:8].mean()))

    def test_indicator_of_an_indicator_streams_the_same_bits(self, market: Make) -> None:
        columns = market(1)
        one = sma(3, of=rsi(5))
        stream = one.stream()
        values = [stream.update(*row) for row in columns.rows()]

        assert values[:7] == [None] * 7
        assert values[7:] == one.over(columns)[7:].tolist()

    def test_indicator_of_an_indicator_restores_and_resets(self, market: Make) -> None:
        rows = market(1, rows=40).rows()
        stream, resumed = (sma(3, of=rsi(5)).stream() for _ in range(2))
        first = [stream.update(*row) for row in rows]
        resumed.restore(stream.snapshot())
        stream.reset()

        assert [stream.update(*row) for row in rows] == first
        assert resumed.snapshot() == stream.snapshot()

    def test_fewer_bars_than_it_needs_are_all_undefined(self, closes: Make) -> None:
        assert np.isnan(sma(20).over(closes(1, 2, 3))).all()

    def test_no_bars_give_no_values(self, closes: Make) -> None:
        assert len(sma(20).over(closes())) == 0


class TestRefusals:
    @pytest.mark.parametrize(
        ("make", "said"),
        [
            (lambda: indicator("RSII"), "no function 'RSII'. Did you mean 'RSI'?"),
            (
                lambda: indicator("RSI", period=5),
                "no option 'period'. It takes: timeperiod. Did you mean 'timeperiod'?",
            ),
            (lambda: indicator("OBV", timeperiod=5), "It takes: no options"),
            (lambda: indicator("RSI", timeperiod=1), "TA-Lib refuses RSI with timeperiod=1"),
            (lambda: indicator("RSI", timeperiod=2.5), "timeperiod=2.5 must be a whole number"),
            (lambda: indicator("RSI", timeperiod=True), "timeperiod=True must be a whole number"),
            (
                lambda: indicator("BBANDS", output="upperband", nbdevup=float("nan")),
                "nbdevup=nan must be a finite number",
            ),
            (lambda: indicator("MA", matype="EMMA"), "matype='EMMA' is no average"),
            (lambda: indicator("MACD"), "'macd', 'macdsignal', 'macdhist'"),
            (lambda: indicator("MACD", output="signal"), "no output 'signal'"),
            (lambda: indicator("MAVP"), "a period for each bar"),
            (lambda: indicator("ATR", inputs=["close"]), "lets 0 of its inputs be chosen"),
            (
                lambda: sma(5, "clsoe"),
                "no column 'clsoe'; there are open, high, low, close, volume. Did you mean 'close'?",
            ),
            (lambda: sma(5, 3), "3 is neither a column's name nor an indicator"),  # type: ignore[arg-type]
            (lambda: price("adjusted"), "no column 'adjusted'"),
            (lambda: previous(sma(5), 0), "bars=0"),
        ],
    )
    def test_says_what_is_wrong(self, make: Callable[[], Any], said: str) -> None:
        with pytest.raises(ValueError, match=re.escape(said)):
            make()

    def test_unknown_volume_is_named_in_batch(self, market: Make) -> None:
        columns = market(1)
        columns = replace(columns, volume=np.where(np.arange(len(columns)) == 30, np.nan, columns.volume))

        with pytest.raises(ValueError, match=r"volume is unknown .* at row 30"):
            money_flow().over(columns)

    def test_unknown_volume_is_named_in_a_stream(self) -> None:
        with pytest.raises(ValueError, match=r"volume is unknown .* at bar 0"):
            money_flow().stream().update(1, 1, 1, 1, float("nan"))

    def test_unknown_volume_is_no_matter_to_who_does_not_read_it(self, market: Make) -> None:
        columns = market(1)

        assert np.isfinite(sma(5).over(replace(columns, volume=np.full(len(columns), np.nan)))[4:]).all()

    @pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
    @pytest.mark.parametrize("one", [sma(3), price("close")], ids=repr)
    def test_price_that_is_not_finite_is_refused(self, one: Any, bad: float, closes: Make) -> None:
        stream = one.stream()
        stream.update(1, 1, 1, 1, 1)

        with pytest.raises(ValueError, match="row 1: indicators take finite numbers only"):
            one.over(closes(1, bad, 1))
        with pytest.raises(ValueError, match="bar 1 of its stream"):
            stream.update(1, 1, 1, bad, 1)

    def test_refused_bar_leaves_the_stream_as_it_was(self) -> None:
        stream = sma(2).stream()
        stream.update(1, 1, 1, 1, 1)
        with pytest.raises(ValueError, match="finite"):
            stream.update(1, 1, 1, float("nan"), 1)

        assert stream.update(3, 3, 3, 3, 1) == 2.0

    @pytest.mark.parametrize("one", [sma(3), Price("open")], ids=repr)
    def test_snapshot_of_another_indicator_is_refused(self, one: Any) -> None:
        with pytest.raises(ValueError, match="restore it into a stream of the indicator that made it"):
            one.stream().restore(sma(4).stream().snapshot())
