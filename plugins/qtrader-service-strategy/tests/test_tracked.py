"""Tracked indicators: the warm-up they set, the values they give, ahead and bar by bar."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from qtrader.errors import DataError, HandlerError, RunError
from qtrader.market import ScheduledAction
from qtrader.ports import CorporateAction

Make = Callable[..., Any]
DAY_NS = 86_400 * 1_000_000_000


@dataclass(frozen=True)
class Mean:
    """Mean of the last closes; undefined where ``undefined_at`` is the mean, and needs volume if it is told so."""

    bars: int
    undefined_at: float | None = None
    volume: bool = False

    @property
    def lookback(self) -> int:
        return self.bars - 1

    def over(self, columns: Any) -> Any:
        stream = self.stream()
        rows = zip(columns.close.tolist(), columns.volume.tolist(), strict=True)
        values = [stream.update(close, close, close, close, volume) for close, volume in rows]
        return np.array([np.nan if value is None else value for value in values])

    def stream(self) -> "MeanStream":
        return MeanStream(self)


class MeanStream:
    """Keeps every close."""

    def __init__(self, mean: Mean) -> None:
        self.mean = mean
        self.closes: list[float] = []

    def update(self, open: float, high: float, low: float, close: float, volume: float) -> float | None:
        if self.mean.volume and np.isnan(volume):
            raise ValueError("the volume is unknown")
        self.closes.append(close)
        if len(self.closes) < self.mean.bars:
            return None
        value = sum(self.closes[-self.mean.bars :]) / self.mean.bars
        return float("nan") if value == self.mean.undefined_at else value

    def reset(self) -> None:
        self.closes.clear()

    def snapshot(self) -> dict[str, Any]:
        return {"closes": self.closes}

    def restore(self, snapshot: dict[str, Any]) -> None:
        self.closes = list(snapshot["closes"])


@dataclass
class Means:
    """Records two means at each bar."""

    fast: int = 2
    slow: int = 3

    def on_start(self, context: Any) -> None:
        self.means = [context.track(Mean(self.fast)), context.track(Mean(self.slow))]

    def on_bar(self, bar: Any, context: Any) -> None:
        context.record(at=int(bar.close), fast=self.means[0][bar.symbol], slow=self.means[1][bar.symbol])


@dataclass
class MeansAtOnce(Means):
    """The same, for all symbols of the instant."""

    on_bar = None  # type: ignore[assignment]

    def on_bars(self, bars: Any, context: Any) -> None:
        context.record(**{symbol: self.means[1][symbol] for symbol in bars})


@dataclass
class Early:
    """Asks one symbol's mean while another is handled."""

    of: str = "IBM"
    bars: int = 1

    def on_start(self, context: Any) -> None:
        self.mean = context.track(Mean(self.bars))

    def on_bar(self, bar: Any, context: Any) -> None:
        context.record(ready=self.mean.ready(self.of), value=self.mean[self.of])


@dataclass
class Track:
    """Tracks what it is given."""

    what: Any = None

    def on_start(self, context: Any) -> None:
        self.tracked = context.track(self.what)

    def on_bar(self, bar: Any, context: Any) -> None:
        context.record(value=self.tracked[bar.symbol])


@dataclass
class Late:
    """Tracks when it is too late."""

    def on_bar(self, bar: Any, context: Any) -> None:
        context.track(Mean(2))


class Short:
    """An indicator that gives too few values."""

    lookback = 0

    def over(self, columns: Any) -> Any:
        return np.zeros(1)

    def stream(self) -> Any:
        raise NotImplementedError


MEANS = [{"at": 6, "fast": 4.0, "slow": 3.0}, {"at": 4, "fast": 5.0, "slow": 4.0}]
"""Of closes 1, 2, 6, 4, from the third on."""


def test_first_call_is_when_everything_is_ready(stage: Make, tables: Make) -> None:
    """Means of 2 and 3 closes: nothing before the third bar."""
    assert stage([tables("AAPL", [1, 2, 6, 4])], Means()).play().records() == MEANS


def test_bars_by_hand_give_the_same(alone: Make, bar_of: Make, topics: Make) -> None:
    bus, _ = alone(Means())
    for number, close in enumerate([1, 2, 6, 4]):
        bus.publish(bar_of("AAPL", number, close))

    assert [dict(event.values) for event in topics(bus)] == MEANS


def test_each_symbol_waits_for_its_own_bars(stage: Make, tables: Make) -> None:
    """IBM has a bar fewer than it needs."""
    records = stage([tables("AAPL", [1, 2, 6, 4]), tables("IBM", [5, 5])], Means()).play().records()

    assert [record["at"] for record in records] == [6, 4]


def test_warm_up_bars_count_and_are_not_handed_over(stage: Make, tables: Make) -> None:
    assert stage([tables("AAPL", [1, 2, 6, 4], live_from=3)], Means()).play().records() == MEANS[1:]


def test_on_bars_gets_the_symbols_that_are_ready(stage: Make, tables: Make) -> None:
    """MSFT has two bars before the run begins."""
    sets = [tables("AAPL", [1, 2, 3]), tables("MSFT", [7, 7, 7])]
    sets[1] = replace(sets[1], live_from=2)

    assert stage(sets, MeansAtOnce()).play().records() == [{"AAPL": 2.0, "MSFT": 7.0}]


def test_strategy_of_some_symbols_tracks_those(stage: Make, tables: Make, named: Make) -> None:
    sets = [tables("AAPL", [1, 2, 6, 4]), tables("IBM", [9, 9, 9, 9])]

    assert stage(sets, named(Means(), symbols=["AAPL"])).play().records() == MEANS


