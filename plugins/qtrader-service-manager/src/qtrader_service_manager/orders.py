"""What is sent: an order, and the stop and target that protect what it opens."""

from decimal import Decimal
from typing import Any

from qtrader.events import OrderCommandEvent, OrderEvent
from qtrader.ports import Side, Wiring
from qtrader_service_manager.cases import Case, Quote
from qtrader_service_manager.plans import ZERO, Plan
from qtrader_service_manager.projection import Projection, Working
from qtrader_service_manager.requests import Terms

OTHER: dict[Side, Side] = {"buy": "sell", "sell": "buy"}


class Orders:
    """Publishes orders and commands, and counts them among what works."""

    def __init__(self, wiring: Wiring, projection: Projection) -> None:
        self._emit, self._post = wiring.emitter.emit, wiring.emitter.post
        self._projection = projection

    def send(
        self, case: Case, plan: Plan, quote: Quote, quantity: Decimal, terms: Terms, lots: tuple[str, ...]
    ) -> None:
        """Send an order; with an entry go the stop and the target that its terms name, for what it opens.

        What protects a position ends before an order that closes it is sent: nothing may be sold twice.
        """
        self._release(case, plan.side)
        future = quote.instrument.asset_class == "future"
        self._one(case, plan.side, plan.role, quantity, terms, ZERO if future else quantity * quote.unit_value, lots)
        opened = quantity - plan.closing
        if plan.role == "entry" and opened > 0:
            self._protect(case, OTHER[plan.side], opened, terms)

    def _protect(self, case: Case, side: Side, quantity: Decimal, terms: Terms) -> None:
        """A target and a stop for what the order opens: whichever fills cancels the other."""
        legs = [
            ("take_profit", terms.take_profit, {"order_type": "limit", "limit_price": terms.take_profit}),
            ("stop_loss", terms.stop_loss, {"order_type": "stop", "stop_price": terms.stop_loss}),
        ]
        wanted = [(role, prices) for role, price, prices in legs if price is not None]
        group = f"{case.intent_id}-G" if len(wanted) > 1 else None
        for leg, (role, prices) in enumerate(wanted, 2):
            family = {"parent_order_id": case.order_id(), "group_id": group}
            protecting = Terms(time_in_force="GTC", **prices)  # type: ignore[arg-type]
            self._one(case, side, role, quantity, protecting, ZERO, (), leg, family)

    def _release(self, case: Case, side: Side) -> None:
        """Cancel what protects a position that an order of this side closes: it would be on the same side."""
        protecting = self._projection.protecting(case.strategy_id, case.symbol)
        for number, order in enumerate((one for one in protecting if one.side == side), 1):
            self._emit(
                OrderCommandEvent,
                command_id=f"{case.intent_id}-C{number}",
                order_id=order.order_id,
                command="cancel",
                strategy_id=order.strategy_id,
                symbol=order.symbol,
                reason=f"{case.intent_id} closes the position",
            )

    def _one(
        self,
        case: Case,
        side: Side,
        role: str,
        quantity: Decimal,
        terms: Terms,
        value: Decimal,
        lots: tuple[str, ...],
        leg: int = 1,
        family: dict[str, Any] | None = None,
    ) -> None:
        order_id, strategy_id, symbol = case.order_id(leg), case.strategy_id, case.symbol
        self._post(
            OrderEvent,
            {
                "order_id": order_id,
                "intent_id": case.intent_id,
                "idempotency_key": case.idempotency_key(leg),
                "signal_id": case.signal_id,
                "strategy_id": strategy_id,
                "symbol": symbol,
                "side": side,
                "quantity": quantity,
                "order_type": terms.order_type,
                "limit_price": terms.limit_price,
                "stop_price": terms.stop_price,
                "trail_amount": terms.trail_amount,
                "trail_percent": terms.trail_percent,
                "time_in_force": terms.time_in_force,
                "expire_at": terms.expire_at,
                "group_id": None,
                "parent_order_id": None,
                "role": role,
                "reduce_only": False,
                "lots": lots,
                **(family or {}),
            },
        )
        self._projection.send(Working(order_id, strategy_id, symbol, side, role, quantity, quantity, value))
