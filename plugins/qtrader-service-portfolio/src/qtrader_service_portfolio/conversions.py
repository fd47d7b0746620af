"""Exchange of money between currencies: two legs, each balanced in its own currency against one equity account."""

from decimal import Decimal
from typing import TYPE_CHECKING

from qtrader.events import to_ns
from qtrader.ports import accounts, plain
from qtrader_service_portfolio.account import Account
from qtrader_service_portfolio.amounts import ONE
from qtrader_service_portfolio.announcements import Announcements
from qtrader_service_portfolio.book import Book

if TYPE_CHECKING:
    from qtrader.events import FillEvent


class Conversions:
    """Where the settings say so, leaves no cash in other currencies: what is there, or owed, is exchanged at once.

    What it is worth is rounded once, to 10^-8. Callers are inside the ledger's decimal context.
    """

    def __init__(self, account: Account, say: Announcements) -> None:
        self._account, self._say = account, say
        self._always = account.settings.conversion == "always"

    def rate_time(self, book: Book, fill: "FillEvent", now_ns: int) -> int:
        """The instant, ns UTC, whose last rate a fill is exchanged at: when its price is of, and before now.

        A price of a bar's open came before that bar's close; and of what ends now, some bars are seen before the fill
        and some after it. Raises RunError where a rate that will be needed is missing.
        """
        at_ns = min(to_ns(fill.executed_at), now_ns - 1)
        if self._always:
            for currency in (book.currency, fill.commission_currency):
                self._account.rates.worth(ONE, currency, at_ns)
        return at_ns

    def exchange_all(self, time_ns: int, at_ns: int | None = None) -> None:
        """Exchange what cash there is in other currencies, at the last rates of ``at_ns`` (default: those of now).

        ``time_ns`` dates the transactions.
        """
        funds = self._account.funds
        if self._always and len(funds) > 1:
            for currency in sorted(funds):
                if currency != self._account.currency and funds[currency].cash:
                    self._exchange(currency, time_ns, at_ns)

    def _exchange(self, currency: str, time_ns: int, at_ns: int | None) -> None:
        account = self._account
        source, target = account.funds[currency], account.funds[account.currency]
        amount = source.cash
        worth = account.rates.worth(amount, currency, at_ns)
        balance = target.after(worth)
        for funds, change in ((source, -amount), (target, worth)):
            postings = (accounts.CASH, change), (accounts.CONVERSION, -change)
            account.ledger.post(postings, funds.currency, time_ns, "conversion", currency)
            funds.converted += change
        source.cash -= amount
        target.cash = balance
        reason = f"{_told(amount, currency)} for {plain(abs(worth))} {account.currency}"
        for funds, change in ((source, -amount), (target, worth)):
            self._say.cash(account, "conversion", change, currency=funds.currency, reason=reason)


def _told(amount: Decimal, currency: str) -> str:
    return f"{plain(abs(amount))} {currency} {'sold' if amount > 0 else 'bought'}"
