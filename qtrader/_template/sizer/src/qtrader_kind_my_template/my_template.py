"""The same share of equity in every position."""

from dataclasses import dataclass
from decimal import Decimal

from qtrader.ports import Ratio, Size, SizeRequest


@dataclass(frozen=True)
class MyTemplateSizer:
    """Put ``share`` of equity into a position."""

    share: Ratio = Decimal("0.05")
    """Share of equity, 0 to 1."""

    def size(self, request: SizeRequest) -> Size:
        """Units for one request; lots, limits and rounding are the manager's business."""
        stake = max(request.equity, Decimal(0)) * self.share
        return Size(stake / request.unit_value, inputs={"stake": stake})
