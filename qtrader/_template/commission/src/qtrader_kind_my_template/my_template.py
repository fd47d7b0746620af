"""The same fee for every fill."""

from dataclasses import dataclass
from decimal import Decimal

from qtrader.ports import FillValue, NonNegative


@dataclass(frozen=True)
class MyTemplateCommission:
    """Charge ``amount`` for each fill, whatever its size."""

    amount: NonNegative = Decimal(1)
    """The fee in the instrument's currency, 0 or more."""

    def fee(self, fill: FillValue) -> Decimal:  # noqa: ARG002 - nothing of the fill matters
        """The fee of one fill; execution rounds it to the currency's minor unit."""
        return self.amount
