"""What can be borrowed to be sold short."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from qtrader.ports import Intent, RiskView, Verdict
from qtrader_service_manager.cases import shown


@dataclass(frozen=True)
class Lending:
    """Units that can be borrowed, by symbol: the account may be short of so many, what is on its way included."""

    available: Mapping[str, Decimal]

    def check(self, intent: Intent, books: RiskView) -> Verdict:
        """Whether a sale leaves the account short of more than can be borrowed. Strategies are netted."""
        if intent.side == "buy":
            return Verdict("pass")
        held, lent = books.quantity(intent.symbol), self.available[intent.symbol]
        short = intent.quantity - held
        if short <= lent:
            return Verdict("pass")
        reason = f"{shown(short)} units would be short and {shown(lent)} can be borrowed (portfolio.borrow.available)"
        units = lent + held
        return Verdict("shrink", units, reason) if units > 0 else Verdict("refuse", None, reason)
