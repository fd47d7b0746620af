"""Lots that a closing fill names: whether it may, and whether they are enough."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from qtrader.errors import LedgerError
from qtrader_service_portfolio.amounts import ZERO
from qtrader_service_portfolio.models import Lot, LotOrder


def check_named(lots: Iterable[Lot], order: LotOrder | None, named: Sequence[int], closing: Decimal) -> None:
    """Raise LedgerError unless ``named`` are the numbers of different open lots with the units that a fill closes.

    ``order`` is that of the side that is closed: only ``specific`` takes names, and it needs them.
    """
    open_units = {lot.number: lot.quantity for lot in lots}
    has = ", ".join(f"{number} ({units} units)" for number, units in sorted(open_units.items())) or "none"
    if order != "specific":
        rule = order or "none, as it opens one"
        raise LedgerError(
            f"the fill names the lots {list(named)}, and this tracker chooses lots by {rule}. "
            f"Name none, or choose the order 'specific'"
        )
    if not named:
        raise LedgerError(f"a fill closes {closing} units and names no lot; the order is 'specific'. Open lots: {has}")
    wrong = [number for number in named if number not in open_units or named.count(number) > 1]
    if wrong:
        raise LedgerError(f"lot {wrong[0]} is named, and is not open or is named twice. Open lots: {has}")
    units = sum((open_units[number] for number in named), ZERO)
    if units < closing:
        raise LedgerError(f"lots {list(named)} hold {units} units and the fill closes {closing}. Open lots: {has}")
