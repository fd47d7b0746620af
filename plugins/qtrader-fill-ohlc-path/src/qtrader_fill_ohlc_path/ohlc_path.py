"""Orders follow a path through the bar: open, one extreme, the other, close."""

from dataclasses import dataclass

from qtrader.ports import BarValue, FillDecision, WorkingOrder
from qtrader_matching import Order, Prices, follow, path_of


@dataclass(frozen=True)
class OhlcPath:
    """Fill market orders at the next open, and others where a path through the bar reaches them first.

    Between open and close nobody knows which extreme came first: ``path`` says what is assumed, also of a stop and a
    target that one bar reaches.
    """

    path: Order = "adverse"
    """adverse: the extreme that is bad for the order's side comes first; favourable; high-first; low-first."""
    touch: bool = False
    """Whether a limit fills that prices only touch; else they must trade through it."""

    @property
    def same_bar(self) -> bool:
        """Never the bar that the order was decided on."""
        return False

    def decide(self, order: WorkingOrder, bar: BarValue) -> FillDecision | None:
        """All of an order, where the path reaches it; nothing where nothing traded."""
        if bar.volume == 0:
            return None
        return follow(order, path_of(Prices.of(bar), order.side, self.path), touch=self.touch)
