"""Exact amounts: shares of a whole, values of fills, a currency's minor unit."""

from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache

from qtrader.errors import ConfigError, LedgerError
from qtrader.ports import money

ZERO = Decimal(0)
ONE = Decimal(1)
SCALE = Decimal("0.00000001")
"""The finest step of an amount, and of lots that a split has cut."""
LARGEST_AMOUNT = Decimal("1E+30")
"""Amounts stay below this: contracts and log columns have 30 digits before the point."""
LARGEST_QUANTITY = Decimal("1E+20")
"""Quantities stay below this: contracts and log columns have 20 digits before the point."""


def share(total: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """The part of an indivisible total that goes with ``part`` of ``whole``; the rest is total minus it."""
    return (total * part / whole).quantize(SCALE, ROUND_HALF_EVEN)


def exact_value(quantity: Decimal, price: Decimal, multiplier: Decimal) -> Decimal:
    """What a quantity is worth, unrounded. Raises LedgerError when no book could hold the number."""
    value = quantity * price * multiplier
    if not -LARGEST_AMOUNT < value < LARGEST_AMOUNT:
        raise LedgerError(
            f"{quantity:E} units at {price:E} x {multiplier} are worth {value:E}; "
            f"amounts must stay below {LARGEST_AMOUNT:E}. Look for a wrong price or quantity"
        )
    return value


def value_of(quantity: Decimal, price: Decimal, multiplier: Decimal) -> Decimal:
    """What a quantity is worth, to 10^-8. Raises LedgerError when no book could hold the number."""
    if not quantity:
        return ZERO  # a closed position: the mark does not matter
    return exact_value(quantity, price, multiplier).quantize(SCALE, ROUND_HALF_EVEN)


@cache
def minor_unit(currency: str) -> Decimal:
    """The step in which brokers pay a currency: 0.01 for USD, 1 for JPY. Raises ConfigError for no ISO 4217 code."""
    from iso4217 import Currency  # reads its table when imported

    try:
        exponent = Currency(currency).exponent
    except ValueError:
        raise ConfigError(
            f"{currency!r} is not an ISO 4217 currency. Write a code such as USD, EUR or JPY as the account's currency"
        ) from None
    return SCALE if exponent is None else ONE.scaleb(-exponent)


def round_to_minor(amount: Decimal, currency: str) -> Decimal:
    """Round as a broker pays: half-even to the currency's minor unit."""
    return money(amount.quantize(minor_unit(currency), ROUND_HALF_EVEN))


def whole_steps(numerator: Decimal, denominator: Decimal, step: Decimal) -> Decimal:
    """The most whole steps that fit into numerator / denominator, as a quantity; both sides of zero toward zero."""
    return numerator // (denominator * step) * step
