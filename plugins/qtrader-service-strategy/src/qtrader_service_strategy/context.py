"""What a strategy sees and can do: the present, tracked indicators, positions and cash, signals, orders and records."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from datetime import time as TimeOfDay  # noqa: N812 - time is a property here
from decimal import Decimal
from typing import Any, TypeVar

from qtrader.errors import RunError
from qtrader.events import BaseEvent, OpenLot, OrderRequestEvent, Origin, RecordEvent, SignalEvent, TargetEvent
from qtrader.ports import INTERVALS, BarValue, Columns, Indicator, SignalIntention, Tracked, Wiring
from qtrader_service_strategy.payloads import exact, scalar, validated, wishes
from qtrader_service_strategy.schedules import Schedule, schedule_of
from qtrader_service_strategy.targets import Targets
from qtrader_service_strategy.tracked import TrackedValue

E = TypeVar("E", bound=BaseEvent)
NOWHERE = Origin(0, 0, 0)
NO_BARS: Mapping[str, BarValue] = {}


class StrategyContext:
    """The ``context`` of one strategy; see ``qtrader.ports.Context``.

    ``interval`` is what it tracks and looks back on unless it says otherwise: the finest that it gets bars of (None:
    the trading interval). ``budget`` is its share of the account's equity, all of it where it has none.

    What a strategy emits is caused by the bar or the event that it was called with; from ``on_bars``, by the bar of the
    symbol that it speaks of, where that has one at this instant, else by the last bar of the instant.
    """

    def __init__(
        self,
        name: str,
        symbols: Sequence[str] | None,
        wiring: Wiring,
        follow: Callable[[Indicator, str | None], TrackedValue],
        interval: str | None = None,
        budget: Decimal | None = None,
    ):
        self._name = name
        self._symbols = None if symbols is None else tuple(symbols)
        self._wiring = wiring
        self._market, self._books, self._emitter = wiring.market, wiring.books, wiring.emitter
        self._follow = follow
        self._interval = interval
        self._warned = False
        self.bar: Any = None
        """The bar being handled."""
        self.bars = NO_BARS
        """All bars of the instant, while ``on_bars`` is called."""
        self.news: BaseEvent | None = None
        """The event that the strategy is being told of, while it is."""
        self.tracked: list[TrackedValue] = []
        """Everything tracked, in order."""
        self.schedules: list[Schedule] = []
        """Everything scheduled, in order."""
        self.targets = Targets(name, wiring, self._own, Decimal(1) if budget is None else budget)
        self.starting = False
        """Whether ``on_start`` is being called."""
        self.intents = 0
        """How many signals and orders were sent: the last part of their ids."""

    @property
    def strategy_id(self) -> str:
        """The strategy's name in this run."""
        return self._name

    @property
    def symbols(self) -> Sequence[str]:
        """The symbols it gets bars of, sorted."""
        return self._market.symbols if self._symbols is None else self._symbols

    @property
    def time(self) -> datetime:
        """The present instant, aware, UTC."""
        return self._market.time

    @property
    def equity(self) -> Decimal:
        """Equity of the account in its currency, marked at the latest closes."""
        return self._books.equity

    @property
    def cash(self) -> Decimal:
        """Cash of the account in its currency."""
        return self._books.cash

    def position(self, symbol: str) -> Decimal:
        """Units that this strategy holds, short negative. Raises RunError for a symbol that is not its own."""
        self._own(symbol)
        return self._books.quantity(symbol, self._name)

    def lots(self, symbol: str) -> Sequence[OpenLot]:
        """The open lots that this strategy holds of a symbol, oldest first.

        Raises RunError for a symbol that is not its own, and where lots are not for strategies to choose.
        """
        self._own(symbol)
        position = self._books.position(symbol, self._name)
        if position is None or not position.quantity:
            return ()
        if not position.lots:
            side = "long" if position.quantity > 0 else "short"
            raise RunError(
                f"{self._name}: lots({symbol!r}): lots are told where a strategy may choose among them. Set "
                f"portfolio.lots.{side}: specific"
            )
        return position.lots

    def history(self, symbol: str, bars: int, interval: str | None = None) -> Columns:
        """The latest ``bars`` bars of the signal view at an interval that are over; fewer where fewer exist."""
        if symbol not in self._market.symbols:
            raise RunError(f"{self._name}: history of {symbol!r}: the run has {', '.join(self._market.symbols)}")
        if bars < 1:
            raise RunError(f"{self._name}: history of {bars} bars: ask for at least 1")
        self._known(interval, "history")
        return self._market.history(symbol, bars, interval or self._interval)

    def track(self, indicator: Indicator, interval: str | None = None) -> Tracked:
        """Follow an indicator on every symbol; only in ``on_start``. All that is tracked sets the warm-up."""
        if not self.starting:
            raise RunError(f"{self._name}: track({indicator!r}) outside on_start: what is tracked sets the warm-up")
        if not isinstance(indicator, Indicator):
            raise RunError(f"{self._name}: track({indicator!r}): not an indicator (lookback, over, stream)")
        self._known(interval, f"track({indicator!r})")
        tracked = self._follow(indicator, interval or self._interval)
        self.tracked.append(tracked)
        return tracked

    def schedule(self, callback: Callable[..., None], every: int | str, at: str | TimeOfDay | None = None) -> None:
        """Have ``callback(bars, context)`` called at a rhythm; only in ``on_start``. See ``qtrader.ports.Context``."""
        if not self.starting:
            raise RunError(
                f"{self._name}: schedule(every={every!r}) outside on_start: rhythms are known from the start"
            )
        self.schedules.append(schedule_of(self._name, callback, every, at))

    def target_percent(
        self, weights: Mapping[str, Decimal | int | str | float], *, rest: str = "zero", reason: str | None = None
    ) -> list[TargetEvent]:
        """Say which share of equity each symbol is to have, negative for shorts; ``rest`` what is not named."""
        return self._aim("percent", weights, rest, reason)

    def target_quantity(
        self, units: Mapping[str, Decimal | int | str], *, rest: str = "keep", reason: str | None = None
    ) -> list[TargetEvent]:
        """Say how many units of each symbol are to be held, negative for shorts; ``rest`` what is not named."""
        return self._aim("quantity", units, rest, reason)

    def _aim(self, kind: str, targets: Mapping[str, Any], rest: str, reason: str | None) -> list[TargetEvent]:
        sent = []
        for symbol, value in self.targets.rows(kind, targets, rest, self.symbols):
            payload = {"target_id": self._next_id(), "strategy_id": self._name, "symbol": symbol}
            sent.append(self._send(TargetEvent, {**payload, "kind": kind, "value": value, "reason": reason}))
            if not value:
                self.targets.asked.discard(symbol)
        return sent

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
    ) -> SignalEvent:
        """Say what is wanted. Float prices are refused; a float confidence is read as the decimal text it prints."""
        self._own(symbol)
        return self._send(
            SignalEvent,
            {
                "signal_id": self._next_id(),
                "strategy_id": self._name,
                "symbol": symbol,
                "intention": intention,
                "price": exact("price", price),
                "confidence": Decimal(repr(float(confidence))) if isinstance(confidence, float) else confidence,
                "stop_loss": exact("stop_loss", stop_loss),
                "take_profit": exact("take_profit", take_profit),
                **wishes(order, self._name, "emit_signal"),
                "reason": reason,
                "lots": lots,
            },
        )

    def emit_order(
        self,
        symbol: str,
        side: str,
        quantity: Decimal | int | str,
        order_type: str = "market",
        reason: str | None = None,
        lots: Sequence[str] = (),
        **order: Any,
    ) -> OrderRequestEvent:
        """Order by hand, past the sizing (deprecated: emit a signal)."""
        if not self._warned:
            self._warned = True
            text = "context.emit_order is temporary: emit a signal and let the policy size it"
            warnings.warn(text, DeprecationWarning, stacklevel=2)
        self._own(symbol)
        return self._send(
            OrderRequestEvent,
            {
                "request_id": self._next_id(),
                "strategy_id": self._name,
                "symbol": symbol,
                "action": "place",
                "side": side,
                "quantity": exact("quantity", quantity),
                **wishes({"order_type": order_type, **order}, self._name, "emit_order"),
                "reason": reason,
                "lots": lots,
            },
        )

    def cancel_order(self, symbol: str, order_id: str, reason: str | None = None) -> OrderRequestEvent:
        """Ask that one of its working orders ends."""
        return self._change(symbol, order_id, "cancel", reason, {})

    def replace_order(
        self,
        symbol: str,
        order_id: str,
        *,
        quantity: Decimal | int | str | None = None,
        limit_price: Decimal | None = None,
        stop_price: Decimal | None = None,
        reason: str | None = None,
    ) -> OrderRequestEvent:
        """Ask that one of its working orders changes: its whole quantity, what has filled included, or its prices."""
        asked = {"quantity": quantity, "limit_price": limit_price, "stop_price": stop_price}
        return self._change(symbol, order_id, "replace", reason, asked)

    def _change(
        self, symbol: str, order_id: str, action: str, reason: str | None, asked: dict[str, Any]
    ) -> OrderRequestEvent:
        self._own(symbol)
        return self._send(
            OrderRequestEvent,
            {
                "request_id": self._next_id(),
                "strategy_id": self._name,
                "symbol": symbol,
                "action": action,
                "order_id": order_id,
                **{name: exact(name, value) for name, value in asked.items()},
                "reason": reason,
            },
        )

    def record(self, **values: Decimal | float | int | str | bool | None) -> None:
        """Write what the strategy saw into the log; floats rounded to 12 significant digits."""
        symbol = None if self.bars or self.bar is None else self.bar.symbol
        seen = {name: scalar(name, value) for name, value in values.items()}
        self._send(RecordEvent, {"strategy_id": self._name, "symbol": symbol, "values": seen})

    def _next_id(self) -> str:
        return f"{self._name}-{self.intents + 1:06d}"

    def _send(self, kind: type[E], payload: dict[str, Any]) -> E:
        if self.bar is None and self.news is None:
            raise RunError(
                f"{self._name}: {kind.topic} before the first bar: nothing is known yet; emit in on_bar or on_bars"
            )
        payload["origin"] = NOWHERE
        event = validated(kind, payload)
        cause = self.bars.get(payload["symbol"], self.bar) if self.bars else self.bar
        self._emitter.follow(cause if self.news is None else self.news)
        if kind is not RecordEvent:
            self.intents += 1
            self.targets.asked.add(payload["symbol"])
        return self._emitter.place(event)

    def _known(self, interval: str | None, what: str) -> None:
        """Refuse an interval that the run does not have. Where bars are published by hand, any may come."""
        if interval is not None and interval not in (self._market.intervals or INTERVALS):
            offered = ", ".join(self._market.intervals or INTERVALS)
            raise RunError(
                f"{self._name}: {what} at interval {interval!r}: the run has {offered}; list it in data.interval"
            )

    def _own(self, symbol: str) -> None:
        if symbol not in (self._market.symbols if self._symbols is None else self._symbols):
            raise RunError(
                f"{self._name}: {symbol!r} is not among its symbols ({', '.join(self.symbols)}); "
                f"add it to data.symbols, and to the strategy's own symbols if it names them"
            )
