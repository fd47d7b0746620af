"""An order along a path of prices: from each to the next in a straight line, so that the first to be reached counts."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from qtrader.ports import FillDecision, Side, WorkingOrder
from qtrader_matching.orders import AT_ONCE, NEEDS, decide
from qtrader_matching.prices import Prices
from qtrader_matching.trailing import first_stop

Order = Literal["adverse", "favourable", "high-first", "low-first"]
"""Which extreme of a bar came first; ``adverse``: the one that is bad for the order's side."""


def path_of(prices: Prices, side: Side, order: Order) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Open, both extremes, close; adverse to a buyer is the high first, to a seller the low."""
    high_first = order == "high-first" or (
        order in ("adverse", "favourable") and (side == "buy") == (order == "adverse")
    )
    extremes = (prices.high, prices.low) if high_first else (prices.low, prices.high)
    return prices.open, *extremes, prices.close


def follow(order: WorkingOrder, path: Sequence[Decimal], *, touch: bool = False) -> FillDecision | None:
    """What a path of prices does to an order; None for nothing.

    Market orders, and those that want all at once, see its first price, market-on-close orders its last. A stop-limit
    is a limit order from where it is triggered, and a trailing stop follows as prices move. Raises ValueError for an
    order without the price that its type needs.
    """
    kind = order.order_type
    ends = Prices(path[0], max(path), min(path), path[-1])
    missing = any(getattr(order, name) is None for name in NEEDS.get(kind, ()))
    if missing or order.time_in_force in AT_ONCE or kind not in ("stop_limit", "trailing_stop") or order.triggered:
        return decide(order, ends, touch=touch)
    return _stop_limit(order, path, touch=touch) if kind == "stop_limit" else _trailing(order, path)


def _reached(side: Side, before: Decimal, after: Decimal, stop: Decimal) -> bool:
    """Whether a line from one price to another meets a stop."""
    return max(before, after) >= stop if side == "buy" else min(before, after) <= stop


def _stop_limit(order: WorkingOrder, path: Sequence[Decimal], *, touch: bool) -> FillDecision | None:
    stop = order.stop_price
    assert stop is not None
    beyond = path[0] >= stop if order.side == "buy" else path[0] <= stop
    if beyond:
        rest = decide(order._replace(triggered=True), _bar(path), touch=touch)
        return rest or FillDecision(Decimal(0), stop, "open", triggered=True)
    for place, (before, after) in enumerate(pairwise(path)):
        if _reached(order.side, before, after, stop):
            rest = decide(order._replace(triggered=True), _bar((stop, *path[place + 1 :])), touch=touch)
            if rest is None:
                return FillDecision(Decimal(0), stop, "inside", triggered=True)
            return rest._replace(moment="inside")
    return None


def _bar(path: Sequence[Decimal]) -> Prices:
    return Prices(path[0], max(path), min(path), path[-1])


def _trailing(order: WorkingOrder, path: Sequence[Decimal]) -> FillDecision | None:
    stop, side = order.stop_price, order.side
    assert stop is not None
    if path[0] >= stop if side == "buy" else path[0] <= stop:
        return FillDecision(order.quantity, path[0], "open", triggered=True)
    first = stop
    for before, after in _legs(path):
        if _reached(side, before, after, stop):
            return FillDecision(order.quantity, stop, "inside", triggered=True)
        moved = first_stop(side, after, order.trail_amount, order.trail_percent)
        stop = min(stop, moved) if side == "buy" else max(stop, moved)
    return FillDecision(Decimal(0), stop, "inside", stop_price=stop) if stop != first else None


def _legs(path: Sequence[Decimal]) -> Iterator[tuple[Decimal, Decimal]]:
    """From the first price to itself, so that it moves the stop, then from each to the next."""
    yield path[0], path[0]
    yield from pairwise(path)
