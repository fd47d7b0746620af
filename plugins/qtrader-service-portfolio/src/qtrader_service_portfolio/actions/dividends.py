"""Cash dividends: income on the ex-date, receivable (of a short: payable) until the pay date, tax withheld."""

from datetime import date
from decimal import Decimal

from qtrader.errors import RunError
from qtrader.events import CorporateActionEvent
from qtrader.ports import plain
from qtrader_service_portfolio import ledger as accounts
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
                self._say.cash(self._account, "dividend", ZERO, book=book, action_id=action.action_id, reason=reason)
            else:
                why = "the action has no pay date" if action.pay_date is None else "its pay date is not later"
                self._pay(dividend, action.time_ns, f"paid on the ex-date: {why}")
            self._marks.mark(book)
            self._say.position(self._account, book, "cash_dividend")

    def _refuse_more_than_price(self, book: Book, action: CorporateActionEvent) -> None:
        self._marks.mark(book)
        amount = action.amount or ZERO
        if action.amount_basis != "pre_split" and amount > book.mark:
            raise RunError(
                f"{named(action)} pays {plain(amount)} a unit, more than the last price, {plain(book.mark)}. "
                f"Mend the amount; a payment that ends the share is a merger for cash"
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
        account, currency = self._account, self._account.currency
        if action.amount is None or action.currency != currency:
            raise RunError(
                f"{named(action)} is {action.amount} {action.currency} a unit and the account keeps {currency}. "
                f"Give the amount in that currency; others cannot be booked yet"
            )
        gross = round_to_minor(exact_value(units, action.amount, book.multiplier), currency)
        tax = round_to_minor(gross * (action.withholding or ZERO), currency) if gross > 0 else ZERO
        pay_date = action.pay_date or action.ex_date
        dividend = Dividend(action.action_id, book.strategy_id, book.symbol, currency, gross, tax, pay_date)
        account.post(book, _entitlement(gross, tax), action.time_ns, "dividend", action.action_id)
        funds = account.funds[currency]
        funds.receivable += max(gross, ZERO)
        funds.payable += max(-gross, ZERO) + tax
        book.dividends += gross - tax
        account.dividends += gross - tax
        return dividend

    def _pay(self, dividend: Dividend, time_ns: int, reason: str | None = None) -> None:
        account, gross, tax, action_id = self._account, dividend.gross, dividend.tax, dividend.action_id
        book, funds = account.books[dividend.strategy_id, dividend.symbol], account.funds[dividend.currency]
        balance = funds.after(gross)
        other = accounts.RECEIVABLES if gross > 0 else accounts.PAYABLES
        account.post(book, ((accounts.CASH, gross), (other, -gross)), time_ns, "dividend_paid", action_id)
        funds.cash = balance
        funds.receivable -= max(gross, ZERO)
        funds.payable -= max(-gross, ZERO)
        self._say.cash(account, "dividend", gross, book=book, action_id=action_id, reason=reason)
        if tax:
            account.post(
                book, ((accounts.CASH, -tax), (accounts.PAYABLES, tax)), time_ns, "withholding_paid", action_id
            )
            funds.cash -= tax
            funds.payable -= tax
            self._say.cash(account, "withholding", -tax, book=book, action_id=action_id, reason=reason)


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
