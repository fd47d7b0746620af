"""Which strategy is called when, with which bars."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

import qtrader_service_strategy
from qtrader.errors import ConfigError, HandlerError, RunError
from qtrader.ports import Service, Strategy
from qtrader.testing import RecordingBus
from qtrader_service_strategy import StrategyService

Make = Callable[..., Any]
CALLS: list[Any] = []


@pytest.fixture(autouse=True)
def calls() -> list[Any]:
    """What the strategies of a test were called with, in order."""
    CALLS.clear()
    return CALLS


@dataclass
class Noted:
    """Notes each bar."""

    tag: str = "a"

    def on_bar(self, bar: Any, context: Any) -> None:
        CALLS.append((self.tag, bar.symbol, int(bar.close)))


@dataclass
class NotedAtOnce:
    """Notes each instant."""

    def on_bars(self, bars: Any, context: Any) -> None:
        CALLS.append((bars.symbols, [int(bars[symbol].close) for symbol in bars]))


@dataclass
class Asynchronous:
    async def on_bar(self, bar: Any, context: Any) -> None:
        """Nobody waits."""


@dataclass
class Yielding:
    def on_bars(self, bars: Any, context: Any) -> Any:
        yield bars


@dataclass
class Short:
    def on_bar(self, bar: Any) -> None:
        """Without the context."""


@dataclass
class Long(Noted):
    def on_start(self, context: Any, more: Any) -> None:
        """With more than there is."""


@dataclass
class Generous:
    def on_bar(self, *both: Any) -> None:
        """Takes everything."""

    def on_start(self, context: Any, more: Any = None) -> None:
        """Takes what may come."""


@dataclass
class Both(NotedAtOnce):
    """Notes bars and instants."""

    def on_bar(self, bar: Any, context: Any) -> None:
        CALLS.append(bar.symbol)


@dataclass
class Lived:
    """Notes its life."""

    def on_start(self, context: Any) -> None:
        CALLS.append("start")

    def on_bar(self, bar: Any, context: Any) -> None:
        CALLS.append("bar")

    def on_stop(self, context: Any) -> None:
        CALLS.append("stop")


@dataclass
class Counting:
    """Changes while it runs."""

    seen: list[int] = field(default_factory=list, init=False)

    def on_bar(self, bar: Any, context: Any) -> None:
        self.seen.append(int(bar.close))
        CALLS.append(len(self.seen))


@dataclass
class Broken:
    """Raises where it is told to."""

    where: str = "on_bar"

    def on_start(self, context: Any) -> None:
        self._raise("on_start")

    def on_bar(self, bar: Any, context: Any) -> None:
        if bar.symbol == "IBM":
            self._raise("on_bar")

    def on_bars(self, bars: Any, context: Any) -> None:
        self._raise("on_bars")

    def on_stop(self, context: Any) -> None:
        self._raise("on_stop")

    def _raise(self, where: str) -> None:
        if where == self.where:
            raise ZeroDivisionError("the denominator is zero")


@dataclass
class Mute:
    """Has nothing to call."""


class TestCalls:
    def test_bars_come_in_symbol_order(self, stage: Make, tables: Make, calls: list[Any]) -> None:
        stage([tables("AAPL", [1, 2]), tables("IBM", [3, 4])], Noted()).play()

        assert calls == [("a", "AAPL", 1), ("a", "IBM", 3), ("a", "AAPL", 2), ("a", "IBM", 4)]

    def test_strategies_are_called_in_the_order_of_the_config(
        self, stage: Make, tables: Make, named: Make, calls: list[Any]
    ) -> None:
        """Each with all its bars of the instant before the next."""
        strategies = [named(Noted("z"), "z"), named(Noted("b"), "b")]
        stage([tables("AAPL", [1]), tables("IBM", [3])], *strategies).play()

        assert [(tag, symbol) for tag, symbol, _ in calls] == [("z", "AAPL"), ("z", "IBM"), ("b", "AAPL"), ("b", "IBM")]

    def test_on_bars_gets_the_whole_instant(self, stage: Make, tables: Make, calls: list[Any]) -> None:
        stage([tables("AAPL", [1, 2]), tables("IBM", [3])], NotedAtOnce()).play()

        assert calls == [(["AAPL", "IBM"], [1, 3]), (["AAPL"], [2])]

    def test_on_bar_comes_before_on_bars(self, stage: Make, tables: Make, calls: list[Any]) -> None:
        stage([tables("AAPL", [1]), tables("IBM", [3])], Both()).play()

        assert calls == ["AAPL", "IBM", (["AAPL", "IBM"], [1, 3])]

    def test_only_its_own_symbols_arrive(self, stage: Make, tables: Make, named: Make, calls: list[Any]) -> None:
        stage([tables("AAPL", [1, 2]), tables("IBM", [3, 4])], named(Noted(), symbols=["IBM"])).play()

        assert calls == [("a", "IBM", 3), ("a", "IBM", 4)]

    def test_instant_without_its_own_symbols_is_none(
        self, stage: Make, tables: Make, named: Make, calls: list[Any]
    ) -> None:
        stage([tables("AAPL", [1, 2]), tables("IBM", [3])], named(NotedAtOnce(), symbols=["IBM"])).play()

        assert calls == [(["IBM"], [3])]

    def test_start_and_stop_enclose_the_bars(self, stage: Make, tables: Make, calls: list[Any]) -> None:
        stage([tables("AAPL", [1, 2])], Lived()).play().service.stop()

        assert calls == ["start", "bar", "bar", "stop"]

    def test_second_start_does_nothing(self, stage: Make, tables: Make, calls: list[Any]) -> None:
        stage([tables("AAPL", [1])], Lived()).service.start()

        assert calls == ["start"]

    def test_the_run_works_on_a_copy(self, stage: Make, tables: Make, calls: list[Any]) -> None:
        """An instance is a recipe: running it twice is the same run twice."""
        recipe = Counting()
        for _ in range(2):
            stage([tables("AAPL", [1, 2])], recipe).play()

        assert (recipe.seen, calls) == ([], [1, 2, 1, 2])


class TestByHand:
    def test_published_bars_arrive(self, alone: Make, bar_of: Make, calls: list[Any]) -> None:
        bus, _ = alone(Noted())
        bus.publish(bar_of("AAPL", 0, 7))

        assert calls == [("a", "AAPL", 7)]

    def test_subscribed_by_hand_as_well_it_is_called_once(self, alone: Make, bar_of: Make, calls: list[Any]) -> None:
        """As the brief does: ``event_bus.subscribe("bar", strategy_service.on_bar)``."""
        bus, service = alone(Noted())
        bus.subscribe("bar", service.on_bar)
        bus.publish(bar_of("AAPL", 0, 7))
        bus.publish(bar_of("AAPL", 1, 8))

        assert calls == [("a", "AAPL", 7), ("a", "AAPL", 8)]

    def test_starts_when_it_is_made(self, alone: Make, calls: list[Any]) -> None:
        alone(Lived())

        assert calls == ["start"]

    def test_only_its_own_symbols_arrive(self, alone: Make, bar_of: Make, named: Make, calls: list[Any]) -> None:
        bus, _ = alone(named(Noted(), symbols=["IBM"]))
        bus.publish(bar_of("AAPL", 0, 7))
        bus.publish(bar_of("IBM", 0, 8))

        assert calls == [("a", "IBM", 8)]


class TestRefusals:
    def test_strategy_without_anything_to_call(self, stage: Make, tables: Make) -> None:
        with pytest.raises(ConfigError, match=r"'one': Mute has neither on_bar\(bar, context\) nor on_bars"):
            stage([tables("AAPL", [1])], Mute())

    @pytest.mark.parametrize(
        ("strategy", "says"),
        [
            (
                Asynchronous,
                r"Asynchronous.on_bar \(test_service.py:\d+\) is async: .*; write def on_bar\(self, bar, con",
            ),
            (
                Yielding,
                r"Yielding.on_bars \(test_service.py:\d+\) has a yield in it, .*; write def on_bars\(self, bars, ",
            ),
            (
                Short,
                r"Short.on_bar \(test_service.py:\d+\) takes \(bar: Any\) -> None; write def on_bar\(self, bar, con",
            ),
            (Long, r"Long.on_start \(test_service.py:\d+\) takes .*; write def on_start\(self, context\)"),
        ],
    )
    def test_method_that_could_do_nothing(self, stage: Make, tables: Make, strategy: Any, says: str) -> None:
        with pytest.raises(ConfigError, match=f"strategy 'one': {says}"):
            stage([tables("AAPL", [1])], strategy())

    def test_none_of_methods_that_take_more_than_they_need(self, stage: Make, tables: Make) -> None:
        stage([tables("AAPL", [1])], Generous())

    def test_two_strategies_of_one_name(self, alone: Make, named: Make) -> None:
        with pytest.raises(ConfigError, match="'twin': named twice"):
            alone(named(Noted(), "twin"), named(Noted(), "twin"))

    def test_symbol_that_the_run_does_not_have(self, stage: Make, tables: Make, named: Make) -> None:
        with pytest.raises(ConfigError, match=r"'XYZ': not in data.symbols \(AAPL\)"):
            stage([tables("AAPL", [1])], named(Noted(), symbols=["AAPL", "XYZ"]))

    @pytest.mark.parametrize(("where", "symbol"), [("on_bar", "IBM"), ("on_bars", "MSFT")])
    def test_error_names_strategy_symbol_and_time(self, where: str, symbol: str, stage: Make, tables: Make) -> None:
        play = stage([tables(name, [1]) for name in ("AAPL", "IBM", "MSFT")], Broken(where)).play

        with pytest.raises(HandlerError) as stopped:
            play()

        said = f"strategy 'one' (Broken.{where}) failed on {symbol} at 2024-01-02T21:00:00+00:00: ZeroDivisionError"
        assert said in str(stopped.value)

    def test_error_keeps_its_cause(self, stage: Make, tables: Make) -> None:
        play = stage([tables("IBM", [1])], Broken()).play

        with pytest.raises(HandlerError) as stopped:
            play()

        assert isinstance(stopped.value.__cause__.__cause__, ZeroDivisionError)  # type: ignore[union-attr]

    def test_error_in_on_start_is_named(self, stage: Make, tables: Make) -> None:
        with pytest.raises(RunError, match="'one' failed in on_start: ZeroDivisionError"):
            stage([tables("IBM", [1])], Broken("on_start"))

    def test_error_in_on_stop_is_named(self, stage: Make, tables: Make) -> None:
        service = stage([tables("IBM", [1])], Broken("on_stop")).service

        with pytest.raises(RunError, match="'one' failed in on_stop: ZeroDivisionError"):
            service.stop()


class TestPorts:
    def test_it_is_a_service(self, alone: Make) -> None:
        assert isinstance(alone(Noted())[1], Service)

    def test_a_plain_class_is_a_strategy(self) -> None:
        assert isinstance(Noted(), Strategy)

    def test_it_asks_for_all_bars_of_an_instant_when_books_are_right(self, alone: Make) -> None:
        handlers = alone(Noted())[1].handlers()

        assert [(one.topic, one.phase, one.batch) for one in handlers] == [("bar", "decide", True)]

    def test_nobody_but_strategies_speaks(self, alone: Make, bar_of: Make) -> None:
        bus = RecordingBus()
        StrategyService(bus, [])
        bus.publish(bar_of("AAPL", 0, 7))

        assert bus.topics() == ["bar"]

    def test_package_has_nothing_else(self) -> None:
        with pytest.raises(AttributeError, match="no attribute 'Service'"):
            _ = qtrader_service_strategy.Service
