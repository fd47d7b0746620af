"""What a strategy is and what it sees."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from datetime import time as TimeOfDay  # noqa: N812 - time is a property here
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from qtrader.ports.market import BarValue

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qtrader.events import OpenLot, OrderRequestEvent, SignalEvent, TargetEvent


class SignalIntention(StrEnum):
    """What a signal wants. Values are those of contract ``strategy/signal.v1``."""

    OPEN_LONG = "OPEN_LONG"
    CLOSE_LONG = "CLOSE_LONG"
    OPEN_SHORT = "OPEN_SHORT"
    CLOSE_SHORT = "CLOSE_SHORT"


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of one symbol's signal view, oldest first: float64, one row a bar; ``volume`` NaN where unknown.

    ``time_ns`` is the bars' ends, int64 ns UTC. The signal view is the raw price times the cumulative split factor
    since the first bar, so a split is no crash.
    """

    time_ns: "NDArray[np.int64]"
    open: "NDArray[np.float64]"
    high: "NDArray[np.float64]"
    low: "NDArray[np.float64]"
    close: "NDArray[np.float64]"
    volume: "NDArray[np.float64]"

    def __len__(self) -> int:
        """Number of bars."""
        return len(self.time_ns)


@runtime_checkable
class IndicatorStream(Protocol):
    """One indicator following one symbol bar by bar."""

    def update(self, open: float, high: float, low: float, close: float, volume: float) -> float | None:
        """Take the next bar; the new value, or None while not ready."""
        ...

    def reset(self) -> None:
        """Forget everything."""
        ...

    def snapshot(self) -> dict[str, Any]:
        """Plain JSON values from which ``restore`` goes on bit for bit."""
        ...

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Become the stream that made the snapshot."""
        ...


@runtime_checkable
class Indicator(Protocol):
    """A rule over bars that can be computed for a whole series or followed bar by bar, to the same bits."""

    @property
    def lookback(self) -> int:
        """Number of bars before the first value: ``over(columns)[:lookback]`` is not defined."""
        ...

    def over(self, columns: Columns) -> "NDArray[np.float64]":
        """Value at each bar, float64; NaN for the first ``lookback`` rows; causal: later rows change nothing before."""
        ...

    def stream(self) -> IndicatorStream:
        """A fresh follower."""
        ...


class Tracked(Protocol):
    """An indicator's present value for each symbol."""

    def __getitem__(self, symbol: str) -> float:
        """Value at the latest bar of the symbol. Raises RunError where it is not ready or not a number."""
        ...

    def ready(self, symbol: str) -> bool:
        """Whether there is a value yet."""
        ...


