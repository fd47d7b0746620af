"""When to stop after a fall from the highest equity."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from qtrader.ports import Intent, Ratio, RiskView, Verdict, ledger_context, plain


def check_drawdown_limit(peak: Decimal, equity: Decimal, max_pct: Decimal | float) -> tuple[bool, str]:
    """Whether equity is at most the share ``max_pct`` (0 to 1) below its peak, and why.

    Below a peak of zero or less it is not ok: there is nothing to lose. A float ``max_pct`` is read as the decimal text
    it prints. Raises ValueError for a share that is none.
    """
    with ledger_context():
        return _drawdown(peak, equity, _share(max_pct))


def _drawdown(peak: Decimal, equity: Decimal, pct: Decimal) -> tuple[bool, str]:
    if peak <= 0:
        return False, f"the highest equity was {_told(peak)}: there is nothing to lose"
    fall, most = peak - equity, peak * pct
    if fall <= 0:
        return True, f"equity of {_told(equity)} is not below its highest, {_told(peak)}"
    part = plain((fall / peak).quantize(Decimal("0.000001"), ROUND_HALF_EVEN))
    reason = f"equity of {_told(equity)} is {_told(fall)}, {part}, below its highest, {_told(peak)}"
    return fall <= most, f"{reason}: at most {_told(pct)}, {_told(most)}"


def _share(pct: Decimal | float) -> Decimal:
    found = Decimal(repr(pct)) if isinstance(pct, float) else Decimal(pct)
    if not (found.is_finite() and 0 <= found <= 1):
        raise ValueError(f"max_pct {pct} is no share of a whole: write 0 to 1, such as 0.2 for 20 percent")
    return found


def _told(value: Decimal) -> str:
    """Write a number for people, to 8 decimals."""
    return plain(value.quantize(Decimal("0.00000001"), ROUND_HALF_EVEN))


@dataclass(frozen=True)
class DrawdownLimit:
    """Refuse new exposure while equity is more than the share ``max_pct`` below its highest at a session's end.

    What only reduces a position passes; an order that would turn one around is shrunk to what closes it.
    """

    max_pct: Ratio
    """The largest fall from the highest equity, as a share of it, 0 to 1."""

    def check(self, intent: Intent, books: RiskView) -> Verdict:
        """Pass, or refuse all but what closes."""
        with ledger_context():
            ok, told = _drawdown(books.peak_equity, books.equity, self.max_pct)
            held = books.quantity(intent.symbol)
            closes = max(-held if intent.side == "buy" else held, Decimal(0))
            if ok or intent.quantity <= closes:
                return Verdict("pass")
            reason = f"{intent.side} {_told(intent.quantity)} {intent.symbol}: {told}"
            return Verdict("shrink", closes, reason) if closes else Verdict("refuse", None, reason)
