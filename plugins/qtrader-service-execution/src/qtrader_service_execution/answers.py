"""What the tools of the simulated market answer, held against their ports before it becomes a fill.

Each function raises a RunError that quotes the answer and names the tool.
"""

from decimal import Decimal
from typing import Any

from qtrader.errors import RunError
from qtrader.ports import (
    BarValue,
    CommissionModel,
    FillDecision,
    FillPolicy,
    Side,
    SlippageModel,
    WorkingOrder,
    price_range,
)

MOST = Decimal("1E+20")
"""What no amount reaches that the books can hold."""


def check_decision(name: str, policy: FillPolicy, decision: Any, order: WorkingOrder, bar: BarValue) -> None:
    """A fill is of what is left of the order, at a price that the bar saw, at its open, its close or inside it."""
    if not isinstance(decision, FillDecision):
        wrong = f"answers {decision!r}: it must answer a FillDecision, or None"
    elif not _number(decision.quantity) or not _number(decision.price):
        wrong = f"fills {decision.quantity!r} at {decision.price!r}: both must be finite Decimals"
    elif not decision.quantity:
        return
    elif not 0 < decision.quantity <= order.quantity:
        wrong = f"fills {decision.quantity} of order {order.order_id!r}, which has {order.quantity} left"
    elif not bar.low <= decision.price <= bar.high and not _quoted(bar, decision.price):
        wrong = (
            f"fills order {order.order_id!r} at {decision.price}, outside the bar of {bar.symbol} at "
            f"{bar.time.isoformat()}, {bar.low} to {bar.high}"
        )
    elif decision.moment not in ("open", "close", "inside"):
        wrong = (
            f"fills order {order.order_id!r} at the moment {decision.moment!r}: it may be 'open', 'close' or 'inside'"
        )
    else:
        return
    raise RunError(f"fill policy {name!r} {wrong}; mend the fill policy").of(policy)


def check_price(model: SlippageModel, adjusted: Any, reference: Decimal, side: Side) -> None:
    """Slippage goes against the trader, and leaves a price above zero where there was one."""
    if not _number(adjusted):
        wrong = f"slippage moved the price of a {side} from {reference} to {adjusted!r}: it must be a finite Decimal"
    elif adjusted < reference if side == "buy" else adjusted > reference:
        wrong = f"slippage moved the price of a {side} from {reference} to {adjusted}: it may only hurt the trader"
    elif adjusted <= 0 < reference:
        wrong = f"slippage moved the price of a {side} from {reference} to {adjusted}: it must stay above zero"
    elif abs(adjusted) >= MOST:
        wrong = f"slippage moved the price of a {side} from {reference} to {adjusted}: no book can hold {MOST} or more"
    else:
        return
    raise RunError(f"{wrong}; mend the slippage model").of(model)


def check_fee(model: CommissionModel, fee: Any) -> None:
    """A fee is zero or more."""
    if not _number(fee):
        wrong = f"the commission model charges {fee!r}: a fee must be a finite Decimal"
    elif fee < 0:
        wrong = f"the commission model charges {fee}: a fee may not be negative"
    elif fee >= MOST:
        wrong = f"the commission model charges {fee}: no book can hold {MOST} or more"
    else:
        return
    raise RunError(f"{wrong}; mend the commission model").of(model)


def _quoted(bar: BarValue, price: Decimal) -> bool:
    low, high = price_range(bar)
    return bool(low <= price <= high)


def _number(value: Any) -> bool:
    return isinstance(value, Decimal) and value.is_finite()
