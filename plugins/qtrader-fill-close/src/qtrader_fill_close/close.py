"""Market orders fill at a bar's close: the next bar's, or the very bar that they were decided on; others as they do."""

from dataclasses import dataclass
from typing import Literal

from qtrader.ports import BarValue, FillDecision, WorkingOrder
from qtrader_matching import Prices, decide


@dataclass(frozen=True)
class Close:
    """Fill a market order at a bar's close; limits and stops where they are reached.

    ``same_bar`` false: the close of the next bar of the instrument. ``same_bar`` true: the close that the decision was
    made on. Nobody trades at a price that is known only when the market has shut, so such fills are marked optimistic.
    Limits and stops begin to work at the next bar in any case.
    """

    same_bar: bool = False
    """Whether the bar of the decision fills; such fills are marked optimistic."""

    touch: bool = False
    """Whether a limit fills that prices only touch; else they must trade through it."""

    path: Literal["adverse", "favourable"] = "adverse"
    """Of a stop and a target in one bar: the stop goes off (adverse), or the target fills (favourable, optimistic)."""

    def decide(self, order: WorkingOrder, bar: BarValue) -> FillDecision | None:
        """All of an order, by the rules of its type; nothing where nothing traded."""
        if bar.volume == 0:
            return None
        decision = decide(order, Prices.of(bar), at="close", touch=self.touch)
        if decision is None or not self.same_bar or order.order_type != "market":
            return decision
        return decision._replace(optimistic=True)
