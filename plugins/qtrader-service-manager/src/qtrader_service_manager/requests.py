"""Which hand orders can be sent at all."""

from decimal import Decimal

from qtrader.events import OrderRequestEvent
from qtrader.ports import LEDGER
from qtrader_service_manager.plans import Refusal


def unfit(request: OrderRequestEvent, lot: Decimal) -> Refusal | None:
    """Why a hand order cannot become an order, or None: its type or quantity is never quietly changed."""
    if request.order_type == "trailing_stop":
        return Refusal("order-type", "a hand order cannot be a trailing stop: it has no field for the trail")
    if request.time_in_force == "GTD":
        return Refusal("time-in-force", "a hand order cannot be good till a date: it has no field for the date")
    if request.quantity is not None and LEDGER.remainder(request.quantity, lot):
        return Refusal("lot-size", f"{request.quantity} units are not whole lots of {lot}")
    return None
