"""The account: cash, dividends due, the books of all strategies and the ledger. Arithmetic only; it knows no bus."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from qtrader.errors import ConfigError, LedgerError, RunError
from qtrader.ports import Snapshot, money, plain
from qtrader.ports.settings import PortfolioSettings
from qtrader_service_portfolio import ledger as accounts
from qtrader_service_portfolio.amounts import LARGEST_AMOUNT, ZERO, exact_value, minor_unit, round_to_minor, value_of
from qtrader_service_portfolio.book import Book
from qtrader_service_portfolio.json_values import decimals, from_json, texts, to_json
from qtrader_service_portfolio.ledger import Ledger, Posting
from qtrader_service_portfolio.lot_tracker import LotTracker
from qtrader_service_portfolio.models import ClosedLot, Dividend, Matched

if TYPE_CHECKING:
    from qtrader.events import CorporateActionEvent, FillEvent
    from qtrader.ports import Instrument

AMOUNTS = ("capital", "cash", "receivable", "payable", "realised", "commission", "dividends")


class Account:
    """Everything that the books know. Callers are inside the ledger's decimal context.

    Amounts are in ``currency``, the only one so far. ``realised`` is gross of fees, ``dividends`` net of tax, over all
    books; ``open`` are the books that hold something. A method that raises has changed nothing.
    """

    def __init__(self, settings: PortfolioSettings) -> None:
        minor_unit(settings.currency)
        if money(settings.cash) != settings.cash:
            raise ConfigError(f"portfolio.cash: {plain(settings.cash)} is finer than 0.00000001. Write fewer decimals")
        self.settings = settings
        self.currency = settings.currency
        self.capital = self.cash = settings.cash
        self.receivable = self.payable = self.realised = self.commission = self.dividends = ZERO
        self.books: dict[tuple[str, str], Book] = {}
        self.open: dict[tuple[str, str], Book] = {}
        self.fills: dict[str, None] = {}
        self.actions: dict[str, None] = {}
        self.due: list[Dividend] = []
        self.ledger = Ledger()
        deposit = (accounts.CASH, self.capital), (accounts.CAPITAL, -self.capital)
        self.ledger.post(deposit, self.currency, 0, "deposit", "initial capital")

    def book(self, strategy_id: str, instrument: "Instrument") -> Book:
        """The book of one strategy in one instrument, new if need be. Raises RunError for another currency."""
        book = self.books.get((strategy_id, instrument.symbol))
        if book is None:
            if instrument.currency != self.currency:
                raise RunError(
                    f"{instrument.symbol} is quoted in {instrument.currency} and the account keeps {self.currency}. "
                    f"Other currencies cannot be booked yet: trade instruments in {self.currency}"
                )
            book = Book(strategy_id, instrument.symbol, instrument.currency, instrument.multiplier, self._tracker())
            self.books[book.key] = book
        return book

    def _tracker(self) -> LotTracker:
        return LotTracker(long=self.settings.lots.long, short=self.settings.lots.short)

    def books_of(self, symbol: str) -> list[Book]:
        """The books of an instrument, by strategy."""
        return [self.books[key] for key in sorted(self.books) if key[1] == symbol]

    def fill(self, book: Book, fill: "FillEvent") -> Matched:
        """Book one fill: lots, cash, commission, realised profit; one transaction."""
        if fill.fill_id in self.fills or fill.currency != self.currency or fill.commission_currency != self.currency:
            self._refuse(fill)
        buy, fee = fill.side == "buy", fill.commission
        value = value_of(fill.quantity, fill.price, book.multiplier)
        cash = -value - fee if buy else value - fee
        balance = self._new_balance(cash)
        lots, fill_id = book.lots, fill.fill_id
        was_flat = not lots.quantity
        matched = lots.match(fill.side, fill.quantity, value, fill.executed_at, fill.price, fee, fill_id)
        postings: tuple[Posting, ...] = ((accounts.CASH, cash),)
        if fee:
            postings += ((accounts.COMMISSION, fee),)
            book.commission += fee
            self.commission += fee
        if matched.closed:
            postings += self._realise(book, matched.closed)
        if matched.opened is not None:
            cost = matched.opened.cost
            postings += ((accounts.INVENTORY, cost) if buy else (accounts.SHORTS, -cost),)
            if was_flat or matched.closed:
                book.round_trips += 1
        time_ns = fill.origin.time_ns
        self.ledger.post(postings, self.currency, time_ns, "fill", fill_id, book.strategy_id, book.symbol)
        self.cash = balance
        self.fills[fill_id] = None
        if was_flat or not lots.quantity:
            self._track_open(book)
        return matched

    def _refuse(self, fill: "FillEvent") -> None:
        if fill.fill_id in self.fills:
            raise RunError(
                f"fill {fill.fill_id!r} of {fill.symbol} is booked already. A fill id may come once; give each its own"
            )
        raise RunError(
            f"fill {fill.fill_id!r} of {fill.symbol} is in {fill.currency}, its commission in "
            f"{fill.commission_currency}, and the account keeps {self.currency}. Other currencies cannot be booked yet"
        )

    def _new_balance(self, change: Decimal) -> Decimal:
        balance = self.cash + change
        if not -LARGEST_AMOUNT < balance < LARGEST_AMOUNT:
            raise LedgerError(f"cash of {balance:E} {self.currency} is more than a book can hold ({LARGEST_AMOUNT:E})")
        return balance

    def _realise(self, book: Book, closed: tuple[ClosedLot, ...]) -> tuple[Posting, Posting]:
        cost, gain = closed[0].cost, closed[0].gross
        for part in closed[1:]:
            cost += part.cost
            gain += part.gross
        book.realised += gain
        self.realised += gain
        left = (accounts.INVENTORY, -cost) if closed[0].lot.side == "long" else (accounts.SHORTS, cost)
        return left, (accounts.REALISED, -gain)

    def _post(self, book: Book, postings: tuple[Posting, ...], time_ns: int, kind: str, reference: str) -> None:
        self.ledger.post(postings, self.currency, time_ns, kind, reference, book.strategy_id, book.symbol)

    def _track_open(self, book: Book) -> None:
        if book.lots.quantity:
            self.open[book.key] = book
        else:
            self.open.pop(book.key, None)

    def split(
        self, book: Book, action: "CorporateActionEvent", step: Decimal, price: Decimal
    ) -> tuple[tuple[ClosedLot, ...], Decimal]:
        """Restate a book's lots; ``price`` is after the split. Returns what leaves, and the cash (below zero: paid)."""
        if action.numerator is None or action.denominator is None:
            raise RunError(f"{_named(action)} has no ratio. Give numerator and denominator")
        held = book.lots.quantity
        closed = book.lots.split(
            action.numerator,
            action.denominator,
            step=step,
            unit_value=price * book.multiplier,
            currency=self.currency,
        )
        ex_date = action.ex_date.isoformat()
        if held and (book.before_split is None or book.before_split[0] != ex_date):
            book.before_split = ex_date, held
        cash = sum((part.value for part in closed), ZERO)
        if held < 0:
            cash = -cash
        if closed:
            postings = ((accounts.CASH, cash), *self._realise(book, closed))
            self._post(book, postings, action.time_ns, "cash_in_lieu", action.action_id)
            self.cash += cash
            self._track_open(book)
        return closed, cash

    def entitled(self, book: Book, action: "CorporateActionEvent") -> Decimal:
        """The units that a dividend is paid on: those held at the close before the ex-date.

        Raises RunError where a split has the same ex-date and the dividend does not say which units it means.
        """
        before = book.before_split
        if before is None or before[0] != action.ex_date.isoformat() or action.amount_basis == "post_split":
            return book.lots.quantity
        if action.amount_basis == "pre_split":
            return before[1]
        raise RunError(
            f"{_named(action)} has the ex-date of a split and does not say which units it is paid on. "
            f"Declare amount_basis: pre_split or post_split"
        )

    def entitle(self, book: Book, action: "CorporateActionEvent", units: Decimal) -> Dividend:
        """Book a dividend as receivable (long) or payable (short), and the tax withheld from a long's as payable.

        The caller pays it at once or puts it into ``due``.
        """
        if action.amount is None or action.currency != self.currency:
            raise RunError(
                f"{_named(action)} is {action.amount} {action.currency} a unit and the account keeps {self.currency}. "
                f"Give the amount in that currency; others cannot be booked yet"
            )
        gross = round_to_minor(exact_value(units, action.amount, book.multiplier), self.currency)
        tax = round_to_minor(gross * (action.withholding or ZERO), self.currency) if gross > 0 else ZERO
        pay_date = action.pay_date or action.ex_date
        dividend = Dividend(action.action_id, book.strategy_id, book.symbol, self.currency, gross, tax, pay_date)
        self._post(book, _entitlement(gross, tax), action.time_ns, "dividend", action.action_id)
        self.receivable += max(gross, ZERO)
        self.payable += max(-gross, ZERO) + tax
        book.dividends += gross - tax
        self.dividends += gross - tax
        return dividend

    def take_due(self, day: date) -> list[Dividend]:
        """Dividends whose pay date has come, in the order of pay date and entitlement; they are no longer due."""
        taken = sorted((one for one in self.due if one.pay_date <= day), key=lambda one: one.pay_date)
        if taken:
            self.due = [one for one in self.due if one.pay_date > day]
        return taken

    def pay(self, dividend: Dividend, time_ns: int) -> None:
        """Move a dividend that is due from receivable or payable to cash."""
        gross, balance = dividend.gross, self._new_balance(dividend.gross)
        book = self.books[dividend.strategy_id, dividend.symbol]
        other = accounts.RECEIVABLES if gross > 0 else accounts.PAYABLES
        self._post(book, ((accounts.CASH, gross), (other, -gross)), time_ns, "dividend_paid", dividend.action_id)
        self.cash = balance
        self.receivable -= max(gross, ZERO)
        self.payable -= max(-gross, ZERO)

    def pay_tax(self, dividend: Dividend, time_ns: int) -> None:
        """Move the tax withheld from a dividend from payable to cash."""
        book = self.books[dividend.strategy_id, dividend.symbol]
        postings = (accounts.CASH, -dividend.tax), (accounts.PAYABLES, dividend.tax)
        self._post(book, postings, time_ns, "withholding_paid", dividend.action_id)
        self.cash -= dividend.tax
        self.payable -= dividend.tax

    def snapshot(self) -> Snapshot:
        """Everything as plain JSON values."""
        return {
            "currency": self.currency,
            **texts({name: getattr(self, name) for name in AMOUNTS}),
            "books": [book.snapshot() for book in self.books.values()],
            "fills": list(self.fills),
            "actions": list(self.actions),
            "due": [to_json(dividend) for dividend in self.due],
            "ledger": self.ledger.snapshot(),
        }

    @classmethod
    def restored(cls, settings: PortfolioSettings, snapshot: Snapshot, time_ns: int) -> "Account":
        """The account that made the snapshot. Raises RunError when it kept another currency."""
        if snapshot["currency"] != settings.currency:
            raise RunError(
                f"the snapshot's account keeps {snapshot['currency']} and this one {settings.currency}. "
                f"Restore it with the settings that it was made with"
            )
        account = cls(settings)
        for name, amount in decimals({name: snapshot[name] for name in AMOUNTS}).items():
            setattr(account, name, amount)
        for one in snapshot["books"]:
            book = Book.restored(one, account._tracker())
            account.books[book.key] = book
            account._track_open(book)
        account.fills = dict.fromkeys(snapshot["fills"])
        account.actions = dict.fromkeys(snapshot["actions"])
        account.due = [from_json(Dividend, one) for one in snapshot["due"]]
        account.ledger.restore(snapshot["ledger"], time_ns)
        return account


def _named(action: "CorporateActionEvent") -> str:
    return f"{action.action_id}: the {action.action_type} of {action.symbol} on {action.ex_date}"


def _entitlement(gross: Decimal, tax: Decimal) -> tuple[Posting, ...]:
    other = accounts.RECEIVABLES if gross > 0 else accounts.PAYABLES
    postings: tuple[Posting, ...] = ((other, gross), (accounts.DIVIDENDS, -gross))
    if tax:
        postings += ((accounts.TAX, tax), (accounts.PAYABLES, -tax))
    return postings
