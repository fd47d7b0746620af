"""The manager keeps to what every service must do."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from qtrader import EventBus
from qtrader.events import CashEvent, OrderRequestEvent, OrderUpdateEvent, PositionEvent, SignalEvent
from qtrader.ports import SignalIntention, Size, SizeRequest, Wiring
from qtrader.ports.settings import ManagerSettings, Reference, RiskSettings
from qtrader.testing import ServiceConformance, Step, bar, example
from qtrader_service_manager.plugin import qtrader_services
from qtrader_service_manager.service import ManagerService

POLICIES = str(Path(__file__).parent / "policies")


@dataclass
class Units:
    """Always the same."""

    quantity: Decimal = Decimal(100)

    def size(self, request: SizeRequest) -> Size:
        return Size(self.quantity, {"quantity": self.quantity})


def signal(intention: SignalIntention, number: int, symbol: str = "AAPL") -> SignalEvent:
    return example(
        SignalEvent, signal_id=f"s-{number}", strategy_id="s", symbol=symbol, intention=intention, price=Decimal(11)
    )


def update(order_id: str, status: str, filled: int) -> OrderUpdateEvent:
    return example(
        OrderUpdateEvent,
        order_id=order_id,
        strategy_id="s",
        symbol="AAPL",
        status=status,
        previous="ACK",
        trigger="fill",
        quantity=Decimal(100),
        filled_quantity=Decimal(filled),
        leaves_quantity=Decimal(100 - filled),
        average_price=Decimal(11),
    )


def position(quantity: int, cash: int) -> PositionEvent:
    return example(
        PositionEvent, strategy_id="s", symbol="AAPL", quantity=Decimal(quantity), cash_balance=Decimal(cash)
    )


def request(action: str, **fields: Any) -> OrderRequestEvent:
    empty = dict.fromkeys(("side", "quantity", "order_type", "limit_price", "stop_price", "time_in_force", "order_id"))
    return example(
        OrderRequestEvent, **{**empty, "strategy_id": "s", "symbol": "AAPL", "action": action, "reason": None, **fields}
    )


class TestManager(ServiceConformance):
    provider = qtrader_services()[0]

    def make(self, bus: EventBus, wiring: Wiring | None) -> ManagerService:
        sizing = Reference(use="of-the-test", instance=Units())
        risk = RiskSettings(policy="plain", policies=[POLICIES], sizing=sizing)
        return ManagerService(bus, ManagerSettings(risk=risk), wiring)

    def steps(self) -> Sequence[Step]:
        """An entry, filled in two parts, and everything that is refused on the way; an exit; an order by hand."""
        return STORY


STORY: Sequence[Step] = (
    example(CashEvent, kind="deposit", currency="USD", balance=Decimal(100_000)),
    signal(SignalIntention.OPEN_LONG, 1, "UNSEEN"),
    bar(day=2),
    signal(SignalIntention.OPEN_LONG, 2),
    signal(SignalIntention.OPEN_LONG, 3),
    update("s-2-1", "PARTIAL", 40),
    position(40, 99_560),
    update("s-2-1", "FILLED", 100),
    position(100, 98_900),
    signal(SignalIntention.OPEN_LONG, 4),
    signal(SignalIntention.OPEN_SHORT, 5),
    bar(day=3, prices="11 13 10 12"),
    signal(SignalIntention.CLOSE_LONG, 6),
    signal(SignalIntention.CLOSE_LONG, 6),
    request("place", request_id="r-1", side="buy", quantity=Decimal(5), order_type="market"),
    request("cancel", request_id="r-2", order_id="s-6-1"),
)
