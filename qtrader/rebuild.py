"""What a service of a finished run knew: the service is made anew and fed with the run's log."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from qtrader.books import Books
from qtrader.catalogue import Catalogue
from qtrader.errors import RunError, StoreError
from qtrader.events import BaseEvent, CorporateActionEvent
from qtrader.events.event_bus import BAR, EventBus
from qtrader.log import EventLog
from qtrader.market import Market
from qtrader.market_view import MarketView
from qtrader.ports import Handler, Service
from qtrader.ports.exchange_rates import ExchangeRates
from qtrader.ports.settings import RunSettings
from qtrader.replay import stored_config
from qtrader.wiring import Run, Tools, event_kinds, installed, load_market, make_service

if TYPE_CHECKING:
    from qtrader.result import Result

Watch = Callable[[Service, BaseEvent | None, Sequence[BaseEvent]], None]
"""Told of the service, an event that it has just heard (None: its start, and its stop), and what it said to it."""


def rebuild(result: "Result", name: str, *, catalogue: Catalogue | None = None, watch: Watch | None = None) -> Service:
    """The service of a run as it was at the end: made of the run's settings, fed with the run's log.

    It hears what the log holds of its topics, each event with the market as it was known then, and says again what it
    said then. ``watch`` is told after its start, each event and its stop. Raises RunError for a service that hears of
    every bar, StoreError where neither the run nor the source has the run's bars.
    """
    run = _stage(result, catalogue or installed())
    service = make_service(run, name)
    calls = _calls(name, service.handlers())
    said = _Listener(run, service, watch)
    sessions = [one.open_ns for one in run.market.sessions]
    begins = [*sessions[:1], *run.market.timeline.time_ns[:1].tolist()]
    _move(run, min(begins, default=0), sessions)
    service.start()
    said.after(None)
    for event in _advance(run, result.log, sessions):
        if event.topic in calls:
            run.bus.current = event
            for call in calls[event.topic]:
                call(event)
            run.bus.current = None
            said.after(event)
    service.stop()
    said.after(None)
    return service


class _Listener:
    """Tells the watcher what the service said since it was asked last."""

    def __init__(self, run: Run, service: Service, watch: Watch | None) -> None:
        self._service, self._watch = service, watch
        self._said: list[BaseEvent] = []
        if watch is not None:
            run.bus.subscribe("*", self._said.append)

    def after(self, event: BaseEvent | None) -> None:
        """One event has been heard."""
        if self._watch is not None:
            self._watch(self._service, event, tuple(self._said))
            self._said.clear()


def _stage(result: "Result", catalogue: Catalogue) -> Run:
    """The views, bus and tools of the run, without its services."""
    config = result.recipe or stored_config(result)
    tools = Tools(catalogue, config.folder)
    market = _market(result, config.settings, tools)
    log = EventLog(1, market, event_kinds(catalogue))
    bus, view = EventBus(log), MarketView(market)
    books = Books(view, ExchangeRates(view, config.settings.portfolio))
    bus.attach("books", [Handler("position", books.on_position), Handler("cash", books.on_cash)])
    return Run(config.settings, market, view, books, log, bus, {}, tools, {}, "")


def _market(result: "Result", settings: RunSettings, tools: Tools) -> Market:
    if result.manifest.get("archived", True) and result.log.market is not None:
        return result.log.market
    market = load_market(settings, tools)
    if market.digests != result.manifest["identity"]["data"]:
        raise StoreError(
            f"{result.run_id}: its bars were not archived with it, and those of the source have changed since. "
            f"Run it again, with runs.archive: always"
        )
    return market


def _calls(name: str, handlers: Sequence[Handler]) -> Mapping[str, list[Callable[[Any], None]]]:
    if any(handler.topic == BAR for handler in handlers):
        raise RunError(f"service {name!r} hears of every bar: to know what it knew, run the run again")
    calls: dict[str, list[Callable[[Any], None]]] = {}
    for handler in handlers:
        calls.setdefault(handler.topic, []).append(handler.call)
    return calls


def _advance(run: Run, log: EventLog, sessions: Sequence[int]) -> Iterator[BaseEvent]:
    """The discrete events of a log in order, with the market moved to where it was when each was heard."""
    for number, event in enumerate(log.discrete_events()):
        bars = event.seq - number
        if bars > run.log.bars:
            for bar in run.market.timeline.bars(run.log.bars, bars):
                run.view.see(bar)
            run.log.bars = bars
        _move(run, event.time_ns, sessions)
        if isinstance(event, CorporateActionEvent):
            run.view.see_action(event)
        yield event


def _move(run: Run, time_ns: int, sessions: Sequence[int]) -> None:
    """Set the clock, and the session: the last that opened before; one that opens at this instant comes after it."""
    run.view.time_ns = run.log.time_ns = time_ns
    if sessions:
        run.view.session = run.market.sessions[max(bisect_left(sessions, time_ns) - 1, 0)].day
