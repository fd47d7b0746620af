"""Run strategies: bars in, signals, orders by hand and records out."""

from collections.abc import Sequence
from typing import Any

from qtrader import EventBus, wire_alone
from qtrader.errors import ConfigError, RunError
from qtrader.events import SessionOpenEvent, ValuationTriggerEvent
from qtrader.ports import BarValue, Handler, Snapshot, Wiring
from qtrader.ports.settings import StrategySettings
from qtrader_service_strategy.news import News
from qtrader_service_strategy.schedules import END, OPEN
from qtrader_service_strategy.seat import Seat

VERSION = 2
"""Of the snapshot: schedules and targets came with 2."""


class StrategyService:
    """Calls every strategy of a run, in the order of the config, with its bars of each instant, and tells it the news.

    Alone (without ``wiring``) it listens to bars published by hand and follows indicators bar by bar; in a run it
    computes them ahead, over the signal view. Each strategy is a fresh copy of its recipe.
    """

    def __init__(self, event_bus: EventBus, config: Sequence[StrategySettings], wiring: Wiring | None = None) -> None:
        names = [settings.name for settings in config]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ConfigError(f"strategies: {', '.join(map(repr, doubled))}: named twice; books and ids go by the name")
        wired = wiring or wire_alone(event_bus, "strategy")
        self._bus, self._late = event_bus, False
        self._seats = [Seat(settings, wired) for settings in config]
        self._calls = [seat.call for seat in self._seats]
        self._news = News(self._seats)
        self._latest: BarValue | None = None
        if wiring is None:
            event_bus.attach("strategy", [Handler("bar", self.on_bar), *self._news.handlers()])
            self._late = True
            self.start()

    def handlers(self) -> Sequence[Handler]:
        """All bars of an instant in one call, when the books are right for it; and the events that strategies hear."""
        call, scheduled = self._calls[0] if len(self._calls) == 1 else self.on_bars, self._scheduled()
        self._late = not scheduled
        return [Handler("bar", call, batch=True), *self._news.handlers(), *scheduled]

    def start(self) -> None:
        """Call every ``on_start``."""
        for seat in self._seats:
            seat.start()
        if self._late and (scheduled := self._scheduled()):
            self._late = False
            self._bus.attach("strategy", scheduled)

    def _scheduled(self) -> list[Handler]:
        """Who hears what schedules hang on, after the news; none before a strategy has scheduled anything."""
        schedules = [one for seat in self._seats for one in seat.context.schedules]
        if not schedules:
            return []
        opens = [Handler("session_open", self.on_session_open)] if any(one.at == OPEN for one in schedules) else []
        return [*opens, Handler("valuation_trigger", self.on_session_end)]

    def on_session_open(self, event: SessionOpenEvent) -> None:
        """Call what is scheduled for a session's open."""
        for seat in self._seats:
            seat.tell_moment(OPEN, event.session, event)

    def on_session_end(self, event: ValuationTriggerEvent) -> None:
        """Call what is scheduled for a session's end, after everybody's ``on_session_end``."""
        if event.reason == END:
            for seat in self._seats:
                seat.tell_moment(END, event.session, event)

    def on_bars(self, bars: Sequence[BarValue]) -> None:
        """Let every strategy decide on the bars of one instant."""
        for decide in self._calls:
            decide(bars)

    def on_bar(self, bar: BarValue) -> None:
        """Let every strategy decide on one bar published by hand.

        An event that arrives twice, since the service was also subscribed by hand, counts once.
        """
        if bar is not self._latest:
            self._latest = bar
            self.on_bars((bar,))

    def stop(self) -> None:
        """Call every ``on_stop``."""
        for seat in self._seats:
            seat.stop()

    def snapshot(self) -> Snapshot:
        """Counters, followed indicators and the strategies' own state."""
        return {"version": VERSION, "strategies": [seat.snapshot() for seat in self._seats]}

    def restore(self, snapshot: Snapshot) -> None:
        """Become the service that made the snapshot. Raises RunError where it had other strategies."""
        states: list[dict[str, Any]] = snapshot["strategies"]
        made, mine = [state["name"] for state in states], [seat.name for seat in self._seats]
        if snapshot["version"] != VERSION or made != mine:
            raise RunError(
                f"this snapshot (version {snapshot['version']}) is of the strategies {made}, not of {mine} "
                f"(version {VERSION}): restore it with the config that made it"
            )
        self.start()
        for seat, state in zip(self._seats, states, strict=True):
            seat.restore(state)
