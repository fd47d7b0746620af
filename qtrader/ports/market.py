"""A bar as every part of the system sees it, whether a light row view or a full event."""

from datetime import date, datetime
from decimal import Decimal
from typing import Protocol, runtime_checkable

from qtrader.ports.data import Interval


@runtime_checkable
class BarValue(Protocol):
    """One bar. Prices are raw decimals; ``time`` is when it was known (its end), UTC; ``time_ns`` the same as int64."""

    @property
    def symbol(self) -> str:
        """The instrument's symbol."""
        ...

    @property
    def interval(self) -> Interval:
        """The bar's length, such as ``1m`` or ``1d``."""
        ...

    @property
    def time_ns(self) -> int:
        """The bar's end, int64 ns since the epoch, UTC."""
        ...

    @property
    def time(self) -> datetime:
        """The bar's end, aware, UTC."""
        ...

    @property
    def session(self) -> date | None:
        """The session that the bar belongs to."""
        ...

    @property
    def open(self) -> Decimal:
        """First price."""
        ...

    @property
    def high(self) -> Decimal:
        """Highest price."""
        ...

    @property
    def low(self) -> Decimal:
        """Lowest price."""
        ...

    @property
    def close(self) -> Decimal:
        """Last price."""
        ...

    @property
    def volume(self) -> Decimal | None:
        """Units traded; None when unknown, zero when nothing traded."""
        ...

    @property
    def tradable(self) -> bool:
        """Whether an order could have filled: the volume is not zero, and no bid is above its ask."""
        ...

    @property
    def bid_open(self) -> Decimal | None:
        """First bid; None where unknown."""
        ...

    @property
    def bid_high(self) -> Decimal | None:
        """Highest bid; None where unknown."""
        ...

    @property
    def bid_low(self) -> Decimal | None:
        """Lowest bid; None where unknown."""
        ...

    @property
    def bid_close(self) -> Decimal | None:
        """Last bid; None where unknown."""
        ...

    @property
    def ask_open(self) -> Decimal | None:
        """First ask; None where unknown."""
        ...

    @property
    def ask_high(self) -> Decimal | None:
        """Highest ask; None where unknown."""
        ...

    @property
    def ask_low(self) -> Decimal | None:
        """Lowest ask; None where unknown."""
        ...

    @property
    def ask_close(self) -> Decimal | None:
        """Last ask; None where unknown."""
        ...
