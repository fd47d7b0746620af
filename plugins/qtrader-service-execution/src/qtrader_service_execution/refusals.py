"""Which orders this market takes; everything else is rejected with the reason, never quietly changed."""

from qtrader.events import OrderEvent

TYPES = ("market",)
"""Order types that execute."""
TIMES = ("DAY", "GTC")
"""Times in force that execute. Both wait for the next bar: DAY means the session it can first trade in."""


def refusal(order: OrderEvent) -> str | None:
    """Why an order is rejected, or None."""
    if order.order_type not in TYPES:
        return f"order type {order.order_type!r} does not execute here; these do: {', '.join(TYPES)}"
    if order.time_in_force not in TIMES:
        return f"time in force {order.time_in_force!r} does not execute here; these do: {', '.join(TIMES)}"
    if order.parent_order_id is not None or order.group_id is not None:
        return "orders of a group or with a parent do not execute here; send it without group_id and parent_order_id"
    if order.reduce_only:
        return "reduce_only orders do not execute here; send it without reduce_only"
    return None
