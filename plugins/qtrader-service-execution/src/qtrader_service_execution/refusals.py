"""Which orders this market takes; everything else is rejected with the reason, never quietly changed."""

from decimal import Decimal

from qtrader.errors import DataError
from qtrader.events import OrderEvent, to_ns
from qtrader.ports import LEDGER, Instrument, Wiring, plain
from qtrader_service_execution.book import OrderBook

PRICES = ("limit_price", "stop_price")
USES = {
    "limit_price": ("limit", "stop_limit"),
    "stop_price": ("stop", "stop_limit", "trailing_stop"),
    "trail_amount": ("trailing_stop",),
    "trail_percent": ("trailing_stop",),
}
"""Which order types use which price; on another it would be ignored, so it is refused."""


class Refusals:
    """Why an order is rejected on receipt, or None."""

    def __init__(self, wiring: Wiring, book: OrderBook) -> None:
        self._market, self._book = wiring.market, book

    def of(self, order: OrderEvent) -> str | None:
        """The first reason against an order."""
        try:
            instrument = self._market.instrument(order.symbol)
        except DataError as error:
            return str(error)
        return (
            _unfit_size(order, instrument)
            or _unfit_prices(order, instrument)
            or self._unfit_time(order, instrument)
            or self._unfit_family(order)
        )

    def _unfit_time(self, order: OrderEvent, instrument: Instrument) -> str | None:
        if order.expire_at is not None and order.time_in_force != "GTD":
            return f"expire_at belongs to time in force GTD, and this order is {order.time_in_force}"
        if order.expire_at is not None and to_ns(order.expire_at) <= self._market.time_ns:
            now = self._market.time.isoformat()
            return f"its good-till date {order.expire_at.isoformat()} is not after now, {now}"
        today = self._market.session or self._market.time.date()
        if instrument.delisted is not None and today > instrument.delisted:
            return f"{order.symbol} was delisted on {instrument.delisted}"
        if order.order_type == "trailing_stop" and order.stop_price is None and self._market.last(order.symbol) is None:
            return f"{order.symbol} has no price yet that a stop could trail"
        return None

    def _unfit_family(self, order: OrderEvent) -> str | None:
        if order.reduce_only:
            return "reduce_only orders do not execute here; send it without reduce_only"
        if order.parent_order_id is None:
            return None
        parent = self._book.of_id(order.parent_order_id)
        if parent is None:
            return f"its parent {order.parent_order_id!r} was never sent"
        if parent.status.final and not parent.filled:
            return f"its parent {order.parent_order_id!r} is {parent.status.value}"
        if parent.symbol != order.symbol:
            return f"its parent {order.parent_order_id!r} is of {parent.symbol}, and it is of {order.symbol}"
        return None


def _unfit_size(order: OrderEvent, instrument: Instrument) -> str | None:
    if LEDGER.remainder(order.quantity, instrument.lot):
        return f"{plain(order.quantity)} units are no whole number of lots of {plain(instrument.lot)}"
    return None


def _unfit_prices(order: OrderEvent, instrument: Instrument) -> str | None:
    for name, types in USES.items():
        price: Decimal | None = getattr(order, name)
        if price is None:
            continue
        if order.order_type not in types:
            return f"{name} {plain(price)} means nothing for a {order.order_type} order; leave it out"
        if name in PRICES and price <= 0 and not instrument.negative_prices:
            return f"{name} {plain(price)} is no price: it must be above zero"
    return None
