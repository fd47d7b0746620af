"""Order types: each a function of an order and four prices, written for a buyer; a seller sees the mirror.

Rules that several engines agree on: a stop that the open jumped over fills at the open, never better; a limit fills at
the limit or better, never worse. Where engines differ, the choice that does not flatter: prices must trade through a
limit, and of two orders of events inside a bar the worse one happened.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Literal, NamedTuple

from qtrader.ports import FillDecision, WorkingOrder
from qtrader_matching.prices import Prices
from qtrader_matching.trailing import first_stop

At = Literal["open", "close"]
Moment = Literal["open", "close", "inside"]
AT_ONCE = ("IOC", "FOK")
AT_MARKET: Mapping[str, At | None] = {"market": None, "market_on_open": "open", "market_on_close": "close"}
"""Types that take the market's price, and when; None: when the caller says."""


class _Hit(NamedTuple):
    """A price that a buyer gets, and when in the bar."""

    price: Decimal
    moment: Moment


class _Buyer(NamedTuple):
    """An order as a buyer's: prices mirrored for a seller."""

    prices: Prices
    limit: Decimal | None
    stop: Decimal | None
    at: At
    touch: bool
    triggered: bool

    def market(self) -> _Hit:
        return _Hit(self.prices.open if self.at == "open" else self.prices.close, self.at)

    def limited(self) -> _Hit | None:
        assert self.limit is not None
        prices, limit = self.prices, self.limit
        if prices.open < limit or (self.touch and prices.open == limit):
            return _Hit(prices.open, "open")
        if prices.low < limit or (self.touch and prices.low == limit):
            return _Hit(limit, "inside")
        return None

    def stopped(self) -> _Hit | None:
        """Where the stop is reached."""
        assert self.stop is not None
        if self.prices.open >= self.stop:
            return _Hit(self.prices.open, "open")
        return _Hit(self.stop, "inside") if self.prices.high >= self.stop else None

    def limited_after(self) -> _Hit | None:
        """A limit order that began to work inside the bar: whatever came after, the close did."""
        assert self.limit is not None
        prices, limit = self.prices, self.limit
        if prices.close < limit or (self.touch and prices.close == limit):
            return _Hit(min(limit, prices.high), "inside")
        return None


def decide(order: WorkingOrder, prices: Prices, *, at: At = "open", touch: bool = False) -> FillDecision | None:
    """What a bar does to an order; None for nothing.

    ``prices`` are those that the order's side can trade at; ``at`` is the moment of market orders, and of those that
    want all at once; ``touch`` lets a limit fill that is only touched. Raises ValueError for an order without the price
    that its type needs.
    """
    kind = order.order_type
    if kind in AT_MARKET:
        moment = AT_MARKET[kind] or at
        return FillDecision(order.quantity, prices.open if moment == "open" else prices.close, moment)
    shown = prices
    if order.time_in_force in AT_ONCE:
        shown = prices.at(prices.open if at == "open" else prices.close)
    rule = _RULES.get(kind)
    if rule is None:
        known = ", ".join((*AT_MARKET, *_RULES))
        raise ValueError(f"order {order.order_id!r}: type {kind!r} is none of {known}")
    for name in NEEDS[kind]:
        if getattr(order, name) is None:
            raise ValueError(f"order {order.order_id!r}: a {kind} order needs a {name}")
    decision = rule(order, _buyer(order, shown, at, touch=touch))
    if decision is None or decision.moment != "open" or order.time_in_force not in AT_ONCE:
        return decision
    return decision._replace(moment=at)


def _buyer(order: WorkingOrder, prices: Prices, at: At, *, touch: bool) -> _Buyer:
    limit, stop = order.limit_price, order.stop_price
    if order.side == "buy":
        return _Buyer(prices, limit, stop, at, touch, order.triggered)
    below, above = (None if price is None else -price for price in (limit, stop))
    return _Buyer(prices.mirrored(), below, above, at, touch, order.triggered)


def _filled(order: WorkingOrder, hit: _Hit | None, *, triggered: bool = False) -> FillDecision | None:
    """All of an order at the price of a hit."""
    if hit is None:
        return _triggered(order) if triggered and not order.triggered else None
    price = hit.price if order.side == "buy" else -hit.price
    return FillDecision(order.quantity, price, hit.moment, triggered=triggered)


def _triggered(order: WorkingOrder) -> FillDecision:
    """Nothing fills, but the stop was reached."""
    assert order.stop_price is not None
    return FillDecision(Decimal(0), order.stop_price, "inside", triggered=True)


def _limit(order: WorkingOrder, buyer: _Buyer) -> FillDecision | None:
    return _filled(order, buyer.limited())


def _stop(order: WorkingOrder, buyer: _Buyer) -> FillDecision | None:
    if buyer.triggered:
        return _filled(order, buyer.market(), triggered=True)
    hit = buyer.stopped()
    return None if hit is None else _filled(order, hit, triggered=True)


def _stop_limit(order: WorkingOrder, buyer: _Buyer) -> FillDecision | None:
    hit = None if buyer.triggered else buyer.stopped()
    if hit is None and not buyer.triggered:
        return None
    inside = hit is not None and hit.moment == "inside"
    return _filled(order, buyer.limited_after() if inside else buyer.limited(), triggered=True)


def _trailing(order: WorkingOrder, buyer: _Buyer) -> FillDecision | None:
    """The stop of before is looked at first: whether the best price came earlier or later, nobody knows."""
    decision = _stop(order, buyer)
    if decision is not None:
        return decision
    assert buyer.stop is not None
    best = buyer.prices.low if order.side == "buy" else -buyer.prices.low
    moved = first_stop(order.side, best, order.trail_amount, order.trail_percent)
    better = moved < buyer.stop if order.side == "buy" else -moved < buyer.stop
    return FillDecision(Decimal(0), moved, "inside", stop_price=moved) if better else None


_RULES: Mapping[str, Callable[[WorkingOrder, _Buyer], FillDecision | None]] = {
    "limit": _limit,
    "stop": _stop,
    "stop_limit": _stop_limit,
    "trailing_stop": _trailing,
}
NEEDS: Mapping[str, tuple[str, ...]] = {
    "limit": ("limit_price",),
    "stop": ("stop_price",),
    "stop_limit": ("limit_price", "stop_price"),
    "trailing_stop": ("stop_price",),
}
"""The prices that a type cannot do without; a trailing stop is given its first one when it begins to work."""
