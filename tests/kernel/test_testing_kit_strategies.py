"""The suite for strategies: what keeps to the port passes, what does not is caught by the test meant."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from qtrader.errors import RunError
from qtrader.events import RecordEvent
from qtrader.ports import SignalIntention
from qtrader.testing import Stage, StrategyConformance, bars, signals
from suites import failing


@dataclass
class Counting:
    """Counts bars."""

    bars: int = field(default=0, init=False)

    def on_bar(self, bar: Any, context: Any) -> None:
        self.bars += 1
        context.record(bars=self.bars)

    def snapshot(self) -> dict[str, Any]:
        return {"bars": self.bars}

    def restore(self, snapshot: dict[str, Any]) -> None:
        self.bars = snapshot["bars"]


class TestCounting(StrategyConformance):
    tool = Counting()


@dataclass
class HalfSaved:
    """Can be saved and not brought back."""

    def on_bar(self, bar: Any, context: Any) -> None: ...

    def snapshot(self) -> dict[str, Any]:
        return {}


@dataclass
class Mute:
    """Is never called."""


def test_a_strategy_that_loses_what_it_saved_is_caught() -> None:
    class Losing(Counting):
        """Brings back nothing."""

        def restore(self, snapshot: dict[str, Any]) -> None:
            self.bars = 0

    tool = Losing()
    tool.bars = 3
    checked = type("Checked", (StrategyConformance,), {"tool": tool})()

    with pytest.raises(AssertionError):
        checked.test_its_snapshot_is_plain_json()


@dataclass
class Rising:
    """Signals a close above the one before, from its own memory."""

    before: dict[str, str] = field(default_factory=dict, init=False)

    def on_bar(self, bar: Any, context: Any) -> None:
        if bar.close > Decimal(self.before.get(bar.symbol, "Infinity")):
            context.emit_signal(bar.symbol, SignalIntention.OPEN_LONG, price=bar.close)
        self.before[bar.symbol] = str(bar.close)

    def snapshot(self) -> dict[str, Any]:
        return {"before": self.before}

    def restore(self, snapshot: dict[str, Any]) -> None:
        self.before = dict(snapshot["before"])


@dataclass
class Averaging:
    """Signals from what it tracks, and keeps nothing itself."""

    def on_start(self, context: Any) -> None:
        self.mean = context.track(Mean())

    def on_bars(self, bars: Any, context: Any) -> None:
        context.record(**{symbol: self.mean[symbol] for symbol in bars.symbols})


class Mean:
    """The mean of the last three closes."""

    lookback = 2

    def stream(self) -> Any:
        return MeanStream()


class MeanStream:
    def __init__(self) -> None:
        self.closes: list[float] = []

    def update(self, open: float, high: float, low: float, close: float, volume: float) -> float | None:
        self.closes = [*self.closes, close][-3:]
        return sum(self.closes) / 3 if len(self.closes) == 3 else None


class TestRising(StrategyConformance):
    tool = Rising()


class TestAveraging(StrategyConformance):
    tool = Averaging()


def test_signals_are_those_of_the_bars_shown() -> None:
    said = signals(Rising(), bars([10, 11, 9, "9.5"]))

    assert [(one.price, one.occurred_at.day) for one in said] == [(Decimal(11), 3), (Decimal("9.5"), 5)]


@dataclass
class Mindless:
    """Says nothing, ever."""

    def on_bar(self, bar: Any, context: Any) -> None: ...


@dataclass
class Peeking:
    """Looks behind the columns that it is handed, where the rest of the year is."""

    def on_bar(self, bar: Any, context: Any) -> None:
        whole = context.history(bar.symbol, 1).close.base[:, 3]
        if float(bar.close) < whole.max():
            context.record(higher_to_come=True)


@dataclass
class Haunted:
    """Remembers the run before."""

    seen: ClassVar[list[str]] = []

    def on_bar(self, bar: Any, context: Any) -> None:
        self.seen.append(bar.symbol)
        context.record(seen=len(self.seen))


@dataclass
class Unsaved:
    """Remembers and has no snapshot."""

    bars: int = field(default=0, init=False)

    def on_bar(self, bar: Any, context: Any) -> None:
        self.bars += 1
        context.record(bars=self.bars)


@pytest.mark.parametrize(
    ("tool", "tests"),
    [
        (Mindless(), ["test_it_says_something"]),
        (Unsaved(), ["test_stopped_anywhere_and_restored_it_says_the_same"]),
        (Peeking(), ["test_later_bars_change_nothing"]),
    ],
    ids=["Mindless", "Unsaved", "Peeking"],
)
def test_a_strategy_is_caught_by_exactly_the_test_meant(tool: Any, tests: list[str]) -> None:
    assert failing(StrategyConformance, tool=tool) == tests


def test_a_strategy_that_remembers_the_run_before_is_caught() -> None:
    assert "test_two_runs_say_the_same" in failing(StrategyConformance, tool=Haunted())


@dataclass
class Choosing:
    """Opens, and closes by name what it then holds."""

    def on_bar(self, bar: Any, context: Any) -> None:
        lots = context.lots(bar.symbol)
        intention = SignalIntention.CLOSE_LONG if lots else SignalIntention.OPEN_LONG
        context.emit_signal(bar.symbol, intention, price=bar.close, lots=[one.lot_id for one in lots])


def test_what_is_opened_on_the_stage_is_a_lot_that_can_be_named() -> None:
    opened, closed, again = signals(Choosing(), bars([10, 11, 12]))

    assert (opened.lots, closed.lots, again.lots) == ((), ("mine-AAPL-L000001",), ())


def test_an_order_by_hand_and_a_float_price_meet_their_contracts() -> None:
    stage = Stage(bars([10]))

    assert stage.emit_order("AAPL", "buy", "5").quantity == 5
    with pytest.raises(ValueError, match="price"):
        stage.emit_signal("AAPL", SignalIntention.OPEN_LONG, price=Decimal(-1))


@dataclass
class ByWeeks:
    """Records the mean of three weeks on each day, and is called with days alone."""

    def on_start(self, context: Any) -> None:
        self.mean = context.track(Mean(), interval="1w")

    def on_bar(self, bar: Any, context: Any) -> None:
        context.record(bar=bar.interval, mean=self.mean[bar.symbol], weeks=len(context.history(bar.symbol, 9, "1w")))


@dataclass
class OfWeeks(ByWeeks):
    """Is called with weeks alone."""

    intervals: ClassVar = ("1w",)


DAYS_AND_WEEKS = bars(range(10, 40))
DAYS_AND_WEEKS += [one.model_copy(update={"interval": "1w"}) for one in DAYS_AND_WEEKS[4::5]]


class TestByWeeks(StrategyConformance):
    tool = ByWeeks()
    bars = DAYS_AND_WEEKS


def test_a_stage_shows_days_and_follows_weeks() -> None:
    """Weeks close at 14, 19, 24, ...; the third is over with the fifteenth day."""
    said = [dict(event.values) for event in Stage(DAYS_AND_WEEKS).play(ByWeeks()) if isinstance(event, RecordEvent)]

    assert len(said) == 16
    assert said[0] == {"bar": "1d", "mean": 19.0, "weeks": 3}
    assert said[-1] == {"bar": "1d", "mean": 34.0, "weeks": 6}


def test_a_stage_shows_weeks_to_whom_asks_for_them() -> None:
    said = [dict(event.values) for event in Stage(DAYS_AND_WEEKS).play(OfWeeks()) if isinstance(event, RecordEvent)]

    assert [one["mean"] for one in said] == [19.0, 24.0, 29.0, 34.0]


def test_an_interval_that_a_stage_has_not_got_is_named() -> None:
    with pytest.raises(RunError, match=r"no bars of '1w' on this stage: it has 1d; give the suite others"):
        Stage(bars([10])).play(ByWeeks())


WRONG = [
    (StrategyConformance, Mute(), "test_it_can_be_called"),
    (StrategyConformance, HalfSaved(), "test_what_can_be_saved_can_be_brought_back"),
]


@pytest.mark.parametrize(
    ("suite", "tool", "test"), WRONG, ids=[f"{type(tool).__name__}-{test}" for _, tool, test in WRONG]
)
def test_what_does_not_keep_to_its_port_is_caught(suite: type[Any], tool: Any, test: str) -> None:
    checked = type("Checked", (suite,), {"tool": tool})()

    with pytest.raises(AssertionError):
        getattr(checked, test)()
