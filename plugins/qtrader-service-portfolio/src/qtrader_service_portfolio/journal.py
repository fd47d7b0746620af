"""The ledger of a finished run, session by session: what was booked, in money and in units.

A ledger is not logged: it is made again, by a portfolio service that hears what the run's log holds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from qtrader.events import BaseEvent, CorporateActionEvent, FillEvent, PositionEvent, ValuationTriggerEvent, from_ns
from qtrader.ports import ledger_context
from qtrader_service_portfolio.amounts import ZERO
from qtrader_service_portfolio.interface import IPortfolioService
from qtrader_service_portfolio.ledger import Transaction
from qtrader_service_portfolio.models import Lot

Key = tuple[str, str]
"""A strategy and a symbol."""


class StoredRun(Protocol):
    """As much of a run's result as the ledger is made of."""

    def rebuild(self, service: str, *, watch: Callable[[Any, Any, Any], None] | None = None) -> Any:
        """A service of the run as it was at the end."""
        ...


class Move(NamedTuple):
    """A position before and after a transaction, in signed units; the same where only its cost moved.

    ``filled`` is when a fill moved it; None: a corporate action did, and ``lots`` are those after it.
    """

    strategy_id: str
    symbol: str
    before: Decimal
    after: Decimal
    filled: datetime | None = None
    lots: tuple[Lot, ...] = ()


class Booked(NamedTuple):
    """One transaction with its number, that of its cause among what was heard, and the units that moved with it.

    A corporate action may move units and no money: such a transaction has number 0 and no postings.
    """

    number: int
    cause: int
    transaction: Transaction
    moves: tuple[Move, ...] = ()


@dataclass
class SessionBooks:
    """What was booked in one session, and the balances and positions at its end that are not as they were before."""

    day: date
    booked: list[Booked] = field(default_factory=list)
    balances: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    """By account and currency."""
    positions: dict[Key, PositionEvent] = field(default_factory=dict)


class Journal:
    """The sessions of a run in order.

    A transaction belongs to the session whose end is the next to be valued: corporate actions at its open, too.
    """

    def __init__(self) -> None:
        self.sessions: list[SessionBooks] = []
        self._pending = SessionBooks(date.min)
        self._seen = self._heard = 0
        self._begins = 0
        self._held: dict[Key, Decimal] = {}
        self._costs: dict[Key, Decimal] = {}

    @classmethod
    def of(cls, run: StoredRun) -> "Journal":
        """Make the ledger of a run again, from its log. Raises what the run raised where that was the portfolio."""
        journal = cls()
        with ledger_context():
            service = run.rebuild("portfolio", watch=journal.hear)
            if unfinished := journal._pending.booked:  # the run failed before the session ended
                journal._close(from_ns(unfinished[-1].transaction.time_ns).date(), service)
        return journal

    @property
    def symbols(self) -> list[str]:
        """Every instrument that a transaction was about, sorted."""
        booked = [one.transaction.symbol for session in self.sessions for one in session.booked]
        return sorted({symbol for symbol in booked if symbol is not None})

    @property
    def accounts(self) -> list[str]:
        """Every account that was posted to, sorted."""
        return sorted({account for session in self.sessions for account, _ in session.balances})

    def hear(self, service: IPortfolioService, event: BaseEvent | None, said: Sequence[BaseEvent]) -> None:
        """Note what the service booked when it heard an event."""
        if not self._seen and said:
            self._begins = said[0].time_ns
        positions = {(one.strategy_id, one.symbol): one for one in said if isinstance(one, PositionEvent)}
        self._pending.positions |= positions
        self._heard += 1
        moves = self._moves(service, event, positions)
        self._costs |= {key: one.cost_basis for key, one in positions.items()}
        for transaction in service.ledger.since(self._seen):
            self._seen += 1
            moved = tuple(one for one in moves if (one.strategy_id, one.symbol) == transaction[3:5])
            moves = tuple(one for one in moves if one not in moved)
            dated = transaction._replace(time_ns=max(transaction.time_ns, self._begins))
            self._pending.booked.append(Booked(self._seen, self._heard, dated, moved))
        for move in moves:
            self._pending.booked.append(Booked(0, self._heard, _units_alone(event, move, positions), (move,)))
        if isinstance(event, ValuationTriggerEvent) and event.reason in ("session_end", "end"):
            self._close(event.session or event.occurred_at.date(), service)

    def _moves(
        self, service: IPortfolioService, event: BaseEvent | None, positions: Mapping[Key, PositionEvent]
    ) -> tuple[Move, ...]:
        """How positions changed: by a fill, as it says; by anything else, as the service says."""
        filled: tuple[Move, ...] = ()
        if isinstance(event, FillEvent):
            key = event.strategy_id, event.symbol
            before = self._held.get(key, ZERO)
            self._held[key] = before + (event.quantity if event.side == "buy" else -event.quantity)
            filled = (Move(*key, before, self._held[key], event.executed_at),)
            positions = {other: one for other, one in positions.items() if other != key}
        changed = {
            key: one.quantity
            for key, one in positions.items()
            if (one.quantity, one.cost_basis) != (self._held.get(key, ZERO), self._costs.get(key, ZERO))
        }
        if not changed:
            return filled
        lots = {(one.strategy_id, one.symbol): one.lots for one in service.positions}
        moves = tuple(Move(*key, self._held.get(key, ZERO), after, None, lots[key]) for key, after in changed.items())
        self._held |= changed
        return filled + moves

    def _close(self, day: date, service: IPortfolioService) -> None:
        """The session is over; one of the same day goes on."""
        ended, self._pending = self._pending, SessionBooks(date.min)
        touched = {
            (account, one.transaction.currency) for one in ended.booked for account, _ in one.transaction.postings
        }
        balances = service.ledger.balances()
        ended.balances = {key: balances[key] for key in sorted(touched)}
        ended.day = max(day, self.sessions[-1].day) if self.sessions else day
        if self.sessions and self.sessions[-1].day == ended.day:
            last = self.sessions[-1]
            last.booked += ended.booked
            last.balances |= ended.balances
            last.positions |= ended.positions
        else:
            self.sessions.append(ended)


def _units_alone(event: BaseEvent | None, move: Move, positions: Mapping[Key, PositionEvent]) -> Transaction:
    """A transaction in which only units move."""
    currency = positions[move.strategy_id, move.symbol].currency
    kind, reference, time_ns = "units", "", 0
    if isinstance(event, CorporateActionEvent):
        kind, reference, time_ns = event.action_type, event.action_id, event.time_ns
    return Transaction(time_ns, kind, reference, move.strategy_id, move.symbol, currency, ())
