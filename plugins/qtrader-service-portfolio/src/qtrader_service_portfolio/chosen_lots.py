"""Lots that strategies choose: what orders name, and which lots a fill of one of them takes."""

from typing import TYPE_CHECKING

from qtrader.events import OpenLot
from qtrader.ports import Snapshot
from qtrader.ports.settings import LotSettings
from qtrader_service_portfolio.book import Book

if TYPE_CHECKING:
    from qtrader.events import FillEvent, OrderEvent


class ChosenLots:
    """The lots that orders have named, by order. False where ``portfolio.lots`` lets nobody choose."""

    def __init__(self, orders: LotSettings) -> None:
        self._sides = [side for side in ("long", "short") if getattr(orders, side) == "specific"]
        self._named: dict[str, tuple[str, ...]] = {}

    def __bool__(self) -> bool:
        """Whether strategies may choose on either side."""
        return bool(self._sides)

    def hear(self, order: "OrderEvent") -> None:
        """Remember the lots that an order names."""
        self._named[order.order_id] = order.lots

    def of_fill(self, book: Book, fill: "FillEvent") -> tuple[int, ...]:
        """The numbers of the lots that a fill may close, in their order.

        They are those that its order named, as far as they are still open; all, oldest first, where it named none.
        """
        side = book.lots.side
        if side not in self._sides or (side == "long") == (fill.side == "buy"):
            return ()
        is_open = {book.lot_id(lot): lot.number for lot in book.lots.by_age}
        named = self._named.get(fill.source_order_id, tuple(is_open))
        return tuple(is_open[one] for one in named if one in is_open)

    def told(self, book: Book) -> tuple[OpenLot, ...]:
        """The open lots of a book, oldest first, where a strategy may choose among them."""
        if book.lots.side not in self._sides:
            return ()
        return tuple(
            OpenLot(lot_id=book.lot_id(lot), quantity=lot.quantity, cost=lot.cost, price=lot.price, opened=lot.opened)
            for lot in book.lots.by_age
        )

    def snapshot(self) -> Snapshot:
        """Everything as plain JSON values."""
        return {order_id: list(lots) for order_id, lots in self._named.items()}

    def restore(self, snapshot: Snapshot) -> None:
        """Become the choice that made the snapshot."""
        self._named = {order_id: tuple(lots) for order_id, lots in snapshot.items()}
