"""At most so many units of one symbol."""

from dataclasses import dataclass
from decimal import Decimal

from qtrader.ports import BooksView, Intent, Positive, Verdict


@dataclass(frozen=True)
class MyTemplateLimit:
    """Let no order take a position beyond ``units``, long or short: shrink it to what fits, or refuse it."""

    units: Positive = Decimal(1000)
    """The most units of one symbol, long or short; above 0."""

    def check(self, intent: Intent, books: BooksView) -> Verdict:
        """Pass, shrink or refuse one intent, and say why."""
        held = books.quantity(intent.symbol)
        room = self.units - (held if intent.side == "buy" else -held)
        if intent.quantity <= room:
            return Verdict("pass")
        reason = f"{intent.side} {intent.quantity} {intent.symbol} beside {held} held: at most {self.units} units"
        return Verdict("shrink", room, reason) if room > 0 else Verdict("refuse", None, reason)
