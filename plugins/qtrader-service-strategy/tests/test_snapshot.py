"""A service stopped anywhere and restored goes on as if it had never stopped."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from qtrader.errors import RunError
from qtrader_indicators import crossing, price, sma

Make = Callable[..., Any]
CLOSES = [5, 6, 4, 7, 3, 8, 2, 9, 1, 10]


@dataclass
class Turns:
    """Signals each turn, and remembers how many there were."""

    window: int = 3
    turns: int = field(default=0, init=False)

    def on_start(self, context: Any) -> None:
        self.turn = context.track(crossing(price(), sma(self.window)))

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


def told(event: Any) -> tuple[str, str]:
    return event.signal_id, event.reason


@pytest.mark.parametrize("stop", range(len(CLOSES) + 1))
def test_in_a_run(stop: int, stage: Make, tables: Make) -> None:
    one = [tables("AAPL", CLOSES)]
    whole = stage(one, Turns()).play()
    before = stage(one, Turns()).play(0, stop)
    after = stage(one, Turns(), start=False)
    after.service.restore(json.loads(json.dumps(before.service.snapshot())))
    after.play(stop)

    assert [told(event) for event in (*before.said("signal"), *after.said("signal"))] == [
        (f"one-{number:06d}", f"turn {number}") for number in range(1, len(whole.said("signal")) + 1)
    ]
    assert len(whole.said("signal")) == 7


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

    assert [told(event) for event in (*topics(first), *topics(second))] == [
        (f"one-{number:06d}", f"turn {number}") for number in range(1, 8)
    ]


def test_snapshot_of_the_restored_is_the_snapshot(alone: Make, bar_of: Make) -> None:
    bus, before = alone(Turns())
    for number, close in enumerate(CLOSES):
        bus.publish(bar_of("AAPL", number, close))
    after = alone(Turns())[1]
    after.restore(before.snapshot())

    assert after.snapshot() == before.snapshot()


def test_earlier_state_makes_a_symbol_unready_again(alone: Make, bar_of: Make, topics: Make) -> None:
    """A stream restored to nothing needs its bars again."""
    bus, service = alone(Turns(window=1))
    empty = service.snapshot()
    for number, close in enumerate([5, 6, 7]):
        bus.publish(bar_of("AAPL", number, close))
    service.restore(empty)
    bus.publish(bar_of("AAPL", 3, 8))

    assert topics(bus) == []


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

        with pytest.raises(RunError, match=r"\(version 2\)"):
            service.restore({**service.snapshot(), "version": 2})

    def test_snapshot_with_other_indicators(self, alone: Make) -> None:
        service = alone(Turns())[1]
        snapshot = service.snapshot()
        snapshot["strategies"][0]["tracked"] = []

        with pytest.raises(RunError, match="tracks 1 indicators, its snapshot has 0"):
            service.restore(snapshot)

    def test_snapshot_of_an_indicator_with_other_options(self, alone: Make, bar_of: Make) -> None:
        bus, service = alone(Turns(window=3))
        bus.publish(bar_of("AAPL", 0, 5))

        with pytest.raises(ValueError, match="restore it into a stream of the indicator that made it"):
            alone(Turns(window=4))[1].restore(service.snapshot())
