"""Rights: new units of the same share at a price below the market's, taken up where that is worth something."""

from decimal import Decimal

from qtrader.errors import RunError
from qtrader.events import CorporateActionEvent
from qtrader.ports import Side, Wiring, accounts, money
from qtrader_service_portfolio.account import Account
from qtrader_service_portfolio.actions import named
from qtrader_service_portfolio.amounts import ONE, ZERO, exact_value, round_to_minor, whole_steps
from qtrader_service_portfolio.announcements import Announcements
from qtrader_service_portfolio.book import Book
from qtrader_service_portfolio.marks import Marks


class Rights:
    """Takes rights up in full where the subscription price is below the last close; else they lapse.

    The new units, whole lot steps, are a lot of their own that cost the subscription price; rights to a part of a step
    are sold for what they are worth. Who is short delivers the new units for the subscription price. Until the next bar
    the mark is the theoretical price without rights, (price + ratio x subscription price) / (1 + ratio), so that worth
    is as before.
    """

    def __init__(self, account: Account, marks: Marks, say: Announcements, wiring: Wiring) -> None:
        self._account, self._marks, self._say, self._market = account, marks, say, wiring.market

    def book(self, books: list[Book], action: CorporateActionEvent) -> None:
        """Book an action on all books of its symbol. Raises RunError for rights to another share."""
        if action.ratio is None or action.subscription_price is None or action.new_symbol is not None:
            raise RunError(
                f"{named(action)} needs ratio and subscription_price, and no new_symbol: rights to another share "
                f"cannot be booked. Give units of {action.new_symbol} as a spin_off instead"
            )
        held = [book for book in books if book.lots.quantity]
        self._marks.mark_all(held)
        if not held or action.subscription_price >= held[0].mark:
            return
        self._marks.restate(action.symbol)
        step = self._market.instrument(action.symbol).lot
        for book in held:
            units = whole_steps(abs(book.lots.quantity) * action.ratio, ONE, step)
            book.mark = money((book.mark + action.ratio * action.subscription_price) / (1 + action.ratio))
            sold = abs(book.lots.quantity) * action.ratio - units
            if units:
                self._take_up(book, action, units, action.subscription_price)
            if sold:
                self._sell(book, action, sold * (book.mark - action.subscription_price) * book.multiplier)
            self._say.position(self._account, book, action.action_type)

    def _take_up(self, book: Book, action: CorporateActionEvent, units: Decimal, price: Decimal) -> None:
        account, long = self._account, book.lots.quantity > 0
        value = round_to_minor(exact_value(units, price, book.multiplier), book.currency)
        cash, funds = -value if long else value, account.funds[book.currency]
        balance = funds.after(cash)
        side: Side = "buy" if long else "sell"
        book.lots.match(side, units, value, action.occurred_at, price, ZERO, action.action_id)
        inventory = (accounts.INVENTORY, value) if long else (accounts.SHORTS, -value)
        if value:
            account.post(book, ((accounts.CASH, cash), inventory), action.time_ns, "rights", action.action_id)
        funds.cash = balance
        self._say.cash(account, "rights", cash, book=book, action_id=action.action_id)

    def _sell(self, book: Book, action: CorporateActionEvent, value: Decimal) -> None:
        account, worth = self._account, round_to_minor(value, book.currency)
        cash, funds = worth if book.lots.quantity > 0 else -worth, account.funds[book.currency]
        if not cash:
            return
        balance = funds.after(cash)
        postings = (accounts.CASH, cash), (accounts.REALISED, -cash)
        account.post(book, postings, action.time_ns, "cash_in_lieu", action.action_id)
        book.realised += cash
        funds.realised += cash
        funds.cash = balance
        self._say.cash(account, "cash_in_lieu", cash, book=book, action_id=action.action_id)
