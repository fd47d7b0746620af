"""What a broker charges for a fill, in the instrument's currency."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from qtrader.ports import FillValue, NonNegative, Ratio

Rounding = Literal["minor", "none"]
"""Whether the fee is charged in the currency's minor unit, half-even (USD cents, whole yen), or with all its digits."""


def trade_value(fill: FillValue) -> Decimal:
    """What was traded: quantity x price x multiplier, never negative."""
    return abs(fill.quantity * fill.price * fill.multiplier)


@dataclass(frozen=True)
class NoCommission:
    """Charge nothing."""

    def fee(self, fill: FillValue) -> Decimal:  # noqa: ARG002 - the port hands the fill over
        """Zero."""
        return Decimal(0)


@dataclass(frozen=True)
class PerShare:
    """Charge ``rate`` for each unit, at least ``minimum``, at most the share ``cap`` of the trade's value.

    A fee raised to the minimum is not capped again: 1 unit at 50 with minimum 1 and cap 0.005 pays 1, not 0.25.
    """

    rate: NonNegative
    """Charged for each unit, in the instrument's currency."""
    minimum: NonNegative = Decimal(0)
    """The least that a fill costs."""
    cap: Ratio | None = None
    """At most this share of the trade's value, 0 to 1."""
    rounding: Rounding = "minor"
    """Charge in the currency's minor unit, or with all digits (none)."""

    def fee(self, fill: FillValue) -> Decimal:
        """The fee of one fill, unrounded."""
        fee = fill.quantity * self.rate
        if fee < self.minimum:
            return Decimal(self.minimum)
        if self.cap is None:
            return fee
        return min(fee, trade_value(fill) * self.cap)


@dataclass(frozen=True)
class Percent:
    """Charge the share ``rate`` of the trade's value (0.001 is a tenth of a percent), at least ``minimum``."""

    rate: Ratio
    """Charged share of the trade's value, 0 to 1."""
    minimum: NonNegative = Decimal(0)
    """The least that a fill costs, in the instrument's currency."""
    rounding: Rounding = "minor"
    """Charge in the currency's minor unit, or with all digits (none)."""

    def fee(self, fill: FillValue) -> Decimal:
        """The fee of one fill, unrounded."""
        return Decimal(max(trade_value(fill) * self.rate, self.minimum))
