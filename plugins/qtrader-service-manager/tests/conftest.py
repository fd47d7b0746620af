"""A world for the manager alone: a real bus, market view and books; prices, positions and cash by hand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from qtrader.books import Books
from qtrader.emitter import Emitter
from qtrader.errors import UnknownComponent
from qtrader.events import (
    CashEvent,
    OrderRequestEvent,
    OrderUpdateEvent,
    PositionEvent,
    PriceBarEvent,
    SignalEvent,
)
from qtrader.market_view import FollowingMarketView
from qtrader.ports import (
    BooksView,
    Handler,
    Instrument,
    Intent,
    SignalIntention,
    Size,
    SizeRequest,
    Verdict,
    Wiring,
)
from qtrader.ports.settings import (
    BorrowSettings,
    LotSettings,
    ManagerSettings,
    PortfolioSettings,
    Reference,
    RiskSettings,
)
from qtrader.providers import PolicyDocument
from qtrader.testing import RecordingBus
from qtrader_service_manager.service import ManagerService


@dataclass
class Share:
    """Sizes a share of equity, unrounded."""

    pct: Decimal = Decimal("0.10")
    seen: list[SizeRequest] = field(default_factory=list)

    def size(self, request: SizeRequest) -> Size:
        self.seen.append(request)
        return Size(request.equity * self.pct / request.unit_value, inputs={"pct": self.pct})


@dataclass
class Units:
    """Sizes a fixed number of units."""

    quantity: Decimal = Decimal(100)

    def size(self, request: SizeRequest) -> Size:
        return Size(self.quantity)


@dataclass
class Ceiling:
    """Lets a position grow to ``most`` units: shrinks, then refuses."""

    most: Decimal = Decimal(50)
    seen: list[Intent] = field(default_factory=list)

    def check(self, intent: Intent, books: BooksView) -> Verdict:
        self.seen.append(intent)
        room = self.most - abs(books.quantity(intent.symbol))
        if room >= intent.quantity:
            return Verdict("pass")
        if room <= 0:
            return Verdict("refuse", None, f"{self.most} units are held already")
        return Verdict("shrink", room, f"at most {self.most} units")


@dataclass
class Answer:
    """A limit that always answers the same."""

    verdict: Verdict

    def check(self, intent: Intent, books: BooksView) -> Verdict:
        return self.verdict


NAIVE: dict[str, Any] = {
    "policy": "naive",
    "version": 3,
    "sizing": {"use": "of-the-test"},
    "signals": {"already_open": "ignore", "opposite_open": "reject", "shorts": False},
    "orders": {"type": "market", "time_in_force": "DAY", "honour": []},
    "limits": [],
}


class World:
    """The manager on a bus of its own, with an account of 100,000 USD and A at 50."""

    def __init__(
        self,
        *,
        sizer: Any = None,
        limits: dict[str, Any] | None = None,
        account: str = "margin",
        instruments: Sequence[Instrument] = (),
        risk: RiskSettings | None = None,
        price: str | None = "50",
        document: dict[str, Any] | None = None,
        lots: LotSettings | None = None,
        budgets: dict[str, Decimal] | None = None,
        available: dict[str, Decimal] | None = None,
        **signals: Any,
    ) -> None:
        self.limits = limits or {}
        written = [{"use": name} for name in self.limits]
        base = NAIVE if document is None else document
        self.document = (
            {**base, "limits": written, "signals": {**NAIVE["signals"], **signals}} if not document else base
        )
        self.sizer = sizer or Share()
        borrow = BorrowSettings(available=available or {})
        portfolio = PortfolioSettings(account=account, lots=lots or LotSettings(), borrow=borrow)
        chosen = risk or RiskSettings(policy="naive")
        self._config = ManagerSettings(risk=chosen, portfolio=portfolio, budgets=budgets or {})
        self.built: list[tuple[str, Any]] = []
        self.bus = RecordingBus()
        self.view = FollowingMarketView({one.symbol: one for one in instruments})
        self.books = Books(self.view)
        self.service = self.make_service()
        self.bus.attach("manager", self.service.handlers())
        rows = [
            Handler("bar", self.view.see, phase="market"),
            Handler("position", self.books.on_position),
            Handler("cash", self.books.on_cash),
        ]
        self.bus.attach("books", rows)
        self.cash("100000")
        if price is not None:
            self.bar(price)

    def make_service(self) -> ManagerService:
        """A fresh service on the same bus, not attached."""
        return ManagerService(
            self.bus, self._config, Wiring(Emitter(self.bus, "manager"), self.view, self.books, self._build)
        )

    def _build(self, kind: str, reference: Reference) -> Any:
        self.built.append((kind, reference))
        if kind == "risk-policy":
            if reference.use != "naive":
                raise UnknownComponent(f"no risk-policy is named {reference.use!r}. Installed: naive.")
            return PolicyDocument("naive", "for tests", self.document)
        return self.sizer if kind == "sizer" else self.limits[reference.use]

    def reborn(self) -> None:
        """Replace the service by a fresh one, restored from its snapshot."""
        snapshot = self.service.snapshot()
        for subscription in [one for one in self.bus._subscriptions if one.owner == "manager"]:
            self.bus.unsubscribe(subscription)
        self.service = self.make_service()
        self.service.restore(snapshot)
        self.bus.attach("manager", self.service.handlers())

    # what happens

    def bar(self, close: str, symbol: str = "A", day: int = 2) -> None:
        price = Decimal(close)
        self.bus.publish(
            PriceBarEvent(
                symbol=symbol,
                asset_class="equity",
                interval="1d",
                timestamp=datetime(2024, 1, day, 21, tzinfo=UTC),
                session=date(2024, 1, day),
                open=price,
                high=price,
                low=price,
                close=price,
                volume=None,
                currency="USD",
            )
        )

    def cash(self, balance: str) -> None:
        amount = Decimal(balance)
        self.bus.publish(
            CashEvent(
                currency="USD",
                kind="deposit",
                amount=amount,
                balance=amount,
                receivable=Decimal(0),
                payable=Decimal(0),
                accrued=Decimal(0),
            )
        )

    def hold(
        self, quantity: str, symbol: str = "A", strategy: str = "s", cash: str = "100000", lots: tuple[Any, ...] = ()
    ) -> None:
        units = Decimal(quantity)
        zero = Decimal(0)
        self.bus.publish(
            PositionEvent(
                strategy_id=strategy,
                symbol=symbol,
                currency="USD",
                quantity=units,
                cost_basis=zero,
                price=Decimal(50),
                market_value=units * 50,
                realised_pnl=zero,
                unrealised_pnl=zero,
                commission=zero,
                dividends=zero,
                cash_balance=Decimal(cash),
                reason="fill",
                lots=lots,
            )
        )

    def signal(self, intention: str = "OPEN_LONG", number: int = 1, **changes: Any) -> SignalEvent:
        fields: dict[str, Any] = {
            "signal_id": f"s-{number}",
            "strategy_id": "s",
            "symbol": "A",
            "intention": SignalIntention(intention),
            "price": Decimal(50),
            "confidence": Decimal(1),
        }
        signal = SignalEvent(**{**fields, **changes})
        self.bus.publish(signal)
        return signal

    def request(self, side: str | None = "buy", quantity: str | None = "10", number: int = 1, **changes: Any) -> None:
        fields: dict[str, Any] = {
            "request_id": f"r-{number}",
            "strategy_id": "s",
            "symbol": "A",
            "action": "place",
            "side": side,
            "quantity": None if quantity is None else Decimal(quantity),
            "order_type": "market",
        }
        self.bus.publish(OrderRequestEvent(**{**fields, **changes}))

    def update(self, order: Any, status: str, filled: str = "0", trigger: str = "fill", **changes: Any) -> None:
        """Say what became of an order."""
        done = Decimal(filled)
        ended = status in ("FILLED", "CANCELED", "REJECTED", "EXPIRED")
        fields: dict[str, Any] = {
            "order_id": order.order_id,
            "strategy_id": order.strategy_id,
            "symbol": order.symbol,
            "status": status,
            "trigger": trigger,
            "quantity": order.quantity,
            "filled_quantity": done,
            "leaves_quantity": Decimal(0) if ended else order.quantity - done,
            "idempotency_key": order.idempotency_key,
        }
        self.bus.publish(OrderUpdateEvent(**{**fields, **changes}))

    # what came of it

    def of(self, topic: str) -> list[Any]:
        """Every event of a topic."""
        return self.bus.of(topic)

    @property
    def orders(self) -> list[Any]:
        return self.of("order")

    @property
    def refused(self) -> list[str]:
        """The codes of all refusals."""
        return [event.code for event in self.of("signal_rejected")]


class Kit:
    """What tests build worlds from."""

    def __init__(self) -> None:
        self.World, self.Share, self.Units, self.Ceiling, self.Answer = World, Share, Units, Ceiling, Answer
        self.naive = NAIVE


@pytest.fixture(scope="session")
def kit() -> Kit:
    return Kit()


@pytest.fixture
def world() -> World:
    """A world with the naive policy."""
    return World()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for policies of one's own."""
    folder = tmp_path / "policies"
    folder.mkdir()
    return folder
