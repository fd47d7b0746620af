"""What is said of a fill."""

from typing import Any

from qtrader.events import from_ns
from qtrader.ports import Side
from qtrader_service_execution.matching import Trade
from qtrader_service_execution.state import OrderState


def payload(state: OrderState, side: Side, trade: Trade, policy: str) -> dict[str, Any]:
    """The fields of a ``fill``; the order has counted it."""
    return {
        "fill_id": f"{state.order_id}-F{state.fills}",
        "source_order_id": state.order_id,
        "intent_id": state.intent_id,
        "strategy_id": state.strategy_id,
        "symbol": state.symbol,
        "side": side,
        "quantity": trade.quantity,
        "price": trade.price,
        "currency": trade.currency,
        "commission": trade.fee,
        "commission_currency": trade.currency,
        "reference_price": trade.reference,
        "slippage": trade.slippage,
        "executed_at": from_ns(trade.time_ns),
        "policy": policy,
        "optimistic": trade.optimistic,
    }
