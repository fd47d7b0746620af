"""Two ways to run strategies: bars published by hand, and the engine's loop over tables with no other service."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from qtrader.bar_table import BarTable
from qtrader.books import Books
from qtrader.emitter import Emitter
from qtrader.events import BaseEvent, EventBus, PriceBarEvent, RecordEvent
from qtrader.log import EventLog
from qtrader.market import Market
from qtrader.market_view import MarketView
from qtrader.ports import Instrument, Wiring
from qtrader.ports.settings import StrategySettings
from qtrader_service_strategy import StrategyService

FIRST = datetime(2024, 1, 2, 21, tzinfo=UTC)
DAY_NS = 86_400 * 1_000_000_000


def bar(symbol: str, number: int, close: int | str, volume: int | None = 100) -> PriceBarEvent:
    """Daily bar ``number`` (0 is 2024-01-02), its range zero."""
    price = Decimal(close)
    return PriceBarEvent(
        symbol=symbol,
        asset_class="equity",
        interval="1d",
        timestamp=FIRST + timedelta(days=number),
        session=FIRST.date() + timedelta(days=number),
        open=price,
        high=price,
        low=price,
        close=price,
        volume=None if volume is None else Decimal(volume),
        currency="USD",
    )


def settings(strategy: Any, name: str = "one", symbols: list[str] | None = None) -> StrategySettings:
    """One strategy of a run, handed over as an object."""
    return StrategySettings(name=name, use=type(strategy).__name__, instance=strategy, symbols=symbols)


def table(symbol: str, closes: Sequence[int], live_from: int = 0) -> BarTable:
    """Daily bars with whole closes and a range of zero."""
    count = len(closes)
    ends = int(FIRST.timestamp()) * 1_000_000_000 + np.arange(count) * DAY_NS
    days = (FIRST.date() - date(1970, 1, 1)).days + np.arange(count, dtype=np.int32)
    column = np.array(closes, dtype=np.int64)
    return BarTable(
        Instrument(symbol), "1d", 0, ends, ends - DAY_NS // 4, days, column, column, column, column, live_from=live_from
    )


def copied(kind: str, reference: StrategySettings) -> Any:
    """A fresh copy of a strategy from its fields, as the catalogue makes it."""
    assert kind == "strategy"
    given = reference.instance
    return type(given)(**{one.name: getattr(given, one.name) for one in fields(given) if one.init})


@dataclass
class Stage:
    """A run with nothing in it but strategies."""

    bus: EventBus
    view: MarketView
    market: Market
    service: StrategyService

    def play(self, first: int = 0, last: int | None = None) -> "Stage":
        """Play the instants from number ``first`` to ``last`` (exclusive), as the engine does."""
        for _, step in list(enumerate(self.steps()))[first:last]:
            self.view.time_ns = self.bus.log.time_ns = step[0].time_ns
            for one in step:
                self.view.see(one)
                self.bus.log.bars += 1
            self.bus.deliver_bars(self.bus.decide_routes, step)
        return self

    def steps(self) -> list[list[Any]]:
        """The bars of each instant."""
        by_time: dict[int, list[Any]] = {}
        for one in self.market.timeline.bars(0, len(self.market.timeline)):
            by_time.setdefault(one.time_ns, []).append(one)
        return list(by_time.values())

    def said(self, topic: str) -> list[Any]:
        """Every event of a topic."""
        return [event for event in self.bus.history if event.topic == topic]

    def records(self) -> list[dict[str, Any]]:
        """What was recorded."""
        return [dict(event.values) for event in self.bus.history if isinstance(event, RecordEvent)]


@pytest.fixture
def stage() -> Callable[..., Stage]:
    """Put strategies on a stage with tables; ``start=False`` leaves ``on_start`` uncalled."""

    def make(
        tables: Sequence[BarTable], *strategies: Any, start: bool = True, actions: Any = (), coarser: Any = ()
    ) -> Stage:
        market = Market(tuple(tables), actions=tuple(actions), coarser=tuple(coarser))
        bus = EventBus(EventLog(1, market))
        view = MarketView(market)
        wiring = Wiring(Emitter(bus, "strategy"), view, Books(view), copied)
        config = [one if isinstance(one, StrategySettings) else settings(one) for one in strategies]
        service = StrategyService(bus, config, wiring)
        bus.attach("strategy", service.handlers())
        if start:
            service.start()
        return Stage(bus, view, market, service)

    return make


@pytest.fixture
def alone() -> Callable[..., tuple[EventBus, StrategyService]]:
    """A service alone on a bus."""

    def make(*strategies: Any) -> tuple[EventBus, StrategyService]:
        bus = EventBus()
        config = [one if isinstance(one, StrategySettings) else settings(one) for one in strategies]
        return bus, StrategyService(bus, config)

    return make


@pytest.fixture
def tables() -> Callable[..., Any]:
    """``table``, for tests."""
    return table


@pytest.fixture
def bar_of() -> Callable[..., PriceBarEvent]:
    """``bar``, for tests."""
    return bar


@pytest.fixture
def named() -> Callable[..., StrategySettings]:
    """``settings``, for tests."""
    return settings


@pytest.fixture
def topics() -> Callable[[EventBus], list[BaseEvent]]:
    """Everything on a bus that is not a bar."""
    return lambda bus: [event for event in bus.history if event.topic != "bar"]
