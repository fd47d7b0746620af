"""How far a price moves against the trader between the decision and the fill."""

from dataclasses import dataclass
from decimal import Decimal

from qtrader.ports import BarValue, NonNegative, Ratio, WorkingOrder

BASIS_POINT = Decimal("0.0001")
WHOLE = 10_000
MOST = Decimal("0.9999")
"""A seller keeps at least the rest of a price."""


@dataclass(frozen=True)
class NoSlippage:
    """Leave the price as it is."""

    def adjust(self, price: Decimal, order: WorkingOrder, bar: BarValue) -> Decimal:  # noqa: ARG002 - the port's
        """The same price."""
        return price


@dataclass(frozen=True)
class Bps:
    """Move the price by ``bps`` hundredths of a percent: up for a buyer, down for a seller. Not clipped to the bar."""

    bps: NonNegative
    """Hundredths of a percent of the price; below 10000, at which a seller would get nothing."""

    def __post_init__(self) -> None:
        """Refuse slippage that leaves a seller no price."""
        if self.bps >= WHOLE:
            raise ValueError(
                f"bps {self.bps} is the whole price or more: a seller would get nothing; write less than 10000"
            )

    def adjust(self, price: Decimal, order: WorkingOrder, bar: BarValue) -> Decimal:  # noqa: ARG002 - the port's
        """The price after slippage."""
        distance = abs(price) * self.bps * BASIS_POINT
        return price + distance if order.side == "buy" else price - distance


def worse(price: Decimal, distance: Decimal, order: WorkingOrder) -> Decimal:
    """A price moved against the trader, by less than the whole of it for a seller."""
    if order.side == "buy":
        return price + distance
    return price - min(distance, abs(price) * MOST)


@dataclass(frozen=True)
class Spread:
    """Pay half of the spread between bid and ask at the bar's close; ``fallback_bps`` where the bar has no quotes.

    For fills at trade prices; a fill policy that fills at quotes has paid the spread already.
    """

    fallback_bps: NonNegative = Decimal(0)
    """Hundredths of a percent of the price, where a bar carries no quotes."""
    fraction: NonNegative = Decimal("0.5")
    """The part of the spread that is paid."""

    def adjust(self, price: Decimal, order: WorkingOrder, bar: BarValue) -> Decimal:
        """The price after slippage."""
        if bar.bid_close is None or bar.ask_close is None:
            return worse(price, abs(price) * self.fallback_bps * BASIS_POINT, order)
        return worse(price, max(bar.ask_close - bar.bid_close, Decimal(0)) * self.fraction, order)


@dataclass(frozen=True)
class VolumeShare:
    """Move the price by ``impact`` x share^2 x price, where share is the order's part of the bar's volume.

    The part counts at most ``limit``. The formula is that of the volume share model of zipline (2012): a quadratic
    impact, 0.1 at 2.5 % of the volume by default.
    """

    impact: NonNegative = Decimal("0.1")
    """How strongly a share of the volume moves the price."""
    limit: Ratio = Decimal("0.025")
    """The largest share of the volume that counts, 0 to 1."""
    fallback_bps: NonNegative = Decimal(0)
    """Hundredths of a percent of the price, where the volume is not known."""

    def adjust(self, price: Decimal, order: WorkingOrder, bar: BarValue) -> Decimal:
        """The price after slippage."""
        if bar.volume is None:
            return worse(price, abs(price) * self.fallback_bps * BASIS_POINT, order)
        share = min(order.quantity / bar.volume, self.limit) if bar.volume else self.limit
        return worse(price, abs(price) * self.impact * share * share, order)


@dataclass(frozen=True)
class Volatility:
    """Move the price by a fraction of the bar's range, high less low: fast markets cost more."""

    fraction: NonNegative = Decimal("0.05")
    """The part of the bar's range that is paid."""

    def adjust(self, price: Decimal, order: WorkingOrder, bar: BarValue) -> Decimal:
        """The price after slippage."""
        return worse(price, (bar.high - bar.low) * self.fraction, order)
