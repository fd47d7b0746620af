"""When a strategy is called besides bars: every so many instants, or at a moment of a session of a period."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any, get_args

from qtrader.errors import RunError
from qtrader.ports import BarValue, Period, Wiring
from qtrader_service_strategy.methods import fault_of

PERIODS = get_args(Period)
OPEN, END = "session_open", "session_end"


@dataclass
class Schedule:
    """A callback and when it is called; what it remembers is how far it has come.

    At ``session_end`` a period means its last session, at ``session_open`` and at a time of day its first one. A time
    is met by the first bar at or after it, and by the session's end where no bar comes then (an early close).
    """

    call: Callable[..., None]
    every: int | Period
    at: str | time | None
    seen: int = 0
    """Instants since the strategy was ready, where it is called every so many."""
    session: date | None = None
    """The session in which a time of day was last met."""

    @property
    def name(self) -> str:
        """The callback's name."""
        return getattr(self.call, "__name__", repr(self.call))

    def due_at(self, moment: str, session: date | None, wiring: Wiring) -> bool:
        """Whether it is called as a session opens or ends."""
        if session is None or isinstance(self.every, int):
            return False
        if isinstance(self.at, time):
            return moment == END and self._met(session, wiring)
        return self.at == moment and self._falls_on(session, wiring)

    def due_on(self, bars: Sequence[BarValue], wiring: Wiring) -> bool:
        """Whether it is called after the bars of an instant."""
        if isinstance(self.every, int):
            self.seen += 1
            return self.seen % self.every == 0
        session = bars[-1].session
        if not isinstance(self.at, time) or session is None or session == self.session:
            return False
        return bars[-1].time_ns >= wiring.market.moment_in(session, self.at) and self._met(session, wiring)

    def _met(self, session: date, wiring: Wiring) -> bool:
        if session == self.session:
            return False
        self.session = session
        return self._falls_on(session, wiring)

    def _falls_on(self, session: date, wiring: Wiring) -> bool:
        if self.every == "session":
            return True
        assert not isinstance(self.every, int)
        edges = wiring.market.edges(self.every)
        return session in (edges.lasts if self.at == END else edges.firsts)

    def snapshot(self) -> list[Any]:
        """How far it has come, in plain JSON values."""
        return [self.seen, None if self.session is None else self.session.isoformat()]

    def restore(self, snapshot: Sequence[Any]) -> None:
        """Go on from a snapshot."""
        self.seen = snapshot[0]
        self.session = None if snapshot[1] is None else date.fromisoformat(snapshot[1])


def schedule_of(owner: str, callback: Any, every: Any, at: Any) -> Schedule:
    """A schedule, checked. Raises RunError that quotes what is wrong and says what is allowed."""
    wrong = fault_of(callback, 2) if callable(callback) else "is not callable"
    if wrong is not None:
        raise RunError(f"{owner}: schedule: {callback!r} {wrong}; write def callback(self, bars, context)")
    if isinstance(every, int) and not isinstance(every, bool) and every >= 1:
        if at is not None:
            raise RunError(f"{owner}: schedule: at={at!r} beside every={every}: a number counts instants; leave at out")
        return Schedule(callback, every, None)
    if every not in PERIODS:
        raise RunError(f"{owner}: schedule: every={every!r}: it is a number of instants from 1 on, {_told(PERIODS)}")
    return Schedule(callback, every, _moment(owner, at))


def _moment(owner: str, at: Any) -> str | time:
    if at is None or at in (OPEN, END):
        return str(at or END)
    moment = at
    if isinstance(at, str):
        try:
            moment = time.fromisoformat(at)
        except ValueError:
            moment = None
    if isinstance(moment, time) and moment.tzinfo is None:
        return moment
    raise RunError(
        f"{owner}: schedule: at={at!r}: it is 'session_open', 'session_end', or a time of the venue's zone such as "
        f"'15:30' or datetime.time(15, 30), without a zone of its own"
    )


def _told(names: Sequence[str]) -> str:
    return f"{', '.join(map(repr, names[:-1]))} or {names[-1]!r}"
