"""Futures: contracts are worth nothing by themselves; what they gain goes to cash, and what they lose comes out of it.

They are settled at every fill, to its price, and at every session's end, to the mark. Lots keep what the contracts were
worth at entry, so profit is counted from there; what nobody paid for them stands in an account of its own.
"""

from qtrader.errors import RunError
from qtrader.events import CorporateActionEvent
from qtrader.ports import accounts
from qtrader_service_portfolio.account import Account
from qtrader_service_portfolio.actions import named
from qtrader_service_portfolio.announcements import Announcements
from qtrader_service_portfolio.book import Book


class Settlements:
    """Pays the variation of open contracts. Callers are inside the ledger's decimal context, with books marked."""

    def __init__(self, account: Account, say: Announcements) -> None:
        self._account, self._say = account, say

    def settle(self, reference: str, time_ns: int) -> None:
        """Settle all open contracts at their marks: a transaction, a ``cash`` and a ``position`` event for each book.

        ``reference`` names the session that ends.
        """
        account = self._account
        for key in sorted(account.open):
            book = account.open[key]
            if book.settled is None:
                continue
            if gained := book.market_value:
                funds = account.funds[book.currency]
                balance = funds.after(gained)
                postings = (accounts.CASH, gained), (accounts.FUTURES, -gained)
                account.post(book, postings, time_ns, "variation", reference)
                funds.cash = balance
                book.settled += gained
                self._say.cash(account, "variation", gained, book=book)
                self._say.position(account, book, "variation")


def refuse_actions(books: list[Book], action: CorporateActionEvent) -> None:
    """Raise RunError for an action that open contracts do not have."""
    if action.action_type != "delisting" and any(book.settled is not None and book.lots.quantity for book in books):
        raise RunError(
            f"{named(action)}: {action.symbol} is a future, and contracts have no {action.action_type}. Its expiry is "
            f"a delisting whose value is the settlement price; mend the action, or the asset_class of {action.symbol}"
        )
