"""What an action pays for units that leave, and costs that move from one instrument to another."""

from decimal import Decimal

from qtrader.ports import accounts
from qtrader_service_portfolio.account import Account
from qtrader_service_portfolio.amounts import ZERO
from qtrader_service_portfolio.announcements import Announcements
from qtrader_service_portfolio.book import Book
from qtrader_service_portfolio.models import ClosedLot


def book_proceeds(
    account: Account, say: Announcements, book: Book, closed: tuple[ClosedLot, ...], kind: str, action_id: str, at: int
) -> None:
    """Book cash for units that left (of a short: cash paid) and the profit of their lots; ``at`` is ns UTC.

    Contracts leave all together, and bring what they have gained since they were settled.
    """
    value = sum((part.value for part in closed), ZERO)
    cash = value if closed[0].lot.side == "long" else -value
    owed = ((accounts.FUTURES, book.settled),) if book.settled else ()
    cash -= book.settled or ZERO
    funds = account.funds[book.currency]
    balance = funds.after(cash)
    account.post(book, ((accounts.CASH, cash), *owed, *account.realise(book, closed)), at, kind, action_id)
    if owed:
        book.settled = ZERO
    funds.cash = balance
    account.track_open(book)
    say.cash(account, kind, cash, book=book, action_id=action_id)


def move_cost(account: Account, books: tuple[Book, Book], cost: Decimal, kind: str, action_id: str, at: int) -> None:
    """Book cost, signed as in a book, from one book to another: a transaction in each, through one equity account.

    At least one of the two holds something, and what moves is of its side.
    """
    source, target = books
    if cost:
        long = "long" in (source.lots.side, target.lots.side)
        inventory = accounts.INVENTORY if long else accounts.SHORTS
        account.post(source, ((inventory, -cost), (accounts.TRANSFERS, cost)), at, kind, action_id)
        account.post(target, ((inventory, cost), (accounts.TRANSFERS, -cost)), at, kind, action_id)
