"""Which units leave when something is sold: FIFO, LIFO or HIFO, total cost, fees carried by lots, flips, splits."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import get_args

from qtrader.errors import LedgerError
from qtrader.ports import Side, ledger_context, money
from qtrader_service_portfolio.amounts import (
    LARGEST_AMOUNT,
    LARGEST_QUANTITY,
    SCALE,
    ZERO,
    round_to_minor,
    share,
    whole_steps,
)
from qtrader_service_portfolio.models import ClosedLot, Lot, LotOrder, LotSide, Matched, OnExcess
from qtrader_service_portfolio.named_lots import check_named
from qtrader_service_portfolio.open_lots import OpenLots


class LotTracker(OpenLots):
    """The open lots of one book: all long or all short, closed in the order of their side.

    ``fifo`` closes the oldest lot first, by acquisition time, ``lifo`` the newest, ``hifo`` the one that gains least:
    of longs the lot with the highest cost per unit, of shorts the one that brought the least per unit, gross of fees;
    of equal ones the oldest. With ``specific`` every closing fill names its lots by number, and what leaves without a
    fill leaves oldest first.

    Costs are totals, never unit prices: the part of a lot's cost that leaves is ``round(total * q / Q)`` to 10^-8 and
    the rest is the total minus it, so nothing is lost however often a lot is cut. ``on_excess`` says what a fill larger
    than the position does: ``flip`` closes it and opens the other side with the rest, ``refuse`` raises LedgerError and
    changes nothing.
    """

    __slots__ = ("_on_excess", "_orders")

    def __init__(self, *, long: LotOrder = "fifo", short: LotOrder = "lifo", on_excess: OnExcess = "flip") -> None:
        if {long, short} - {*get_args(LotOrder)} or on_excess not in ("flip", "refuse"):
            raise ValueError(
                f"long={long!r} and short={short!r} must be 'fifo', 'lifo', 'hifo' or 'specific', "
                f"on_excess={on_excess!r} 'flip' or 'refuse'"
            )
        self._orders: dict[LotSide, LotOrder] = {"long": long, "short": short}
        self._on_excess = on_excess
        super().__init__()

    def fill(
        self,
        side: Side,
        quantity: Decimal,
        value: Decimal,
        at: datetime,
        *,
        price: Decimal | None = None,
        fee: Decimal = ZERO,
        fill_id: str = "",
        lots: Sequence[int] = (),
    ) -> Matched:
        """Apply one fill of ``quantity`` units for ``value`` in total: close lots of the other side, open the rest.

        ``at`` is when it happened: lots are ordered by it, not by the order of calls. ``price`` is for display
        (default: value / quantity). Value and fee are split between what closes and what opens by quantity. ``lots``
        are the numbers of the lots that leave, in that order, with ``specific``. Raises LedgerError, having changed
        nothing, for numbers that no book can hold, for lots that cannot be named and, with ``on_excess="refuse"``, for
        more than is held.
        """
        with ledger_context():
            self._check(side, quantity, value, fee)
            shown = money(value / quantity) if price is None else price
            return self.match(side, quantity, value, at, shown, fee, fill_id, lots)

    def match(
        self,
        side: Side,
        quantity: Decimal,
        value: Decimal,
        at: datetime,
        price: Decimal,
        fee: Decimal,
        fill_id: str,
        lots: Sequence[int] = (),
    ) -> Matched:
        """Apply one fill like ``fill``, from inside the ledger's context and of numbers whose types are right."""
        self._check_size(side, quantity, value)
        held = self.quantity
        if not held or (held > 0) == (side == "buy"):
            if lots:
                check_named(self._lots, None, lots, ZERO)
            return Matched((), self._open(side, quantity, value, at, price, fee, fill_id))
        room = abs(held)
        order = self._orders["long" if held > 0 else "short"]
        if lots or order == "specific":
            check_named(self._lots, order, lots, min(quantity, room))
        if quantity <= room:
            return Matched(self._close(quantity, value, fee, lots), None)
        if self._on_excess == "refuse":
            raise LedgerError(
                f"a {side} of {quantity} is more than the {room} held, and this tracker refuses to flip. "
                f"Nothing was changed; fill at most {room}, or build the tracker with on_excess='flip'"
            )
        part, fee_part = share(value, room, quantity), share(fee, room, quantity)
        closed = self._close(room, part, fee_part, lots)
        return Matched(closed, self._open(side, quantity - room, value - part, at, price, fee - fee_part, fill_id))

    def _check(self, side: Side, quantity: Decimal, value: Decimal, fee: Decimal) -> None:
        for name, number in (("quantity", quantity), ("value", value), ("fee", fee)):
            if type(number) is not Decimal or not number.is_finite():
                raise LedgerError(f"{name} {number!r} is not a finite Decimal. Write Decimal('{number}')")
        self._check_size(side, quantity, value)

    def _check_size(self, side: Side, quantity: Decimal, value: Decimal) -> None:
        if side not in ("buy", "sell"):
            raise LedgerError(f"side {side!r} is neither 'buy' nor 'sell'")
        if quantity <= 0:
            raise LedgerError(f"a fill of {quantity} units is no fill; quantity must be above zero")
        if quantity + abs(self.quantity) >= LARGEST_QUANTITY or abs(value) + abs(self.cost) >= LARGEST_AMOUNT:
            raise LedgerError(
                f"{quantity:E} units for {value:E} on top of {self.quantity:E} for {self.cost:E} are more than a book "
                f"can hold ({LARGEST_QUANTITY:E} units, {LARGEST_AMOUNT:E} of value). Look for a wrong number"
            )

    def _close(
        self, quantity: Decimal, value: Decimal, fee: Decimal, named: Sequence[int] = ()
    ) -> tuple[ClosedLot, ...]:
        """Take units of the named lots, else in disposal order; lots share ``value`` and ``fee`` by quantity."""
        lots = self._lots
        if len(lots) == 1 and quantity == lots[0].quantity:
            lot = lots.pop()
            self.quantity = self.cost = self.fees = ZERO
            return (ClosedLot(lot, quantity, lot.cost, value, lot.fee, fee),)
        long = lots[0].side == "long"
        order = self._orders[lots[0].side]
        closed: list[ClosedLot] = []
        cost = entry_fees = ZERO
        left, value_left, fee_left = quantity, value, fee
        while left:
            place = self._place(named[len(closed)]) if named else self._next(order)
            lot = lots[place]
            last = left <= lot.quantity
            units = left if last else lot.quantity
            part = ClosedLot(
                lot,
                units,
                lot.cost if units == lot.quantity else share(lot.cost, units, lot.quantity),
                value_left if last else share(value_left, units, left),
                lot.fee if units == lot.quantity else share(lot.fee, units, lot.quantity),
                fee_left if last else share(fee_left, units, left),
            )
            self._shrink(place, lot, part)
            closed.append(part)
            left, value_left, fee_left = left - units, value_left - part.value, fee_left - part.exit_fee
            cost, entry_fees = cost + part.cost, entry_fees + part.entry_fee
        self.quantity += -quantity if long else quantity
        self.cost += -cost if long else cost
        self.fees -= entry_fees
        return tuple(closed)

    def _next(self, order: LotOrder) -> int:
        """The place of the lot that leaves next."""
        if order != "hifo":
            return -1 if order == "lifo" else 0
        unit_costs = [lot.cost / lot.quantity for lot in self._lots]
        return unit_costs.index(max(unit_costs) if self.side == "long" else min(unit_costs))

    def _place(self, number: int) -> int:
        """The place of an open lot."""
        return next(place for place, lot in enumerate(self._lots) if lot.number == number)

    def _shrink(self, place: int, lot: Lot, part: ClosedLot) -> None:
        if part.quantity == lot.quantity:
            del self._lots[place]
            return
        rest = Lot(
            lot.number,
            lot.side,
            lot.quantity - part.quantity,
            lot.cost - part.cost,
            lot.fee - part.entry_fee,
            lot.price,
            lot.opened,
            lot.fill_id,
        )
        self._lots[place] = rest

    def split(
        self, numerator: int, denominator: int, *, step: Decimal, unit_value: Decimal, currency: str
    ) -> tuple[ClosedLot, ...]:
        """Make ``numerator`` units out of every ``denominator``; what is left of a whole ``step`` leaves for cash.

        The position as a whole is rounded toward zero to the step. The fraction's exact size times ``unit_value``
        (after the split), rounded to the currency's minor unit, is what it brings; its cost and entry fee leave in
        disposal order. Lots are cut to 10^-8 and the newest takes what that leaves over; total cost is otherwise
        unchanged. A fraction below 10^-8 is none. Raises LedgerError, having changed nothing, for impossible numbers.
        """
        with ledger_context():
            if numerator <= 0 or denominator <= 0 or step <= 0:
                raise LedgerError(
                    f"a split of {numerator} for {denominator} in steps of {step} is none; all must be above zero"
                )
            if not self._lots:
                return ()
            old = Decimal(denominator)
            grown = abs(self.quantity) * numerator  # in units / denominator, exact
            if grown >= LARGEST_QUANTITY * old:
                raise LedgerError(f"{grown / old:E} units are more than a book can hold ({LARGEST_QUANTITY:E})")
            whole = whole_steps(grown, old, step)
            total = max(whole, whole_steps(grown, old, SCALE))
            cash = round_to_minor((grown - whole * old) * unit_value / old, currency)
            if not total:  # less than 10^-8 is left of the whole position: it leaves as it was before
                return self._close(abs(self.quantity), cash, ZERO)
            self._rescale(Decimal(numerator), old, total)
            return self._close(total - whole, cash, ZERO) if total > whole else ()

    def _rescale(self, numerator: Decimal, denominator: Decimal, total: Decimal) -> None:
        sizes = [whole_steps(lot.quantity * numerator, denominator, SCALE) for lot in self._lots]
        sizes[-1] += total - sum(sizes)
        kept: deque[Lot] = deque()
        cost = fee = ZERO  # of lots that have become nothing: the next newer one takes it, else the newest that is left
        for lot, size in zip(self._lots, sizes, strict=True):
            cost, fee = cost + lot.cost, fee + lot.fee
            if size:
                price = money(lot.price * denominator / numerator)
                kept.append(lot._replace(quantity=size, cost=cost, fee=fee, price=price))
                cost = fee = ZERO
        if cost or fee:
            kept[-1] = kept[-1]._replace(cost=kept[-1].cost + cost, fee=kept[-1].fee + fee)
        self._lots = kept
        self.quantity = total if self.quantity > 0 else -total

    def leave(self, quantity: Decimal, value: Decimal) -> tuple[ClosedLot, ...]:
        """Units that leave without a fill, in disposal order, for ``value`` in total."""
        return self._close(quantity, value, ZERO)
