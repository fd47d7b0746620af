"""The portfolio service: from fills, corporate actions and valuation triggers to positions, trades, cash and equity."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from qtrader import EventBus, wire_alone
from qtrader.errors import RunError
from qtrader.events import (
    ConsolidatedPortfolioEvent,
    CorporateActionEvent,
    FillEvent,
    OrderEvent,
    ValuationTriggerEvent,
)
from qtrader.ports import RESCALING, ExchangeRates, Handler, Snapshot, Wiring, ledger_context
from qtrader.ports.settings import PortfolioServiceSettings, PortfolioSettings
from qtrader_service_portfolio.account import Account
from qtrader_service_portfolio.actions.delistings import Delistings
from qtrader_service_portfolio.actions.dividends import Dividends
from qtrader_service_portfolio.actions.mergers import Mergers
from qtrader_service_portfolio.actions.rights import Rights
from qtrader_service_portfolio.actions.spin_offs import SpinOffs
from qtrader_service_portfolio.actions.splits import Splits
from qtrader_service_portfolio.actions.successors import Successors
from qtrader_service_portfolio.actions.symbol_changes import SymbolChanges
from qtrader_service_portfolio.announcements import Announcements
from qtrader_service_portfolio.book import Book
from qtrader_service_portfolio.carry import Carry
from qtrader_service_portfolio.conversions import Conversions
from qtrader_service_portfolio.futures import Settlements, refuse_actions
from qtrader_service_portfolio.ledger import Ledger
from qtrader_service_portfolio.marks import Marks
from qtrader_service_portfolio.models import Position
from qtrader_service_portfolio.state import consolidated

SNAPSHOT_VERSION = 5


class PortfolioService:
    """Keeps the books of an account and says on the bus what happened to them.

    Consumes ``fill``, ``corporate_action``, ``valuation_trigger``, and ``order`` for the lots that it names; emits
    ``position``, ``trade``, ``cash``, ``valuation`` and ``consolidated_portfolio``. ``config`` is whose money; plain
    ``PortfolioSettings`` mean one full snapshot, at the end. Built without ``wiring`` it serves the bus alone, on
    hand-made events.
    """

    def __init__(
        self, event_bus: EventBus, config: PortfolioSettings | PortfolioServiceSettings, wiring: Wiring | None = None
    ) -> None:
        if isinstance(config, PortfolioSettings):
            config = PortfolioServiceSettings(portfolio=config)
        wired = wiring or wire_alone(event_bus, "portfolio", config.portfolio)
        self._settings = config
        self._wiring, self._market = wired, wired.market
        self._say = Announcements(wired)
        self._announced = False
        self._month = ""
        self._rates = ExchangeRates(wired.market, config.portfolio)
        self._keep(Account(config.portfolio, self._rates), Marks(wired))
        if wiring is None:
            event_bus.attach("portfolio", self.handlers())

    def _keep(self, account: Account, marks: Marks) -> None:
        """Keep these books from now on."""
        self._account, self._marks = account, marks
        self._dividends = Dividends(account, marks, self._say)
        self._carry = Carry(account, self._say, self._settings.portfolio)
        self._conversions = Conversions(account, self._say)
        self._settlements = Settlements(account, self._say)
        successors = Successors(account, self._say, self._wiring)
        self._spin_offs = SpinOffs(account, self._say, successors, self._wiring)
        self._kinds: dict[str, Callable[[list[Book], CorporateActionEvent], None]] = {
            **dict.fromkeys(RESCALING, Splits(account, marks, self._say, self._wiring).book),
            "symbol_change": SymbolChanges(account, marks, self._say, successors).book,
            "spin_off": self._spin_offs.book,
            "merger": Mergers(account, self._say, successors).book,
            "rights": Rights(account, marks, self._say, self._wiring).book,
            "cash_dividend": self._dividends.book,
            "delisting": Delistings(account, self._say).book,
        }

    def handlers(self) -> Sequence[Handler]:
        """The table of topics and functions."""
        return [
            Handler("order", self.on_order),
            Handler("fill", self.on_fill),
            Handler("corporate_action", self.on_corporate_action),
            Handler("valuation_trigger", self.on_valuation_trigger),
        ]

    def start(self) -> None:
        """Announce the initial capital, once; the first event does it where nobody called this."""
        if not self._announced:
            self._announced = True
            self._say.cash(self._account, "deposit", self._account.capital, reason="initial capital")

    def stop(self) -> None:
        """Publish the last full snapshot."""
        if self._settings.snapshots != "none":
            self._publish_state()

    # fills

    def on_order(self, order: OrderEvent) -> None:
        """Remember which lots an order names, for its fills."""
        if order.lots:
            self._account.choice.hear(order)

    def on_fill(self, fill: FillEvent) -> None:
        """Book a fill; publish the position after it and a trade for every lot that it closed.

        One that was booked already is ignored and counted. Raises RunError for another one of the same id.
        """
        with ledger_context():
            if not self._announced:
                self.start()
            account = self._account
            if fill.fill_id in account.fills and account.fills.comes_again(fill):
                return
            book = account.books.get((fill.strategy_id, fill.symbol))
            if book is None:
                book = account.book(fill.strategy_id, self._market.instrument(fill.symbol))
            at_ns = None
            if not book.currency == fill.commission_currency == account.currency:
                at_ns = self._conversions.rate_time(book, fill, self._market.time_ns)
            if self._spin_offs.unsettled:
                self._spin_offs.settle(fill.time_ns, (fill.symbol,))
            matched = account.fill(book, fill, at_ns)
            if not self._marks.mark(book):
                book.mark = fill.price
            self._say.position(account, book, "fill")
            if matched.closed:
                flipped = matched.opened is not None
                self._say.trades(
                    book,
                    matched.closed,
                    trip=book.round_trips - flipped,
                    ends=flipped or not book.lots.quantity,
                    price=fill.price,
                    at=fill.executed_at,
                    by=fill.fill_id,
                )
            if at_ns is not None:
                self._conversions.exchange_all(fill.time_ns, at_ns)
            if self._settings.snapshots == "fill":
                self._publish_state()

    # corporate actions

    def on_corporate_action(self, action: CorporateActionEvent) -> None:
        """Book a corporate action on what is held. Raises RunError for one that lacks what it needs."""
        with ledger_context():
            self.start()
            if action.action_id in self._account.actions:
                raise RunError(f"corporate action {action.action_id!r} is booked already. An action id may come once")
            if self._spin_offs.unsettled and action.action_type not in ("spin_off", "cash_dividend"):
                self._spin_offs.settle(action.time_ns, (action.symbol,))
            books = self._account.books_of(action.symbol)
            refuse_actions(books, action)
            self._kinds[action.action_type](books, action)
            self._account.actions[action.action_id] = None
            self._conversions.exchange_all(action.time_ns)

    # valuations

    def on_valuation_trigger(self, trigger: ValuationTriggerEvent) -> None:
        """Pay dividends that have come due, mark the books and publish what they are worth."""
        with ledger_context():
            self.start()
            day = trigger.session or trigger.occurred_at.date()
            self._dividends.pay_due(day, trigger.time_ns)
            if self._spin_offs.unsettled:
                self._spin_offs.settle(trigger.time_ns)
            self._mark_all()
            if trigger.reason == "session_end":
                self._settlements.settle(day.isoformat(), trigger.time_ns)
            self._conversions.exchange_all(trigger.time_ns)
            if trigger.reason == "session_end":
                self._carry.end_session(day, trigger.time_ns)
                self._conversions.exchange_all(trigger.time_ns)
                self._carry.begin_nights()
            self._say.valuation(self._account, trigger.session)
            if trigger.reason == "session_end":
                self._snapshot_session(day)

    def _snapshot_session(self, day: date) -> None:
        month, before = f"{day:%Y-%m}", self._month
        self._month = month
        if self._settings.snapshots == "session" or (self._settings.snapshots == "month" and month != before):
            self._publish_state(day)

    def _mark_all(self) -> None:
        self._marks.mark_all(self._account.open.values())

    def _publish_state(self, session: date | None = None) -> None:
        with ledger_context():
            self._mark_all()
            self._say.portfolio(self._account, session or self._market.session)

    # state

    @property
    def ledger(self) -> Ledger:
        """The double-entry journal."""
        return self._account.ledger

    @property
    def audited(self) -> Account:
        """The books as the kernel's accounting guard reads them."""
        return self._account

    @property
    def positions(self) -> tuple[Position, ...]:
        """Every book as a frozen value, by strategy, then symbol, at its last mark."""
        with ledger_context():
            return tuple(self._account.books[key].position() for key in sorted(self._account.books))

    def get_state(self) -> ConsolidatedPortfolioEvent:
        """The whole account as an immutable value, marked at the latest prices. Nothing is published."""
        with ledger_context():
            self._mark_all()
            payload = consolidated(self._account, self._market.session)
            return ConsolidatedPortfolioEvent(**payload, occurred_at=self._market.time)

    def get_snapshot(self) -> Snapshot:
        """Everything needed to go on, as plain JSON values, with a version."""
        return {
            "version": SNAPSHOT_VERSION,
            "announced": self._announced,
            "month": self._month,
            "restated": self._marks.snapshot(),
            "carry": self._carry.snapshot(),
            "spin_offs": self._spin_offs.snapshot(),
            "account": self._account.snapshot(),
        }

    def restore_from_snapshot(self, snapshot: Mapping[str, Any]) -> None:
        """Become the service that made the snapshot.

        Raises RunError, having changed nothing, for a snapshot of another version or of an account in another currency.
        """
        if snapshot.get("version") != SNAPSHOT_VERSION:
            raise RunError(
                f"a portfolio snapshot of version {snapshot.get('version')!r} cannot be read; this reads version "
                f"{SNAPSHOT_VERSION}. Restore it with the version of qtrader-service-portfolio that made it"
            )
        announced, month, carry, spin_offs = (snapshot[key] for key in ("announced", "month", "carry", "spin_offs"))
        marks = Marks(self._wiring, snapshot["restated"])
        with ledger_context():
            account = Account.restored(self._settings.portfolio, self._rates, snapshot["account"], self._market.time_ns)
        self._keep(account, marks)
        self._carry.restore(carry)
        self._spin_offs.restore(spin_offs)
        self._announced, self._month = announced, month

    snapshot = get_snapshot
    restore = restore_from_snapshot
