"""What a fill costs: prices rounded against the trader, fees in the currency's minor unit."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from functools import cache

from qtrader.ports import LEDGER, Instrument, Side, WorkingOrder, money

FINEST = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class Terms:
    """What of an instrument matters to a fill; ``minor`` is the step in which its currency is charged."""

    tick: Decimal | None
    lot: Decimal
    multiplier: Decimal
    currency: str
    minor: Decimal

    @classmethod
    def of(cls, instrument: Instrument) -> "Terms":
        """Read them off an instrument."""
        currency = instrument.currency
        return cls(instrument.tick, instrument.lot, instrument.multiplier, currency, minor_unit(currency))


@cache
def minor_unit(currency: str) -> Decimal:
    """The step in which a broker charges a currency: 0.01 for USD, 1 for JPY, 10^-8 without an ISO 4217 code."""
    from iso4217 import Currency  # reads its table when imported

    try:
        exponent = Currency(currency).exponent
    except ValueError:
        return FINEST
    return FINEST if exponent is None else Decimal(1).scaleb(-exponent)


def traded_price(reference: Decimal, adjusted: Decimal, side: Side, tick: Decimal | None) -> Decimal:
    """The price after slippage on a price that exists: a whole tick, else at most 8 decimals, against the trader."""
    rounding = ROUND_CEILING if side == "buy" else ROUND_FLOOR
    if tick is not None:
        if not LEDGER.remainder(adjusted, tick):
            return adjusted
        return LEDGER.multiply(LEDGER.divide(adjusted, tick).to_integral_value(rounding), tick)
    if adjusted == reference:
        return adjusted
    step = FINEST if reference == reference.quantize(FINEST, ROUND_FLOOR, LEDGER) else reference
    rounded = adjusted.quantize(step, rounding, LEDGER)
    return adjusted if rounded == adjusted else rounded


def within_limit(price: Decimal, order: WorkingOrder, reference: Decimal) -> Decimal:
    """A price after slippage, which no more than eats up what a limit leaves; ``reference`` is the price before."""
    limit = order.limit_price
    if limit is None:
        return price
    return min(price, max(limit, reference)) if order.side == "buy" else max(price, min(limit, reference))


def charged_fee(fee: Decimal, minor: Decimal | None) -> Decimal:
    """A fee as the broker charges it: in steps of ``minor``, half-even; None keeps the ledger's 8 decimals."""
    return money(fee) if minor is None else fee.quantize(minor, ROUND_HALF_EVEN, LEDGER)


def whole_lots(quantity: Decimal, lot: Decimal) -> Decimal:
    """The most whole lots in a quantity."""
    return LEDGER.multiply(LEDGER.divide_int(quantity, lot), lot)
