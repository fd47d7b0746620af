"""A service stopped anywhere and restored goes on as if it had never stopped."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from qtrader import EventBus, wire_alone
from qtrader.errors import RunError
from qtrader.ports.settings import StrategySettings
from qtrader_service_strategy.service import StrategyService

Make = Callable[..., Any]
CLOSES = [5, 6, 4, 5, 3, 4, 2, 9, 1, 2]
"""Against three bars before, from the fourth on: 0, -3, 0, -3, 6, -3, 0."""
TURNS = [
    ("one-000001", "turn 1", 3),
    ("one-000002", "turn 2", 2),
    ("one-000003", "turn 3", 9),
    ("one-000004", "turn 4", 1),
]
"""Id, reason and close where the change is not 0."""


@dataclass(frozen=True)
class Change:
    """The close less that of some bars ago."""

    bars: int = 3

    @property
    def lookback(self) -> int:
        return self.bars

    def over(self, columns: Any) -> Any:
        values = np.full(len(columns), np.nan)
        values[self.bars :] = columns.close[self.bars :] - columns.close[: -self.bars]
        return values

    def stream(self) -> "ChangeStream":
        return ChangeStream(self)


class ChangeStream:
    """Keeps the closes that it still needs."""

    def __init__(self, change: Change) -> None:
        self.change = change
        self.closes: list[float] = []

    def update(self, open: float, high: float, low: float, close: float, volume: float) -> float | None:
        self.closes.append(close)
        return close - self.closes.pop(0) if len(self.closes) > self.change.bars else None

    def reset(self) -> None:
        self.closes.clear()

    def snapshot(self) -> dict[str, Any]:
        return {"bars": self.change.bars, "closes": list(self.closes)}

    def restore(self, snapshot: dict[str, Any]) -> None:
        if snapshot["bars"] != self.change.bars:
            raise ValueError("made by another indicator")
        self.closes = list(snapshot["closes"])


@dataclass
class Turns:
    """Signals each turn, and remembers how many there were."""

    window: int = 3
    turns: int = field(default=0, init=False)

    def on_start(self, context: Any) -> None:
        self.turn = context.track(Change(self.window))

    def on_bar(self, bar: Any, context: Any) -> None:
        if self.turn[bar.symbol]:
            self.turns += 1
            context.emit_signal(bar.symbol, "OPEN_LONG", bar.close, reason=f"turn {self.turns}")

    def snapshot(self) -> dict[str, Any]:
        return {"turns": self.turns}

    def restore(self, snapshot: dict[str, Any]) -> None:
        self.turns = snapshot["turns"]


@dataclass
class Plain:
    """Has no state of its own."""

    def on_bar(self, bar: Any, context: Any) -> None:
        context.emit_signal(bar.symbol, "OPEN_LONG", bar.close)


def told(*events: Any) -> list[tuple[str, str, int]]:
    return [(event.signal_id, event.reason, int(event.price)) for event in events]


@pytest.mark.parametrize("stop", range(len(CLOSES) + 1))
def test_in_a_run(stop: int, stage: Make, tables: Make) -> None:
    one = [tables("AAPL", CLOSES)]
    before = stage(one, Turns()).play(0, stop)
    after = stage(one, Turns(), start=False)
    after.service.restore(json.loads(json.dumps(before.service.snapshot())))
    after.play(stop)

    assert told(*before.said("signal"), *after.said("signal")) == TURNS


@pytest.mark.parametrize("stop", range(len(CLOSES) + 1))
def test_by_hand(stop: int, alone: Make, bar_of: Make, topics: Make) -> None:
    bars = [bar_of("AAPL", number, close) for number, close in enumerate(CLOSES)]
    first, before = alone(Turns())
    second, after = alone(Turns())
    for bar in bars[:stop]:
        first.publish(bar)
    after.restore(json.loads(json.dumps(before.snapshot())))
    for bar in bars[stop:]:
        second.publish(bar)

    assert told(*topics(first), *topics(second)) == TURNS


def test_snapshot_of_the_restored_is_the_snapshot(alone: Make, bar_of: Make) -> None:
    bus, before = alone(Turns())
    for number, close in enumerate(CLOSES):
        bus.publish(bar_of("AAPL", number, close))
    after = alone(Turns())[1]
    after.restore(before.snapshot())

    assert after.snapshot() == before.snapshot()


def test_earlier_state_makes_a_symbol_unready_again(alone: Make, bar_of: Make, topics: Make) -> None:
    """A stream restored to nothing needs its bars again: the last bar is its first."""
    bus, service = alone(Turns(window=1))
    empty = service.snapshot()
    for number, close in enumerate([5, 6, 7]):
        bus.publish(bar_of("AAPL", number, close))
    service.restore(empty)
    bus.publish(bar_of("AAPL", 3, 8))

    assert [int(event.price) for event in topics(bus)] == [6, 7]


def test_strategy_without_state_of_its_own_keeps_its_count(alone: Make, bar_of: Make, topics: Make) -> None:
    bus, before = alone(Plain())
    bus.publish(bar_of("AAPL", 0, 5))
    other, after = alone(Plain())
    after.restore(before.snapshot())
    other.publish(bar_of("AAPL", 1, 6))

    assert topics(other)[0].signal_id == "one-000002"


class TestRefusals:
    def test_snapshot_of_other_strategies(self, alone: Make, named: Make) -> None:
        snapshot = alone(named(Plain(), "a"))[1].snapshot()

        with pytest.raises(RunError, match=r"of the strategies \['a'\], not of \['b'\]"):
            alone(named(Plain(), "b"))[1].restore(snapshot)

    def test_snapshot_of_another_version(self, alone: Make) -> None:
        service = alone(Plain())[1]

        with pytest.raises(RunError, match=r"\(version 9\)"):
            service.restore({**service.snapshot(), "version": 9})

    def test_snapshot_with_other_indicators(self, alone: Make) -> None:
        service = alone(Turns())[1]
        snapshot = service.snapshot()
        snapshot["strategies"][0]["tracked"] = []

        with pytest.raises(RunError, match="tracks 1 indicators, its snapshot has 0"):
            service.restore(snapshot)

    def test_snapshot_of_an_indicator_with_other_options(self, alone: Make, bar_of: Make) -> None:
        bus, service = alone(Turns(window=3))
        bus.publish(bar_of("AAPL", 0, 5))

        with pytest.raises(ValueError, match="made by another indicator"):
            alone(Turns(window=4))[1].restore(service.snapshot())


class Rhythm:
    """Is told when a session is over, and schedules something for then, too."""

    def on_start(self, context: Any) -> None:
        context.schedule(self.later, every="session")

    def on_session_end(self, session: Any, context: Any) -> None: ...

    def later(self, bars: Any, context: Any) -> None: ...


def rhythm() -> tuple[EventBus, StrategyService]:
    """A service on a bus that nobody has attached it to."""
    bus = EventBus()
    settings = [StrategySettings(name="s", use="Rhythm", instance=Rhythm())]
    return bus, StrategyService(bus, settings, wire_alone(bus, "strategy"))


def called(bus: EventBus, service: StrategyService) -> list[str]:
    """Who hears of a session's end, once what the service lists is attached."""
    bus.attach("strategy", service.handlers())
    service.start()
    return [one.call.__name__ for one in bus.subscribers("valuation_trigger")]


def test_schedules_come_after_the_news_whether_or_not_the_service_was_restored_before_it_listens() -> None:
    bus, service = rhythm()
    assert called(bus, service) == ["on_valuation_trigger", "on_session_end"]

    bus, other = rhythm()
    other.restore(service.snapshot())
    assert called(bus, other) == ["on_valuation_trigger", "on_session_end"]
