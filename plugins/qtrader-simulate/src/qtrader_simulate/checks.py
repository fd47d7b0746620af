"""What must be true of orders in any run, held against the run's own log: a second opinion, from the rules alone."""

from collections import defaultdict
from decimal import ROUND_DOWN, Decimal
from typing import Any

from qtrader import Result
from qtrader.events import CorporateActionEvent, FillEvent, OrderEvent, OrderStatus, OrderUpdateEvent

NEW, SUBMITTED, ACK, PARTIAL = OrderStatus.NEW, OrderStatus.SUBMITTED, OrderStatus.ACK, OrderStatus.PARTIAL
FILLED, CANCELED = OrderStatus.FILLED, OrderStatus.CANCELED
REJECTED, EXPIRED = OrderStatus.REJECTED, OrderStatus.EXPIRED
CHANGES = {
    NEW: (SUBMITTED, REJECTED, CANCELED, EXPIRED),
    SUBMITTED: (ACK, REJECTED, CANCELED, EXPIRED),
    ACK: (PARTIAL, FILLED, REJECTED, CANCELED, EXPIRED),
    PARTIAL: (FILLED, CANCELED, EXPIRED),
}
"""The sixteen changes of status that there are without late fills and busts, which a simulated market has none of."""
MET = tuple(
    f"{before.value}>{after.value}"
    for before, after in (
        (NEW, SUBMITTED), (NEW, REJECTED), (SUBMITTED, ACK), (ACK, PARTIAL), (ACK, FILLED), (ACK, CANCELED),
        (ACK, EXPIRED), (PARTIAL, FILLED), (PARTIAL, CANCELED), (PARTIAL, EXPIRED),
    )
)  # fmt: skip
"""Those that worlds meet: a market that answers at once leaves nothing SUBMITTED, and rejects on receipt alone."""
REFUSED = ("cancel_refused", "replace_refused")


class Checked:
    """A run's orders, and what is wrong with them. ``share``: of a bar's volume; ``exact``: nothing slips."""

    def __init__(self, result: Result, *, share: Decimal | None, exact: bool) -> None:
        self._share, self._exact = share, exact
        self.orders: dict[str, OrderEvent] = {}
        self.updates: dict[str, list[OrderUpdateEvent]] = defaultdict(list)
        self.fills: dict[str, list[FillEvent]] = defaultdict(list)
        self.faults: list[str] = []
        self.split: set[str] = set()
        for topic in ("corporate_action", "order", "order_update", "fill"):
            for event in result.log.discrete_events(topic):
                self._note(event)
        bars: list[Any] = [event for event in result.log if event.topic == "bar"]
        self.bars = {(bar.symbol, bar.time_ns): bar for bar in bars}

    def _note(self, event: object) -> None:
        match event:
            case OrderEvent():
                self.orders[event.order_id] = event
            case OrderUpdateEvent():
                self.updates[event.order_id].append(event)
            case FillEvent():
                self.fills[event.source_order_id].append(event)
            case CorporateActionEvent() if event.action_type == "split":
                self.split.add(event.symbol)

    def check(self) -> list[str]:
        """Everything that does not hold."""
        for order_id, order in self.orders.items():
            self._life(order_id)
            self._quantities(order_id)
            for fill in self.fills[order_id]:
                self._fill(order, fill)
        self._volumes()
        self._families()
        return self.faults

    def _require(self, holds: object, where: str, told: str) -> None:
        if not holds:
            self.faults.append(f"{where}: {told}")

    def _life(self, order_id: str) -> None:
        status: OrderStatus | None = None
        for update in self.updates[order_id]:
            where = f"{order_id} at {update.origin.seq}"
            if status is None:
                self._require(update.status is NEW, where, f"begins as {update.status.value}")
            elif update.status is not status:
                legal = update.status in CHANGES.get(status, ())
                self._require(legal, where, f"{status.value} became {update.status.value} ({update.trigger})")
            if status is not None and status.final:
                self._require(update.trigger in REFUSED, where, f"{update.trigger} after {status.value}")
            status = update.status
        self._require(status is not None and status.final, order_id, f"ended as {status}")

    def _quantities(self, order_id: str) -> None:
        before = Decimal(0)
        for update in self.updates[order_id]:
            where = f"{order_id} at {update.origin.seq}"
            split = self.orders[order_id].symbol in self.split
            self._require(split or update.filled_quantity >= before, where, "what has filled falls")
            self._require(update.leaves_quantity >= 0, where, f"leaves {update.leaves_quantity}")
            self._require(update.filled_quantity <= update.quantity, where, "filled more than was ordered")
            before = update.filled_quantity
        filled = sum((one.quantity for one in self.fills[order_id]), Decimal(0))
        same = filled == before or self.orders[order_id].symbol in self.split
        self._require(same, order_id, f"fills of {filled}, and {before} in its updates")

    def _fill(self, order: OrderEvent, fill: FillEvent) -> None:
        """In its bar, and never better for the trader than the order's prices, unless they were changed."""
        where = f"{order.order_id} at {fill.origin.seq}"
        bar = self.bars.get((fill.symbol, fill.origin.time_ns))
        self._require(bar is not None, where, "filled without a bar")
        if bar is None:
            return
        self._require(bar.volume != 0, where, f"filled in {bar.time}, when nothing traded")
        self._require(bar.time_ns > order.origin.time_ns, where, f"filled in {bar.time}, a bar that it came after")
        if not self._exact:
            return
        self._require(bar.low <= fill.price <= bar.high, where, f"{fill.price} is not in the bar of {bar.time}")
        if any(one.trigger == "replace" for one in self.updates[order.order_id]):
            return
        sign = 1 if order.side == "buy" else -1
        if order.limit_price is not None:
            self._require(sign * fill.price <= sign * order.limit_price, where, f"{fill.price} is beyond its limit")
        reached = [one.origin.time_ns for one in self.updates[order.order_id] if one.trigger == "triggered"]
        if order.order_type == "stop" and order.stop_price is not None and fill.origin.time_ns in reached:
            self._require(sign * fill.price >= sign * order.stop_price, where, f"{fill.price} is better than its stop")

    def _volumes(self) -> None:
        if self._share is None:
            return
        taken: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
        for fills in self.fills.values():
            for fill in fills:
                taken[fill.symbol, fill.origin.time_ns] += fill.quantity
        for key, quantity in taken.items():
            most = (self.bars[key].volume * self._share).to_integral_value(ROUND_DOWN)
            self._require(quantity <= most, f"{key[0]} at {self.bars[key].time}", f"{quantity} filled of {most}")

    def _families(self) -> None:
        """Children fill no more than their parent has."""
        children: dict[str, Decimal] = defaultdict(Decimal)
        for order in self.orders.values():
            if order.parent_order_id is not None and order.symbol not in self.split:
                children[order.parent_order_id] += sum((one.quantity for one in self.fills[order.order_id]), Decimal(0))
        for parent, total in children.items():
            filled = sum((one.quantity for one in self.fills[parent]), Decimal(0))
            self._require(total <= filled, parent, f"its children filled {total} of {filled}")
