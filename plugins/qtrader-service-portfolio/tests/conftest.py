"""A desk to trade from: the real service, a market of hand-set prices, and an emitter that validates and records."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest

from qtrader import EventBus
from qtrader.books import Books
from qtrader.events import (
    BaseEvent,
    CashEvent,
    CorporateActionEvent,
    FillEvent,
    PositionEvent,
    TradeEvent,
    ValuationEvent,
    ValuationTriggerEvent,
)
from qtrader.guard import AccountingGuard
from qtrader.ports import ExchangeRates, Instrument, Wiring
from qtrader.ports.settings import LotSettings, PortfolioServiceSettings, PortfolioSettings
from qtrader_service_portfolio import LotTracker, PortfolioService, Position

E = TypeVar("E", bound=BaseEvent)
START = datetime(2024, 1, 2, 21, tzinfo=UTC)
Number = Decimal | int | str


def day(number: int) -> date:
    """Session number ``number``: 0 is 2024-01-02."""
    return START.date() + timedelta(days=number)


def at(number: int) -> datetime:
    """The close of session ``number``."""
    return START + timedelta(days=number)


def ns(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000_000


@dataclass
class HandMarket:
    """Latest prices as the test sets them."""

    instruments: dict[str, Instrument] = field(default_factory=dict)
    bars: dict[str, Any] = field(default_factory=dict)
    history: dict[str, list[Any]] = field(default_factory=dict)
    ranges: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    """Lowest low and highest high since whenever a lot was opened."""
    session: date | None = None
    time: datetime = START
    time_ns: int = ns(START)

    @property
    def symbols(self) -> tuple[str, ...]:
        return tuple(sorted({*self.instruments, *self.bars}))

    def instrument(self, symbol: str) -> Instrument:
        return self.instruments.get(symbol) or Instrument(symbol)

    def bar(self, symbol: str) -> Any | None:
        return self.bars.get(symbol)

    def extremes(self, symbol: str, from_ns: int) -> tuple[Decimal, Decimal] | None:
        return self.ranges.get(symbol)

    def close(self, symbol: str) -> Decimal | None:
        bar = self.bars.get(symbol)
        return None if bar is None else bar.close

    def close_at(self, symbol: str, at_ns: int) -> tuple[Decimal, int] | None:
        ended = [bar for bar in self.history.get(symbol, []) if bar.time_ns <= at_ns]
        return (ended[-1].close, ended[-1].time_ns) if ended else None


@dataclass
class RecordingEmitter:
    """Builds every event through its validating constructor and keeps it."""

    events: list[BaseEvent] = field(default_factory=list)

    def emit(self, kind: type[E], /, **payload: Any) -> E:
        return self.post(kind, payload)

    def post(self, kind: type[E], values: dict[str, Any]) -> E:
        event = kind(**values)
        self.events.append(event)
        return event


class Present(dict[str, Any]):
    """The services of a desk: the one that it has now."""

    def __init__(self, desk: "Desk") -> None:
        self.desk = desk

    def __getitem__(self, name: str) -> PortfolioService:
        return self.desk.service


class Desk:
    """One service under test and short ways to feed it."""

    def __init__(
        self,
        cash: Number = 10_000,
        *,
        snapshots: str = "none",
        lots: LotSettings | None = None,
        instruments: tuple[Instrument, ...] = (),
        currency: str = "USD",
        **portfolio: Any,
    ) -> None:
        self.settings = PortfolioServiceSettings(
            portfolio=PortfolioSettings(cash=Decimal(cash), lots=lots or LotSettings(), currency=currency, **portfolio),
            snapshots=snapshots,
        )
        self.market = HandMarket({one.symbol: one for one in instruments})
        self.emitter = RecordingEmitter()
        self.now = 0
        self.count = 0
        self.service = self.build()
        self.guarded = True
        self.told = Books(self.market, ExchangeRates(self.market, self.settings.portfolio))  # type: ignore[arg-type]
        self.guard = AccountingGuard(Present(self), self.market, self.told, self.settings.portfolio)  # type: ignore[arg-type]

    def hear(self, event: Any) -> None:
        """Tell the service of an event, then the kernel's guard, and the guard of what the service said."""
        said = len(self.emitter.events)
        getattr(self.service, f"on_{event.topic}")(event)
        if not self.guarded:
            return
        getattr(self.guard, f"on_{event.topic}")(event)
        for one in self.emitter.events[said:]:
            for hears in (self.told, self.guard):
                getattr(hears, f"on_{one.topic}", lambda event: None)(one)

    def build(self) -> PortfolioService:
        """A fresh service on the same market, speaking to the same record."""
        wiring = Wiring(self.emitter, self.market, None, lambda kind, reference: None)  # type: ignore[arg-type]
        return PortfolioService(EventBus.__new__(EventBus), self.settings, wiring)

    def of(self, kind: type[E]) -> list[E]:
        """Everything emitted of one kind."""
        return [event for event in self.emitter.events if type(event) is kind]

    def last(self, kind: type[E]) -> E:
        """The latest emitted of one kind."""
        return self.of(kind)[-1]

    def price(self, symbol: str, price: Number, number: int | None = None) -> None:
        """A bar closes at a price."""
        self.now = self.now if number is None else number
        self.market.time, self.market.time_ns, self.market.session = at(self.now), ns(at(self.now)), day(self.now)
        self.market.bars[symbol] = SimpleNamespace(symbol=symbol, close=Decimal(price), time_ns=ns(at(self.now)))
        self.market.history.setdefault(symbol, []).append(self.market.bars[symbol])

    def make_fill(self, side: str, quantity: Number, price: Number, fee: Number = 0, **other: Any) -> FillEvent:
        """A fill; each gets its own id and the present session's time."""
        self.count += 1
        facts: dict[str, Any] = {
            "fill_id": f"f{self.count}",
            "source_order_id": f"o{self.count}",
            "intent_id": f"i{self.count}",
            "strategy_id": "trend",
            "symbol": "AAPL",
            "side": side,
            "quantity": Decimal(quantity),
            "price": Decimal(price),
            "currency": "USD",
            "commission": Decimal(fee),
            "commission_currency": "USD",
            "reference_price": Decimal(price),
            "slippage": Decimal(0),
            "executed_at": at(self.now),
            "policy": "next-open",
        }
        return FillEvent(**{**facts, **other})

    def buy(self, quantity: Number, price: Number, fee: Number = 0, **other: Any) -> None:
        self.hear(self.make_fill("buy", quantity, price, fee, **other))

    def sell(self, quantity: Number, price: Number, fee: Number = 0, **other: Any) -> None:
        self.hear(self.make_fill("sell", quantity, price, fee, **other))

    def act(self, action_type: str, **facts: Any) -> None:
        """A corporate action at the open of the present session."""
        self.count += 1
        known = {"action_id": f"a{self.count}", "symbol": "AAPL", "ex_date": day(self.now), **facts}
        self.hear(CorporateActionEvent(action_type=action_type, occurred_at=at(self.now) - timedelta(hours=6), **known))

    def split(self, numerator: int, denominator: int, **facts: Any) -> None:
        kind = "split" if numerator > denominator else "reverse_split"
        self.act(facts.pop("action_type", kind), numerator=numerator, denominator=denominator, **facts)

    def dividend(self, amount: Number, pay: int | None = None, **facts: Any) -> None:
        pay_date = None if pay is None else day(pay)
        self.act("cash_dividend", **{"amount": Decimal(amount), "currency": "USD", "pay_date": pay_date, **facts})

    def value(self, number: int | None = None, reason: str = "session_end") -> ValuationEvent:
        """End a session; the valuation that it gives."""
        self.now = self.now if number is None else number
        self.market.session = day(self.now)
        trigger = ValuationTriggerEvent(session=day(self.now), reason=reason, occurred_at=at(self.now))
        self.hear(trigger)
        return self.last(ValuationEvent)

    @property
    def position(self) -> Position:
        """The first book."""
        return self.service.positions[0]

    @property
    def cash(self) -> Decimal:
        """Cash, as the ledger has it."""
        return self.service.ledger.balance("Assets:Cash", self.settings.portfolio.currency)


@pytest.fixture
def desk() -> Desk:
    """A desk with 10,000 USD."""
    return Desk()


@pytest.fixture(scope="session")
def desk_with() -> Callable[..., Desk]:
    """Make a desk to measure."""
    return Desk


@pytest.fixture
def days() -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Facts of an action with pay dates that were written as the number of a session."""
    return lambda facts: {name: day(int(one)) if name == "pay_date" else one for name, one in facts.items()}


@pytest.fixture
def tracker() -> LotTracker:
    """FIFO longs, LIFO shorts."""
    return LotTracker()


__all__ = ["CashEvent", "Desk", "PositionEvent", "TradeEvent", "at", "day"]
