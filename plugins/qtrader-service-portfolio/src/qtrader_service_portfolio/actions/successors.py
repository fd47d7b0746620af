"""The book of another instrument that an action gives a holder units of."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from qtrader.errors import DataError, RunError
from qtrader.events import CorporateActionEvent, from_ns
from qtrader.ports import Wiring
from qtrader_service_portfolio.account import Account
from qtrader_service_portfolio.actions import named
from qtrader_service_portfolio.actions.proceeds import book_proceeds, move_cost
from qtrader_service_portfolio.amounts import ONE, SCALE, round_to_minor, whole_steps
from qtrader_service_portfolio.announcements import Announcements
from qtrader_service_portfolio.book import Book
from qtrader_service_portfolio.models import ClosedLot, Lot


class Successors:
    """Finds or opens the books of new symbols, and fills them with the lots of old ones."""

    def __init__(self, account: Account, say: Announcements, wiring: Wiring) -> None:
        self._account, self._say, self._market = account, say, wiring.market

    def traded(self, action: CorporateActionEvent) -> bool:
        """Whether the run has prices of the new symbol."""
        return action.new_symbol in self._market.symbols

    def book(self, book: Book, action: CorporateActionEvent) -> Book:
        """The same strategy's book of the new symbol.

        Raises RunError where the run has no such instrument, a future or one in another currency, and where the
        strategy holds it on the other side.
        """
        assert action.new_symbol is not None
        try:
            instrument = self._market.instrument(action.new_symbol)
        except DataError as error:
            raise RunError(
                f"{named(action)} gives {action.new_symbol}, whose prices the run has not got: {error}. Add "
                f"{action.new_symbol} to data.symbols, or close the position before"
            ) from None
        if instrument.currency != book.currency:
            raise RunError(
                f"{named(action)}: {instrument.symbol} is quoted in {instrument.currency}, {book.symbol} in "
                f"{book.currency}. Units cannot move between currencies: close the position before"
            )
        if instrument.asset_class == "future":
            raise RunError(
                f"{named(action)} gives {instrument.symbol}, which is a future, and nobody is given contracts. Mend "
                f"the action, or the asset_class of {instrument.symbol}"
            )
        target = self._account.book(book.strategy_id, instrument)
        if target.lots.side not in (None, book.lots.side):
            raise RunError(
                f"{named(action)}: strategy {book.strategy_id!r} is {book.lots.side} {book.symbol} and "
                f"{target.lots.side} {target.symbol}, and units of one side cannot join the other. Close one before"
            )
        return target

    def price(self, action: CorporateActionEvent) -> Decimal:
        """What a new unit is worth: the action's word, else its last close. Raises RunError where there is neither."""
        assert action.new_symbol is not None
        price = action.reference_price or self._market.close(action.new_symbol)
        if price is None:
            raise RunError(
                f"{named(action)} gives {action.new_symbol}, which has no price yet. Give reference_price, or begin "
                f"the data of {action.new_symbol} earlier"
            )
        return price

    def exchange(self, book: Book, target: Book, action: CorporateActionEvent, units: Decimal, price: Decimal) -> None:
        """Turn all lots of a book into ``units`` of another; a part of its lot step is paid at ``price``."""
        account, cost = self._account, book.lots.cost
        ratio = Fraction(units) / Fraction(abs(book.lots.quantity))
        exchanged = account.tracker()
        exchanged.receive(book.lots.take_all())
        value = price * target.multiplier
        swallowed = exchanged.split(*ratio.as_integer_ratio(), step=SCALE, unit_value=value, currency=book.currency)
        if swallowed:  # not even 10^-8 of a unit
            book_proceeds(account, self._say, book, swallowed, "cash_in_lieu", action.action_id, action.time_ns)
            self._say_trades(book, swallowed, price, action.occurred_at, action.action_id)
        else:
            self.receive(target, exchanged.take_all(), price)
            move_cost(account, (book, target), cost, action.action_type, action.action_id, action.time_ns)
        account.track_open(book)
        self._say.position(account, book, action.action_type)
        if not swallowed:
            self.pay_fraction(target, action.action_id, action.time_ns, units, price)
            self._say.position(account, target, action.action_type)

    def receive(self, target: Book, lots: tuple[Lot, ...], price: Decimal) -> tuple[Lot, ...]:
        """Put lots into a book, whose round trip begins with them where it was flat."""
        target.round_trips += not target.lots.quantity
        received = target.lots.receive(lots)
        target.mark = self._market.close(target.symbol) or price
        self._account.track_open(target)
        return received

    def pay_fraction(self, book: Book, action_id: str, time_ns: int, units: Decimal, price: Decimal) -> None:
        """Pay in cash what of ``units`` received is no whole lot step; it leaves the position in disposal order."""
        whole = whole_steps(units, ONE, self._market.instrument(book.symbol).lot)
        fraction = whole_steps(units - whole, ONE, SCALE)
        if not fraction:
            return
        cash = round_to_minor((units - whole) * price * book.multiplier, book.currency)
        closed = book.lots.leave(fraction, cash)
        book_proceeds(self._account, self._say, book, closed, "cash_in_lieu", action_id, time_ns)
        self._say_trades(book, closed, price, from_ns(time_ns), action_id)

    def _say_trades(self, book: Book, closed: tuple[ClosedLot, ...], price: Decimal, at: datetime, by: str) -> None:
        ends = not book.lots.quantity
        self._say.trades(book, closed, trip=book.round_trips, ends=ends, price=price, at=at, by=by)
