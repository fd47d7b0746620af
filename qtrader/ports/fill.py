"""What fill policies and cost models are: pure functions of values."""

from decimal import Decimal
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from qtrader.ports.market import BarValue

Side = Literal["buy", "sell"]


class WorkingOrder(NamedTuple):
    """An open order as fill policies see it: what is left of it, and since when it rests (int64 ns UTC).

    ``stop_price`` of a trailing stop is where its stop stands now; ``trail_percent`` is in percent of the best price.
    """

    order_id: str
    symbol: str
    side: Side
    quantity: Decimal
    order_type: str = "market"
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    time_in_force: str = "DAY"
    triggered: bool = False
    accepted_ns: int = 0
    trail_amount: Decimal | None = None
    trail_percent: Decimal | None = None


class FillDecision(NamedTuple):
    """What a bar does to an order: ``quantity`` at ``price`` (zero: nothing), at the bar's open, close or inside it.

    ``triggered``: its stop was reached. ``stop_price``: where the stop of a trailing order stands from now on.
    """

    quantity: Decimal
    price: Decimal
    moment: Literal["open", "close", "inside"] = "open"
    optimistic: bool = False
    triggered: bool = False
    stop_price: Decimal | None = None


def price_range(bar: BarValue) -> tuple[Decimal, Decimal]:
    """The lowest and highest price at which anybody could trade in a bar, by its trades and by its quotes, if any."""
    lows = [price for price in (bar.low, bar.bid_low, bar.ask_low) if price is not None]
    highs = [price for price in (bar.high, bar.bid_high, bar.ask_high) if price is not None]
    return min(lows), max(highs)


@runtime_checkable
class FillPolicy(Protocol):
    """When and at what price a working order fills.

    ``same_bar`` says that an order may fill in the very bar on which it was decided: look-ahead free only if the
    strategy could trade at that price, so the result labels it optimistic.

    Optional: ``path``, the option that says which of two orders of one group fills where a bar reaches both inside it:
    ``"adverse"`` (the default: the stop), ``"favourable"`` (the target; such fills are marked optimistic),
    ``"high-first"`` or ``"low-first"``.
    """

    @property
    def same_bar(self) -> bool:
        """Whether a new order is shown the bar that it was decided on."""
        ...

    def decide(self, order: WorkingOrder, bar: BarValue) -> FillDecision | None:
        """The fill that this bar gives the order, before slippage; None for none."""
        ...


@runtime_checkable
class SlippageModel(Protocol):
    """How far the price moves against the trader."""

    def adjust(self, price: Decimal, order: WorkingOrder, bar: BarValue) -> Decimal:
        """The price after slippage: never better than ``price``."""
        ...


class FillValue(NamedTuple):
    """A fill before its costs: what commission models see. ``multiplier`` and ``currency`` are the instrument's.

    What the order had filled before: ``filled`` units for ``traded`` (price x multiplier), charged with ``charged``.
    """

    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    multiplier: Decimal = Decimal(1)
    currency: str = "USD"
    filled: Decimal = Decimal(0)
    traded: Decimal = Decimal(0)
    charged: Decimal = Decimal(0)


@runtime_checkable
class CommissionModel(Protocol):
    """What a broker charges.

    Optional: ``rounding``, ``"minor"`` (the default: execution charges the fee in the currency's minor unit, half-even)
    or ``"none"`` (with all its digits).
    """

    def fee(self, fill: FillValue) -> Decimal:
        """The fee of one fill in the instrument's currency, unrounded, zero or more."""
        ...
