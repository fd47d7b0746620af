"""A stage for one strategy: it plays bars made by hand, and remembers what the strategy says, with the kernel alone."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import groupby, product
from typing import Any, Literal

import numpy as np

from qtrader.errors import RunError
from qtrader.events import (
    BaseEvent,
    FrozenMap,
    OpenLot,
    OrderRequestEvent,
    PriceBarEvent,
    RecordEvent,
    SignalEvent,
    TargetEvent,
)
from qtrader.ports import INTERVALS, BarValue, Columns, Indicator, SignalIntention, intervals_of

STRATEGY = "mine"
_OPENED = {SignalIntention.OPEN_LONG: Decimal(1), SignalIntention.OPEN_SHORT: Decimal(-1)}


class Instant(dict[str, BarValue]):
    """The bars of one instant, symbol -> bar, in symbol order."""

    @property
    def symbols(self) -> list[str]:
        """Symbols that have a bar at this instant."""
        return list(self)


class Followed:
    """An indicator's present value for each symbol, at one interval."""

    def __init__(self, indicator: Indicator, interval: str) -> None:
        self._indicator = indicator
        self.interval = interval
        self._streams: dict[str, Any] = {}
        self._values: dict[str, float] = {}

    def take(self, symbol: str, row: Sequence[float]) -> None:
        """Follow one more bar."""
        if symbol not in self._streams:
            self._streams[symbol] = self._indicator.stream()
        value = self._streams[symbol].update(*row)
        if value is not None:
            self._values[symbol] = value

    def ready(self, symbol: str) -> bool:
        """Whether there is a value yet."""
        return symbol in self._values

    def __getitem__(self, symbol: str) -> float:
        """Value at the latest bar of the symbol."""
        return self._values[symbol]


