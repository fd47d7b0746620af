"""The account: cash, dividends due, the books of all strategies and the ledger. Arithmetic only; it knows no bus."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from qtrader.errors import ConfigError, RunError
from qtrader.ports import ExchangeRates, Snapshot, accounts, money, plain
from qtrader.ports.settings import PortfolioSettings
from qtrader_service_portfolio.amounts import ZERO, minor_unit, value_of
from qtrader_service_portfolio.book import Book
from qtrader_service_portfolio.booked_fills import BookedFills
from qtrader_service_portfolio.chosen_lots import ChosenLots
from qtrader_service_portfolio.funds import Funds
from qtrader_service_portfolio.json_values import from_json, to_json
from qtrader_service_portfolio.ledger import Ledger, Posting
from qtrader_service_portfolio.lot_tracker import LotTracker
from qtrader_service_portfolio.models import ClosedLot, Dividend, Matched

if TYPE_CHECKING:
    from qtrader.events import FillEvent
    from qtrader.ports import Instrument


class Account:
    """Everything that the books know. Callers are inside the ledger's decimal context.

    ``funds`` are what it has in each currency; ``capital`` is in ``currency``, the one that all is valued in; ``open``
    are the books that hold something. A method that raises has changed nothing.
    """

    def __init__(self, settings: PortfolioSettings, rates: ExchangeRates) -> None:
        minor_unit(settings.currency)
        if money(settings.cash) != settings.cash:
            raise ConfigError(f"portfolio.cash: {plain(settings.cash)} is finer than 0.00000001. Write fewer decimals")
        self.settings = settings
        self.currency = settings.currency
        self.rates = rates
        self.capital = settings.cash
        self.funds = {self.currency: Funds(self.currency)}
        self.funds[self.currency].cash = self.capital
        self.books: dict[tuple[str, str], Book] = {}
        self.open: dict[tuple[str, str], Book] = {}
        self.fills = BookedFills()
        self.actions: dict[str, None] = {}
        self.due: list[Dividend] = []
        self.ledger = Ledger()
        self.choice = ChosenLots(settings.lots)
        self.matched: Matched | None = None
        """What the last fill did to lots."""
        deposit = (accounts.CASH, self.capital), (accounts.CAPITAL, -self.capital)
        self.ledger.post(deposit, self.currency, 0, "deposit", "initial capital")

    def book(self, strategy_id: str, instrument: "Instrument") -> Book:
        """The book of one strategy in one instrument, new if need be. Raises RunError for no ISO 4217 currency."""
        book = self.books.get((strategy_id, instrument.symbol))
        if book is None:
            self.funds_in(instrument.currency, instrument.symbol)
            settled = ZERO if instrument.asset_class == "future" else None
            currency, multiplier = instrument.currency, instrument.multiplier
            book = Book(strategy_id, instrument.symbol, currency, multiplier, self.tracker(), settled)
            self.books[book.key] = book
        return book

    def funds_in(self, currency: str, symbol: str) -> Funds:
        """What the account has in a currency, nothing at first. Raises RunError for no ISO 4217 code."""
        funds = self.funds.get(currency)
        if funds is None:
            try:
                minor_unit(currency)
            except ConfigError:
                raise RunError(
                    f"{symbol}: {currency!r} is not an ISO 4217 currency, so nothing can be booked in it. Write a code "
                    f"such as USD, EUR or JPY as the currency of {symbol}"
                ) from None
            funds = self.funds[currency] = Funds(currency)
        return funds

    def tracker(self) -> LotTracker:
        """Lots to be, closed in the account's orders."""
        return LotTracker(long=self.settings.lots.long, short=self.settings.lots.short)

    def books_of(self, symbol: str) -> list[Book]:
        """The books of an instrument, by strategy."""
        return [self.books[key] for key in sorted(self.books) if key[1] == symbol]

    def fill(self, book: Book, fill: "FillEvent", at_ns: int | None = None) -> Matched:
        """Book one fill, which has not been booked: lots, cash, commission, realised profit; one transaction.

        A commission in another currency is one of its own; the lots carry what it was worth at ``at_ns``.
        """
        if fill.currency != book.currency:
            raise _in_another_currency(fill, book)
        buy, fee = fill.side == "buy", fill.commission
        value = value_of(fill.quantity, fill.price, book.multiplier)
        cash = -value if buy else value
        owed = ZERO if book.settled is None else cash - book.gained(fill.price)
        cash -= owed
        apart = fill.commission_currency != fill.currency
        if apart:
            fee = self.rates.between(fee, fill.commission_currency, book.currency, at_ns)
            self.funds_in(fill.commission_currency, fill.symbol).after(-fill.commission)
        else:
            cash -= fee
        funds = self.funds[fill.currency]
        balance = funds.after(cash)
        lots, fill_id, was_flat = book.lots, fill.fill_id, not book.lots.quantity
        named = self.choice.of_fill(book, fill) if self.choice else ()
        at, price = fill.executed_at, fill.price
        self.matched = matched = lots.match(fill.side, fill.quantity, value, at, price, fee, fill_id, named)
        postings: tuple[Posting, ...] = ((accounts.CASH, cash),)
        if book.settled is not None:
            postings += ((accounts.FUTURES, owed),)
            book.settled -= owed
        if fee:
            book.commission += fee
            if not apart:
                postings += ((accounts.COMMISSION, fee),)
                funds.commission += fee
        if matched.closed:
            postings += self.realise(book, matched.closed)
        if matched.opened is not None:
            cost = matched.opened.cost
            postings += ((accounts.INVENTORY, cost) if buy else (accounts.SHORTS, -cost),)
            if was_flat or matched.closed:
                book.round_trips += 1
        time_ns = fill.origin.time_ns
        self.ledger.post(postings, book.currency, time_ns, "fill", fill_id, book.strategy_id, book.symbol)
        funds.cash = balance
        if apart and fill.commission:
            self._post_fee(fill)
        self.fills.add(fill)
        if was_flat or not lots.quantity:
            self.track_open(book)
        return matched

    def _post_fee(self, fill: "FillEvent") -> None:
        """Book a commission in another currency than the price's as a transaction of its own."""
        funds, fee = self.funds[fill.commission_currency], fill.commission
        postings = (accounts.CASH, -fee), (accounts.COMMISSION, fee)
        at, strategy_id, symbol = fill.origin.time_ns, fill.strategy_id, fill.symbol
        self.ledger.post(postings, funds.currency, at, "commission", fill.fill_id, strategy_id, symbol)
        funds.cash -= fee
        funds.commission += fee

    def total(self, name: str) -> Decimal:
        """One of the amounts of ``Funds`` over all currencies, in the account's at the rates of now."""
        return self.worth({currency: getattr(funds, name) for currency, funds in self.funds.items()})

    def worth(self, amounts: Mapping[str, Decimal]) -> Decimal:
        """What amounts by currency are worth together, in the account's currency at the rates of now."""
        return sum((self.rates.worth(amount, currency) for currency, amount in amounts.items()), ZERO)

    def realise(self, book: Book, closed: tuple[ClosedLot, ...]) -> tuple[Posting, Posting]:
        """Count the profit of what left the lots; the postings for it."""
        cost, gain = closed[0].cost, closed[0].gross
        for part in closed[1:]:
            cost += part.cost
            gain += part.gross
        book.realised += gain
        self.funds[book.currency].realised += gain
        left = (accounts.INVENTORY, -cost) if closed[0].lot.side == "long" else (accounts.SHORTS, cost)
        return left, (accounts.REALISED, -gain)

    def post(
        self,
        book: Book,
        postings: tuple[Posting, ...],
        time_ns: int,
        kind: str,
        reference: str,
        currency: str | None = None,
    ) -> None:
        """Append one transaction of a book to the ledger, in the book's currency or another."""
        self.ledger.post(postings, currency or book.currency, time_ns, kind, reference, book.strategy_id, book.symbol)

    def track_open(self, book: Book) -> None:
        """Keep ``open`` true after a book's lots have changed."""
        if book.lots.quantity:
            self.open[book.key] = book
        else:
            self.open.pop(book.key, None)

    def snapshot(self) -> Snapshot:
        """Everything as plain JSON values."""
        return {
            "currency": self.currency,
            "capital": str(self.capital),
            "funds": {currency: funds.snapshot() for currency, funds in self.funds.items()},
            "books": [book.snapshot() for book in self.books.values()],
            "fills": self.fills.snapshot(),
            "actions": list(self.actions),
            "chosen": self.choice.snapshot(),
            "due": [to_json(dividend) for dividend in self.due],
            "ledger": self.ledger.snapshot(),
        }

    @classmethod
    def restored(cls, settings: PortfolioSettings, rates: ExchangeRates, snapshot: Snapshot, time_ns: int) -> "Account":
        """The account that made the snapshot. Raises RunError when it kept another currency."""
        if snapshot["currency"] != settings.currency:
            raise RunError(
                f"the snapshot's account keeps {snapshot['currency']} and this one {settings.currency}. "
                f"Restore it with the settings that it was made with"
            )
        account = cls(settings, rates)
        account.capital = Decimal(snapshot["capital"])
        account.funds = {one: Funds.restored(one, kept) for one, kept in snapshot["funds"].items()}
        for one in snapshot["books"]:
            book = Book.restored(one, account.tracker())
            account.books[book.key] = book
            account.track_open(book)
        account.fills.restore(snapshot["fills"])
        account.actions = dict.fromkeys(snapshot["actions"])
        account.choice.restore(snapshot["chosen"])
        account.due = [from_json(Dividend, one) for one in snapshot["due"]]
        account.ledger.restore(snapshot["ledger"], time_ns)
        return account


def _in_another_currency(fill: "FillEvent", book: Book) -> RunError:
    return RunError(
        f"fill {fill.fill_id!r} of {fill.symbol} is in {fill.currency}, and {fill.symbol} is quoted in "
        f"{book.currency}. A fill's price is in the currency of its instrument"
    )
