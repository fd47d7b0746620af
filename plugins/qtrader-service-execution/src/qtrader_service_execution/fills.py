"""What is said of a fill, and of the one that another path through the bar would have made."""

from decimal import Decimal
from typing import Any

from qtrader.events import from_ns
from qtrader.ports import LEDGER, Side, money
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


def ambiguity(state: OrderState, trade: Trade, other: OrderState, missed: Trade, multiplier: Decimal) -> dict[str, Any]:
    """The fields of an ``ambiguity``: what was booked, and what ``other`` would have got for the same units."""
    assert state.event is not None
    assert other.event is not None
    side, more = state.event.side, LEDGER.subtract(missed.price, trade.price)
    brought = LEDGER.multiply(LEDGER.multiply(more if side == "sell" else -more, trade.quantity), multiplier)
    return {
        "fill_id": f"{state.order_id}-F{state.fills}",
        "order_id": state.order_id,
        "other_order_id": other.order_id,
        "group_id": state.group,
        "strategy_id": state.strategy_id,
        "symbol": state.symbol,
        "quantity": trade.quantity,
        "price": trade.price,
        "other_price": missed.price,
        "currency": trade.currency,
        "difference": money(brought) if other.event.side == side else None,
    }
