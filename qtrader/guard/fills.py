"""What a fill must do: to cash, and to the lots of its position."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from qtrader.guard.breach import breach, require
from qtrader.guard.sums import ZERO, Flow, OwnPosition, Sums
from qtrader.ports.audit import AuditedLots, AuditedMatch, AuditedPart, AuditedTransaction
from qtrader.ports.decimals import money

if TYPE_CHECKING:
    from qtrader.events import FillEvent


class FillCheck:
    """One fill beside what the books made of it. ``fee`` is its commission in the position's currency."""

    __slots__ = ("before", "fee", "fill", "position", "units", "value")

    def __init__(self, fill: "FillEvent", position: OwnPosition, fee: Decimal) -> None:
        self.fill, self.position, self.fee = fill, position, fee
        self.value = money(fill.quantity * fill.price * position.multiplier)
        self.units = fill.quantity if fill.side == "buy" else -fill.quantity
        self.before = position.units

    def flows(self, sums: Sums) -> list[Flow]:
        """The cash that must move: what the units cost or brought, or contracts had gained; less the commission."""
        fill, position = self.fill, self.position
        cash = -self.value if fill.side == "buy" else self.value
        sums.invest(position, -cash)
        if position.settled is not None:
            cash = position.vary(fill.price)
        position.units += self.units
        if position.settled is not None:
            position.settled = money(position.units * fill.price * position.multiplier)
        sums.money(fill.commission_currency).commission += fill.commission
        if fill.commission_currency == position.currency:
            return [Flow("fill", fill.fill_id, position.key, position.currency, cash - fill.commission, False)]
        return [
            Flow("fill", fill.fill_id, position.key, position.currency, cash, False),
            Flow("commission", fill.fill_id, position.key, fill.commission_currency, -fill.commission, False),
        ]

    def lots(
        self, matched: AuditedMatch | None, lots: AuditedLots, order: str, booked: Sequence[AuditedTransaction]
    ) -> None:
        """Raise BooksBreach unless the lots that it closed and opened are right, and left in the order chosen."""
        if matched is None:
            raise breach("no lot was touched", booked)
        closing, opened, size = ZERO, matched.opened, abs(self.units)
        if self.before * self.units < 0:
            closing = min(abs(self.before), size)
        units = value = fee = entry_fee = ZERO
        for part in matched.closed:
            self._require_part(part, booked)
            units, value = units + part.quantity, value + part.value
            fee, entry_fee = fee + part.exit_fee, entry_fee + part.entry_fee
        require(units, closing, booked, "the number of units that left lots")
        if opened is not None:
            if (opened.side == "long") != (self.units > 0):
                raise breach(f"the lot that a {self.fill.side} opened is {opened.side}", booked)
            units, value, fee = units + opened.quantity, value + opened.cost, fee + opened.fee
        require(units, size, booked, "the number of units of lots closed and opened")
        require(value, self.value, booked, "the value of lots closed and opened")
        require(fee, self.fee, booked, "the commission of lots closed and opened")
        if closing:
            self._require_order(matched.closed, lots, order, booked)
        self.position.fees += self.fee - entry_fee - (fee if opened is None else fee - opened.fee)

    def _require_part(self, part: AuditedPart, booked: Sequence[AuditedTransaction]) -> None:
        lot, units, cost, fee = part.lot, part.quantity, part.lot.cost, part.lot.fee
        if (lot.side == "long") != (self.before > 0) or not ZERO < units <= lot.quantity:
            raise breach(f"{units} units left lot {lot.number}, which was {lot.side} {lot.quantity}", booked)
        if units != lot.quantity:
            cost, fee = money(cost * units / lot.quantity), money(fee * units / lot.quantity)
        require(part.cost, cost, booked, "the cost that left lot {}", lot.number, of="its units")
        require(part.entry_fee, fee, booked, "the fee that left lot {}", lot.number, of="its units")

    def _require_order(
        self, closed: Sequence[AuditedPart], lots: AuditedLots, order: str, booked: Sequence[AuditedTransaction]
    ) -> None:
        ends = lots.ends
        if ends is None or (ends[0].side == "long") != (self.before > 0):
            return
        oldest, newest = ends[0].opened, ends[1].opened
        if order == "fifo" and (late := max(part.lot.opened for part in closed)) > oldest:
            raise breach(f"a lot of {late} left before one of {oldest}, and the order is fifo", booked)
        if order == "lifo" and (early := min(part.lot.opened for part in closed)) < newest:
            raise breach(f"a lot of {early} left before one of {newest}, and the order is lifo", booked)


def require_ends(position: OwnPosition, lots: AuditedLots, booked: Sequence[AuditedTransaction]) -> None:
    """Raise BooksBreach unless the oldest and newest lot are of the position's side, and a lone one is all of it."""
    ends = lots.ends
    if (ends is None) != (not position.units):
        raise breach(f"{position}: {position.units} units and {'no' if ends is None else 'open'} lots", booked)
    if ends is None:
        return
    for lot in ends:
        if lot.quantity <= 0 or (lot.side == "long") != (position.units > 0):
            raise breach(f"lot {lot.number} is {lot.side} {lot.quantity} in a position of {position.units}", booked)
    if ends[0] is ends[1]:
        only = ends[0]
        require(only.quantity, abs(position.units), booked, "the quantity of lot {}", only.number)
        cost = lots.cost if position.units > 0 else -lots.cost
        require(only.cost, cost, booked, "the cost of lot {}", only.number, of="its position")
        require(only.fee, lots.fees, booked, "the fee of lot {}", only.number, of="its position")
