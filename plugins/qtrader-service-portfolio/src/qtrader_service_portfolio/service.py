"""The portfolio service: from fills, corporate actions and valuation triggers to positions, trades, cash and equity."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from qtrader import EventBus, wire_alone
from qtrader.errors import RunError
from qtrader.events import (
    ConsolidatedPortfolioEvent,
    CorporateActionEvent,
    FillEvent,
    ValuationTriggerEvent,
)
from qtrader.ports import Handler, Snapshot, Wiring, ledger_context, money, plain
from qtrader.ports.settings import PortfolioServiceSettings, PortfolioSettings
from qtrader_service_portfolio.account import Account
from qtrader_service_portfolio.amounts import ZERO
from qtrader_service_portfolio.announcements import Announcements
from qtrader_service_portfolio.book import Book
from qtrader_service_portfolio.ledger import Ledger
from qtrader_service_portfolio.models import Dividend, Position
from qtrader_service_portfolio.state import consolidated

SNAPSHOT_VERSION = 1
RESCALING = ("split", "reverse_split", "stock_dividend")


class PortfolioService:
    """Keeps the books of an account and says on the bus what happened to them.

    Consumes ``fill``, ``corporate_action`` and ``valuation_trigger``; emits ``position``, ``trade``, ``cash``,
    ``valuation`` and ``consolidated_portfolio``. ``config`` is whose money; plain ``PortfolioSettings`` mean one full
    snapshot, at the end. Built without ``wiring`` it serves the bus alone, on hand-made events.
    """

    def __init__(
        self, event_bus: EventBus, config: PortfolioSettings | PortfolioServiceSettings, wiring: Wiring | None = None
    ) -> None:
        if isinstance(config, PortfolioSettings):
            config = PortfolioServiceSettings(portfolio=config)
        wired = wiring or wire_alone(event_bus, "portfolio")
        self._settings = config
        self._market = wired.market
        self._say = Announcements(wired.emitter)
        self._account = Account(config.portfolio)
        self._announced = False
        self._month = ""
        self._restated: dict[str, int] = {}
        """Symbol -> end of its latest bar when a split came; its marks are restated until a later bar."""
        if wiring is None:
            event_bus.attach("portfolio", self.handlers())

    def handlers(self) -> Sequence[Handler]:
        """The table of topics and functions."""
        return [
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

    def on_fill(self, fill: FillEvent) -> None:
        """Book a fill; publish the position after it and a trade for every lot that it closed."""
        with ledger_context():
            if not self._announced:
                self.start()
            account = self._account
            book = account.books.get((fill.strategy_id, fill.symbol))
            if book is None:
                book = account.book(fill.strategy_id, self._market.instrument(fill.symbol))
            matched = account.fill(book, fill)
            if not self._mark(book):
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
            if self._settings.snapshots == "fill":
                self._publish_state()

    def _mark(self, book: Book) -> bool:
        """Mark a book at the latest close; False where there is none since the start or since a split."""
        symbol = book.symbol
        if symbol in self._restated:
            bar = self._market.bar(symbol)
            if bar is None or bar.time_ns <= self._restated[symbol]:
                return False
            del self._restated[symbol]
        close = self._market.close(symbol)
        if close is None:
            return False
        book.mark = close
        return True

    def _mark_all(self) -> None:
        for book in self._account.open.values():
            self._mark(book)

    # corporate actions

    def on_corporate_action(self, action: CorporateActionEvent) -> None:
        """Book a split, stock dividend or cash dividend on what is held. Raises RunError for kinds not booked yet."""
        with ledger_context():
            self.start()
            if action.action_id in self._account.actions:
                raise RunError(f"corporate action {action.action_id!r} is booked already. An action id may come once")
            books = self._account.books_of(action.symbol)
            if action.action_type in RESCALING:
                self._split(books, action)
            elif action.action_type == "cash_dividend":
                self._dividend(books, action)
            elif any(book.lots.quantity for book in books):
                raise RunError(
                    f"{action.action_id}: {action.action_type} of {action.symbol} on {action.ex_date} with a position "
                    f"open: this kind is not booked yet. Close the position before, or end the run earlier"
                )
            self._account.actions[action.action_id] = None

    def _split(self, books: list[Book], action: CorporateActionEvent) -> None:
        for book in books:
            self._mark(book)
        bar = self._market.bar(action.symbol)
        if bar is not None:
            self._restated[action.symbol] = bar.time_ns
        step = self._market.instrument(action.symbol).lot if books else ZERO
        for book in books:
            held = book.lots.quantity
            book.mark = money(book.mark * Decimal(action.denominator or 1) / Decimal(action.numerator or 1))
            price = action.reference_price or book.mark
            closed, cash = self._account.split(book, action, step, price)
            if closed:
                self._say.cash(self._account, "cash_in_lieu", cash, book=book, action_id=action.action_id)
            if held:
                self._say.position(self._account, book, action.action_type)
            self._say.trades(
                book,
                closed,
                trip=book.round_trips,
                ends=not book.lots.quantity,
                price=price,
                at=action.occurred_at,
                by=action.action_id,
            )

    def _dividend(self, books: list[Book], action: CorporateActionEvent) -> None:
        account = self._account
        entitled = [(book, units) for book in books if (units := account.entitled(book, action))]
        for book, units in entitled:
            dividend = account.entitle(book, action, units)
            if dividend.pay_date > action.ex_date:
                account.due.append(dividend)
                reason = (
                    f"{plain(units)} x {plain(action.amount or ZERO)} less tax {plain(dividend.tax)}, "
                    f"to be paid on {dividend.pay_date}"
                )
                self._say.cash(account, "dividend", ZERO, book=book, action_id=action.action_id, reason=reason)
            else:
                why = "the action has no pay date" if action.pay_date is None else "its pay date is not later"
                self._pay(dividend, action.time_ns, f"paid on the ex-date: {why}")
            self._mark(book)
            self._say.position(account, book, "cash_dividend")

    def _pay(self, dividend: Dividend, time_ns: int, reason: str | None = None) -> None:
        account = self._account
        book = account.books[dividend.strategy_id, dividend.symbol]
        account.pay(dividend, time_ns)
        self._say.cash(account, "dividend", dividend.gross, book=book, action_id=dividend.action_id, reason=reason)
        if dividend.tax:
            account.pay_tax(dividend, time_ns)
            self._say.cash(
                account, "withholding", -dividend.tax, book=book, action_id=dividend.action_id, reason=reason
            )

    # valuations

    def on_valuation_trigger(self, trigger: ValuationTriggerEvent) -> None:
        """Pay dividends that have come due, mark the books and publish what they are worth."""
        with ledger_context():
            self.start()
            day = trigger.session or trigger.occurred_at.date()
            for dividend in self._account.take_due(day):
                self._pay(dividend, trigger.time_ns)
            self._mark_all()
            self._say.valuation(self._account, trigger.session)
            if trigger.reason == "session_end":
                self._snapshot_session(day)

    def _snapshot_session(self, day: date) -> None:
        month, before = f"{day:%Y-%m}", self._month
        self._month = month
        if self._settings.snapshots == "session" or (self._settings.snapshots == "month" and month != before):
            self._publish_state(day)

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
            "restated": dict(self._restated),
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
        announced, month, restated = snapshot["announced"], snapshot["month"], dict(snapshot["restated"])
        with ledger_context():
            self._account = Account.restored(self._settings.portfolio, snapshot["account"], self._market.time_ns)
        self._announced, self._month, self._restated = announced, month, restated

    snapshot = get_snapshot
    restore = restore_from_snapshot
