"""Orders meet the quotes: a buyer pays the ask, a seller gets the bid."""

from dataclasses import dataclass
from typing import Literal

from qtrader.errors import RunError
from qtrader.ports import BarValue, FillDecision, WorkingOrder
from qtrader_matching import Prices, decide

RESTING = ("limit", "stop", "stop_limit", "trailing_stop")
"""Types that wait for a price."""


@dataclass(frozen=True)
class Quote:
    """Fill every order type against the asks (buys) or bids (sells) of a bar, which must carry both.

    Limits and stops are reached when the quote of their side reaches them.
    """

    at: Literal["open", "close"] = "open"
    """Whether market orders fill at the first or the last quote of the next bar."""
    touch: bool = False
    """Whether a limit fills that quotes only touch; else they must go through it."""
    resting: Literal["quotes", "trades"] = "quotes"
    """Whether limits and stops meet the quotes of their side, or the trades of a bar."""
    same_bar: bool = False
    """Whether market orders fill at the last quote of the bar of the decision; such fills are marked optimistic."""

    path: Literal["adverse", "favourable"] = "adverse"
    """Of a stop and a target in one bar: the stop goes off (adverse), or the target fills (favourable, optimistic)."""

    def decide(self, order: WorkingOrder, bar: BarValue) -> FillDecision | None:
        """All of an order, by the rules of its type; nothing where nothing traded. Raises RunError without quotes."""
        if bar.volume == 0:
            return None
        if self.resting == "trades" and order.order_type in RESTING:
            return decide(order, Prices.of(bar), at=self.at, touch=self.touch)
        prices = Prices.quoted(bar, order.side)
        if prices is None:
            raise RunError(
                f"the bar of {bar.symbol} at {bar.time.isoformat()} has no {'ask' if order.side == 'buy' else 'bid'} "
                f"prices, and fill policy quote fills at nothing else. Use a source with bid and ask, or another policy"
            )
        at_once = self.same_bar and order.order_type == "market"
        decision = decide(order, prices, at="close" if at_once else self.at, touch=self.touch)
        return decision._replace(optimistic=True) if decision is not None and at_once else decision