class Context(Protocol):
    """What a strategy sees and can do. Prices are raw decimals; quantities signed, short negative; times UTC."""

    @property
    def strategy_id(self) -> str:
        """The strategy's name in this run."""
        ...

    @property
    def symbols(self) -> Sequence[str]:
        """The symbols it gets bars of, sorted."""
        ...

    @property
    def time(self) -> datetime:
        """The present instant, aware, UTC."""
        ...

    @property
    def equity(self) -> Decimal:
        """Equity of the account in its currency, marked at the latest closes."""
        ...

    @property
    def cash(self) -> Decimal:
        """Cash of the account in its currency."""
        ...

    def position(self, symbol: str) -> Decimal:
        """Units that this strategy holds."""
        ...

    def lots(self, symbol: str) -> "Sequence[OpenLot]":
        """Its open lots of a symbol, oldest first, where ``portfolio.lots`` is ``specific``; else RunError."""
        ...

    def history(self, symbol: str, bars: int, interval: str | None = None) -> Columns:
        """The latest ``bars`` bars of the signal view, bounded by the clock; fewer where fewer exist.

        ``interval`` is one of ``data.interval`` (None: the finest whose bars the strategy gets); a bar counts once it
        is over.
        """
        ...

    def track(self, indicator: Indicator, interval: str | None = None) -> Tracked:
        """Follow an indicator on every symbol; only in ``on_start``. What is tracked sets the warm-up.

        ``interval`` is one of ``data.interval`` (None: the finest whose bars the strategy gets); values are those of
        its latest bar that is over.
        """
        ...

    def schedule(self, callback: Callable[..., None], every: int | str, at: str | TimeOfDay | None = None) -> None:
        """Have ``callback(bars, context)`` called at a rhythm; only in ``on_start``.

        ``every``: a number of instants with bars of its finest interval, or ``session``, ``week``, ``month``,
        ``quarter``, ``year`` of the exchange calendar. ``at``: ``session_end`` (the default: the last session of the
        period), ``session_open`` (the first), or a time of the venue's zone, ``datetime.time`` or ``"15:30"`` (the
        first session: the first bar at or after it, else the session's end). ``bars`` are the latest bars of the
        symbols that are ready; with none it is not called.
        """
        ...

    def target_percent(
        self, weights: Mapping[str, Decimal | int | str | float], *, rest: str = "zero", reason: str | None = None
    ) -> "Sequence[TargetEvent]":
        """Say which share of equity each symbol is to have (1 is all of it), negative for shorts, past the sizer.

        What is not named goes to zero, or stays as it is with ``rest="keep"``. Reductions are sent first.
        """
        ...

    def target_quantity(
        self, units: Mapping[str, Decimal | int | str], *, rest: str = "keep", reason: str | None = None
    ) -> "Sequence[TargetEvent]":
        """Say how many units of each symbol are to be held, negative for shorts; ``rest`` as for shares."""
        ...

    def emit_signal(
        self,
        symbol: str,
        intention: SignalIntention,
        price: Decimal,
        confidence: float | Decimal | str = Decimal(1),
        stop_loss: Decimal | None = None,
        take_profit: Decimal | None = None,
        reason: str | None = None,
        lots: Sequence[str] = (),
        **order: Any,
    ) -> "SignalEvent":
        """Say what is wanted. Float prices are refused; a float confidence is read as the decimal text it prints.

        ``order`` is how it is wished for: ``order_type``, ``limit_price``, ``stop_price``, ``trail_amount``,
        ``trail_percent``, ``time_in_force``, ``expire_at``. A policy honours wishes, or says that it does not.
        ``lots`` are the ids of the lots that a closing signal means, in the order in which they leave; without them it
        closes all. Only where ``portfolio.lots`` is ``specific``.
        """
        ...

    def emit_order(
        self,
        symbol: str,
        side: str,
        quantity: Decimal | int | str,
        order_type: str = "market",
        reason: str | None = None,
        lots: Sequence[str] = (),
        **order: Any,
    ) -> "OrderRequestEvent":
        """Order by hand, past the sizing (deprecated: emit a signal). ``order`` as for ``emit_signal``."""
        ...

    def cancel_order(self, symbol: str, order_id: str, reason: str | None = None) -> "OrderRequestEvent":
        """Ask that one of its working orders ends."""
        ...

    def replace_order(
        self,
        symbol: str,
        order_id: str,
        *,
        quantity: Decimal | int | str | None = None,
        limit_price: Decimal | None = None,
        stop_price: Decimal | None = None,
        reason: str | None = None,
    ) -> "OrderRequestEvent":
        """Ask that one of its working orders changes: its whole quantity, what has filled included, or its prices."""
        ...

    def record(self, **values: Decimal | float | int | str | bool | None) -> None:
        """Write what the strategy saw into the log; floats rounded to 12 significant digits."""
        ...


@runtime_checkable
class Strategy(Protocol):
    """A plain class with at least one of ``on_bar(bar, context)``, ``on_bars(bars, context)`` and a schedule.

    Optional: ``on_start(context)``, ``on_stop(context)``, ``snapshot() -> dict``, ``restore(dict)``; and what it is
    told of its own: ``on_fill(fill, context)`` (the books know it then), ``on_order_update(update, context)``, and
    ``on_session_open(session, context)``, called before the first bar of a session, and
    ``on_session_end(session, context)``, called after its last.
    ``bars`` is a mapping symbol -> bar with the bars of one instant, in symbol order, and has ``.symbols``.
    A class attribute ``intervals = ("1m", "1d")`` asks for bars of these intervals of the run, unless the configuration
    says others (``strategies[].intervals``); without either, bars of the trading interval alone come. They come one
    interval after the other, the finest first; ``bar.interval`` tells them apart.
    """

    def on_bar(self, bar: Any, context: Any) -> None:
        """Called for each bar once everything tracked is ready for its symbol."""
        ...


def intervals_of(strategy: Any) -> Sequence[Any] | None:
    """The intervals that a strategy's class names, else None. An option of that name is its own affair."""
    found = getattr(type(strategy), "intervals", None)
    if found is None or (is_dataclass(strategy) and any(one.name == "intervals" for one in fields(strategy))):
        return None
    return found if isinstance(found, list | tuple) else (found,)


Mask = Any
"""A boolean NumPy array, one row a bar."""
Bars = Mapping[str, BarValue]
