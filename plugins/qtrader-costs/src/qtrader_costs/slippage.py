"""How far a price moves against the trader between the decision and the fill."""

from dataclasses import dataclass
from decimal import Decimal

from qtrader.ports import BarValue, NonNegative, WorkingOrder

BASIS_POINT = Decimal("0.0001")
WHOLE = 10_000


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
