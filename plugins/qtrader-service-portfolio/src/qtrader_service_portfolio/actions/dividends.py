"""Cash dividends: income on the ex-date, receivable (of a short: payable) until the pay date, tax withheld."""

from datetime import date
from decimal import Decimal
from functools import partial

from qtrader.errors import RunError
from qtrader.events import CorporateActionEvent
from qtrader.ports import accounts, plain
from qtrader_service_portfolio.account import Account
from qtrader_service_portfolio.actions import named
from qtrader_service_portfolio.amounts import ZERO, exact_value, round_to_minor
from qtrader_service_portfolio.announcements import Announcements
from qtrader_service_portfolio.book import Book
from qtrader_service_portfolio.ledger import Posting
from qtrader_service_portfolio.marks import Marks
from qtrader_service_portfolio.models import Dividend


class Dividends:
    """Entitles who held before the ex-date, and pays what has come due."""

    def __init__(self, account: Account, marks: Marks, say: Announcements) -> None:
        self._account, self._marks, self._say = account, marks, say

    def book(self, books: list[Book], action: CorporateActionEvent) -> None:
        """Book an action on all books of its symbol: due on its pay date, or paid at once."""
        entitled = [(book, units) for book in books if (units := _entitled(book, action))]
        for book, _ in entitled:
            self._refuse_more_than_price(book, action)
        for book, units in entitled:
            dividend = self._entitle(book, action, units)
            if dividend.pay_date > action.ex_date:
                self._account.due.append(dividend)
                reason = (
                    f"{plain(units)} x {plain(action.amount or ZERO)} less tax {plain(dividend.tax)}, "
                    f"to be paid on {dividend.pay_date}"
                )
                self._say.cash(
                    self._account,
                    "dividend",
                    ZERO,
                    book=book,
                    action_id=action.action_id,
                    reason=reason,
                    currency=dividend.currency,
                )
            else:
                why = "the action has no pay date" if action.pay_date is None else "its pay date is not later"
                self._pay(dividend, action.time_ns, f"paid on the ex-date: {why}")
            self._marks.mark(book)
            self._say.position(self._account, book, "cash_dividend")

    def _refuse_more_than_price(self, book: Book, action: CorporateActionEvent) -> None:
        self._marks.mark(book)
        try:
            amount = self._account.rates.between(action.amount or ZERO, action.currency or book.currency, book.currency)
        except RunError as error:
            raise RunError(f"{named(action)}: {error}") from None
        if action.amount_basis != "pre_split" and amount > book.mark:
            raise RunError(
                f"{named(action)} pays {plain(amount)} {book.currency} a unit, more than the last price, "
                f"{plain(book.mark)}. Mend the amount; a payment that ends the share is a merger for cash"
            )

    def pay_due(self, day: date, time_ns: int) -> None:
        """Pay what has come due by a day, in the order of pay date and entitlement."""
        account = self._account
        taken = sorted((one for one in account.due if one.pay_date <= day), key=lambda one: one.pay_date)
        if taken:
            account.due = [one for one in account.due if one.pay_date > day]
        for dividend in taken:
            self._pay(dividend, time_ns)

    def _entitle(self, book: Book, action: CorporateActionEvent, units: Decimal) -> Dividend:
        """Book a dividend as receivable (long) or payable (short), and the tax withheld from a long's as payable."""
        account, currency = self._account, action.currency
        if action.amount is None or currency is None:
            raise RunError(f"{named(action)} does not say what a unit is paid. Give amount and currency")
        funds = account.funds_in(currency, book.symbol)
        gross = round_to_minor(exact_value(units, action.amount, book.multiplier), currency)
        tax = round_to_minor(gross * (action.withholding or ZERO), currency) if gross > 0 else ZERO
        pay_date = action.pay_date or action.ex_date
        dividend = Dividend(action.action_id, book.strategy_id, book.symbol, currency, gross, tax, pay_date)
        net = account.rates.between(gross - tax, currency, book.currency)
        account.post(book, _entitlement(gross, tax), action.time_ns, "dividend", action.action_id, currency)
        funds.receivable += max(gross, ZERO)
        funds.payable += max(-gross, ZERO) + tax
        funds.dividends += gross - tax
        book.dividends += net
        return dividend

    def _pay(self, dividend: Dividend, time_ns: int, reason: str | None = None) -> None:
        account, gross, tax, action_id = self._account, dividend.gross, dividend.tax, dividend.action_id
        book, funds = account.books[dividend.strategy_id, dividend.symbol], account.funds[dividend.currency]
        balance = funds.after(gross)
        other = accounts.RECEIVABLES if gross > 0 else accounts.PAYABLES
        postings: tuple[Posting, ...] = (accounts.CASH, gross), (other, -gross)
        account.post(book, postings, time_ns, "dividend_paid", action_id, funds.currency)
        funds.cash = balance
        funds.receivable -= max(gross, ZERO)
        funds.payable -= max(-gross, ZERO)
        say = partial(self._say.cash, account, book=book, action_id=action_id, reason=reason, currency=funds.currency)
        say("dividend", gross)
        if tax:
            postings = (accounts.CASH, -tax), (accounts.PAYABLES, tax)
            account.post(book, postings, time_ns, "withholding_paid", action_id, funds.currency)
            funds.cash -= tax
            funds.payable -= tax
            say("withholding", -tax)


def _entitled(book: Book, action: CorporateActionEvent) -> Decimal:
    """The units that a dividend is paid on: those held at the close before the ex-date.

    Raises RunError where a split has the same ex-date and the dividend does not say which units it means.
    """
    before = book.before_split
    if before is None or before[0] != action.ex_date.isoformat() or action.amount_basis == "post_split":
        return book.lots.quantity
    if action.amount_basis == "pre_split":
        return before[1]
    raise RunError(
        f"{named(action)} has the ex-date of a split and does not say which units it is paid on. "
        f"Declare amount_basis: pre_split or post_split"
    )


def _entitlement(gross: Decimal, tax: Decimal) -> tuple[Posting, ...]:
    other = accounts.RECEIVABLES if gross > 0 else accounts.PAYABLES
    postings: tuple[Posting, ...] = ((other, gross), (accounts.DIVIDENDS, -gross))
    if tax:
        postings += ((accounts.TAX, tax), (accounts.PAYABLES, -tax))
    return postings
