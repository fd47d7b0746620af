"""The loop: what happens at one instant, in which order. Everything else is preparation or reading."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from qtrader.bar_table import Bar
from qtrader.events import CorporateActionEvent, SessionOpenEvent, ValuationTriggerEvent
from qtrader.market import ScheduledAction, Session

if TYPE_CHECKING:
    from qtrader.wiring import Run

STEPS = 4096
NEVER = 1 << 62
CLOSE, ACTION, OPEN = 0, 1, 2
"""The order of what falls on one instant between bars: a session's close, then what precedes the next one's open."""


class Loop:
    """Plays a wired run, step by step. A step is one instant at which bars become known.

    Phases of a step: corporate actions and session ends that fell before it; *market*: each bar is published, resting
    orders match, everything drains, and then each coarser bar; *decide*: strategies see all bars of the instant, one
    drain; *value*: at a session's end the books are valued.
    """

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._engine = run.emitter("engine")
        self._data = run.emitter("data")
        self._between = self._boundaries()
        self._next = 0
        self._every_bar = run.settings.engine.valuation == "bar"
        self._valued_ns = -1
        self._tells_opens = False

    def _boundaries(self) -> list[tuple[int, int, Session | ScheduledAction]]:
        market = self._run.market
        sessions = [
            entry
            for session in market.sessions
            for entry in ((session.open_ns, OPEN, session), (session.close_ns, CLOSE, session))
        ]
        live_ns = (
            market.sessions[0].open_ns if market.sessions else 0
        )  # what came before is warm-up: nobody held anything
        actions = [(one.time_ns, ACTION, one) for one in market.actions if one.time_ns >= live_ns]
        return sorted([*sessions, *actions], key=lambda entry: entry[:2])

    def play(self) -> Iterator[Sequence[Bar]]:
        """Run every step; yields its bars after each."""
        run, every_bar = self._run, self._every_bar
        self._tells_opens = run.bus.has_service("session_open")
        bus, log, view, timeline = run.bus, run.log, run.view, run.market.timeline
        latest, rescaled, row = view.latest, view.rescaled, log.bars
        for first_step in range(0, timeline.steps, STEPS):
            due = self._due()
            for time_ns, bars, coarser in timeline.chunk(first_step, STEPS):
                if due < time_ns:
                    due = self._pass(time_ns)
                view.time_ns = log.time_ns = time_ns
                log.step_row, log.step_bars = row, bars
                for bar in bars:
                    symbol = bar[2]
                    latest[symbol] = bar
                    row += 1
                    log.bars = row
                    if rescaled:
                        rescaled.pop(symbol, None)
                    for wanted, route in bus.market_routes:
                        if wanted is None or symbol in wanted:
                            bus.deliver_bars(route, (bar,))
                if coarser:
                    bars, row = bars + coarser, self._learn(coarser, row)
                if routes := bus.decide_routes:
                    bus.deliver_bars(routes, bars)
                if due <= time_ns:
                    due = self._close(time_ns)
                if every_bar and log.step_bars and self._valued_ns != time_ns:
                    self._value("bar")
                yield bars

    def _learn(self, bars: Sequence[Bar], row: int) -> int:
        """Publish coarser bars from timeline row ``row`` on: seen by whoever decides, and nothing fills on them."""
        log, latest = self._run.log, self._run.view.coarser
        for bar in bars:
            latest[bar.interval][bar[2]] = bar
        log.bars = row + len(bars)
        return log.bars

    def _due(self) -> int:
        return self._between[self._next][0] if self._next < len(self._between) else NEVER

    def _pass(self, time_ns: int) -> int:
        """Everything that fell before the bars of this instant."""
        while self._due() < time_ns:
            self._happen()
        return self._due()

    def _close(self, time_ns: int) -> int:
        """The session ends that fall on this instant, after its bars."""
        while self._due() <= time_ns and self._between[self._next][1] == CLOSE:
            self._happen()
        return self._due()

    def _happen(self) -> None:
        time_ns, kind, what = self._between[self._next]
        self._next += 1
        run = self._run
        run.view.time_ns = run.log.time_ns = time_ns
        if isinstance(what, ScheduledAction):
            self._act(what)
            return
        run.view.session = what.day
        if kind == CLOSE and run.log.bars:
            self._value("session_end")
        elif kind == OPEN and self._tells_opens:
            self._engine.emit(SessionOpenEvent, session=what.day)

    def _act(self, scheduled: ScheduledAction) -> None:
        action = scheduled.action
        self._run.view.see_action(action)
        fields = {name: getattr(action, name) for name in action.__dataclass_fields__}
        self._data.emit(CorporateActionEvent, action_id=scheduled.action_id, **fields)

    def _value(self, reason: str) -> None:
        self._valued_ns = self._run.log.time_ns
        self._engine.emit(ValuationTriggerEvent, session=self._run.view.session, reason=reason)

    def finish(self) -> None:
        """After the last step: value what the last session end has not seen, then stop every service."""
        run = self._run
        if run.log.bars and self._valued_ns != run.log.time_ns:
            self._value("end")
        for service in run.services.values():
            service.stop()
