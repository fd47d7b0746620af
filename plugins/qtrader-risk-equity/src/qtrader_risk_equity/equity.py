"""A fixed share of the account's equity in each new position."""

from dataclasses import dataclass
from decimal import Decimal

from qtrader.ports import Ratio, Size, SizeRequest


def calculate_fixed_equity_size(equity: Decimal, pct: Decimal | float) -> Decimal:
    """Money to put into one position: ``pct`` (0 to 1) of ``equity``; zero when equity is not positive.

    A float ``pct`` is read as the decimal text it prints: 0.1 is a tenth, exactly.
    """
    share = Decimal(repr(pct)) if isinstance(pct, float) else Decimal(pct)
    return max(equity, Decimal(0)) * share


@dataclass(frozen=True)
class EquitySizer:
    """Put the share ``pct`` of equity into a position: pct x equity / value of one unit."""

    pct: Ratio = Decimal("0.10")
    """Share of equity in a position, 0 to 1."""

    def size(self, request: SizeRequest) -> Size:
        """Units that the stake buys, unrounded."""
        stake = calculate_fixed_equity_size(equity=request.equity, pct=self.pct)
        return Size(stake / request.unit_value, inputs={"pct": Decimal(self.pct), "stake": stake})
