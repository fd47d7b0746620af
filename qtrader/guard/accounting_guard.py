"""Which events the guard hears, and in which order it checks the books after each."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from qtrader.errors import WiringError
from qtrader.events import CorporateActionEvent, FillEvent, TradeEvent, ValuationEvent, ValuationTriggerEvent, to_ns
from qtrader.guard.actions import Actions
from qtrader.guard.breach import breach, find, require
from qtrader.guard.fills import FillCheck, require_ends
from qtrader.guard.glance import is_right
from qtrader.guard.postings import Postings
from qtrader.guard.spin_offs import SpinOffs
from qtrader.guard.sums import ZERO, Flow, Key, OwnPosition, Sums
from qtrader.guard.valuations import Valuations, check_lots, of_position
from qtrader.ports.audit import Audited, AuditedBooks, AuditedTransaction
from qtrader.ports.decimals import ledger_context
from qtrader.ports.exchange_rates import ExchangeRates
from qtrader.ports.service import Handler

if TYPE_CHECKING:
    from qtrader.books import Books
    from qtrader.market_view import MarketView
    from qtrader.ports.settings import PortfolioSettings


NOTHING = ZERO, ZERO


class AccountingGuard:
    """Hears every event that touches the books right after the portfolio service, and compares.

    After a fill or an action: each transaction balances, moves the cash that the event asks for and no other, and the
    touched position has the units, the money and the lots that it must have. At a valuation: everything. The first
    difference raises BooksBreach. The work for an event does not grow with the run.
    """

    def __init__(
        self, services: Mapping[str, object], market: "MarketView", books: "Books", settings: "PortfolioSettings"
    ) -> None:
        if not isinstance(services["portfolio"], Audited):
            keeper = type(services["portfolio"]).__name__
            raise WiringError(
                f"engine.guard: the portfolio service ({keeper}) does not show its books: it has no 'audited', as "
                f"qtrader.ports.audit describes it. Add it, or set engine.guard: false"
            )
        self._services, self._market, self._told, self._orders = services, market, books, settings.lots
        self._currency, self._capital = settings.currency, settings.cash
        rates, self._sums = ExchangeRates(market, settings), Sums(settings.currency)
        self._spin_offs = SpinOffs(market)
        self._actions = Actions(self._books, self._sums, self._spin_offs, market)
        self._rates, self._postings = rates, Postings(self._sums, rates)
        self._valuations = Valuations(self._sums, rates, self._actions)
        self._fills: set[str] = set()
        self._seen = self._valued = 0
        self._touched: dict[Key, OwnPosition] = {}
        """Positions touched since the last valuation."""

    def _books(self) -> AuditedBooks:
        """The books of the portfolio service that the run has now."""
        keeper: Any = self._services["portfolio"]
        books: AuditedBooks = keeper.audited
        return books

    def handlers(self) -> Sequence[Handler]:
        """The table of topics and functions."""
        return [
            Handler("fill", self.on_fill),
            Handler("corporate_action", self.on_corporate_action),
            Handler("valuation_trigger", self.on_valuation_trigger),
            Handler("trade", self.on_trade),
            Handler("valuation", self.on_valuation),
        ]

    def on_fill(self, fill: FillEvent) -> None:
        """Check what a fill did. Raises BooksBreach."""
        with ledger_context():
            books = self._books()
            booked = self._begin(books)
            if fill.fill_id in self._fills:
                if booked:
                    raise breach(f"fill {fill.fill_id!r} came again and was booked", booked)
                return
            self._fills.add(fill.fill_id)
            position = self._sums.positions.get((fill.strategy_id, fill.symbol))
            if position is None:
                position = self._sums.position(fill.strategy_id, self._market.instrument(fill.symbol))
            if len(booked) == 1 and is_right(fill, position, self._sums, books, booked[0], self._order(position)):
                self._postings.unsummed.append(booked[0])
                self._touched[position.key] = position
            else:
                self._check_fill(fill, position, books, booked)

    def _order(self, position: OwnPosition) -> str:
        """The order in which lots of a position leave."""
        return self._orders.long if position.units > 0 else self._orders.short

    def _check_fill(
        self, fill: FillEvent, position: OwnPosition, books: AuditedBooks, booked: Sequence[AuditedTransaction]
    ) -> None:
        self._postings.begin()
        settled = self._settle(booked, books)
        fee, at_ns = fill.commission, None
        if not position.currency == fill.commission_currency == self._currency:
            at_ns = min(to_ns(fill.executed_at), self._market.time_ns - 1)
            fee = self._rates.between(fee, fill.commission_currency, position.currency, at_ns)
        self._sums.funds[position.currency].fees += fee
        order, check = self._order(position), FillCheck(fill, position, fee)
        self._postings.read(booked[settled:], check.flows(self._sums), books, at_ns)
        lots = books.books[position.key].lots
        check.lots(books.matched, lots, order, booked)
        if not settled:
            require(lots.fees, position.fees, booked, "what lots of {} carry of fees", position)
        self._end(books, booked, (position,))

    def on_corporate_action(self, action: CorporateActionEvent) -> None:
        """Check what a corporate action did. Raises BooksBreach."""
        with ledger_context():
            books = self._books()
            booked = self._begin(books)
            self._postings.begin()
            settled = self._settle(booked, books)
            held = self._sums.held(action.symbol)
            flows = self._actions.happen(action)
            rest = booked[settled:]
            flows += self._spin_offs.flows(rest, books)
            self._postings.read(rest, flows, books)
            self._end(books, booked, (*held, *self._sums.held(action.new_symbol or "")))

    def on_valuation_trigger(self, trigger: ValuationTriggerEvent) -> None:
        """Check everything, after dividends are paid and costs of holding accrued. Raises BooksBreach."""
        with ledger_context():
            books = self._books()
            booked = self._begin(books)
            self._postings.begin()
            day = trigger.session or trigger.occurred_at.date()
            flows = self._actions.pay_due(day)
            if trigger.reason == "session_end":
                flows += self._variations(day.isoformat(), books)
            flows += self._spin_offs.flows(booked, books)
            self._postings.read(booked, flows, books)
            self._end(books, booked, ())
            since = books.ledger.since(self._valued)
            for position in self._touched.values():
                check_lots(position, books.books[position.key].lots, of_position(since, position))
            self._touched.clear()
            self._spin_offs.require_settled(since)
            self._valuations.check(books, self._postings.totals(), since)

    def _variations(self, reference: str, books: AuditedBooks) -> list[Flow]:
        """What open contracts have gained since they were settled, at the books' marks."""
        return [
            Flow("variation", reference, one.key, one.currency, one.vary(books.books[one.key].mark), invests=False)
            for one in self._sums.open.values()
        ]

    def on_trade(self, trade: TradeEvent) -> None:
        """Note the commission of what was closed."""
        self._valuations.trade(trade.currency, trade.commission)

    def on_valuation(self, valuation: ValuationEvent) -> None:
        """Check what was published. Raises BooksBreach."""
        with ledger_context():
            self._valuations.published(valuation, self._told, self._books().ledger.since(self._valued))
            self._valued = self._seen

    def _begin(self, books: AuditedBooks) -> Sequence[AuditedTransaction]:
        """What was booked since the last event; before the first, the capital."""
        booked = books.ledger.since(self._seen)
        if not self._seen:
            first = booked[0]  # a deposit, or what a snapshot carries forward
            capital = Flow(first.kind, first.reference, None, self._currency, self._capital, invests=False)
            self._postings.read([first], [capital], books)
            self._seen, booked = 1, booked[1:]
        self._seen += len(booked)
        return booked

    def _settle(self, booked: Sequence[AuditedTransaction], books: AuditedBooks) -> int:
        """Read what settles spin-offs of before, which comes first; how many transactions that are."""
        if not self._spin_offs.given:
            return 0
        settling = list(takewhile(self._spin_offs.settles, booked))
        self._postings.read(settling, self._spin_offs.flows(settling, books), books)
        return len(settling)

    def _end(self, books: AuditedBooks, booked: Sequence[AuditedTransaction], positions: Iterable[OwnPosition]) -> None:
        """Check the positions that an event touched, and the money in the currencies that it moved."""
        touched = {one.key: one for one in positions}
        for key in self._postings.moved:
            touched[key] = find(self._sums.positions, key, booked)
        for position in touched.values():
            self._check_position(position, books, booked if len(touched) == 1 else of_position(booked, position))
        for currency in {one.currency: None for one in booked}:
            self._check_money(currency, books, booked)
        self._touched.update(touched)

    def _check_money(self, currency: str, books: AuditedBooks, booked: Sequence[AuditedTransaction]) -> None:
        cash = self._sums.funds[currency].cash
        require(books.funds[currency].cash, cash, booked, "cash in {}", currency)
        require(
            self._postings.transferred.get(currency, ZERO),
            ZERO,
            booked,
            "cost in {} that left one instrument",
            currency,
        )

    def _check_position(self, position: OwnPosition, books: AuditedBooks, booked: Sequence[AuditedTransaction]) -> None:
        """Raise BooksBreach unless units, money put in, postings and lots of a position agree; remember its totals."""
        key = position.key
        book = find(books.books, key, booked)
        lots, realised = book.lots, book.realised
        posted, gain = self._postings.moved.get(key, NOTHING)
        require(lots.quantity, position.units, booked, "the position of {}", position)
        require(lots.cost - realised, position.invested, booked, "cost less profit of {}", position)
        require(posted, lots.cost - position.cost, booked, "the cost posted for {}", position, of="its lots")
        require(gain, realised - position.realised, booked, "the profit posted for {}", position, of="its books")
        require_ends(position, lots, booked)
        self._sums.check_off(position, lots.cost, realised, lots.fees)
