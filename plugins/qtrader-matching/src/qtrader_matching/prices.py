"""The four prices of a bar, and the same bar seen from the other side."""

from decimal import Decimal
from typing import NamedTuple

from qtrader.ports import BarValue, Side


class Prices(NamedTuple):
    """Open, high, low and close at which one side can trade."""

    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal

    @classmethod
    def of(cls, bar: BarValue) -> "Prices":
        """The trades of a bar."""
        return cls(bar.open, bar.high, bar.low, bar.close)

    @classmethod
    def quoted(cls, bar: BarValue, side: Side) -> "Prices | None":
        """What one side can trade at: a buyer the asks, a seller the bids. None where the bar has not all of them."""
        if side == "buy":
            found = bar.ask_open, bar.ask_high, bar.ask_low, bar.ask_close
        else:
            found = bar.bid_open, bar.bid_high, bar.bid_low, bar.bid_close
        known = [price for price in found if price is not None]
        return cls(*known) if len(known) == len(found) else None

    def mirrored(self) -> "Prices":
        """The bar upside down: what is good for a seller is good for a buyer there."""
        return Prices(-self.open, -self.low, -self.high, -self.close)

    def at(self, price: Decimal) -> "Prices":
        """A bar of one price."""
        return Prices(price, price, price, price)
