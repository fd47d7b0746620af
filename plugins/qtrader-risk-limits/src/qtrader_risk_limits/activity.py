"""When to stop for the day, and how much of a bar's volume to be."""

from dataclasses import dataclass
from decimal import Decimal

from qtrader.ports import Intent, Ratio, RiskView, Verdict
from qtrader_risk_limits.arithmetic import (
    ZERO,
    Answer,
    Band,
    Unknown,
    exact,
    judge,
    refusal,
    share,
    told,
    told_share,
    units,
    weigh,
)


@exact
def check_daily_loss_limit(session_equity: Decimal, equity: Decimal, max_pct: Decimal | float) -> tuple[bool, str]:
    """Whether equity is at most the share ``max_pct`` (0 to 1) below that of the last session's end, and why.

    Where there was none to lose, at or below zero, it is not ok. A float ``max_pct`` is read as the text it prints.
    """
    return _loss(session_equity, equity, share(max_pct))


@exact
def check_participation_limit(
    quantity: Decimal, volume: Decimal | None, *, max_pct: Decimal | float, unknown: Unknown = "allow"
) -> tuple[bool, str]:
    """Whether a trade of ``quantity`` units, signed or not, is at most the share ``max_pct`` of ``volume``, and why.

    ``unknown`` says whether a trade is ok where the volume is None.
    """
    return _participation(ZERO, quantity, volume, share(max_pct), unknown)[:2]


def _loss(session_equity: Decimal, equity: Decimal, pct: Decimal) -> tuple[bool, str]:
    if session_equity <= 0:
        return False, f"equity was {told(session_equity)} at the last session's end: there is nothing to lose"
    loss, most = session_equity - equity, session_equity * pct
    if loss <= 0:
        return True, f"equity of {told(equity)} is not below the {told(session_equity)} of the last session's end"
    lost = told_share(loss, session_equity, "equity")
    return loss <= most, f"equity lost {lost} at the last session's end: at most {told(pct)}, {told(most)}"


def _participation(held: Decimal, change: Decimal, volume: Decimal | None, pct: Decimal, unknown: Unknown) -> Answer:
    if volume is None:
        if unknown == "allow":
            return Answer(True, "the volume of the latest bar is not known, which is allowed", abs(change))
        return refusal(held, change, "the volume of the latest bar is not known: write unknown: allow to trade anyway")
    most = volume * pct
    whole = told_share(abs(change), volume, "volume")
    reason = f"the trade would be {whole} in the latest bar: at most {told(pct)}, {told(most)} units"
    return weigh(held, change, Band(held - most, held + most), reason)


@dataclass(frozen=True)
class DailyLossLimit:
    """Refuse new exposure once equity is more than the share ``max_pct`` below that of the session before.

    What only reduces a position passes; an order that would turn one around is shrunk to what closes it.
    """

    max_pct: Ratio
    """The largest loss since the last session's end, as a share of equity then, 0 to 1."""

    @exact
    def check(self, intent: Intent, books: RiskView) -> Verdict:
        """Pass, or refuse all but what closes."""
        ok, reason = _loss(books.session_equity, books.equity, self.max_pct)
        if ok:
            return Verdict("pass")
        return judge(intent, refusal(books.quantity(intent.symbol), units(intent), reason), Decimal(1))


@dataclass(frozen=True)
class ParticipationLimit:
    """Let no order be more than the share ``max_pct`` of the latest bar's volume: shrink to what fits, or refuse.

    Each order is held against the whole bar. What only reduces a position passes.
    """

    max_pct: Ratio
    """The largest share of the latest bar's volume, 0 to 1."""
    unknown: Unknown = "allow"
    """What to do where the volume is not known: allow the order, or refuse it."""

    @exact
    def check(self, intent: Intent, books: RiskView) -> Verdict:
        """Pass, shrink or refuse one intent."""
        held, volume = books.quantity(intent.symbol), books.volume(intent.symbol)
        return judge(intent, _participation(held, units(intent), volume, self.max_pct, self.unknown), Decimal(1))
