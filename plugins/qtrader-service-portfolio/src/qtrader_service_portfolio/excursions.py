"""How far a lot was under water and above it while it was held: MAE and MFE of a trade."""

from decimal import Decimal
from typing import TYPE_CHECKING

from qtrader.events import to_ns
from qtrader_service_portfolio.amounts import ZERO, value_of
from qtrader_service_portfolio.book import Book
from qtrader_service_portfolio.models import ClosedLot

if TYPE_CHECKING:
    from qtrader.ports import Wiring


class Excursions:
    """Maximum adverse and favourable excursion of units that leave, in money, found when they leave.

    Seen are the lows and highs of the bars that ended after the entry, up to and including the bar of the exit, whole
    bars: where in its first and last bar a lot was opened and closed nobody knows. Prices before a split are restated.
    The entry (no profit) and the exit (the profit that was made) count, too. Callers are in the ledger's context.
    """

    def __init__(self, wiring: "Wiring") -> None:
        self._extremes = wiring.market.extremes

    def of(self, book: Book, part: ClosedLot) -> tuple[Decimal, Decimal] | tuple[None, None]:
        """The worst and the best profit before fees; None where no bar was seen, or splits are not known."""
        seen = self._extremes(book.symbol, to_ns(part.lot.opened))
        if seen is None:
            return None, None
        low, high = (value_of(part.quantity, price, book.multiplier) for price in seen)
        gross = part.gross
        if part.lot.side == "long":
            return min(ZERO, gross, low - part.cost), max(ZERO, gross, high - part.cost)
        return min(ZERO, gross, part.cost - high), max(ZERO, gross, part.cost - low)
