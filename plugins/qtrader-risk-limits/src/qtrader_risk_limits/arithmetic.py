"""What every limit here counts with: how far one position may go, and how much of a trade fits.

Amounts are signed, short negative, and either all units or all money.
"""

from collections.abc import Callable, Mapping
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from functools import wraps
from typing import Literal, NamedTuple, ParamSpec, TypeVar

from qtrader.ports import BooksView, Intent, RiskView, Verdict, ledger_context, plain

P = ParamSpec("P")
T = TypeVar("T")
Unknown = Literal["allow", "refuse"]
"""What to do with a trade of which a fact is not known."""
ZERO = Decimal(0)
FINEST = Decimal("0.00000001")
"""Shrunk quantities are rounded down to it."""


class Band(NamedTuple):
    """The lowest and the highest that a position may be after a trade."""

    low: Decimal
    high: Decimal


class Answer(NamedTuple):
    """Whether a trade fits, why with the numbers, and how much of it does; ``room`` may be below zero."""

    ok: bool
    reason: str
    room: Decimal


def exact(function: Callable[P, T]) -> Callable[P, T]:
    """Have a function count in the ledger's decimal context, whatever context its caller is in."""

    @wraps(function)
    def counted(*args: P.args, **kwargs: P.kwargs) -> T:
        with ledger_context():
            return function(*args, **kwargs)

    return counted


def share(pct: Decimal | float) -> Decimal:
    """Read a share of a whole, 0 to 1; a float is read as the decimal text it prints: 0.1 is a tenth, exactly.

    Raises ValueError for anything else.
    """
    found = Decimal(repr(pct)) if isinstance(pct, float) else Decimal(pct)
    if not (found.is_finite() and 0 <= found <= 1):
        raise ValueError(f"max_pct {pct} is no share of a whole: write 0 to 1, such as 0.2 for 20 percent")
    return found


def told(value: Decimal) -> str:
    """Write a number for people, to 8 decimals."""
    return plain(value.quantize(FINEST, ROUND_HALF_EVEN))


def told_share(value: Decimal, base: Decimal, name: str) -> str:
    """Write an amount and what part of a base it is, to 6 decimals; of no base there is no part."""
    whole = f"of the {name} of {told(base)}"
    if base <= 0:
        return f"{told(value)} {whole}"
    return f"{told(value)}, {plain((value / base).quantize(Decimal('0.000001'), ROUND_HALF_EVEN))} {whole}"


def around(most: Decimal) -> Band:
    """As much long as short; nothing where ``most`` is negative."""
    return Band(-max(most, ZERO), max(most, ZERO))


def closing(held: Decimal, change: Decimal) -> Decimal:
    """How much of a trade only closes what is held: zero or more, and never more than the trade."""
    return min(abs(held), abs(change)) if held * change < 0 else ZERO


def weigh(held: Decimal, change: Decimal, band: Band, reason: str) -> Answer:
    """Whether a position stays in its band; what only reduces it fits wherever it is."""
    closes = closing(held, change)
    if closes == abs(change):
        return Answer(True, f"a trade of {told(change)} only reduces the {told(held)} that are held", closes)
    room = max(band.high - held if change > 0 else held - band.low, closes)
    return Answer(abs(change) <= room, reason, room)


def refusal(held: Decimal, change: Decimal, reason: str) -> Answer:
    """Let nothing through but what only reduces a position."""
    return weigh(held, change, Band(held, held), reason)


def units(intent: Intent) -> Decimal:
    """The signed units of an intent."""
    return intent.quantity if intent.side == "buy" else -intent.quantity


def positions(intent: Intent, books: RiskView) -> dict[str, Decimal]:
    """The account's exposures, that in the intent's symbol at the intent's own price."""
    return {**books.exposures(), intent.symbol: held_value(intent, books)}


def held_value(intent: Intent, books: BooksView) -> Decimal:
    """What is held of the intent's symbol, at the intent's price."""
    return books.quantity(intent.symbol) * intent.unit_value


def without(current_positions: Mapping[str, Decimal], symbol: str) -> list[Decimal]:
    """The positions in all other symbols."""
    return [value for name, value in current_positions.items() if name != symbol]


def judge(intent: Intent, answer: Answer, per_unit: Decimal) -> Verdict:
    """The verdict on an intent: what fits of it, rounded down to 8 decimals; ``per_unit`` is what one unit takes up."""
    if answer.ok:
        return Verdict("pass")
    left = (answer.room / abs(per_unit)).quantize(FINEST, ROUND_DOWN) if answer.room > 0 and per_unit else ZERO
    reason = f"{intent.side} {told(intent.quantity)} {intent.symbol}: {answer.reason}"
    return Verdict("shrink", left, reason) if left > 0 else Verdict("refuse", None, reason)
