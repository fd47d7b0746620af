"""What can be borrowed to be sold short."""

from collections.abc import Mapping
from decimal import Decimal

from qtrader.ports import LEDGER, Intent, RiskView, Verdict
from qtrader_service_manager.account_view import ProjectedBooks
from qtrader_service_manager.cases import shown


class Lending:
    """Units that can be borrowed, by symbol: of so many the account may be short.

    Strategies are netted, and working sales count. Working purchases do not: until they fill there is nothing to give
    back.
    """

    def __init__(self, available: Mapping[str, Decimal], books: ProjectedBooks) -> None:
        self.available, self._books = available, books

    def check(self, intent: Intent, books: RiskView) -> Verdict:  # noqa: ARG002 - what limits see counts purchases, too
        """Whether a sale leaves the account short of more than can be borrowed."""
        if intent.side == "buy":
            return Verdict("pass")
        short, lent = self._books.short(intent.symbol), self.available[intent.symbol]
        after = LEDGER.add(short, intent.quantity)
        if after <= lent:
            return Verdict("pass")
        reason = f"{shown(after)} units would be short and {shown(lent)} can be borrowed (portfolio.borrow.available)"
        units = LEDGER.subtract(lent, short)
        return Verdict("shrink", units, reason) if units > 0 else Verdict("refuse", None, reason)
