"""Exact decimals of fixed-point prices, made once for each price."""

from decimal import Decimal
from functools import cache

from qtrader.ports.decimals import LEDGER

KEPT_PRICES = 16_384


class Prices(dict[int, Decimal]):
    """Fixed-point prices of one scale as exact decimals. Prices come again and again, so the latest are kept."""

    __slots__ = ("_unit",)

    def __init__(self, scale: int) -> None:
        super().__init__()
        self._unit = Decimal(1).scaleb(-scale)

    def __missing__(self, units: int) -> Decimal:
        """Make the decimal; those made before go when there are too many."""
        if len(self) >= KEPT_PRICES:
            self.clear()
        price = self[units] = LEDGER.multiply(Decimal(units), self._unit)
        return price


prices_of = cache(Prices)
"""The prices of a scale: column / 10^scale."""
