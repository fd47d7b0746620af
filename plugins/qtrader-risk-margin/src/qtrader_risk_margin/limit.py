"""Let nothing be opened whose initial margin equity does not cover."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple

from qtrader.ports import Intent, Ratio, RiskView, Verdict, ledger_context
from qtrader_risk_margin.requirements import INITIAL_LONG, INITIAL_SHORT, required, told

ZERO = Decimal(0)
FINEST = Decimal("0.00000001")
"""Shrunk quantities are rounded down to it."""


class Answer(NamedTuple):
    """Whether a trade is covered, why with the numbers, and how much money of it is."""

    ok: bool
    reason: str
    room: Decimal


def check_buying_power_limit(
    equity: Decimal,
    exposures: Mapping[str, Decimal],
    new_symbol: str,
    new_size: Decimal,
    *,
    long: Decimal = INITIAL_LONG,
    short: Decimal = INITIAL_SHORT,
) -> tuple[bool, str]:
    """Whether equity covers the initial requirement after a trade, and why: Regulation T, 12 CFR 220.12(a) and (c)(1).

    ``exposures`` are signed market values by symbol, short negative; ``new_size`` is the signed money that the trade
    adds to ``new_symbol``. What only reduces that position is ok.
    """
    with ledger_context():
        return _weigh(equity, exposures, new_symbol, new_size, long, short)[:2]


def _weigh(
    equity: Decimal, exposures: Mapping[str, Decimal], symbol: str, change: Decimal, long: Decimal, short: Decimal
) -> Answer:
    held = exposures.get(symbol, ZERO)
    closes = min(abs(held), abs(change)) if held * change < 0 else ZERO
    if closes == abs(change):
        return Answer(True, f"a trade of {told(change)} only reduces the {told(held)} that are held", closes)
    others = {name: value for name, value in exposures.items() if name != symbol}
    after = required({**others, symbol: held + change}, long, short)
    free = equity - required(others, long, short)
    room = max(free / long - held if change > 0 else free / short + held, closes)
    reason = f"initial margin would take {told(after)}: equity is {told(equity)}"
    return Answer(after <= equity or abs(change) <= room, reason, room)


@dataclass(frozen=True)
class BuyingPowerLimit:
    """Let no order take the initial requirement of all positions beyond equity: shrink to what is covered, or refuse.

    The requirement is that of Regulation T, 12 CFR 220.12(a) and (c)(1), on the account as if all working orders had
    filled: a half of longs and a half of shorts, where the broker does not ask for more. What only reduces a position
    passes. Not for futures, which have margins of their own.
    """

    long: Ratio = INITIAL_LONG
    """The share of longs that equity must cover, above 0 and at most 1."""
    short: Ratio = INITIAL_SHORT
    """The share of shorts that equity must cover, above 0 and at most 1."""

    def __post_init__(self) -> None:
        """Refuse positions that take no margin at all."""
        required({}, self.long, self.short)

    def check(self, intent: Intent, books: RiskView) -> Verdict:
        """Pass, shrink or refuse one intent."""
        with ledger_context():
            signed = intent.quantity if intent.side == "buy" else -intent.quantity
            current = {**books.exposures(), intent.symbol: books.quantity(intent.symbol) * intent.unit_value}
            answer = _weigh(books.equity, current, intent.symbol, signed * intent.unit_value, self.long, self.short)
            if answer.ok:
                return Verdict("pass")
            room, per_unit = max(answer.room, ZERO), abs(intent.unit_value)
            left = (room / per_unit).quantize(FINEST, ROUND_DOWN) if per_unit else ZERO
            reason = f"{intent.side} {told(intent.quantity)} {intent.symbol}: {answer.reason}"
            return Verdict("shrink", left, reason) if left > 0 else Verdict("refuse", None, reason)
