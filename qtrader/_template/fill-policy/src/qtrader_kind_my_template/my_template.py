"""Fill in the middle of the next bar."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from qtrader.ports import BarValue, FillDecision, NonNegative, WorkingOrder


@dataclass(frozen=True)
class MyTemplateFill:
    """Fill market orders between the low and the high of the next bar in which at least ``volume`` was traded."""

    volume: NonNegative = Decimal(1)
    """The least volume of a bar that fills anything; a bar whose volume is unknown always does."""

    same_bar: ClassVar[bool] = False
    """An order waits for the bar after the one on which it was decided."""

    def decide(self, order: WorkingOrder, bar: BarValue) -> FillDecision | None:
        """The whole order in the middle of the bar, or nothing."""
        quiet = bar.volume is not None and (bar.volume == 0 or bar.volume < self.volume)
        if order.order_type != "market" or quiet:
            return None
        return FillDecision(order.quantity, (bar.low + bar.high) / 2)
