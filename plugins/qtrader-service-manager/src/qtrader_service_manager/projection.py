"""What is held and what is on its way: positions from events, plus every order that still works."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from qtrader.events import OrderUpdateEvent, PositionEvent
from qtrader.ports import LEDGER, Side, plain
from qtrader_service_manager.plans import ZERO, Standing

PROTECTIVE = ("stop_loss", "take_profit")
"""Roles of orders that end a position if prices say so: nobody counts on them."""


class Working(NamedTuple):
    """An order that was sent and has not ended; ``value`` is what all of it was worth when it was decided."""

    order_id: str
    strategy_id: str
    symbol: str
    side: Side
    role: str
    quantity: Decimal
    leaves: Decimal
    value: Decimal

    @property
    def signed(self) -> Decimal:
        """What is left, negative for a sale."""
        return self.leaves if self.side == "buy" else -self.leaves

    @property
    def reserved(self) -> Decimal:
        """The money that the rest of a purchase will take."""
        if self.side == "sell":
            return ZERO
        return LEDGER.divide(LEDGER.multiply(self.value, self.leaves), self.quantity)


class Projection:
    """Positions and working orders by strategy and symbol."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], Decimal] = {}
        self._working: dict[str, Working] = {}
        self._of: dict[tuple[str, str], dict[str, Working]] = {}

    def hold(self, event: PositionEvent) -> None:
        """Remember what is held."""
        key = (event.strategy_id, event.symbol)
        if event.quantity:
            self._held[key] = event.quantity
        else:
            self._held.pop(key, None)

    def send(self, order: Working) -> None:
        """Count an order from the moment it is decided."""
        order_id, strategy_id, symbol = order[:3]
        self._working[order_id] = order
        mine = self._of.get((strategy_id, symbol))
        if mine is None:
            mine = self._of[strategy_id, symbol] = {}
        mine[order_id] = order

    def update(self, event: OrderUpdateEvent) -> None:
        """Follow a working order; forget it when it has ended."""
        order = self._working.get(event.order_id)
        if order is None:
            return
        if event.status.final:
            order_id, strategy_id, symbol = order[:3]
            mine = self._of[strategy_id, symbol]
            del self._working[order_id], mine[order_id]
            if not mine:
                del self._of[strategy_id, symbol]
        elif (event.quantity, event.leaves_quantity) != (order.quantity, order.leaves):
            self.send(order._replace(quantity=event.quantity, leaves=event.leaves_quantity))

    def working(self, order_id: str) -> Working | None:
        """A working order by its id."""
        return self._working.get(order_id)

    def standing(self, strategy_id: str, symbol: str) -> Standing:
        """Where one strategy stands in one symbol."""
        key = (strategy_id, symbol)
        held = self._held.get(key, ZERO)
        orders = self._of.get(key)
        if orders is None:
            return Standing(held, held)
        own = [order for order in orders.values() if order.role not in PROTECTIVE]
        ids = {"exit" if order.role == "exit" else "entry": order.order_id for order in own}
        projected = sum((order.signed for order in own), held)
        return Standing(held, projected, ids.get("entry"), ids.get("exit"))

    def protecting(self, strategy_id: str, symbol: str) -> list[Working]:
        """The working stops and targets of one strategy's position."""
        return [one for one in self._of.get((strategy_id, symbol), {}).values() if one.role in PROTECTIVE]

    @property
    def reserved(self) -> Decimal:
        """The money that working purchases will take."""
        return sum((order.reserved for order in self._working.values()), ZERO)

    @property
    def symbols(self) -> list[str]:
        """Every symbol that is held or that an order works in, by name."""
        return sorted({symbol for _, symbol in (*self._held, *self._of)})

    def on_its_way(self, symbol: str, strategy_id: str | None = None) -> Decimal:
        """Signed units that working orders will add."""
        return sum(
            (
                order.signed
                for order in self._working.values()
                if order.symbol == symbol and strategy_id in (None, order.strategy_id) and order.role not in PROTECTIVE
            ),
            ZERO,
        )

    def for_sale(self, symbol: str) -> Decimal:
        """Units of a symbol that working orders will sell, whoever sent them."""
        working = self._working.values()
        sales = (one for one in working if one.symbol == symbol and one.side == "sell" and one.role not in PROTECTIVE)
        return sum((order.leaves for order in sales), ZERO)

    def document(self) -> dict[str, Any]:
        """Plain JSON values from which ``restore`` goes on."""
        return {
            "held": [[*key, plain(quantity)] for key, quantity in sorted(self._held.items())],
            "working": [
                [
                    o.order_id,
                    o.strategy_id,
                    o.symbol,
                    o.side,
                    o.role,
                    plain(o.quantity),
                    plain(o.leaves),
                    plain(o.value),
                ]
                for o in self._working.values()
            ],
        }

    def restore(self, document: Mapping[str, Any]) -> None:
        """Become the projection that wrote the document."""
        self._held = {(strategy, symbol): Decimal(units) for strategy, symbol, units in document["held"]}
        self._working, self._of = {}, {}
        for order_id, strategy, symbol, side, role, quantity, leaves, value in document["working"]:
            amounts = (Decimal(quantity), Decimal(leaves), Decimal(value))
            self.send(Working(order_id, strategy, symbol, side, role, *amounts))
