"""Which orders can be sent at all: what a signal wishes for or a hand order says, before anybody sizes it."""

from decimal import Decimal
from typing import NamedTuple

from qtrader.events import OrderRequestEvent, SignalEvent
from qtrader.ports import LEDGER, Side, plain
from qtrader.ports.policy import OrderRules
from qtrader_service_manager.cases import Quote
from qtrader_service_manager.plans import Refusal

PRICED = {"limit": ("limit_price",), "stop": ("stop_price",), "stop_limit": ("limit_price", "stop_price")}
PRICES = ("limit_price", "stop_price")


class Terms(NamedTuple):
    """Type, prices and time of an order, and the prices at which its position is to end."""

    order_type: str
    time_in_force: str
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_amount: Decimal | None = None
    trail_percent: Decimal | None = None
    expire_at: object = None
    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None


def terms_of_signal(signal: SignalEvent, rules: OrderRules) -> Terms:
    """What a signal wishes for where the policy honours it, else what the policy says."""
    stop_loss = signal.stop_loss if "stop_loss" in rules.honour else None
    take_profit = signal.take_profit if "take_profit" in rules.honour else None
    at_the_price = signal.price if rules.type == "limit" else None
    if "order" not in rules.honour:
        return Terms(rules.type, rules.time_in_force, at_the_price, stop_loss=stop_loss, take_profit=take_profit)
    limit = at_the_price if signal.order_type is None and signal.limit_price is None else signal.limit_price
    return Terms(
        signal.order_type or rules.type,
        signal.time_in_force or rules.time_in_force,
        limit,
        signal.stop_price,
        signal.trail_amount,
        signal.trail_percent,
        signal.expire_at,
        stop_loss,
        take_profit,
    )


def terms_of_request(request: OrderRequestEvent, rules: OrderRules) -> Terms:
    """What a hand order says; its time in force is the policy's unless it names one."""
    return Terms(
        request.order_type or "market",
        request.time_in_force or rules.time_in_force,
        request.limit_price,
        request.stop_price,
        request.trail_amount,
        request.trail_percent,
        request.expire_at,
    )


def unfit(request: OrderRequestEvent, lot: Decimal) -> Refusal | None:
    """Why a hand order cannot become an order, or None: its quantity is never quietly changed."""
    if request.quantity is not None and LEDGER.remainder(request.quantity, lot):
        return Refusal("lot-size", f"{request.quantity} units are not whole lots of {lot}")
    return None


def unfit_terms(terms: Terms, side: Side, quote: Quote) -> Refusal | None:
    """Why an order of these terms would be none, or None: wrong prices are never quietly mended."""
    if not quote.instrument.negative_prices:
        for name in PRICES:
            price: Decimal | None = getattr(terms, name)
            if price is not None and price <= 0:
                return Refusal("price", f"{name} {plain(price)} is no price: it must be above zero")
    return _unfit_bracket(terms, side, quote)


def _unfit_bracket(terms: Terms, side: Side, quote: Quote) -> Refusal | None:
    """A stop loss lies where the position loses, a target where it gains, as seen from where it is entered."""
    entry = next(one for one in (terms.limit_price, terms.stop_price, quote.price) if one is not None)
    sign = 1 if side == "buy" else -1
    for name, price, gains in (("stop_loss", terms.stop_loss, False), ("take_profit", terms.take_profit, True)):
        if price is not None and (sign if gains else -sign) * (price - entry) <= 0:
            where = "above" if gains is (side == "buy") else "below"
            return Refusal(
                "bracket",
                f"{name} {plain(price)} is on the wrong side of a {side} at {plain(entry)}: it must be {where} it",
            )
    return None
