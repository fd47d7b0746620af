"""What a broker charges, in the instrument's currency.

Minimum, maximum and fixed parts are those of an order, however many fills it takes: a fill is charged what the order
owes after it, less what was charged before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from qtrader.errors import RunError
from qtrader.ports import FillValue, NonNegative, Positive, Ratio

ZERO = Decimal(0)
Rounding = Literal["minor", "none"]
"""Whether the fee is charged in the currency's minor unit, half-even (USD cents, whole yen), or with all its digits."""


def trade_value(fill: FillValue) -> Decimal:
    """What was traded: quantity x price x multiplier, never negative."""
    return abs(fill.quantity * fill.price * fill.multiplier)


def due(fill: FillValue, total: Decimal) -> Decimal:
    """What of an order's total is due with a fill: what is not charged yet, and never a refund."""
    return max(total - fill.charged, ZERO)


@dataclass(frozen=True)
class NoCommission:
    """Charge nothing."""

    def fee(self, fill: FillValue) -> Decimal:  # noqa: ARG002 - the port hands the fill over
        """Zero."""
        return ZERO


@dataclass(frozen=True)
class Flat:
    """Charge ``amount`` for each order, with its first fill."""

    amount: NonNegative
    """Charged for an order, in the instrument's currency."""
    rounding: Rounding = "minor"
    """Charge in the currency's minor unit, or with all digits (none)."""

    def fee(self, fill: FillValue) -> Decimal:
        """The fee of one fill, unrounded."""
        return ZERO if fill.filled else Decimal(self.amount)


@dataclass(frozen=True)
class PerShare:
    """Charge ``rate`` for each unit, at least ``minimum`` for an order, at most the share ``cap`` of its value.

    A fee raised to the minimum is not capped again: 1 unit at 50 with minimum 1 and cap 0.005 pays 1, not 0.25.
    """

    rate: NonNegative
    """Charged for each unit, in the instrument's currency."""
    minimum: NonNegative = ZERO
    """The least that an order costs."""
    cap: Ratio | None = None
    """At most this share of the order's value, 0 to 1."""
    maximum: Positive | None = None
    """The most that an order costs."""
    fixed: NonNegative = ZERO
    """Charged for an order besides, such as an exchange's fee."""
    rounding: Rounding = "minor"
    """Charge in the currency's minor unit, or with all digits (none)."""

    def fee(self, fill: FillValue) -> Decimal:
        """The fee of one fill, unrounded."""
        total = self.fixed + (fill.filled + fill.quantity) * self.rate
        if total < self.minimum:
            return due(fill, Decimal(self.minimum))
        if self.cap is not None:
            total = min(total, (fill.traded + trade_value(fill)) * self.cap)
        return due(fill, total if self.maximum is None else min(total, self.maximum))


@dataclass(frozen=True)
class Percent:
    """Charge the share ``rate`` of the value (0.001 is a tenth of a percent), at least ``minimum`` for an order."""

    rate: Ratio
    """Charged share of the traded value, 0 to 1."""
    minimum: NonNegative = ZERO
    """The least that an order costs, in the instrument's currency."""
    maximum: Positive | None = None
    """The most that an order costs."""
    fixed: NonNegative = ZERO
    """Charged for an order besides."""
    rounding: Rounding = "minor"
    """Charge in the currency's minor unit, or with all digits (none)."""

    def fee(self, fill: FillValue) -> Decimal:
        """The fee of one fill, unrounded."""
        total = max(self.fixed + (fill.traded + trade_value(fill)) * self.rate, self.minimum)
        return due(fill, Decimal(total if self.maximum is None else min(total, self.maximum)))


@dataclass(frozen=True)
class Tier:
    """One step of a scale: ``rate`` for what lies above the step before, up to ``up_to``."""

    rate: NonNegative
    """Charged for each unit, or share of the value."""
    up_to: Positive | None = None
    """Where the step ends; the last one has no end."""


@dataclass(frozen=True)
class Tiered:
    """Charge an order by a scale, each part of it at its own rate: 0.01 up to 1,000 units, 0.005 above.

    The scale is one of units, or of money where ``by`` is ``value``; then rates are shares.
    """

    tiers: tuple[Tier, ...]
    """The steps, the lowest first: rate and up_to; the last one without an end."""
    by: Literal["units", "value"] = "units"
    """What the scale measures: units, or traded value."""
    minimum: NonNegative = ZERO
    """The least that an order costs, in the instrument's currency."""
    rounding: Rounding = "minor"
    """Charge in the currency's minor unit, or with all digits (none)."""

    def __post_init__(self) -> None:
        """Refuse a scale with a hole, or without an end."""
        ends = [one.up_to for one in self.tiers]
        if not ends or ends[-1] is not None or None in ends[:-1]:
            raise ValueError(
                f"tiers end at {[*map(str, ends)]}: every tier needs an up_to but the last, which has none"
            )
        steps = [one for one in ends if one is not None]
        if sorted(set(steps)) != steps:
            raise ValueError(f"tiers end at {[*map(str, steps)]}: write them from the lowest to the highest")

    def fee(self, fill: FillValue) -> Decimal:
        """The fee of one fill, unrounded."""
        units = self.by == "units"
        whole = fill.filled + fill.quantity if units else fill.traded + trade_value(fill)
        total, below = ZERO, ZERO
        for tier in self.tiers:
            top = whole if tier.up_to is None else min(whole, tier.up_to)
            total += max(top - below, ZERO) * tier.rate
            below = top
        return due(fill, max(total, self.minimum))


@dataclass(frozen=True)
class Schedule:
    """What orders in one currency cost: an amount, a rate for each unit and a share of the value, added up."""

    amount: NonNegative = ZERO
    """Charged for each order."""
    per_unit: NonNegative = ZERO
    """Charged for each unit."""
    share: Ratio = ZERO
    """Charged share of the traded value, 0 to 1."""
    minimum: NonNegative = ZERO
    """The least that an order costs."""
    maximum: Positive | None = None
    """The most that an order costs."""


@dataclass(frozen=True)
class PerCurrency:
    """Charge by the currency of the instrument: each has a schedule of its own."""

    currencies: Mapping[str, Schedule] = field(hash=False)
    """By currency: amount, per_unit, share, minimum, maximum."""
    rounding: Rounding = "minor"
    """Charge in the currency's minor unit, or with all digits (none)."""

    def fee(self, fill: FillValue) -> Decimal:
        """The fee of one fill, unrounded. Raises RunError for a currency without a schedule."""
        schedule = self.currencies.get(fill.currency)
        if schedule is None:
            known = ", ".join(sorted(self.currencies))
            raise RunError(
                f"commission per-currency has no schedule for {fill.currency} ({fill.symbol}); it has {known}. Add one"
            )
        value = fill.traded + trade_value(fill)
        total = schedule.amount + (fill.filled + fill.quantity) * schedule.per_unit + value * schedule.share
        total = max(total, schedule.minimum)
        return due(fill, Decimal(total if schedule.maximum is None else min(total, schedule.maximum)))
