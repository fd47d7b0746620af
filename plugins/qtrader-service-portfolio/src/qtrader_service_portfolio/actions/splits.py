"""Splits, reverse splits and stock dividends of the same share: more or fewer units, a fraction paid in cash."""

from decimal import Decimal

from qtrader.errors import RunError
from qtrader.events import CorporateActionEvent
from qtrader.ports import Wiring, money
from qtrader_service_portfolio.account import Account
from qtrader_service_portfolio.actions import named
from qtrader_service_portfolio.actions.proceeds import book_proceeds
from qtrader_service_portfolio.amounts import ZERO
from qtrader_service_portfolio.announcements import Announcements
from qtrader_service_portfolio.book import Book
from qtrader_service_portfolio.marks import Marks


class Splits:
    """Restates lots and marks, and pays the fraction of a lot step that no holder gets."""

    def __init__(self, account: Account, marks: Marks, say: Announcements, wiring: Wiring) -> None:
        self._account, self._marks, self._say, self._market = account, marks, say, wiring.market

    def book(self, books: list[Book], action: CorporateActionEvent) -> None:
        """Book an action on all books of its symbol. Raises RunError where it has no ratio."""
        if action.numerator is None or action.denominator is None:
            raise RunError(f"{named(action)} has no ratio. Give numerator and denominator")
        self._marks.mark_all(books)
        self._marks.restate(action.symbol)
        step = self._market.instrument(action.symbol).lot if books else ZERO
        for book in books:
            held = book.lots.quantity
            book.mark = money(book.mark * action.denominator / action.numerator)
            price = action.reference_price or book.mark
            closed = book.lots.split(
                action.numerator,
                action.denominator,
                step=step,
                unit_value=price * book.multiplier,
                currency=book.currency,
            )
            self._remember(book, action, held)
            if closed:
                book_proceeds(self._account, self._say, book, closed, "cash_in_lieu", action.action_id, action.time_ns)
            if held:
                self._say.position(self._account, book, action.action_type)
            self._say.trades(
                book,
                closed,
                trip=book.round_trips,
                ends=not book.lots.quantity,
                price=price,
                at=action.occurred_at,
                by=action.action_id,
            )

    def _remember(self, book: Book, action: CorporateActionEvent, held: Decimal) -> None:
        ex_date = action.ex_date.isoformat()
        if held and (book.before_split is None or book.before_split[0] != ex_date):
            book.before_split = ex_date, held