class Stage:
    """The context of one strategy over bars made by hand; what it opens, it holds one unit of from then on.

    Bars may be of several ``intervals`` (default: those that there are): the strategy is shown those of the finest, or
    those that its class asks for.
    ``said`` is all that the strategy has emitted. Prices of the signal view are the raw ones: nothing is split here.
    """

    def __init__(self, bars: Sequence[PriceBarEvent], intervals: Iterable[str] | None = None) -> None:
        ordered = sorted(bars, key=lambda one: (one.time_ns, INTERVALS.index(one.interval), one.symbol))
        self.instants = [tuple(group) for _, group in groupby(ordered, key=lambda one: one.time_ns)]
        self.symbols = sorted({one.symbol for one in bars})
        self.strategy_id = STRATEGY
        self.equity = self.cash = Decimal(100_000)
        self.time: datetime = bars[0].time
        self.said: list[BaseEvent] = []
        self._held: dict[str, Decimal] = {}
        self._lots: dict[str, OpenLot] = {}
        self._tracked: list[Followed] = []
        self.scheduled: list[tuple[Any, Any, Any]] = []
        """What the strategy has scheduled: callback, ``every``, ``at``. It knows no calendar: tests call it."""
        there = {one.interval for one in bars} if intervals is None else set(intervals)
        self._intervals: list[str] = [one for one in INTERVALS if one in there]
        self._asked = self._intervals[:1]
        series = product(self.symbols, self._intervals)
        self._columns = {key: _columns([one for one in ordered if key == (one.symbol, one.interval)]) for key in series}
        self._seen = dict.fromkeys(self._columns, 0)

    def play(self, strategy: Any, stop: int | None = None) -> list[BaseEvent]:
        """Show a fresh copy of the strategy every bar; before instant ``stop`` it is replaced by a restored copy."""
        playing = self._started(strategy)
        for number, instant in enumerate(self.instants):
            if number == stop:
                playing = self._restored(playing, strategy)
            self._take(instant)
            self._show(playing, instant)
        return list(self.said)

    def _started(self, strategy: Any) -> Any:
        copy = replace(strategy)
        self._asked = sorted(intervals_of(copy) or self._intervals[:1], key=INTERVALS.index)
        self._tracked = []
        if hasattr(copy, "on_start"):
            copy.on_start(self)
        return copy

    def _restored(self, playing: Any, strategy: Any) -> Any:
        """A copy that knows its snapshot alone; what it tracks has followed the bars so far."""
        state = json.loads(json.dumps(playing.snapshot())) if hasattr(playing, "snapshot") else None
        again = self._started(strategy)
        for instant in self.instants:
            for bar in instant:
                if bar.time <= self.time:
                    self._follow(bar)
        if state is not None:
            again.restore(state)
        return again

    def _take(self, instant: Sequence[PriceBarEvent]) -> None:
        for bar in instant:
            self.time = bar.time
            self._seen[bar.symbol, bar.interval] += 1
            self._follow(bar)

    def _follow(self, bar: PriceBarEvent) -> None:
        for followed in self._tracked:
            if followed.interval == bar.interval:
                followed.take(bar.symbol, _row(bar))

    def _show(self, strategy: Any, instant: Sequence[PriceBarEvent]) -> None:
        for _, bars in groupby(instant, key=lambda one: one.interval):
            own = [bar for bar in bars if bar.interval in self._asked]
            self._show_ready(strategy, [bar for bar in own if all(one.ready(bar.symbol) for one in self._tracked)])

    def _show_ready(self, strategy: Any, ready: Sequence[PriceBarEvent]) -> None:
        if hasattr(strategy, "on_bar"):
            for bar in ready:
                strategy.on_bar(bar, self)
        if hasattr(strategy, "on_bars") and ready:
            strategy.on_bars(Instant({bar.symbol: bar for bar in ready}), self)

    def position(self, symbol: str) -> Decimal:
        """One unit of what was opened and not closed, negative when short."""
        return self._held.get(symbol, Decimal(0))

    def lots(self, symbol: str) -> Sequence[OpenLot]:
        """The one lot of what was opened and not closed, at the price of its signal."""
        return (self._lots[symbol],) if symbol in self._lots else ()

    def history(self, symbol: str, bars: int, interval: str | None = None) -> Columns:
        """The latest bars of a symbol, none later than the present one."""
        key = (symbol, self._known(interval))
        seen, whole = self._seen[key], self._columns[key]
        names = ("time_ns", "open", "high", "low", "close", "volume")
        return Columns(*(getattr(whole, name)[max(0, seen - bars) : seen] for name in names))

    def track(self, indicator: Indicator, interval: str | None = None) -> Followed:
        """Follow an indicator on every symbol."""
        self._tracked.append(Followed(indicator, self._known(interval)))
        return self._tracked[-1]

    def _known(self, interval: str | None) -> str:
        """The interval asked for, of those that the bars have. Raises RunError for another."""
        if interval not in (None, *self._intervals):
            offered = ", ".join(self._intervals)
            raise RunError(f"no bars of {interval!r} on this stage: it has {offered}; give the suite others")
        return interval or self._asked[0]

    def schedule(self, callback: Any, every: Any, at: Any = None) -> None:
        """Remember a schedule."""
        self.scheduled.append((callback, every, at))

    def target_percent(self, weights: Any, *, rest: str = "zero", reason: str | None = None) -> list[TargetEvent]:
        """Take targets as shares of equity, checked against their contract, and hold a unit of what is wanted."""
        return self._aim("percent", weights, rest, reason)

    def target_quantity(self, units: Any, *, rest: str = "keep", reason: str | None = None) -> list[TargetEvent]:
        """Take targets in units, checked against their contract, and hold a unit of what is wanted."""
        return self._aim("quantity", units, rest, reason)

    def _aim(
        self, kind: Literal["percent", "quantity"], targets: Any, rest: str, reason: str | None
    ) -> list[TargetEvent]:
        unnamed = [one for one in self.symbols if rest == "zero" and one not in targets and self.position(one)]
        wanted = {symbol: Decimal(str(value)) for symbol, value in {**targets, **dict.fromkeys(unnamed, 0)}.items()}
        said = []
        for symbol, value in sorted(wanted.items()):
            target = {"symbol": symbol, "kind": kind, "value": value, "reason": reason}
            said.append(self._say(TargetEvent, target_id=self._id(), **target))
            self._hold(symbol, Decimal((value > 0) - (value < 0)), Decimal(1))
        return said

    def emit_signal(
        self,
        symbol: str,
        intention: SignalIntention,
        price: Decimal,
        confidence: float | Decimal | str = Decimal(1),
        **wishes: Any,
    ) -> SignalEvent:
        """Take a signal, checked against its contract, and hold what it opens."""
        exact = Decimal(str(confidence))
        said: SignalEvent = self._say(
            SignalEvent,
            signal_id=self._id(),
            symbol=symbol,
            intention=intention,
            price=price,
            confidence=exact,
            **wishes,
        )
        self._hold(symbol, _OPENED.get(intention, Decimal(0)), price)
        return said

    def _hold(self, symbol: str, units: Decimal, price: Decimal) -> None:
        if not units:
            self._lots.pop(symbol, None)
        elif units != self.position(symbol):
            lot_id = f"{STRATEGY}-{symbol}-L{len(self.said):06d}"
            self._lots[symbol] = OpenLot(lot_id=lot_id, quantity=abs(units), cost=price, price=price, opened=self.time)
        self._held[symbol] = units

    def emit_order(self, symbol: str, side: Any, quantity: Any, order_type: Any = "market", **more: Any) -> Any:
        """Take an order by hand, checked against its contract."""
        order = {"symbol": symbol, "side": side, "quantity": Decimal(quantity), "order_type": order_type, **more}
        return self._say(OrderRequestEvent, request_id=self._id(), action="place", **order)

    def cancel_order(self, symbol: str, order_id: str, reason: str | None = None) -> Any:
        """Take a request to end an order."""
        return self._change(symbol, order_id, "cancel", reason=reason)

    def replace_order(self, symbol: str, order_id: str, **asked: Any) -> Any:
        """Take a request to change an order."""
        return self._change(symbol, order_id, "replace", **asked)

    def _change(self, symbol: str, order_id: str, action: str, **asked: Any) -> Any:
        return self._say(
            OrderRequestEvent, request_id=self._id(), symbol=symbol, order_id=order_id, action=action, **asked
        )

    def record(self, **values: Any) -> None:
        """Take a record; decimals as text."""
        plain = {name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()}
        self._say(RecordEvent, values=FrozenMap(plain))

    def _id(self) -> str:
        return f"{STRATEGY}-{len(self.said) + 1:06d}"

    def _say(self, kind: Any, **payload: Any) -> Any:
        event = kind(strategy_id=STRATEGY, occurred_at=self.time, **payload)
        self.said.append(event)
        return event


def signals(strategy: Any, bars: Sequence[PriceBarEvent]) -> list[SignalEvent]:
    """What a fresh copy of a strategy signals over bars made by hand; ``occurred_at`` is the end of the bar."""
    return [event for event in Stage(bars).play(strategy) if isinstance(event, SignalEvent)]


def _row(bar: BarValue) -> tuple[float, ...]:
    volume = float("nan") if bar.volume is None else float(bar.volume)
    return float(bar.open), float(bar.high), float(bar.low), float(bar.close), volume


def _columns(bars: Sequence[PriceBarEvent]) -> Columns:
    rows = np.array([_row(bar) for bar in bars]).reshape(-1, 5)
    return Columns(np.array([bar.time_ns for bar in bars]), *(rows[:, number] for number in range(5)))
