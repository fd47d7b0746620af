"""What sizers and limits are: pure functions of values, wrapped in dataclasses whose fields are their options."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, NamedTuple, Protocol, runtime_checkable

EMPTY: Mapping[str, Decimal] = MappingProxyType({})


class TradeStatistics(NamedTuple):
    """What came of a strategy's closed trades so far, net of fees, in the account's currency; ``lost`` above zero."""

    wins: int = 0
    losses: int = 0
    won: Decimal = Decimal(0)
    lost: Decimal = Decimal(0)


class SizeRequest(NamedTuple):
    """What a sizer is asked. Money in the book's currency.

    ``unit_value`` is what one unit costs (price x multiplier x rate); ``price`` is in the instrument's currency;
    ``stop_loss`` is the signal's stop price, if any. ``equity`` is never below zero: a ruined account has nothing to
    stake. ``cash`` may be, on margin. ``closes`` are the latest closes by symbol, oldest first, for a sizer that asks
    for some (``Sizer``); ``periods`` is how many of them make a year; ``trades`` are the strategy's own.
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
    closes: Mapping[str, tuple[Decimal, ...]] = MappingProxyType({})
    periods: int = 252
    trades: TradeStatistics = TradeStatistics()


class Size(NamedTuple):
    """A sizer's answer: units wanted (unrounded) and the inputs that explain them; they go into the decision event."""

    quantity: Decimal
    inputs: Mapping[str, Decimal] = EMPTY


@runtime_checkable
class Sizer(Protocol):
    """How much to trade. Lots, limits and rounding are the manager's business.

    Optional: ``closes_needed``, how many closes of the symbol a request must have (fewer while there are fewer), and
    ``peers``, whether of every other symbol of the run, too.
    """

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
class RiskView(BooksView, Protocol):
    """The account as limits see it: as if all that works had filled. Money in the account's currency."""

    @property
    def peak_equity(self) -> Decimal:
        """The highest equity at the end of a session so far, and at the start."""
        ...

    @property
    def session_equity(self) -> Decimal:
        """Equity at the end of the session before this one, or at the start."""
        ...

    def exposures(self) -> Mapping[str, Decimal]:
        """Signed value of what is held or on its way, by symbol, at the last prices; no symbol without any."""
        ...

    def sector(self, symbol: str) -> str | None:
        """The sector of an instrument, where its source or the configuration names one."""
        ...

    def volume(self, symbol: str) -> Decimal | None:
        """Units traded in the latest bar of a symbol; None where that is unknown."""
        ...


@runtime_checkable
class RiskLimit(Protocol):
    """One rule that an intent must pass."""

    def check(self, intent: Intent, books: RiskView) -> Verdict:
        """Pass, shrink or refuse; pure."""
        ...
