"""A glance at an ordinary fill: most are right, and then nobody needs to know what could have been wrong.

The same rules as in the exact check (``fills.py``, ``postings.py``, ``accounting_guard.py``), all at once. Where one
does not hold, or the fill is not ordinary, nothing has happened, and the exact check has the word.
"""

from decimal import Decimal
from typing import TYPE_CHECKING

from qtrader.guard.sums import ZERO, OwnPosition, Sums
from qtrader.ports.accounts import CASH, COMMISSION, INVENTORY, REALISED, SHORTS
from qtrader.ports.audit import AuditedBooks, AuditedLots, AuditedMatch, AuditedPart, AuditedTransaction
from qtrader.ports.decimals import money

if TYPE_CHECKING:
    from qtrader.events import FillEvent

COST = frozenset({INVENTORY, SHORTS})
"""Accounts of what positions cost."""


def is_right(
    fill: "FillEvent", position: OwnPosition, sums: Sums, books: AuditedBooks, one: AuditedTransaction, order: str
) -> bool:
    """Whether one transaction booked a fill as it must be; then the guard's sums have moved on.

    ``order`` is that in which lots of the position leave.
    """
    currency, size, fee = position.currency, fill.quantity, fill.commission
    funds, book = sums.funds[currency], books.books[position.key]
    value = money(size * fill.price * position.multiplier)
    units, paid = (size, value) if fill.side == "buy" else (-size, -value)
    lots, realised, cash = book.lots, book.realised, -paid - fee
    cost, matched = lots.cost, books.matched
    if (
        position.settled is not None
        or one.kind != "fill"
        or one.reference != fill.fill_id
        or (one.strategy_id, one.symbol) != position.key
        or not currency == one.currency == fill.commission_currency
        or lots.quantity != position.units + units
        or books.funds[currency].cash != funds.cash + cash
        or not _is_posted(one, cash, fee, cost - position.cost, realised - position.realised)
        or matched is None
        or not _has_matched(matched, position, units, value, fee, lots.fees)
        or not _has_right_ends(matched, lots, position.units, order)
    ):
        return False
    position.units += units
    position.invested += paid
    funds.invested += paid
    funds.cash += cash
    funds.fees += fee
    funds.commission += fee
    sums.check_off(position, cost, realised, lots.fees)
    return True


def _is_posted(one: AuditedTransaction, cash: Decimal, fee: Decimal, cost: Decimal, gain: Decimal) -> bool:
    """Whether a transaction posts these and nothing else.

    They sum to zero, so it does; and so cost less profit grows by the money that was put in.
    """
    if cash + fee + cost - gain:
        return False
    for account, amount in one.postings:
        if account == CASH:
            cash -= amount
        elif account == COMMISSION:
            fee -= amount
        elif account in COST:
            cost -= amount
        elif account == REALISED:
            gain += amount
        else:
            return False
    return not (cash or fee or cost or gain)


def _has_matched(
    matched: AuditedMatch, position: OwnPosition, units: Decimal, value: Decimal, fee: Decimal, fees: Decimal
) -> bool:
    """Whether a fill of signed units closed and opened lots for its value and fee, and left the rest their fees."""
    before, opened, size = position.units, matched.opened, abs(units)
    closing = min(abs(before), size) if before * units < 0 else ZERO
    opening, fees = size - closing, position.fees + fee - fees
    for part in matched.closed:
        if not _is_part(part, long=before > 0):
            return False
        closing, value, fee = closing - part.quantity, value - part.value, fee - part.exit_fee
        fees -= part.entry_fee + part.exit_fee
    if opened is not None:
        if (opened.side == "long") != (units > 0):
            return False
        opening, value, fee = opening - opened.quantity, value - opened.cost, fee - opened.fee
    return not (closing or opening or value or fee or fees)


def _is_part(part: AuditedPart, *, long: bool) -> bool:
    """Whether units left a lot of this side with their share of its cost and fee."""
    lot, quantity = part.lot, part.quantity
    if (lot.side == "long") != long:
        return False
    if quantity == lot.quantity:
        return part.cost == lot.cost and part.entry_fee == lot.fee
    share = quantity / lot.quantity
    return (
        ZERO < share < 1
        and part.cost == money(lot.cost * quantity / lot.quantity)
        and part.entry_fee == money(lot.fee * quantity / lot.quantity)
    )


def _has_right_ends(matched: AuditedMatch, lots: AuditedLots, before: Decimal, order: str) -> bool:
    """Whether what is left is of the position's side, whole if alone, and neither older (fifo) nor newer (lifo)."""
    ends, units = lots.ends, lots.quantity
    if ends is None:
        return not units
    first, last = ends
    long = units > 0
    if not units or (first.side == "long") != long or (last.side == "long") != long:
        return False
    if first is last:
        if first.quantity != abs(units) or first.cost != (lots.cost if long else -lots.cost) or first.fee != lots.fees:
            return False
    elif first.quantity <= 0 or last.quantity <= 0:
        return False
    if before * units <= 0 or not matched.closed:
        return True
    if order == "fifo":
        return all(part.lot.opened <= first.opened for part in matched.closed)
    return order != "lifo" or all(part.lot.opened >= last.opened for part in matched.closed)
