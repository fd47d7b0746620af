"""The same step against the trader in every fill."""

from dataclasses import dataclass
from decimal import Decimal

from qtrader.ports import BarValue, NonNegative, WorkingOrder


@dataclass(frozen=True)
class MyTemplateSlippage:
    """Move the price by ``step`` against the trader: up for buys, down for sells."""

    step: NonNegative = Decimal("0.01")
    """How far the price moves, 0 or more."""

    def adjust(self, price: Decimal, order: WorkingOrder, bar: BarValue) -> Decimal:  # noqa: ARG002 - any bar will do
        """The price after slippage, never better than before."""
        return price + self.step if order.side == "buy" else price - self.step
