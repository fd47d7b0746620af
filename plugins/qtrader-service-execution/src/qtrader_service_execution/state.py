"""What execution remembers of one order, and how it is written down and read back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import Any

from qtrader.events import OrderEvent, OrderStatus, Origin
from qtrader.ports import LEDGER, WorkingOrder, plain
from qtrader_service_execution.transitions import Pending

ZERO = Decimal(0)
EIGHT_DECIMALS = Decimal("0.00000001")
PAYLOAD = tuple(name for name in OrderEvent.model_fields if name not in ("origin", "idempotency_key"))
"""The fields that two orders of one key must agree on."""
_payload_of = itemgetter(*PAYLOAD)


@dataclass(frozen=True, slots=True)
class OrderResult:
    """The answer to an order: its first result (ACK or REJECTED), where it stands now, and why it was refused.

    ``duplicate`` says that the idempotency key came before, so nothing new happened.
    """

    order_id: str
    first: OrderStatus
    status: OrderStatus
    reason: str | None = None
    duplicate: bool = False


class OrderState:
    """One order: what was asked (``payload``), and where it stands. ``event`` is kept while the order is open."""

    __slots__ = (
        "accepted_ns", "armed", "average_price", "charged", "children", "cost", "event", "filled", "fills", "group",
        "intent_id", "key", "kind", "leaves", "limit_price", "order_id", "parent", "payload", "pending", "quantity",
        "reason", "revision", "session", "shown", "skip", "status", "stop_price", "strategy_id", "symbol", "trail",
        "triggered", "view",
    )  # fmt: skip

    def __init__(self, order: OrderEvent) -> None:
        self.event: OrderEvent | None = order
        self.key = order.idempotency_key
        self.order_id = order.order_id
        self.intent_id = order.intent_id
        self.strategy_id = order.strategy_id
        self.symbol = order.symbol
        self.kind = order.order_type
        self.group = order.group_id
        self.parent = order.parent_order_id
        self.children: list[str] = []
        """Ids of the orders that wait for its fills."""
        self.armed: Decimal | None = None
        """Of a child: units that its parent has filled and nobody of its group has sold yet; else None."""
        self.skip = ZERO
        """Of a child: units of its parent that are not for it, since they close an older position."""
        self.limit_price = order.limit_price
        self.stop_price = order.stop_price
        """Where the stop stands now; that of a trailing order moves."""
        self.trail = order.trail_amount
        self.triggered = False
        self.session: date | None = None
        """The session of the latest bar that it could see."""
        self.shown = False
        """Whether a bar with trades was shown to it."""
        self.payload: tuple[Any, ...] = _payload_of(order.__dict__)
        self.status = OrderStatus.NEW
        self.pending: Pending = "NONE"
        self.quantity = order.quantity
        self.leaves = order.quantity
        """What is still to fill; nothing once the order has ended."""
        self.filled = ZERO
        self.cost = ZERO
        """Sum of quantity x price over its fills."""
        self.charged = ZERO
        """Commission of its fills."""
        self.average_price: Decimal | None = None
        """Average price of its fills, to 8 decimals; exact for one fill."""
        self.fills = 0
        self.revision = 0
        self.accepted_ns = 0
        self.reason: str | None = None
        self.view: WorkingOrder | None = None
        """The order as fill policies see it; made when it starts to work and whenever its quantity changes."""

    def fill(self, quantity: Decimal, price: Decimal, fee: Decimal) -> None:
        """Count one fill."""
        self.fills += 1
        self.charged = LEDGER.add(self.charged, fee)
        self.leaves = LEDGER.subtract(self.leaves, quantity)
        if self.fills == 1:
            self.filled, self.cost, self.average_price = quantity, LEDGER.multiply(quantity, price), price
        else:
            self.filled = LEDGER.add(self.filled, quantity)
            self.cost = LEDGER.add(self.cost, LEDGER.multiply(quantity, price))
            self.average_price = self._average()

    def resize(self, left: Decimal) -> None:
        """Change what is still to fill."""
        self.leaves = left
        self.quantity = LEDGER.add(self.filled, left)

    def _average(self) -> Decimal | None:
        if not self.filled:
            return None
        average = LEDGER.divide(self.cost, self.filled)
        return average if self.fills == 1 else average.quantize(EIGHT_DECIMALS, context=LEDGER)

    def work(self) -> None:
        """Renew the value that fill policies and slippage models are shown; an ended order has none."""
        order = self.event
        if order is None:
            self.view = None
            return
        self.view = WorkingOrder(
            self.order_id,
            self.symbol,
            order.side,
            self.leaves if self.armed is None else min(self.armed, self.leaves),
            order.order_type,
            self.limit_price,
            self.stop_price,
            order.time_in_force,
            self.triggered,
            self.accepted_ns,
            self.trail,
            order.trail_percent,
        )

    def result(self, *, duplicate: bool = False) -> OrderResult:
        """What whoever sent the order is told."""
        first = OrderStatus.REJECTED if self.status is OrderStatus.REJECTED else OrderStatus.ACK
        return OrderResult(self.order_id, first, self.status, self.reason, duplicate)

    def differing(self, order: OrderEvent) -> list[str]:
        """The fields in which another order of the same key differs."""
        return [
            name
            for name, mine, other in zip(PAYLOAD, self.payload, _payload_of(order.__dict__), strict=True)
            if mine != other
        ]

    def document(self) -> dict[str, Any]:
        """Plain JSON values from which ``read`` makes the same state."""
        fields = dict(zip(PAYLOAD, self.payload, strict=True), idempotency_key=self.key)
        origin = None if self.event is None else self.event.origin
        return {
            "order": OrderEvent.model_validate(fields).model_dump(mode="json"),
            "origin": None if origin is None else [origin.seq, origin.time_ns, origin.cause, origin.corr],
            "status": self.status.value,
            "pending": self.pending,
            "quantity": plain(self.quantity),
            "filled": plain(self.filled),
            "cost": plain(self.cost),
            "charged": plain(self.charged),
            "fills": self.fills,
            "revision": self.revision,
            "accepted_ns": self.accepted_ns,
            "reason": self.reason,
            "children": self.children,
            "armed": _text(self.armed),
            "skip": plain(self.skip),
            "limit_price": _text(self.limit_price),
            "stop_price": _text(self.stop_price),
            "trail": _text(self.trail),
            "triggered": self.triggered,
            "session": self.session and self.session.isoformat(),
            "shown": self.shown,
        }

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "OrderState":
        """Become what ``document`` wrote."""
        origin = Origin(0, *(document["origin"] or (0, 0, -1, -1)))
        order = OrderEvent.model_validate({**document["order"], "origin": origin})
        state = cls(order)
        state.status = OrderStatus(document["status"])
        state.pending = document["pending"]
        for name in ("quantity", "filled", "cost", "charged", "skip"):
            setattr(state, name, Decimal(document[name]))
        for name in ("armed", "limit_price", "stop_price", "trail"):
            setattr(state, name, None if document[name] is None else Decimal(document[name]))
        for name in ("fills", "revision", "accepted_ns", "reason", "children", "triggered", "shown"):
            setattr(state, name, document[name])
        state.session = document["session"] and date.fromisoformat(document["session"])
        state.average_price = state._average()
        state.leaves = ZERO if state.status.final else LEDGER.subtract(state.quantity, state.filled)
        if state.status.final:
            state.event = None
        state.work()
        return state


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)
