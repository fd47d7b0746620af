"""A bar as every part of the system sees it, whether a light row view or a full event."""

from datetime import date, datetime
from decimal import Decimal
from typing import Protocol, runtime_checkable


@runtime_checkable
class BarValue(Protocol):
    """One bar. Prices are raw decimals; ``time`` is when it was known (its end), UTC; ``time_ns`` the same as int64."""

    @property
    def symbol(self) -> str:
        """The instrument's symbol."""
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
