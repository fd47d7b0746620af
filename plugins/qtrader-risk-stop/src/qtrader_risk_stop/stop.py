"""The same share of the account's equity at risk in each new position, by the distance to its stop."""

from dataclasses import dataclass
from decimal import Decimal

from qtrader.ports import Ratio, Size, SizeRequest, ledger_context


def calculate_risk_per_trade_size(
    equity: Decimal, pct: Decimal, price: Decimal, stop_loss: Decimal, unit_value: Decimal
) -> Decimal:
    """Units that lose ``pct`` (0 to 1) of ``equity`` between ``price`` and ``stop_loss``, unrounded.

    pct x equity / (|price - stop_loss| x unit_value / price). Price and stop are in the instrument's currency, equity
    and ``unit_value`` in the account's. Zero when equity is not positive, and when the stop is the price: no distance
    says nothing about the loss. Raises ValueError for a price or a value of a unit that is not above zero.

    Source: the percent risk model, Van K. Tharp, Trade Your Way to Financial Freedom (1998), on position sizing.
    """
    for name, value in (("price", price), ("unit_value", unit_value)):
        if value <= 0:
            raise ValueError(f"{name} {value} gives no distance to a stop: hand over one above zero")
    with ledger_context():
        distance = abs(price - stop_loss)
        if not distance:
            return Decimal(0)
        return max(equity, Decimal(0)) * pct * price / (distance * unit_value)


@dataclass(frozen=True)
class RiskPerTradeSizer:
    """Risk the share ``pct`` of equity: pct x equity / what one unit loses between its price and its stop."""

    pct: Ratio = Decimal("0.01")
    """Share of equity that a position loses at its stop, 0 to 1."""
    default_stop_pct: Ratio | None = None
    """Distance of the stop where a signal has none, as a share of the price; without it such a signal gets nothing."""

    def __post_init__(self) -> None:
        """Refuse a stop that is the price itself."""
        if self.default_stop_pct is not None and self.default_stop_pct <= 0:
            raise ValueError(
                f"default_stop_pct {self.default_stop_pct} puts the stop at the price; write a share above zero such "
                f"as 0.05, or leave it out"
            )

    def size(self, request: SizeRequest) -> Size:
        """Units that lose the stake at the stop, unrounded; none without a stop."""
        pct = Decimal(self.pct)
        with ledger_context():
            stop_loss = self._stop(request)
            if stop_loss is None:
                return Size(Decimal(0), inputs={"pct": pct})
            quantity = calculate_risk_per_trade_size(
                equity=request.equity,
                pct=pct,
                price=request.price,
                stop_loss=stop_loss,
                unit_value=request.unit_value,
            )
            return Size(quantity, inputs={"pct": pct, "stake": pct * request.equity, "stop_loss": stop_loss})

    def _stop(self, request: SizeRequest) -> Decimal | None:
        """The signal's stop, else the default one: below the price for a buyer, above it for a seller."""
        if request.stop_loss is not None or self.default_stop_pct is None:
            return request.stop_loss
        distance = request.price * self.default_stop_pct
        return request.price - distance if request.side == "buy" else request.price + distance
