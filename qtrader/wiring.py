"""The composition root: from settings and what is installed to a run ready to play. Only here are services made."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import importlib_metadata

from qtrader.archive import describe_actions, describe_calendar, describe_instrument, describe_sessions
from qtrader.books import Books
from qtrader.catalogue import Catalogue, import_target
from qtrader.emitter import Emitter
from qtrader.errors import PluginError, WiringError
from qtrader.events.base import RUN_BITS, BaseEvent
from qtrader.events.event_bus import PIPELINE, EventBus
from qtrader.graph import check_graph, checked_handlers
from qtrader.guard import AccountingGuard
from qtrader.log import EventLog
from qtrader.market import Market
from qtrader.market_view import FollowingMarketView, MarketView
from qtrader.ports import Feed, Handler, Identified, Service, Wiring
from qtrader.ports.exchange_rates import ExchangeRates
from qtrader.ports.settings import (
    DataServiceSettings,
    ManagerSettings,
    PortfolioServiceSettings,
    PortfolioSettings,
    Reference,
    RunSettings,
)
from qtrader.providers import ServiceProvider
from qtrader.targets import is_path


def _budgets(run: RunSettings) -> dict[str, Decimal]:
    return {one.name: one.budget for one in run.strategies if one.budget is not None}


SECTIONS: Mapping[str, Callable[[RunSettings], Any]] = {
    "data": lambda run: DataServiceSettings(data=run.data, sources=run.data_sources),
    "portfolio": lambda run: PortfolioServiceSettings(portfolio=run.portfolio, snapshots=run.engine.snapshots),
    "execution": lambda run: run.execution,
    "strategy": lambda run: tuple(run.strategies),
    "manager": lambda run: ManagerSettings(risk=run.risk, portfolio=run.portfolio, budgets=_budgets(run)),
    "reporting": lambda run: run.report,
}
"""Which part of the settings each service of the pipeline reads."""


@dataclass
class Run:
    """A wired run: everything that the loop needs, and nothing that it has to look up."""

    settings: RunSettings
    market: Market
    view: MarketView
    books: Books
    log: EventLog
    bus: EventBus
    services: dict[str, Service]
    tools: "Tools"
    identity: dict[str, Any]
    digest: str
    """The run digest: SHA-256 of effective config, data digests and distribution versions; part of ids only."""
    emits_by: type[Emitter] = Emitter
    """What makes the services' events."""

    def emitter(self, source: str) -> Emitter:
        """An emitter that speaks for one service."""
        return self.emits_by(self.bus, source)

    @property
    def run_id(self) -> str:
        """The run's name and the first digits of its digest."""
        return f"{self.settings.name}-{self.digest[:6]}"


def build(
    settings: RunSettings,
    catalogue: Catalogue,
    *,
    identity: Mapping[str, Any],
    base: Path = Path(),
    market: Market | None = None,
    emits_by: type[Emitter] = Emitter,
) -> Run:
    """Make a run: services, views, bus and log, wired and checked. ``identity`` is what of the config makes the run.

    ``market`` replaces what the data service would load (a stored run's archive), ``emits_by`` what makes the services'
    events. Raises WiringError, ConfigError, PluginError or DataError.
    """
    providers = _providers(settings, catalogue)
    kinds = event_kinds(catalogue)
    check_graph(list(providers.values()), {kind.topic for kind in kinds})
    tools = Tools(catalogue, base)
    if market is None:
        market = load_market(settings, tools)
    else:
        tools.note_sources(settings)
    log = EventLog(1, market, kinds)
    bus = EventBus(log)
    view = MarketView(market)
    books = Books(view, ExchangeRates(view, settings.portfolio))
    bus.attach("books", [Handler("position", books.on_position), Handler("cash", books.on_cash)])
    run = Run(settings, market, view, books, log, bus, {}, tools, {}, "", emits_by)
    for name in sorted(providers, key=_rank):
        run.services[name] = make_service(run, name)
        bus.attach(name, checked_handlers(providers[name], run.services[name]))
    if settings.engine.guard:
        guard = AccountingGuard(run.services, view, books, settings.portfolio)
        bus.attach("guard", guard.handlers())
    run.identity = _identity(identity, run)
    run.digest = digest_of_facts(run.identity)
    log.run = int(run.digest, 16) >> (256 - RUN_BITS)
    return run


def event_kinds(catalogue: Catalogue) -> tuple[type[BaseEvent], ...]:
    """The newest installed class of every topic, by topic: what is emitted."""
    kinds: tuple[type[BaseEvent], ...] = tuple(catalogue.load("event-type", n) for n in catalogue.names("event-type"))
    return kinds


def readable_kinds(catalogue: Catalogue) -> tuple[type[BaseEvent], ...]:
    """Every installed event class, older versions too, by topic: what a log may hold."""
    return tuple(import_target(entry) for entry in catalogue if entry.kind == "event-type")


def make_service(run: Run, name: str) -> Service:
    """A fresh service of a run, not yet attached to its bus."""
    target = run.tools.load("service", name)
    wiring = Wiring(run.emitter(name), run.view, run.books, run.tools.build)
    section = SECTIONS[name](run.settings) if name in SECTIONS else _options(run.settings, name)
    service: Service = target(event_bus=run.bus, config=section, wiring=wiring)
    return service


