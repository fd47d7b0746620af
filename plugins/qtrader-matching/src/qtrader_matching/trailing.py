"""Where the stop of a trailing order stands."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from qtrader.ports import LEDGER, Side

FINEST = Decimal("0.00000001")
HUNDRED = Decimal(100)


def first_stop(side: Side, price: Decimal, amount: Decimal | None, percent: Decimal | None) -> Decimal:
    """The stop of a trailing order as it starts at a price: ``amount`` away from it, or ``percent`` of it.

    A sell stop is below, a buy stop above; to 10^-8, away from the price. Raises ValueError without a distance.
    """
    if amount is not None:
        distance = amount
    elif percent is not None:
        distance = LEDGER.divide(LEDGER.multiply(abs(price), percent), HUNDRED)
    else:
        raise ValueError("a trailing stop needs trail_amount or trail_percent: neither is given")
    stop = LEDGER.add(price, distance) if side == "buy" else LEDGER.subtract(price, distance)
    return stop.quantize(FINEST, ROUND_CEILING if side == "buy" else ROUND_FLOOR, LEDGER)
