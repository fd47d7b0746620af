"""Lots that a strategy names: whether it may, and how many units they have."""

from collections.abc import Sequence
from decimal import Decimal

from qtrader.events import OpenLot, OrderRequestEvent
from qtrader.ports import Side, Wiring, plain
from qtrader.ports.settings import LotSettings
from qtrader_service_manager.plans import ZERO, Plan, Refusal


class Lots:
    """The open lots of the run's positions, where ``portfolio.lots`` lets strategies choose among them."""

    def __init__(self, orders: LotSettings, wiring: Wiring) -> None:
        self._order_of: dict[Side, str] = {"sell": orders.long, "buy": orders.short}
        self._books = wiring.books

    def units(self, strategy_id: str, symbol: str, plan: Plan, named: Sequence[str]) -> Decimal | Refusal:
        """Units of the named lots, or why they cannot be named."""
        side = "long" if plan.side == "sell" else "short"
        if plan.role != "exit":
            return Refusal("lots", f"lots {_told(named)} are named, and the order does more than close a position")
        if self._order_of[plan.side] != "specific":
            order = self._order_of[plan.side]
            return Refusal("lots", f"lots {_told(named)} are named, and portfolio.lots.{side} is {order}, not specific")
        position = self._books.position(symbol, strategy_id)
        is_open: dict[str, OpenLot] = {} if position is None else {one.lot_id: one for one in position.lots}
        for place, one in enumerate(named):
            if one not in is_open or one in named[:place]:
                why = "is named twice" if one in is_open else "is not open"
                return Refusal("lots", f"lot {one!r} {why}; open are {_told(is_open)}")
        return sum((is_open[one].quantity for one in named), ZERO)

    def unfit(self, request: OrderRequestEvent, plan: Plan, quantity: Decimal, held: Decimal) -> Refusal | None:
        """Why a hand order names the wrong lots, or too few, or none where it closes a part of a position; or None."""
        if request.lots:
            units = self.units(request.strategy_id, request.symbol, plan, request.lots)
            if isinstance(units, Refusal) or units >= quantity:
                return units if isinstance(units, Refusal) else None
            told = f"lots {_told(request.lots)} have {plain(units)} units, and {plain(quantity)} are to be closed"
            return Refusal("lots", told)
        return self.unnamed(plan, quantity, held)

    def unnamed(self, plan: Plan, quantity: Decimal, held: Decimal) -> Refusal | None:
        """Why an order that closes a part of a position has to name lots, or None."""
        if plan.role != "exit" or self._order_of[plan.side] != "specific" or quantity >= abs(held):
            return None
        side = "long" if plan.side == "sell" else "short"
        told = f"{plain(quantity)} of {plain(abs(held))} units are to be closed"
        return Refusal("lots", f"{told}, and portfolio.lots.{side} is specific: name the lots")


def _told(names: Sequence[str] | dict[str, OpenLot]) -> str:
    return ", ".join(names) or "none"
