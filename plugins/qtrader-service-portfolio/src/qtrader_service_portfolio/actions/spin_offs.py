"""Spin-offs: holders get units of a new company, and a part of what the old ones cost."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from qtrader.errors import RunError
from qtrader.events import CorporateActionEvent
from qtrader.ports import Snapshot, Wiring
from qtrader_service_portfolio.account import Account
from qtrader_service_portfolio.actions.proceeds import move_cost
from qtrader_service_portfolio.actions.successors import Successors
from qtrader_service_portfolio.amounts import ONE, SCALE, ZERO, share, whole_steps
from qtrader_service_portfolio.announcements import Announcements
from qtrader_service_portfolio.book import Book
from qtrader_service_portfolio.json_values import from_json, to_json


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Units of a new company whose cost and fraction wait for the first prices of both after the ex-date."""

    action_id: str
    ex_date: date
    time_ns: int
    strategy_id: str
    symbol: str
    new_symbol: str
    units: Decimal
    reference_price: Decimal | None
    cost_share: Decimal | None
    lots: tuple[tuple[int, int], ...]
    """Numbers of an old lot and of the new one that came of it."""

    @property
    def key(self) -> tuple[str, str]:
        """The book of the old units."""
        return self.strategy_id, self.symbol


class SpinOffs:
    """Gives the new units at once, at no cost, and settles when the first bars of both after the ex-date are known.

    Then cost moves from each old lot to its new one, by value at those bars' closes, or as the issuer's ``cost_share``
    says; a part of a lot step is paid in cash at the new units' price (``reference_price`` where it is given). Fees
    stay with the old lots. Who is short owes the new units.
    """

    def __init__(self, account: Account, say: Announcements, successors: Successors, wiring: Wiring) -> None:
        self._account, self._say, self._successors, self._market = account, say, successors, wiring.market
        self.unsettled: list[Unsettled] = []

    def book(self, books: list[Book], action: CorporateActionEvent) -> None:
        """Book an action on all books of its symbol. Raises RunError, with nothing changed, where data lack."""
        pairs = [(book, self._successors.book(book, action)) for book in books if book.lots.quantity]
        for book, target in pairs:
            self.unsettled.append(self._give(book, target, action))
            self._say.position(self._account, target, action.action_type)
        if action.cost_share is not None and action.reference_price is not None:
            self.settle(action.time_ns, (action.symbol,))

    def _give(self, book: Book, target: Book, action: CorporateActionEvent) -> Unsettled:
        units = abs(book.lots.quantity) * (action.ratio or ZERO)
        old = book.lots.lots
        sizes = [whole_steps(lot.quantity * (action.ratio or ZERO), ONE, SCALE) for lot in old]
        sizes[-1] += whole_steps(units, ONE, SCALE) - sum(sizes)
        given = [(lot, size) for lot, size in zip(old, sizes, strict=True) if size]
        new = tuple(lot._replace(quantity=size, cost=ZERO, fee=ZERO, price=ZERO) for lot, size in given)
        received = self._successors.receive(target, new, action.reference_price or ZERO)
        return Unsettled(
            action.action_id,
            action.ex_date,
            action.time_ns,
            book.strategy_id,
            book.symbol,
            target.symbol,
            units,
            action.reference_price,
            action.cost_share,
            tuple((lot.number, one.number) for (lot, _), one in zip(given, received, strict=True)),
        )

    def settle(self, time_ns: int, symbols: tuple[str, ...] | None = None) -> None:
        """Settle what is unsettled, of these symbols or all. Raises RunError where a first price is not known yet."""
        due = [one for one in self.unsettled if symbols is None or one.symbol in symbols or one.new_symbol in symbols]
        keys = dict.fromkeys(one.key for one in due)
        groups = [[one for one in self.unsettled if one.key == key] for key in keys]
        priced = [[(one, *self._values(one)) for one in group] for group in groups]
        for key, group in zip(keys, priced, strict=True):
            self._move_costs(self._account.books[key], group, time_ns)
        self.unsettled = [one for one in self.unsettled if one.key not in keys]

    def _values(self, one: Unsettled) -> tuple[Decimal, Decimal]:
        """The share of cost that moves comes of these: price of the new unit, and the value of all of them."""
        price = one.reference_price or self._first(one, one.new_symbol)
        return price, one.units * price * self._market.instrument(one.new_symbol).multiplier

    def _first(self, one: Unsettled, symbol: str) -> Decimal:
        bar = self._market.bar(symbol)
        if bar is None or bar.time_ns <= one.time_ns:
            raise RunError(
                f"{one.action_id}: the spin_off of {one.new_symbol} from {one.symbol} on {one.ex_date} cannot be "
                f"booked: {symbol} has no price since. Give cost_share and reference_price in the action, or data of "
                f"{symbol} from that day on"
            )
        return Decimal(bar.close)

    def _move_costs(self, book: Book, group: list[tuple[Unsettled, Decimal, Decimal]], time_ns: int) -> None:
        """Move cost from the lots of a book to all that was spun off from it, and pay what is no whole lot step."""
        costs = {lot.number: lot.cost for lot in book.lots.lots}
        left = dict(costs)
        values = sum((value for _, _, value in group), ZERO)
        for one, price, value in group:
            target = self._account.books[one.strategy_id, one.new_symbol]
            if one.cost_share is not None:
                part, whole = one.cost_share, ONE
            else:
                own = abs(book.lots.quantity) * self._first(one, one.symbol) * book.multiplier
                part, whole = value, own + values
            moved = {new: share(costs[old], part, whole) for old, new in one.lots}
            for old, new in one.lots:
                left[old] -= moved[new]
            target.lots.cost_again(moved)
            total = sum(moved.values(), ZERO) * (1 if book.lots.quantity > 0 else -1)
            move_cost(self._account, (book, target), total, "spin_off", one.action_id, time_ns)
            self._successors.pay_fraction(target, one.action_id, time_ns, one.units, price)
            self._say.position(self._account, target, "spin_off")
        book.lots.cost_again(left)
        self._say.position(self._account, book, "spin_off")

    def snapshot(self) -> list[Snapshot]:
        """Everything as plain JSON values."""
        return [{**to_json(one), "lots": [list(pair) for pair in one.lots]} for one in self.unsettled]

    def restore(self, snapshot: list[Snapshot]) -> None:
        """Become the spin-offs that made the snapshot."""
        self.unsettled = [from_json(Unsettled, {**one, "lots": tuple(map(tuple, one["lots"]))}) for one in snapshot]
