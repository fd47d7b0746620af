"""The open lots of one book with their totals, and how lots move between books when a company acts."""

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from qtrader.errors import LedgerError
from qtrader.ports import Side, Snapshot, money
from qtrader_service_portfolio.amounts import ZERO, share
from qtrader_service_portfolio.json_values import from_json, texts, to_json
from qtrader_service_portfolio.models import ClosedLot, Lot, LotSide


class OpenLots:
    """Lots of one side, in order of acquisition time.

    ``quantity`` and ``cost`` are signed (short negative), ``fees`` is what the open lots still carry; fills keep the
    three as totals and never sum them again. Callers are inside the ledger's decimal context.
    """

    __slots__ = ("_lots", "_opened", "cost", "fees", "quantity")

    def __init__(self) -> None:
        self._lots: deque[Lot] = deque()
        self._opened = 0
        self.quantity = self.cost = self.fees = ZERO

    @property
    def lots(self) -> tuple[Lot, ...]:
        """The open lots in the order in which they were opened."""
        return tuple(sorted(self._lots, key=lambda lot: lot.number))

    @property
    def by_age(self) -> tuple[Lot, ...]:
        """The open lots, oldest first."""
        return tuple(self._lots)

    @property
    def ends(self) -> tuple[Lot, Lot] | None:
        """The oldest and the newest lot; None when flat."""
        return (self._lots[0], self._lots[-1]) if self._lots else None

    @property
    def side(self) -> LotSide | None:
        """The side of the open lots; None when flat."""
        return self._lots[0].side if self._lots else None

    def _open(
        self, side: Side, quantity: Decimal, value: Decimal, at: datetime, price: Decimal, fee: Decimal, fill_id: str
    ) -> Lot:
        self._opened += 1
        long = side == "buy"
        lot = Lot(self._opened, "long" if long else "short", quantity, value, fee, price, at, fill_id)
        lots = self._lots
        if lots and at < lots[-1].opened:
            lots.insert(sum(other.opened <= at for other in lots), lot)
        else:
            lots.append(lot)
        self.quantity += quantity if long else -quantity
        self.cost += value if long else -value
        self.fees += fee
        return lot

    def take_all(self) -> tuple[Lot, ...]:
        """The lots, oldest first; none is left."""
        taken = tuple(self._lots)
        self._lots.clear()
        self.quantity = self.cost = self.fees = ZERO
        return taken

    def receive(self, lots: Iterable[Lot]) -> tuple[Lot, ...]:
        """Open lots of another book here, with their age, cost and fee. Raises LedgerError for the other side."""
        received = tuple(lots)
        if any(lot.side != (self.side or lot.side) for lot in received):
            raise LedgerError(f"lots that are {received[0].side} cannot join a position that is {self.side}")
        return tuple(
            self._open(
                "buy" if one.side == "long" else "sell",
                one.quantity,
                one.cost,
                one.opened,
                one.price,
                one.fee,
                one.fill_id,
            )
            for one in received
        )

    def cost_again(self, costs: Mapping[int, Decimal]) -> None:
        """Give lots, by number, another cost; prices for display follow."""
        for place, lot in enumerate(self._lots):
            if lot.number in costs:
                cost = costs[lot.number]
                price = money(lot.price * cost / lot.cost) if lot.cost else money(cost / lot.quantity)
                self._lots[place] = lot._replace(cost=cost, price=price)
        self._total()

    def release(self, part: Decimal, whole: Decimal, value: Decimal) -> tuple[ClosedLot, ...]:
        """The same share of every lot leaves, ``part`` of ``whole``, for ``value`` in total."""
        units = [share(lot.quantity, part, whole) for lot in self._lots]
        left, value_left = sum(units, ZERO), value
        closed = []
        for place, (lot, gone) in enumerate(zip(tuple(self._lots), units, strict=True)):
            if not gone:
                continue
            brought = value_left if gone == left else share(value_left, gone, left)
            cost, fee = share(lot.cost, part, whole), share(lot.fee, part, whole)
            closed.append(ClosedLot(lot, gone, cost, brought, fee, ZERO))
            self._lots[place] = lot._replace(quantity=lot.quantity - gone, cost=lot.cost - cost, fee=lot.fee - fee)
            left, value_left = left - gone, value_left - brought
        self._total()
        return tuple(closed)

    def _total(self) -> None:
        """Sum the totals again; a side stays what it was."""
        sign = -1 if self.side == "short" else 1
        self.quantity = sign * sum((lot.quantity for lot in self._lots), ZERO)
        self.cost = sign * sum((lot.cost for lot in self._lots), ZERO)
        self.fees = sum((lot.fee for lot in self._lots), ZERO)

    def snapshot(self) -> Snapshot:
        """The open lots, their totals and the counter as plain JSON values, decimals as text."""
        totals = {"quantity": self.quantity, "cost": self.cost, "fees": self.fees}
        return {"opened": self._opened, **texts(totals), "lots": [to_json(lot) for lot in self._lots]}

    def restore(self, snapshot: Snapshot) -> None:
        """Become the tracker that made the snapshot."""
        self._lots = deque(from_json(Lot, one) for one in snapshot["lots"])
        self._opened = snapshot["opened"]
        self.quantity, self.cost, self.fees = (Decimal(snapshot[name]) for name in ("quantity", "cost", "fees"))
