"""Orders meet the quotes: a buyer pays the ask, a seller gets the bid."""

from dataclasses import dataclass
from typing import Literal

from qtrader.errors import RunError
from qtrader.ports import BarValue, FillDecision, WorkingOrder
from qtrader_matching import Prices, decide


@dataclass(frozen=True)
class Quote:
    """Fill every order type against the asks (buys) or bids (sells) of a bar, which must carry both.

    Limits and stops are reached when the quote of their side reaches them.
    """

    at: Literal["open", "close"] = "open"
    """Whether market orders fill at the first or the last quote of the next bar."""
    touch: bool = False
    """Whether a limit fills that quotes only touch; else they must go through it."""

    @property
    def same_bar(self) -> bool:
        """Never the bar that the order was decided on."""
        return False

    def decide(self, order: WorkingOrder, bar: BarValue) -> FillDecision | None:
        """All of an order, by the rules of its type; nothing where nothing traded. Raises RunError without quotes."""
        if bar.volume == 0:
            return None
        prices = Prices.quoted(bar, order.side)
        if prices is None:
            raise RunError(
                f"the bar of {bar.symbol} at {bar.time.isoformat()} has no {'ask' if order.side == 'buy' else 'bid'} "
                f"prices, and fill policy quote fills at nothing else. Use a source with bid and ask, or another policy"
            )
        return decide(order, prices, at=self.at, touch=self.touch)
