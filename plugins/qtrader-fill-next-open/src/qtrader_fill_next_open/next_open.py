"""Market orders fill at the open of the first bar after they were accepted."""

from dataclasses import dataclass

from qtrader.ports import BarValue, FillDecision, WorkingOrder


@dataclass(frozen=True)
class NextOpen:
    """Fill a market order, whole, at the open of the next bar of its instrument; other order types are left alone."""

    @property
    def same_bar(self) -> bool:
        """Never the bar that the order was decided on."""
        return False

    def decide(self, order: WorkingOrder, bar: BarValue) -> FillDecision | None:
        """All of a market order at the bar's open; nothing where nothing traded."""
        if order.order_type != "market" or bar.volume == 0:
            return None
        return FillDecision(order.quantity, bar.open, "open")
