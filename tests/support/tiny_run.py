"""A wired run in which nothing is real but the kernel: six services that answer as their tables say.

Strategy signals on every bar, manager orders on every signal, execution fills an order on its symbol's next bar, and
portfolio books what it hears. Every answer has the payload of its contract's example.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

from event_samples import payload
from qtrader import BacktestEngine, hookimpl
from qtrader.catalogue import Catalogue
from qtrader.engine.loop import Loop
from qtrader.events import (
    BaseEvent,
    CashEvent,
    FillEvent,
    OrderEvent,
    OrderUpdateEvent,
    PositionEvent,
    SignalEvent,
    TradeEvent,
    ValuationEvent,
)
from qtrader.market import Market
from qtrader.metrics import Metrics
from qtrader.plugins import Host, load_plugins
from qtrader.ports import Handler, Snapshot
from qtrader.ports.settings import RunSettings
from qtrader.providers import ServiceProvider
from qtrader.wiring import Run, build


class Stub:
    """A service that answers each topic of its table with one event, about the same symbol."""

    name: ClassVar[str]
    answers: ClassVar[Mapping[str, type[BaseEvent]]] = {}
    first_words: ClassVar[Sequence[type[BaseEvent]]] = ()
    last_words: ClassVar[Sequence[type[BaseEvent]]] = ()

    def __init__(self, event_bus: Any, config: Any, wiring: Any) -> None:
        self.config = config
        self.wiring = wiring

    def say(self, kind: type[BaseEvent], about: Any = None) -> None:
        changes = {"symbol": about.symbol} if hasattr(about, "symbol") and "symbol" in kind.model_fields else {}
        self.wiring.emitter.emit(kind, **{**payload(kind), **changes})

    def handlers(self) -> list[Handler]:
        return [
            Handler(entry.partition("@")[0], partial(self.say, kind), "market" if "@" in entry else "decide")
            for entry, kind in self.answers.items()
        ]

    def start(self) -> None:
        for kind in self.first_words:
            self.say(kind)

    def stop(self) -> None:
        for kind in self.last_words:
            self.say(kind)

    def snapshot(self) -> Snapshot:
        return {"version": 1}

    def restore(self, snapshot: Snapshot) -> None:
        assert snapshot == {"version": 1}


class Data(Stub):
    name = "data"


class Portfolio(Stub):
    name = "portfolio"
    first_words = (CashEvent,)
    answers = {"fill": PositionEvent, "corporate_action": TradeEvent, "valuation_trigger": ValuationEvent}


class Execution(Stub):
    name = "execution"
    last_words = (OrderUpdateEvent,)

    def __init__(self, event_bus: Any, config: Any, wiring: Any) -> None:
        super().__init__(event_bus, config, wiring)
        self.resting: set[str] = set()

    def handlers(self) -> list[Handler]:
        return [
            Handler("bar", self.on_bar, "market"),
            Handler("order", lambda order: self.resting.add(order.symbol)),
            Handler("corporate_action", lambda action: self.say(OrderUpdateEvent, action)),
        ]

    def on_bar(self, bar: Any) -> None:
        if bar.symbol in self.resting:
            self.resting.remove(bar.symbol)
            self.say(FillEvent, bar)


class Strategy(Stub):
    name = "strategy"
    answers = {"bar": SignalEvent}


class Manager(Stub):
    name = "manager"
    answers = {"signal": OrderEvent}


class Reporting(Stub):
    name = "reporting"

    def metrics(self) -> Metrics:
        return Metrics.undefined("nothing is computed here")


def provider(service: type[Stub], consumes: Sequence[str] | None = None, emits: Sequence[str] = ()) -> ServiceProvider:
    """What a plugin says of a service: by default, that it listens to what its table answers."""
    topics = tuple(service.answers) if consumes is None else tuple(consumes)
    return ServiceProvider(service.name, "A stub", f"{service.__module__}:{service.__name__}", topics, tuple(emits))


PROVIDERS = {
    "data": provider(Data, emits=("bar", "corporate_action")),
    "portfolio": provider(Portfolio, emits=("position", "cash", "trade", "valuation")),
    "execution": provider(Execution, ("bar@market", "order", "corporate_action"), ("order_update", "fill")),
    "strategy": provider(Strategy, emits=("signal",)),
    "manager": provider(Manager, emits=("order",)),
    "reporting": provider(Reporting),
}


def host(*extra: ServiceProvider, tools: Callable[..., Any] | None = None, **changed: ServiceProvider | None) -> Host:
    """The kernel and the stubs; ``changed`` replaces one, or takes it away, and ``tools`` is another hook."""
    services = [one for one in {**PROVIDERS, **changed}.values() if one is not None]

    @hookimpl
    def qtrader_services() -> list[ServiceProvider]:
        return [*services, *extra]

    module = ModuleType("tiny")
    for function in (qtrader_services, tools):
        if function is not None:
            setattr(module, function.__name__, function)
    return load_plugins(extra={"tiny": module}, entry_points=())


def document(symbols: Sequence[str], **sections: Any) -> dict[str, Any]:
    """A run that names no tool that would have to be installed."""
    nothing = {"use": "nothing"}
    return {
        "name": "tiny",
        "data": {"source": "none", "symbols": list(symbols)},
        "data_sources": {"none": nothing},
        "strategies": [{"name": "s", "use": "nothing"}],
        "execution": {"fill": nothing, "commission": nothing, "slippage": nothing},
        "risk": {"policy": "nothing"},
        **sections,
        "engine": {"guard": False, **sections.get("engine", {})},  # a stub keeps no books
    }


def wire(market: Market, plugins: Host | None = None, **sections: Any) -> Run:
    """A run over a market, wired and not played."""
    settings = RunSettings.model_validate(document([table.symbol for table in market.tables] or ["A"], **sections))
    return build(settings, Catalogue.of(plugins or host()), identity={}, base=Path(), market=market)


def engine(market: Market, plugins: Host | None = None, **sections: Any) -> BacktestEngine:
    """An engine over a market, not started."""
    config = document([table.symbol for table in market.tables] or ["A"], **sections)
    return BacktestEngine.from_config(config, market=market, host=plugins or host())


def play(market: Market, plugins: Host | None = None, **sections: Any) -> Run:
    """A run played to its end."""
    made = engine(market, plugins, **sections)
    made.run()
    return made.run_state


__all__ = ["PROVIDERS", "Loop", "Stub", "engine", "host", "play", "provider", "wire"]
