"""The design that comes to mind first: every event a validated model, checked against its JSON Schema, in a list."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import jsonschema
import referencing
from pydantic import BaseModel, ConfigDict

import qtrader_contracts
from benchmarks.outcome import Outcome
from benchmarks.strategies import Averages
from benchmarks.workloads import CASH, FEE, QUANTITY, Workload
from qtrader import BarTable, SignalIntention
from qtrader.contracts import to_contract
from qtrader.events import BaseEvent, FillEvent, OrderEvent, PriceBarEvent, SignalEvent

KINDS = (PriceBarEvent, SignalEvent, OrderEvent, FillEvent)
VALIDATIONS = 50_000


@cache
def validator(contract: str) -> Any:
    """The compiled validator of a contract, formats included."""
    envelope = referencing.Resource.from_contents(qtrader_contracts.schema("envelope.v1"))
    kind = jsonschema.Draft202012Validator
    registry: Any = referencing.Registry().with_resource(envelope.id() or "", envelope)
    return kind(qtrader_contracts.schema(contract), registry=registry, format_checker=kind.FORMAT_CHECKER)


class NaiveBus:
    """Validates each event against its contract, remembers it, and calls everybody who asked for its topic."""

    def __init__(self) -> None:
        self.history: list[BaseEvent] = []
        self.handlers: dict[str, list[Callable[[Any], None]]] = defaultdict(list)

    def publish(self, event: BaseEvent) -> None:
        """Validate, remember, deliver."""
        validator(event.contract()).validate(to_contract(event))
        self.history.append(event)
        for handler in self.handlers[event.topic]:
            handler(event)


class NaiveStrategy:
    """Signals by its own rule."""

    def __init__(self, bus: NaiveBus, rule: str) -> None:
        self.bus, self.rule = bus, rule
        self.averages: dict[str, Averages] = defaultdict(Averages)
        self.held = self.signals = 0

    def on_bar(self, bar: PriceBarEvent) -> None:
        """Signal a turn, or the opposite of the bar before."""
        if self.rule == "every":
            self.held = turn = -1 if self.held > 0 else 1
        else:
            turn = self.averages[bar.symbol].turn(float(bar.close))
        if turn:
            self.signals += 1
            intention = SignalIntention.OPEN_LONG if turn > 0 else SignalIntention.CLOSE_LONG
            self.bus.publish(
                SignalEvent(
                    signal_id=f"s-{self.signals}",
                    strategy_id="s",
                    symbol=bar.symbol,
                    intention=intention,
                    price=bar.close,
                    confidence=Decimal(1),
                    occurred_at=bar.timestamp,
                )
            )


class NaiveMarket:
    """Turns signals into orders of a fixed size and fills them at the next open."""

    def __init__(self, bus: NaiveBus) -> None:
        self.bus = bus
        self.held: dict[str, bool] = defaultdict(bool)
        self.working: dict[str, OrderEvent] = {}

    def on_signal(self, signal: SignalEvent) -> None:
        """Order what makes sense."""
        buy = signal.intention is SignalIntention.OPEN_LONG
        if buy == self.held[signal.symbol]:
            return
        order = OrderEvent(
            order_id=f"{signal.signal_id}-O",
            intent_id=signal.signal_id,
            idempotency_key=signal.signal_id,
            strategy_id="s",
            symbol=signal.symbol,
            side="buy" if buy else "sell",
            quantity=Decimal(QUANTITY),
            order_type="market",
            time_in_force="DAY",
            occurred_at=signal.occurred_at,
        )
        self.bus.publish(order)
        self.working[signal.symbol] = order

    def on_bar(self, bar: PriceBarEvent) -> None:
        """Fill what rests."""
        order = self.working.pop(bar.symbol, None)
        if order is None:
            return
        self.held[bar.symbol] = order.side == "buy"
        self.bus.publish(
            FillEvent(
                fill_id=f"{order.order_id}-F",
                source_order_id=order.order_id,
                intent_id=order.intent_id,
                strategy_id="s",
                symbol=bar.symbol,
                side=order.side,
                quantity=order.quantity,
                price=bar.open,
                currency="USD",
                commission=Decimal(FEE),
                commission_currency="USD",
                reference_price=bar.open,
                slippage=Decimal(0),
                executed_at=bar.timestamp,
                policy="next-open",
            )
        )


class NaiveBooks:
    """Keeps cash, positions and marks."""

    def __init__(self) -> None:
        self.cash = Decimal(CASH)
        self.units: dict[str, Decimal] = defaultdict(Decimal)
        self.marks: dict[str, Decimal] = {}
        self.fills = 0

    def on_bar(self, bar: PriceBarEvent) -> None:
        """Mark."""
        self.marks[bar.symbol] = bar.close

    def on_fill(self, fill: FillEvent) -> None:
        """Book."""
        units = fill.quantity if fill.side == "buy" else -fill.quantity
        self.units[fill.symbol] += units
        self.cash -= units * fill.price + fill.commission
        self.fills += 1


def rows(tables: Sequence[BarTable]) -> Iterator[dict[str, Any]]:
    """What a reader of files would hand over, by time, then symbol."""
    for row in range(len(tables[0])):
        for table in tables:
            bar = table.bar(row)
            names = ("symbol", "session", "open", "high", "low", "close", "volume")
            fixed: dict[str, Any] = {"asset_class": "equity", "interval": table.interval, "currency": "USD"}
            moment: datetime = bar.time
            yield {**fixed, "timestamp": moment, **{name: getattr(bar, name) for name in names}}


def naive(workload: Workload, tables: Sequence[BarTable]) -> Outcome:
    """Play a workload event by event."""
    bus, books = NaiveBus(), NaiveBooks()
    strategy, market = NaiveStrategy(bus, workload.rule), NaiveMarket(bus)
    bus.handlers["bar"] += [market.on_bar, books.on_bar, strategy.on_bar]
    bus.handlers["signal"].append(market.on_signal)
    bus.handlers["fill"].append(books.on_fill)
    for row in rows(tables):
        bus.publish(PriceBarEvent(**row))
    equity = books.cash + sum(units * books.marks[symbol] for symbol, units in books.units.items())
    return Outcome(sum(map(len, tables)), len(bus.history), books.fills, equity)


class FrozenBar(BaseModel):
    """A bar event as a plain frozen model, without a single rule of its own."""

    model_config = ConfigDict(frozen=True)

    seq: int
    topic: str
    symbol: str
    asset_class: str
    interval: str
    timestamp: datetime
    session: date
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    currency: str


def validations(tables: Sequence[BarTable]) -> Callable[[], Outcome]:
    """Build the plain frozen model of one bar over and over, from ready values: what validation alone costs."""
    row = next(rows(tables))

    def build() -> Outcome:
        for _ in range(VALIDATIONS):
            FrozenBar(seq=0, topic="bar", **row)
        return Outcome(VALIDATIONS, VALIDATIONS, 0, Decimal(0))

    return build
