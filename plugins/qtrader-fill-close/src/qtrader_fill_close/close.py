"""Market orders fill at a bar's close: the next bar's, or the very bar that they were decided on."""

from dataclasses import dataclass

from qtrader.ports import BarValue, FillDecision, WorkingOrder


@dataclass(frozen=True)
class Close:
    """Fill a market order, whole, at a bar's close; other order types are left alone.

    ``same_bar`` false: the close of the next bar of the instrument. ``same_bar`` true: the close that the decision was
    made on. Nobody trades at a price that is known only when the market has shut, so such fills are marked optimistic.
    """

    same_bar: bool = False

    def decide(self, order: WorkingOrder, bar: BarValue) -> FillDecision | None:
        """All of a market order at the bar's close; nothing where nothing traded."""
        if order.order_type != "market" or bar.volume == 0:
            return None
        return FillDecision(order.quantity, bar.close, "close", optimistic=self.same_bar)
