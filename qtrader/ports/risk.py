"""What sizers and limits are: pure functions of values, wrapped in dataclasses whose fields are their options."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, NamedTuple, Protocol, runtime_checkable

EMPTY: Mapping[str, Decimal] = MappingProxyType({})


class SizeRequest(NamedTuple):
    """What a sizer is asked. Money in the book's currency.

    ``unit_value`` is what one unit costs (price x multiplier x rate); ``price`` is in the instrument's currency;
    ``stop_loss`` is the signal's stop price, if any. ``equity`` is never below zero: a ruined account has nothing to
    stake. ``cash`` may be, on margin.
    """

    strategy_id: str
    symbol: str
    side: Literal["buy", "sell"]
    price: Decimal
    unit_value: Decimal
    equity: Decimal
    cash: Decimal
    confidence: Decimal = Decimal(1)
    stop_loss: Decimal | None = None
    lot: Decimal = Decimal(1)


class Size(NamedTuple):
    """A sizer's answer: units wanted (unrounded) and the inputs that explain them; they go into the decision event."""

    quantity: Decimal
    inputs: Mapping[str, Decimal] = EMPTY


@runtime_checkable
class Sizer(Protocol):
    """How much to trade. Lots, limits and rounding are the manager's business."""

    def size(self, request: SizeRequest) -> Size:
        """Units for one request; pure, finite, never negative."""
        ...


class Intent(NamedTuple):
    """What the manager is about to order: signed effect on one position, value of a unit in the book's currency."""

    strategy_id: str
    symbol: str
    side: Literal["buy", "sell"]
    quantity: Decimal
    unit_value: Decimal


class Verdict(NamedTuple):
    """A limit's answer: pass, shrink to ``quantity``, or refuse; ``reason`` says why with the numbers."""

    outcome: Literal["pass", "shrink", "refuse"]
    quantity: Decimal | None = None
    reason: str | None = None


@runtime_checkable
class BooksView(Protocol):
    """The account as tools may read it. Money in the account's currency; quantities signed, short negative."""

    @property
    def equity(self) -> Decimal:
        """Cash plus market value plus receivables minus payables and what is accrued."""
        ...

    @property
    def cash(self) -> Decimal:
        """Cash in the account's currency."""
        ...

    def quantity(self, symbol: str, strategy_id: str | None = None) -> Decimal:
        """Units held, of one strategy or of the account."""
        ...


@runtime_checkable
class RiskLimit(Protocol):
    """One rule that an intent must pass."""

    def check(self, intent: Intent, books: BooksView) -> Verdict:
        """Pass, shrink or refuse; pure."""
        ...
