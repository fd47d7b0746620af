"""Delisting: what is still held is closed at the stated value."""

from qtrader.errors import RunError
from qtrader.events import CorporateActionEvent
from qtrader_service_portfolio.account import Account
from qtrader_service_portfolio.actions import named
from qtrader_service_portfolio.actions.proceeds import book_proceeds
from qtrader_service_portfolio.amounts import exact_value, round_to_minor
from qtrader_service_portfolio.announcements import Announcements
from qtrader_service_portfolio.book import Book


class Delistings:
    """Closes books at the value per unit that the action states, which may be zero."""

    def __init__(self, account: Account, say: Announcements) -> None:
        self._account, self._say = account, say

    def book(self, books: list[Book], action: CorporateActionEvent) -> None:
        """Book an action on all books of its symbol. Raises RunError where it states no value."""
        if action.value is None:
            raise RunError(f"{named(action)} does not say what a unit is still worth. Give its value, 0 for nothing")
        for book in books:
            if not book.lots.quantity:
                continue
            units, book.mark = abs(book.lots.quantity), action.value
            value = round_to_minor(exact_value(units, action.value, book.multiplier), book.currency)
            closed = book.lots.leave(units, value)
            book_proceeds(self._account, self._say, book, closed, "delisting", action.action_id, action.time_ns)
            self._say.position(self._account, book, "delisting")
            self._say.trades(
                book,
                closed,
                trip=book.round_trips,
                ends=True,
                price=action.value,
                at=action.occurred_at,
                by=action.action_id,
            )
