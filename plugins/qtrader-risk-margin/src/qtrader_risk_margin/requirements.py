"""What a margin account must hold for its positions in shares, in the United States.

Initial margin is Regulation T of the Federal Reserve, 12 CFR 220.12: 50 percent of a long's market value (a), and 150
percent of a short's (c)(1), of which the sale itself brought 100, so that 50 are the account's own. Maintenance margin
is FINRA Rule 4210(c): 25 percent of a long's market value (1), 30 percent of a short's (3).

Left out: the least equity of 2,000 dollars (4210(b)), the least amount per share of a short and the rates of shares
below 5 dollars (4210(c)(2) and (3)), what offsets, options and futures need, and the special memorandum account
(12 CFR 220.5). A broker may ask for more: say so with ``long`` and ``short``.

Exposures are signed market values by symbol, short negative; ``long`` and ``short`` are the shares of them to hold.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal

from qtrader.ports import ledger_context, plain

INITIAL_LONG = Decimal("0.50")
"""Of a long, when it is bought: Regulation T, 12 CFR 220.12(a)."""
INITIAL_SHORT = Decimal("0.50")
"""Of a short, when it is sold, beside what it brought: Regulation T, 12 CFR 220.12(c)(1)."""
MAINTENANCE_LONG = Decimal("0.25")
"""Of a long, as long as it is held: FINRA Rule 4210(c)(1)."""
MAINTENANCE_SHORT = Decimal("0.30")
"""Of a short, as long as it is held: FINRA Rule 4210(c)(3)."""


def initial_requirement(
    exposures: Mapping[str, Decimal], *, long: Decimal = INITIAL_LONG, short: Decimal = INITIAL_SHORT
) -> Decimal:
    """The equity that opening these positions takes: Regulation T, 12 CFR 220.12(a) and (c)(1)."""
    return required(exposures, long, short)


def maintenance_requirement(
    exposures: Mapping[str, Decimal], *, long: Decimal = MAINTENANCE_LONG, short: Decimal = MAINTENANCE_SHORT
) -> Decimal:
    """The equity that holding these positions takes: FINRA Rule 4210(c)(1) and (3)."""
    return required(exposures, long, short)


def buying_power(
    equity: Decimal,
    exposures: Mapping[str, Decimal],
    *,
    side: Literal["buy", "sell"] = "buy",
    long: Decimal = INITIAL_LONG,
    short: Decimal = INITIAL_SHORT,
) -> Decimal:
    """How much more can be bought, or sold short: equity beyond the initial requirement over the rate of that side.

    Zero where the requirement (12 CFR 220.12) takes all equity or more; at 50 percent, twice what is beyond it.
    """
    with ledger_context():
        free = max(equity - required(exposures, long, short), Decimal(0))
        return free / (long if side == "buy" else short)


def excess_liquidity(
    equity: Decimal,
    exposures: Mapping[str, Decimal],
    *,
    long: Decimal = MAINTENANCE_LONG,
    short: Decimal = MAINTENANCE_SHORT,
) -> Decimal:
    """Equity beyond the maintenance requirement (FINRA Rule 4210(c)); below zero is what a margin call asks for."""
    with ledger_context():
        return equity - required(exposures, long, short)


def check_maintenance_margin(
    equity: Decimal,
    exposures: Mapping[str, Decimal],
    *,
    long: Decimal = MAINTENANCE_LONG,
    short: Decimal = MAINTENANCE_SHORT,
) -> tuple[bool, str]:
    """Whether equity covers the maintenance requirement (FINRA Rule 4210(c)), and why."""
    with ledger_context():
        needed = required(exposures, long, short)
        return equity >= needed, f"maintenance takes {told(needed)}: equity is {told(equity)}"


def required(exposures: Mapping[str, Decimal], long: Decimal, short: Decimal) -> Decimal:
    """The share ``long`` of all longs and the share ``short`` of all shorts. Raises ValueError for rates of 0 or less.

    What offsets another position is not taken off.
    """
    for name, rate in (("long", long), ("short", short)):
        if not (Decimal(rate).is_finite() and rate > 0):
            raise ValueError(f"{name} {rate} is no margin rate: write a share above 0, such as 0.5 for 50 percent")
    with ledger_context():
        values = list(exposures.values())
        longs = sum((value for value in values if value > 0), Decimal(0))
        shorts = sum((-value for value in values if value < 0), Decimal(0))
        return longs * long + shorts * short


def told(value: Decimal) -> str:
    """Write a number for people, to 8 decimals."""
    return plain(value.quantize(Decimal("0.00000001"), ROUND_HALF_EVEN))
