"""What a service is, and everything it may hold on to: the bus, its emitter, and views of the market and the books."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from qtrader.ports.risk import BooksView

if TYPE_CHECKING:
    from qtrader.books import Books
    from qtrader.emitter import Emitter
    from qtrader.market import Market
    from qtrader.market_view import MarketView

Phase = Literal["market", "decide"]
Snapshot = dict[str, Any]
"""A JSON-able mapping with a ``version`` key; everything a service needs to go on as if never stopped."""


@dataclass(frozen=True, slots=True)
class Handler:
    """One row of a service's table: which topic, which function.

    ``phase`` matters for topic ``bar`` only: ``market`` (bar by bar, before anybody decides) or ``decide`` (after the
    books are right for the instant). ``batch`` asks for all bars of the instant at once, a tuple in symbol order.
    ``symbols`` is a live set: bars of symbols outside it are not delivered (None: all are).
    """

    topic: str
    call: Callable[[Any], None]
    phase: Phase = "decide"
    batch: bool = False
    symbols: set[str] | None = None


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the composition root hands to a service. Nothing else reaches it."""

    emitter: "Emitter"
    market: "MarketView"
    books: "Books"
    build: Callable[[str, Any], Any]
    """Build a tool: ``build(kind, reference)``, e.g. ``build("sizer", settings.sizing)``; a fresh one each time."""


@runtime_checkable
class Service(Protocol):
    """One job, spoken to through the bus alone.

    A service is built as ``Target(event_bus=bus, config=section, wiring=wiring)``; alone, with hand-made events,
    ``Target(event_bus=bus, config=section)`` must do: it then makes its own wiring with ``wire_alone(bus, name)`` and
    subscribes its handlers itself.
    """

    def handlers(self) -> Sequence[Handler]:
        """The table of topics and functions."""
        ...

    def start(self) -> None:
        """Called once, before the first step, in pipeline order; may emit."""
        ...

    def stop(self) -> None:
        """Called once after the last step, in pipeline order; may emit."""
        ...

    def snapshot(self) -> Snapshot:
        """Everything needed to go on; plain JSON values, decimals as strings."""
        ...

    def restore(self, snapshot: Snapshot) -> None:
        """Become the service that made the snapshot."""
        ...


@runtime_checkable
class Identified(Protocol):
    """A service that reads more than the configuration, such as a file of the user: part of the run's identity."""

    def identity(self) -> Mapping[str, Any]:
        """Plain JSON values: equal ones mean the same service."""
        ...


@runtime_checkable
class Feed(Protocol):
    """The extra duty of the service that emits ``bar``: load everything the run will see."""

    def load(self) -> "Market":
        """Instruments, checked bar tables, corporate actions and sessions of the run."""
        ...


__all__ = ["BooksView", "Feed", "Handler", "Identified", "Mapping", "Phase", "Service", "Snapshot", "Wiring"]
