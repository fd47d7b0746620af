"""Symbol changes: the same shares under another name. Nothing is gained, lost or paid."""

from qtrader.errors import RunError
from qtrader.events import CorporateActionEvent
from qtrader_service_portfolio.account import Account
from qtrader_service_portfolio.actions import named
from qtrader_service_portfolio.actions.proceeds import move_cost
from qtrader_service_portfolio.actions.successors import Successors
from qtrader_service_portfolio.announcements import Announcements
from qtrader_service_portfolio.book import Book
from qtrader_service_portfolio.marks import Marks


class SymbolChanges:
    """Moves the lots of a book to the book of the new symbol where the run trades that; else the old one goes on.

    A source that keeps its whole history under one symbol tells of a change, and its bars go on as before.
    """

    def __init__(self, account: Account, marks: Marks, say: Announcements, successors: Successors) -> None:
        self._account, self._marks, self._say, self._successors = account, marks, say, successors

    def book(self, books: list[Book], action: CorporateActionEvent) -> None:
        """Book an action on all books of its symbol. Raises RunError where the new symbol is held already."""
        held = [book for book in books if book.lots.quantity]
        if not held or not self._successors.traded(action):
            return
        targets = [self._successors.book(book, action) for book in held]
        for target in targets:
            if target.lots.quantity:
                raise RunError(
                    f"{named(action)}: strategy {target.strategy_id!r} holds {target.lots.quantity} {target.symbol} "
                    f"already. A new symbol is nobody's before its first day; mend the action"
                )
        for book, target in zip(held, targets, strict=True):
            self._marks.mark(book)
            cost, kind = book.lots.cost, action.action_type
            move_cost(self._account, (book, target), cost, kind, action.action_id, action.time_ns)
            self._successors.receive(target, book.lots.take_all(), book.mark)
            self._account.track_open(book)
            for one in (book, target):
                self._say.position(self._account, one, action.action_type)
