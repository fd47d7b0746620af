"""Strategies among bars of several intervals: what they are called with, what they track, and how they go on."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import pytest

from qtrader.errors import ConfigError, RunError
from qtrader.ports.settings import StrategySettings

Make = Callable[..., Any]
CLOSES = {"A": list(range(10, 22)), "B": list(range(50, 38, -1))}


@dataclass(frozen=True)
class Latest:
    """The last close, from the bar number ``lookback`` on; follows bar by bar to the same value."""

    lookback: int = 0
    seen: list[float] = field(default_factory=list, compare=False)

    def over(self, columns: Any) -> Any:
        values = np.array(columns.close)
        values[: self.lookback] = np.nan
        return values

    def stream(self) -> "Latest":
        return replace(self, seen=[])

    def update(self, open: float, high: float, low: float, close: float, volume: float) -> float | None:
        self.seen.append(close)
        return close if len(self.seen) > self.lookback else None

    def reset(self) -> None:
        self.seen.clear()

    def snapshot(self) -> dict[str, Any]:
        return {"seen": list(self.seen)}

    def restore(self, snapshot: dict[str, Any]) -> None:
        self.seen[:] = snapshot["seen"]


@dataclass
class Both:
    """Records day, and the week before it, of each bar it is called with."""

    lookback: int = 0
    looks: bool = True

    def on_start(self, context: Any) -> None:
        self.day = context.track(Latest())
        self.week = context.track(Latest(self.lookback), interval="1w")

    def on_bar(self, bar: Any, context: Any) -> None:
        context.record(
            bar=f"{bar.symbol} {bar.interval} {bar.close}",
            day=self.day[bar.symbol],
            week=self.week[bar.symbol],
            weeks=context.history(bar.symbol, 9, interval="1w").close.tolist()[-1] if self.looks else None,
        )


@dataclass
class Called:
    """Records what it is called with."""

    intervals: ClassVar = ("1w", "1d")

    def on_bar(self, bar: Any, context: Any) -> None:
        context.record(one=f"{bar.symbol} {bar.interval}")

    def on_bars(self, bars: Any, context: Any) -> None:
        context.record(all=" ".join(f"{bar.symbol} {bar.interval}" for bar in bars.values()))


@dataclass
class OwnOption:
    """Has an option that happens to be called ``intervals``."""

    intervals: int = 3

    def on_bar(self, bar: Any, context: Any) -> None:
        context.record(one=bar.interval)


@dataclass
class Weekly:
    """Tracks without saying at which interval."""

    def on_start(self, context: Any) -> None:
        self.close = context.track(Latest())

    def on_bar(self, bar: Any, context: Any) -> None:
        context.record(close=self.close[bar.symbol], rows=len(context.history(bar.symbol, 99)))


def weeks(tables: Make, symbols: Sequence[str] = "AB") -> list[Any]:
    """Weeks that end with the fifth and the tenth of the days, closing with them."""
    made = []
    for symbol in symbols:
        days = tables(symbol, CLOSES[symbol])
        chosen = [4, 9]
        names = ("time_ns", "open_ns", "session", "open", "high", "low", "close")
        made.append(replace(days, interval="1w", **{name: np.array(getattr(days, name)[chosen]) for name in names}))
    return made


@pytest.fixture
def play(stage: Make, tables: Make) -> Make:
    """Strategies over the days and weeks of A and B."""

    def played(*strategies: Any, **options: Any) -> Any:
        days = [tables(symbol, closes) for symbol, closes in CLOSES.items()]
        return stage(days, *strategies, coarser=weeks(tables), **options).play()

    return played


def expected(symbol: str, lookback: int) -> list[dict[str, Any]]:
    """What ``Both`` records: from the day on which the week is known, the close of the last week that is over."""
    closes, found = CLOSES[symbol], []
    for day, close in enumerate(closes):
        over = [closes[last] for last in (4, 9) if last <= day]
        if len(over) > lookback:
            row = {
                "bar": f"{symbol} 1d {close}",
                "day": float(close),
                "week": float(over[-1]),
                "weeks": float(over[-1]),
            }
            found.append(row)
    return found


@pytest.mark.parametrize("lookback", [0, 1])
def test_all_that_is_tracked_sets_the_warm_up(play: Make, lookback: int) -> None:
    records = play(Both(lookback)).records()

    for symbol in CLOSES:
        assert [one for one in records if one["bar"].startswith(symbol)] == expected(symbol, lookback)
    assert len(records) == 2 * (8 if lookback == 0 else 3)


def test_bars_come_interval_by_interval(play: Make) -> None:
    records = play(Called()).records()

    assert records[12:18] == [
        {"one": "A 1d"}, {"one": "B 1d"}, {"all": "A 1d B 1d"}, {"one": "A 1w"}, {"one": "B 1w"}, {"all": "A 1w B 1w"},
    ]  # fmt: skip
    assert len(records) == 3 * 12 + 3 * 2


def test_without_a_word_a_strategy_gets_trading_bars_alone(play: Make) -> None:
    assert play(OwnOption()).records() == [{"one": "1d"}] * 24


def test_the_settings_choose(play: Make, named: Make) -> None:
    chosen = StrategySettings(name="one", use="x", instance=Called(), intervals=["1w"], symbols=["B"])

    assert play(chosen).records() == [{"one": "B 1w"}, {"all": "B 1w"}] * 2


def test_what_it_is_called_with_is_what_it_tracks_and_looks_back_on(play: Make) -> None:
    chosen = StrategySettings(name="one", use="x", instance=Weekly(), intervals=["1w"], symbols=["A"])

    assert play(chosen).records() == [{"close": 14.0, "rows": 1}, {"close": 19.0, "rows": 2}]


def test_strategies_side_by_side_get_their_own(play: Make, named: Make) -> None:
    records = play(named(OwnOption(), "days"), StrategySettings(name="weeks", use="x", instance=Weekly(),
                                                               intervals=["1w"])).records()  # fmt: skip

    assert len([one for one in records if "one" in one]) == 24
    assert len([one for one in records if "close" in one]) == 4


def test_by_hand_it_sees_what_it_sees_in_a_run(play: Make, alone: Make, tables: Make) -> None:
    in_a_run = play(Both(1)).records()
    bus, _ = alone(Both(1))
    for bar in by_hand(tables):
        bus.publish(bar)
    said = [dict(event.values) for event in bus.history if event.topic == "record"]

    assert said == in_a_run


@pytest.mark.parametrize("stop", [3, 12, 20, 25])
def test_stopped_and_restored_it_goes_on(alone: Make, tables: Make, stop: int) -> None:
    bars = by_hand(tables)
    whole, _ = alone(Both(1, looks=False))
    for bar in bars:
        whole.publish(bar)
    first, service = alone(Both(1, looks=False))
    for bar in bars[:stop]:
        first.publish(bar)
    second, again = alone(Both(1, looks=False))
    again.restore(json.loads(json.dumps(service.snapshot())))
    for bar in bars[stop:]:
        second.publish(bar)

    def values(*buses: Any) -> list[Any]:
        return [dict(event.values) for bus in buses for event in bus.history if event.topic == "record"]

    assert values(first, second) == values(whole)
    assert values(whole)


def by_hand(tables: Make) -> list[Any]:
    """The events of the same bars, in the order of a run, but a week before the days that it ends with is no week."""
    days = [tables(symbol, closes) for symbol, closes in CLOSES.items()]
    bars = [table.bar(row) for table in (*days, *weeks(tables)) for row in range(len(table))]
    rank = {"1w": 0, "1d": 1}
    ordered = sorted(bars[1:], key=lambda bar: (bar.time_ns, rank[bar.interval], bar.symbol))
    return [bar.event() for bar in (bars[0], *ordered)]


@pytest.mark.parametrize(
    ("intervals", "told"), [(("1h",), "intervals: '1h' is not in data.interval"), (7, "intervals: 7 is not in")]
)
def test_a_class_that_asks_for_what_is_not_there_is_refused(play: Make, intervals: Any, told: str) -> None:
    asking = type("Asking", (Called,), {"intervals": intervals})

    with pytest.raises(ConfigError, match=f"strategy 'one': {told}"):
        play(asking())


def test_history_of_an_interval_that_is_not_there_is_refused(play: Make) -> None:
    @dataclass
    class Looks:
        def on_bar(self, bar: Any, context: Any) -> None:
            context.history(bar.symbol, 3, interval="1mo")

    with pytest.raises(RunError, match=r"history at interval '1mo': the run has 1d, 1w; list it in data\.interval"):
        play(Looks())