def test_values_are_of_the_signal_view(stage: Make, tables: Make) -> None:
    """Split 2 for 1 before the third bar: 10, 10, 5 is no fall, and the mean stays 10."""
    one = tables("AAPL", [10, 10, 5])
    split = CorporateAction("AAPL", "split", date(2024, 1, 4), numerator=2, denominator=1)
    actions = [ScheduledAction(int(one.open_ns[2]), "split-1", split)]

    assert stage([one], Track(Mean(3)), actions=actions).play().records() == [{"value": 10.0}]


class TestRefusals:
    def test_value_before_the_first_bar(self, stage: Make, tables: Make) -> None:
        """IBM begins a day later than AAPL."""
        late = tables("IBM", [5, 5])
        late = replace(late, time_ns=late.time_ns + 1, open_ns=late.open_ns + 1)
        play = stage([tables("AAPL", [1]), late], Early()).play

        with pytest.raises(HandlerError, match=r"not ready for IBM \(0 of 1 bars\): ask ready\('IBM'\) first"):
            play()

    def test_value_before_enough_bars(self, stage: Make, tables: Make) -> None:
        """AAPL has two bars of warm-up, IBM begins with the run."""
        warm = replace(tables("AAPL", [1, 2, 3]), live_from=2)
        late = replace(tables("IBM", [5, 5, 5]), live_from=0)
        play = stage([warm, replace(late, time_ns=late.time_ns + 2 * DAY_NS)], Early(bars=3)).play

        with pytest.raises(HandlerError, match=r"not ready for IBM \(1 of 3 bars\)"):
            play()

    def test_value_of_a_symbol_that_is_not_its_own(self, stage: Make, tables: Make) -> None:
        play = stage([tables("AAPL", [1])], Early("XYZ")).play

        with pytest.raises(HandlerError, match="not tracked for 'XYZ'; it is for AAPL"):
            play()

    def test_value_by_hand_before_the_first_bar(self, alone: Make, bar_of: Make) -> None:
        with pytest.raises(HandlerError, match="not tracked for 'IBM'; it is for AAPL"):
            alone(Early())[0].publish(bar_of("AAPL", 0, 1))

    def test_value_that_is_not_a_number(self, stage: Make, tables: Make) -> None:
        """It has no value where the mean is 2."""
        play = stage([tables("AAPL", [1, 2])], Track(Mean(1, undefined_at=2))).play

        with pytest.raises(HandlerError, match="is nan for AAPL at this bar: it is not defined for these prices"):
            play()

    def test_value_by_hand_that_is_not_a_number(self, alone: Make, bar_of: Make) -> None:
        bus, _ = alone(Track(Mean(1, undefined_at=2)))

        with pytest.raises(HandlerError, match="is nan for AAPL at this bar"):
            bus.publish(bar_of("AAPL", 0, 2))

    def test_volume_that_is_not_known(self, stage: Make, tables: Make) -> None:
        with pytest.raises(RunError, match=r"AAPL: .*the volume is unknown") as refused:
            stage([tables("AAPL", [1, 2])], Track(Mean(2, volume=True)))

        assert isinstance(refused.value.__cause__, DataError)

    def test_volume_that_is_not_known_by_hand(self, alone: Make, bar_of: Make) -> None:
        with pytest.raises(HandlerError, match="the volume is unknown"):
            alone(Track(Mean(2, volume=True)))[0].publish(bar_of("AAPL", 0, 1, volume=None))

    def test_tracking_after_the_start(self, stage: Make, tables: Make) -> None:
        play = stage([tables("AAPL", [1])], Late()).play

        with pytest.raises(HandlerError, match="outside on_start: what is tracked sets the warm-up"):
            play()

    def test_tracking_what_is_no_indicator(self, alone: Make) -> None:
        with pytest.raises(RunError, match=r"track\(14\): not an indicator"):
            alone(Track(14))

    def test_indicator_with_too_few_values(self, stage: Make, tables: Make) -> None:
        with pytest.raises(RunError, match=r"gave values of shape \(1,\) for 2 bars of AAPL"):
            stage([tables("AAPL", [1, 2])], Track(Short()))


def test_readiness_can_be_asked(stage: Make, tables: Make) -> None:
    """Of a symbol that has bars, of one that has none yet, and of one that nobody knows."""
    on_stage = stage([tables("AAPL", [1, 2, 6]), tables("IBM", [5])], Means())
    on_stage.play(0, 2)
    seat = on_stage.service._seats[0]

    assert [[mean.ready(symbol) for symbol in ("AAPL", "IBM", "XYZ")] for mean in seat.context.tracked] == [
        [True, False, False],
        [False, False, False],
    ]


def test_readiness_can_be_asked_by_hand(alone: Make, bar_of: Make) -> None:
    bus, service = alone(Means())
    for number in range(2):
        bus.publish(bar_of("AAPL", number, 5))

    assert [mean.ready("AAPL") for mean in service._seats[0].context.tracked] == [True, False]


def test_bars_by_hand_and_columns_agree_over_many_bars(
    stage: Make, tables: Make, alone: Make, bar_of: Make, topics: Make
) -> None:
    closes = np.random.default_rng(5).integers(90, 110, 200).tolist()
    bus, _ = alone(Track(Mean(15)))
    for number, close in enumerate(closes):
        bus.publish(bar_of("AAPL", number, close))
    followed = [dict(event.values) for event in topics(bus)]

    assert followed == stage([tables("AAPL", closes)], Track(Mean(15))).play().records()
    assert len(followed) == 200 - 14
