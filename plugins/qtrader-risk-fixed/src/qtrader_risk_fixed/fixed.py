"""The same number of units every time."""

from dataclasses import dataclass
from decimal import Decimal

from qtrader.ports import Positive, Size, SizeRequest


@dataclass(frozen=True)
class FixedSizer:
    """Trade ``quantity`` units, whatever the price and the account."""

    quantity: Positive = Decimal(100)
    """Units to trade."""

    def size(self, request: SizeRequest) -> Size:  # noqa: ARG002 - nothing of the request matters
        """The fixed quantity."""
        quantity = Decimal(self.quantity)
        return Size(quantity, {"quantity": quantity})
