"""Execution keeps to what every service must do."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from qtrader import EventBus
from qtrader.events import CorporateActionEvent, OrderCommandEvent, OrderEvent
from qtrader.ports import BarValue, FillDecision, FillValue, Wiring, WorkingOrder
from qtrader.ports.settings import ExecutionSettings, Reference
from qtrader.testing import ServiceConformance, Step, bar, example
from qtrader_service_execution.plugin import qtrader_services
from qtrader_service_execution.service import ExecutionService


@dataclass
class Slowly:
    """Fills at the open, at most 60 units a bar."""

    same_bar: bool = False

    def decide(self, order: WorkingOrder, bar: BarValue) -> FillDecision | None:
        moment: Literal["open", "inside"] = "open" if order.order_type == "market" else "inside"
        return FillDecision(min(order.quantity, Decimal(60)), bar.open, moment)


@dataclass
class Tick:
    """A cent against the trader."""

    def adjust(self, price: Decimal, order: WorkingOrder, bar: BarValue) -> Decimal:
        return price + (Decimal("0.01") if order.side == "buy" else Decimal("-0.01"))


@dataclass
class Fee:
    """A cent a unit."""

    def fee(self, fill: FillValue) -> Decimal:
        return fill.quantity * Decimal("0.01")


def order(number: int, symbol: str = "AAPL", **changes: Any) -> OrderEvent:
    empty = dict.fromkeys(
        ("signal_id", "limit_price", "stop_price", "trail_amount", "trail_percent", "expire_at", "group_id",
         "parent_order_id")
    )  # fmt: skip
    fixed = {"order_type": "market", "time_in_force": "GTC", "side": "buy", "quantity": Decimal(100)}
    names = {"order_id": f"o-{number}", "intent_id": f"i-{number}", "idempotency_key": f"k-{number}"}
    return example(OrderEvent, **{**empty, **fixed, **names, "symbol": symbol, "role": "entry", **changes})


def cancel(number: int) -> OrderCommandEvent:
    fields = {"order_id": f"o-{number}", "command": "cancel", "symbol": "AAPL"}
    empty = dict.fromkeys(("quantity", "limit_price", "stop_price"))
    return example(OrderCommandEvent, **{**fields, **empty, "command_id": f"c-{number}"})


def split(day: int) -> CorporateActionEvent:
    described = {name: None for name in CorporateActionEvent.model_fields if name not in ("origin", "action_id")}
    facts = {"action_type": "split", "symbol": "AAPL", "ex_date": f"2020-01-{day:02}", "numerator": 2, "denominator": 1}
    return example(CorporateActionEvent, **{**described, **facts, "action_id": "AAPL-split"})


class TestExecution(ServiceConformance):
    provider = qtrader_services()[0]

    def make(self, bus: EventBus, wiring: Wiring | None) -> ExecutionService:
        chosen = {"fill": Slowly(), "slippage": Tick(), "commission": Fee()}
        references = {name: Reference(use="of-the-test", instance=tool) for name, tool in chosen.items()}
        return ExecutionService(bus, ExecutionSettings(**references), wiring)

    def steps(self) -> Sequence[Step]:
        """Orders filled at once and in parts, split, sent twice, rejected, cancelled, cancelled too late, expired."""
        return STORY


STORY: Sequence[Step] = (
    bar(day=2),
    bar("IBM", day=2),
    order(1),
    order(2, "IBM", side="sell", quantity=Decimal("50.5")),
    order(3, order_type="limit", limit_price=Decimal(9)),
    bar(day=3),
    bar("IBM", day=3, prices="20 21 19 20"),
    order(4),
    order(4),
    split(6),
    bar(day=6, prices="5 6 4 5"),
    cancel(4),
    cancel(1),
    order(5, "IBM"),
    bar(day=7, prices="5 6 4 5"),
    order(6, side="sell", order_type="stop", stop_price=Decimal("4.5"), group_id="g"),
    order(7, side="sell", order_type="limit", limit_price=Decimal("5.5"), group_id="g"),
    bar(day=8, prices="5 6 4 5"),
)
