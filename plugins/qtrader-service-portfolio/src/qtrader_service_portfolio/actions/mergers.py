"""Mergers: units leave for cash, for units of another instrument, or for both."""

from decimal import Decimal

from qtrader.events import CorporateActionEvent
from qtrader.ports import money
from qtrader_service_portfolio.account import Account
from qtrader_service_portfolio.actions.proceeds import book_proceeds
from qtrader_service_portfolio.actions.successors import Successors
from qtrader_service_portfolio.amounts import ZERO, exact_value, round_to_minor
from qtrader_service_portfolio.announcements import Announcements
from qtrader_service_portfolio.book import Book
from qtrader_service_portfolio.models import ClosedLot


class Mergers:
    """Closes books for cash, exchanges them for units of the acquirer, or does both in proportion of value.

    What cash is paid for is realised; what units are given for keeps its cost, fees and age. An economic treatment, not
    that of a tax law. A part of a lot step of the acquirer is paid at the action's reference price, else at the
    acquirer's last close.
    """

    def __init__(self, account: Account, say: Announcements, successors: Successors) -> None:
        self._account, self._say, self._successors = account, say, successors

    def book(self, books: list[Book], action: CorporateActionEvent) -> None:
        """Book an action on all books of its symbol. Raises RunError, with nothing changed, where data lack."""
        held = [book for book in books if book.lots.quantity]
        if action.ratio is None:
            for book in held:
                units, book.mark = abs(book.lots.quantity), action.cash_amount or ZERO
                self._pay(book, action, book.lots.leave(units, _cash(book, action)), book.mark)
                self._say.position(self._account, book, action.action_type)
            return
        pairs = [(book, self._successors.book(book, action)) for book in held]
        price = self._successors.price(action) if pairs else ZERO
        for book, target in pairs:
            units = abs(book.lots.quantity) * action.ratio
            if action.cash_amount is not None:
                cash = _cash(book, action)
                whole = cash + units * price * target.multiplier
                each = money(whole / abs(book.lots.quantity) / book.multiplier)
                self._pay(book, action, book.lots.release(cash, whole, cash), each)
            self._successors.exchange(book, target, action, units, price)

    def _pay(self, book: Book, action: CorporateActionEvent, closed: tuple[ClosedLot, ...], price: Decimal) -> None:
        book_proceeds(self._account, self._say, book, closed, action.action_type, action.action_id, action.time_ns)
        self._say.trades(
            book,
            closed,
            trip=book.round_trips,
            ends=not book.lots.quantity,
            price=price,
            at=action.occurred_at,
            by=action.action_id,
        )


def _cash(book: Book, action: CorporateActionEvent) -> Decimal:
    """What the book's units bring, as a broker pays it."""
    return round_to_minor(
        exact_value(abs(book.lots.quantity), action.cash_amount or ZERO, book.multiplier), book.currency
    )
