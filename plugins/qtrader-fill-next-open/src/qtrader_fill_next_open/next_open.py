"""Market orders fill at the open of the first bar after they were accepted, others where their price is reached."""

from dataclasses import dataclass
from typing import Literal

from qtrader.ports import BarValue, FillDecision, WorkingOrder
from qtrader_matching import Prices, decide


@dataclass(frozen=True)
class NextOpen:
    """Fill a market order at the open of the next bar of its instrument; limits and stops where they are reached."""

    touch: bool = False
    """Whether a limit fills that prices only touch; else they must trade through it."""

    path: Literal["adverse", "favourable"] = "adverse"
    """Of a stop and a target in one bar: the stop goes off (adverse), or the target fills (favourable, optimistic)."""

    @property
    def same_bar(self) -> bool:
        """Never the bar that the order was decided on."""
        return False

    def decide(self, order: WorkingOrder, bar: BarValue) -> FillDecision | None:
        """All of an order, by the rules of its type; nothing where nothing traded."""
        return None if bar.volume == 0 else decide(order, Prices.of(bar), touch=self.touch)
