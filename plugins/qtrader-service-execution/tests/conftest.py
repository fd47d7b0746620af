"""A world for execution alone: a real bus, market view and emitter, hand-written tools, bars and orders by hand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

import pytest

from qtrader.books import Books
from qtrader.emitter import Emitter
from qtrader.events import (
    CorporateActionEvent,
    FillEvent,
    OrderCommandEvent,
    OrderEvent,
    OrderUpdateEvent,
    PriceBarEvent,
    ValuationTriggerEvent,
)
from qtrader.market_view import FollowingMarketView
from qtrader.ports import BarValue, FillDecision, FillValue, Handler, Instrument, Wiring, WorkingOrder
from qtrader.ports.settings import ExecutionSettings, Reference
from qtrader.testing import RecordingBus
from qtrader_matching import Prices, decide
from qtrader_service_execution.service import ExecutionService


@dataclass
class Policy:
    """Fills at the open, or at the close; at most ``most`` units a bar."""

    moment: Literal["open", "close"] = "open"
    same_bar: bool = False
    most: Decimal | None = None
    seen: list[WorkingOrder] = field(default_factory=list)

    def decide(self, order: WorkingOrder, bar: BarValue) -> FillDecision | None:
        self.seen.append(order)
        quantity = order.quantity if self.most is None else min(order.quantity, self.most)
        return FillDecision(quantity, bar.open if self.moment == "open" else bar.close, self.moment)


@dataclass
class Rules(Policy):
    """Fills every order type by the rules of qtrader-matching, market orders at ``moment``."""

    def decide(self, order: WorkingOrder, bar: BarValue) -> FillDecision | None:
        return decide(order, Prices.of(bar), at=self.moment)


@dataclass
class Overfilling(Policy):
    """A broken policy: one unit too many."""

    def decide(self, order: WorkingOrder, bar: BarValue) -> FillDecision | None:
        return FillDecision(order.quantity + 1, bar.open)


@dataclass
class Shy(Policy):
    """Fills nothing, and says so with a decision of zero."""

    def decide(self, order: WorkingOrder, bar: BarValue) -> FillDecision | None:
        return FillDecision(Decimal(0), bar.open)


@dataclass
class Slip:
    """Moves a price by a fixed amount against the trader; a negative amount is a broken model."""

    by: Decimal = Decimal(0)

    def adjust(self, price: Decimal, order: WorkingOrder, bar: BarValue) -> Decimal:
        return price + self.by if order.side == "buy" else price - self.by


@dataclass
class Fee:
    """Charges a fixed amount per unit."""

    rate: Decimal = Decimal(0)
    rounding: str = "minor"
    seen: list[FillValue] = field(default_factory=list)

    def fee(self, fill: FillValue) -> Decimal:
        self.seen.append(fill)
        return fill.quantity * self.rate


class World:
    """Execution on a bus of its own."""

    def __init__(
        self,
        *,
        policy: Policy | None = None,
        slippage: Slip | None = None,
        commission: Any = None,
        instruments: Sequence[Instrument] = (),
        max_participation: str | None = None,
    ) -> None:
        self._share = None if max_participation is None else Decimal(max_participation)
        self.policy, self.commission = policy or Policy(), commission or Fee()
        self._tools = {"fill-policy": self.policy, "slippage": slippage or Slip(), "commission": self.commission}
        self._instruments = {one.symbol: one for one in instruments}
        self.bus = RecordingBus()
        self.view = FollowingMarketView(self._instruments)
        self.service = self.make_service()
        self.bus.attach("execution", self.service.handlers())
        self.bus.attach("view", [Handler("bar", self.view.see, phase="market")])

    def make_service(self) -> ExecutionService:
        """A fresh service on the same bus, not attached."""
        emitter = Emitter(self.bus, "execution")
        wiring = Wiring(emitter, self.view, Books(self.view), lambda kind, reference: self._tools[kind])
        chosen = Reference(use="of-the-test")
        settings = ExecutionSettings(fill=chosen, slippage=chosen, commission=chosen, max_participation=self._share)
        return ExecutionService(self.bus, settings, wiring)

    def reborn(self) -> "World":
        """The same world, its service replaced by one that was restored from its snapshot."""
        other = World(instruments=list(self._instruments.values()))
        other._share = self._share
        other.policy, other.commission, other._tools = self.policy, self.commission, self._tools
        other.bus, other.view = self.bus, self.view
        for subscription in [one for one in self.bus._subscriptions if one.owner == "execution"]:
            self.bus.unsubscribe(subscription)
        other.service = other.make_service()
        other.service.restore(self.service.snapshot())
        other.bus.attach("execution", other.service.handlers())
        return other

    def bar(
        self, day: int, opens: str = "10", closes: str = "11", *, symbol: str = "A", volume: str | None = "1000"
    ) -> PriceBarEvent:
        """Publish the daily bar of a day in January 2024; it ends at 21:00 UTC."""
        prices = Decimal(opens), Decimal(closes)
        bar = self.make_bar(day, symbol, volume, open=prices[0], high=max(prices), low=min(prices), close=prices[1])
        self.bus.publish(bar)
        return bar

    def show(self, day: int, prices: str, *, symbol: str = "A", volume: str | None = "1000", **changes: Any) -> None:
        """Publish a daily bar by its open, high, low and close."""
        opened, high, low, close = map(Decimal, prices.split())
        bar = self.make_bar(day, symbol, volume, open=opened, high=high, low=low, close=close)
        self.bus.publish(bar.model_copy(update=changes))

    def make_bar(self, day: int, symbol: str, volume: str | None, **prices: Decimal) -> PriceBarEvent:
        """A daily bar of a day in January 2024; it ends at 21:00 UTC."""
        return PriceBarEvent(
            symbol=symbol,
            asset_class="equity",
            interval="1d",
            timestamp=datetime(2024, 1, day, 21, tzinfo=UTC),
            session=date(2024, 1, day),
            volume=None if volume is None else Decimal(volume),
            currency="USD",
            **prices,
        )

    def minute(self, day: int, hour: int, prices: str, *, number: int = 0) -> None:
        """Publish a one-minute bar of A that ends at a minute of an hour, UTC."""
        self.show(day, prices, interval="1m", timestamp=datetime(2024, 1, day, hour, number, tzinfo=UTC))

    def end(self, day: int, hour: int = 21) -> None:
        """End a session."""
        self.bus.publish(
            ValuationTriggerEvent(
                session=date(2024, 1, day),
                reason="session_end",
                occurred_at=datetime(2024, 1, day, hour, tzinfo=UTC),
            )
        )

    def order(self, number: int = 1, **changes: Any) -> OrderEvent:
        """Publish a market order to buy 100 A."""
        fields: dict[str, Any] = {
            "order_id": f"o-{number}",
            "intent_id": f"i-{number}",
            "idempotency_key": f"k-{number}",
            "strategy_id": "s",
            "symbol": "A",
            "side": "buy",
            "quantity": Decimal(100),
            "order_type": "market",
            "time_in_force": "DAY",
        }
        order = OrderEvent(**{**fields, **changes})
        self.bus.publish(order)
        return order

    def command(self, command: str = "cancel", order_id: str = "o-1", **changes: Any) -> None:
        """Publish a command for an order."""
        fields = {"command_id": "c-1", "order_id": order_id, "command": command, "strategy_id": "s", "symbol": "A"}
        self.bus.publish(OrderCommandEvent(**{**fields, **changes}))

    def updates(self, number: int = 1) -> list[OrderUpdateEvent]:
        """Every update of an order so far."""
        updates: list[Any] = self.bus.of("order_update")
        return [one for one in updates if one.order_id == f"o-{number}"]

    def triggers(self, number: int = 1) -> list[str]:
        """Their triggers."""
        return [one.trigger for one in self.updates(number)]

    def last(self, number: int = 1) -> OrderUpdateEvent:
        """The latest update of an order."""
        return self.updates(number)[-1]

    @property
    def fills(self) -> list[FillEvent]:
        """Every fill so far."""
        fills: list[Any] = self.bus.of("fill")
        return fills


class Kit:
    """What tests build worlds from."""

    def __init__(self) -> None:
        self.World, self.Policy, self.Overfilling, self.Shy = World, Policy, Overfilling, Shy
        self.Rules = Rules
        self.Slip, self.Fee = Slip, Fee


@pytest.fixture(scope="session")
def kit() -> Kit:
    return Kit()


@pytest.fixture
def market() -> World:
    """A world that fills every order type by its rules."""
    return World(policy=Rules())


@pytest.fixture
def world() -> World:
    """A world whose tools fill at the next open and cost nothing."""
    return World()


def act(world: World, action_type: str, symbol: str = "A", **fields: Any) -> None:
    """Publish a corporate action."""
    world.bus.publish(
        CorporateActionEvent(
            action_id="ca-1", symbol=symbol, action_type=action_type, ex_date=date(2024, 1, 3), **fields
        )
    )


@pytest.fixture(name="act", scope="session")
def _act() -> Any:
    return act
