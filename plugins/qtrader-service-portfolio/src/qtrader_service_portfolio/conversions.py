"""Exchange of money between currencies: two legs, each balanced in its own currency against one equity account."""

from qtrader_service_portfolio import ledger as accounts
from qtrader_service_portfolio.account import Account
from qtrader_service_portfolio.announcements import Announcements


class Conversions:
    """Where the settings say so, leaves no cash in other currencies: what is there, or owed, is exchanged at once.

    At the last rate before ``at_ns``, when the money came or went: a fill's price is of its bar's open, and that bar's
    close is not known then. What it is worth is rounded once, to 10^-8. Callers are inside the ledger's decimal
    context.
    """

    def __init__(self, account: Account, say: Announcements) -> None:
        self._account, self._say = account, say
        self._always = account.settings.conversion == "always"

    def exchange_all(self, time_ns: int, at_ns: int | None = None) -> None:
        """Exchange what cash there is in other currencies, by currency; ``time_ns`` dates the transactions."""
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
        reason = f"{amount} {currency} exchanged for {worth} {account.currency}"
        for funds, change in ((source, -amount), (target, worth)):
            self._say.cash(account, "conversion", change, currency=funds.currency, reason=reason)