def _options(settings: RunSettings, name: str) -> Mapping[str, Any]:
    return next(extra.with_ for extra in settings.services if extra.use == name)


def _rank(name: str) -> tuple[int, str]:
    return (PIPELINE.index(name), "") if name in PIPELINE else (len(PIPELINE), name)


def _providers(settings: RunSettings, catalogue: Catalogue) -> dict[str, ServiceProvider]:
    names = [*SECTIONS, *(extra.use for extra in settings.services)]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise WiringError(f"services: {', '.join(doubled)}: named twice, or part of every run already; name each once")
    written = {extra.use: extra for extra in settings.services}
    return {name: _provider(catalogue, name, written.get(name)) for name in names}


def _provider(catalogue: Catalogue, name: str, written: Reference | None) -> ServiceProvider:
    try:
        provider: ServiceProvider = catalogue.provider("service", name)
    except PluginError as error:
        if written is None:
            raise type(error)(f"every run needs the service {name!r}: {error}") from error
        raise type(error)(str(written.place().error(str(error)))) from error
    return provider


class Tools:
    """Builds the tools of one run and remembers which distributions they came from."""

    def __init__(self, catalogue: Catalogue, base: Path) -> None:
        self.catalogue = catalogue
        self.base = base
        self._used: dict[str, str] = {}

    def build(self, kind: str, reference: Reference | str) -> Any:
        """Build a tool by reference, a fresh one each time."""
        reference = Reference(use=reference) if isinstance(reference, str) else reference
        tool = self.catalogue.build(kind, reference, base=self.base)
        self._note(kind, reference)
        return tool

    def load(self, kind: str, name: str) -> Any:
        """Import the class behind an installed name."""
        target = self.catalogue.load(kind, name, base=self.base)
        self._note(kind, Reference(use=name))
        return target

    def source_digest(self, reference: Reference) -> str | None:
        """SHA-256 of the user's own source behind a reference."""
        return self.catalogue.source_digest(reference, base=self.base)

    def note_sources(self, settings: RunSettings) -> None:
        """Remember the sources of a run whose bars are there already, as far as they are installed."""
        installed = self.catalogue.names("data-source")
        overridden = {one.source for one in settings.data.instruments.values() if one.source}
        for name in sorted({settings.data.source, *overridden}):
            source = settings.data_sources.get(name)
            if source is not None and source.use in installed:
                self._note("data-source", source)

    def _note(self, kind: str, reference: Reference) -> None:
        """What is written about a run is no part of what the run is."""
        if kind != "report" and reference.instance is None and not is_path(reference.use):
            plugin = self.catalogue.find(kind, reference.use).plugin
            self._used[plugin.distribution] = plugin.version

    @property
    def versions(self) -> dict[str, str]:
        """Distribution -> version of everything used so far, and of the kernel and the contracts."""
        kernel = {name: importlib_metadata.version(name) for name in ("qtrader", "qtrader-contracts")}
        return dict(sorted({**self._used, **kernel}.items()))


def load_market(settings: RunSettings, tools: Tools) -> Market:
    """Ask the service that emits bars for everything that the run will see."""
    bus = EventBus(EventLog(1, Market(tables=())))
    view = MarketView(Market(tables=()))
    wiring = Wiring(Emitter(bus, "data"), view, Books(view), tools.build)
    feed = tools.load("service", "data")(event_bus=bus, config=SECTIONS["data"](settings), wiring=wiring)
    if not isinstance(feed, Feed):
        raise WiringError("the data service cannot load a market: it has no load()")
    return feed.load()


def _identity(config: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """All that makes a run this run: config, data, code."""
    tools, market = run.tools, run.market
    sources = {one.name: tools.source_digest(one) for one in run.settings.strategies}
    services = {name: dict(one.identity()) for name, one in run.services.items() if isinstance(one, Identified)}
    return {
        "config": dict(config),
        "data": market.digests,
        "instruments": {table.symbol: describe_instrument(table.instrument) for table in market.tables},
        "actions": digest_of_facts(describe_actions(market)),
        "sessions": digest_of_facts({"sessions": describe_sessions(market), **describe_calendar(market)}),
        "strategies": {name: digest for name, digest in sources.items() if digest},
        "services": services,
        "distributions": tools.versions,
    }


def digest_of_facts(facts: Any) -> str:
    """SHA-256 of plain JSON values, whatever the order of their keys."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def wire_alone(event_bus: EventBus, name: str, portfolio: PortfolioSettings | None = None) -> Wiring:
    """Wiring for a service that runs alone, on hand-made events: it learns market and books from its bus.

    ``portfolio`` says which currency the books are in, and what others cost.
    """
    view = FollowingMarketView()
    books = Books(view, ExchangeRates(view, portfolio))
    event_bus.attach(
        "books",
        [
            Handler("bar", view.see, phase="market"),
            Handler("position", books.on_position),
            Handler("cash", books.on_cash),
        ],
    )
    return Wiring(Emitter(event_bus, name), view, books, _build_installed)


def _build_installed(kind: str, reference: Any) -> Any:
    return Tools(installed(), Path()).build(kind, reference)


def installed() -> Catalogue:
    """The catalogue of everything installed."""
    from qtrader.plugins import load_plugins

    return Catalogue.of(load_plugins())
