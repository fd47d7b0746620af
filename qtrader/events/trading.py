"""What is wanted, decided and done: signals, orders and fills."""

from enum import StrEnum
from typing import Literal

from qtrader.events.base import ValidatedEvent, Value
from qtrader.events.fields import (
    Count,
    Currency,
    DecimalText,
    Flag,
    FrozenMap,
    Key,
    Moment,
    Name,
    NonNegativeMoney,
    NonNegativePrice,
    NonNegativeQuantity,
    PositivePrice,
    PositiveQuantity,
    Price,
    Scalar,
    Share,
    Slug,
    Symbol,
    Text,
)
from qtrader.events.rules import Rule, When
from qtrader.ports.fill import Side
from qtrader.ports.strategy import SignalIntention

OrderType = Literal["market", "limit", "stop", "stop_limit", "trailing_stop", "market_on_open", "market_on_close"]
TimeInForce = Literal["DAY", "GTC", "GTD", "IOC", "FOK"]
Role = Literal["entry", "exit", "stop_loss", "take_profit"]
Trigger = Literal[
    "received", "sent", "ack", "reject", "fill", "cancel_request", "cancel", "cancel_refused",
    "replace_request", "replace", "replace_refused", "triggered", "expire", "bust",
]  # fmt: skip


class OrderStatus(StrEnum):
    """Where an order is in its life. The last four are final."""

    NEW = "NEW"
    SUBMITTED = "SUBMITTED"
    ACK = "ACK"
    PARTIAL = "PARTIAL"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"

    def __init__(self, value: str) -> None:
        self.final = value in ("FILLED", "CANCELED", "REJECTED", "EXPIRED")
        """Whether nothing more can happen to the order."""

    __hash__ = str.__hash__  # that of Enum is a call of Python code


_FINAL = tuple(status for status in OrderStatus if status.final)
_OPEN = tuple(status for status in OrderStatus if not status.final)
_PRICED = (
    When({"order_type": ("limit", "stop_limit")}, needs=("limit_price",)),
    When({"order_type": ("stop", "stop_limit")}, needs=("stop_price",)),
)


_WISHED = (
    *_PRICED,
    When({"order_type": ("trailing_stop",)}, one_of=("trail_amount", "trail_percent")),
    When({"time_in_force": ("GTD",)}, needs=("expire_at",)),
)


class SignalEvent(ValidatedEvent, title="contract strategy/signal.v1"):
    """What a strategy wants, before anybody decided how much; from ``order_type`` on, how it wishes to get it."""

    topic = "signal"
    source = "strategy"
    conditions = _WISHED

    signal_id: Name
    strategy_id: Name
    symbol: Symbol
    intention: SignalIntention
    price: PositivePrice
    confidence: Share
    stop_loss: PositivePrice | None = None
    take_profit: PositivePrice | None = None
    order_type: OrderType | None = None
    limit_price: Price | None = None
    stop_price: Price | None = None
    trail_amount: PositivePrice | None = None
    trail_percent: PositivePrice | None = None
    time_in_force: TimeInForce | None = None
    expire_at: Moment | None = None
    reason: Text | None = None
    lots: tuple[Name, ...] = ()


class OrderRequestEvent(ValidatedEvent, title="contract strategy/order_request.v1"):
    """An order by hand: it passes the manager's limits, not its sizing."""

    topic = "order_request"
    source = "strategy"
    conditions = (
        When({"action": ("place",)}, needs=("side", "quantity", "order_type")),
        When({"action": ("cancel", "replace")}, needs=("order_id",)),
        *_WISHED,
    )

    request_id: Name
    strategy_id: Name
    symbol: Symbol
    action: Literal["place", "cancel", "replace"]
    side: Side | None = None
    quantity: PositiveQuantity | None = None
    order_type: OrderType | None = None
    limit_price: Price | None = None
    stop_price: Price | None = None
    trail_amount: PositivePrice | None = None
    trail_percent: PositivePrice | None = None
    time_in_force: TimeInForce | None = None
    expire_at: Moment | None = None
    order_id: Name | None = None
    reason: Text | None = None
    lots: tuple[Name, ...] = ()


class RecordEvent(ValidatedEvent, title="contract strategy/record.v1"):
    """What a strategy wants remembered: names and plain values."""

    topic = "record"
    source = "strategy"

    strategy_id: Name
    symbol: Symbol | None = None
    values: FrozenMap[Key, Scalar]


class OrderEvent(ValidatedEvent, title="contract manager/order.v1"):
    """An order, decided: what execution is to work."""

    topic = "order"
    source = "manager"
    conditions = _WISHED

    order_id: Name
    intent_id: Name
    idempotency_key: Name
    signal_id: Name | None = None
    strategy_id: Name
    symbol: Symbol
    side: Side
    quantity: PositiveQuantity
    order_type: OrderType
    limit_price: Price | None = None
    stop_price: Price | None = None
    trail_amount: PositivePrice | None = None
    trail_percent: PositivePrice | None = None
    time_in_force: TimeInForce
    expire_at: Moment | None = None
    group_id: Name | None = None
    parent_order_id: Name | None = None
    role: Role = "entry"
    reduce_only: Flag = False
    lots: tuple[Name, ...] = ()


class OrderCommandEvent(ValidatedEvent, title="contract manager/order_command.v1"):
    """What is to happen to an order that exists."""

    topic = "order_command"
    source = "manager"

    command_id: Name
    order_id: Name
    command: Literal["cancel", "replace"]
    strategy_id: Name
    symbol: Symbol
    quantity: PositiveQuantity | None = None
    limit_price: Price | None = None
    stop_price: Price | None = None
    reason: Text | None = None


class Check(Value):
    """One limit's answer: pass, shrink to ``quantity``, or refuse."""

    name: Name
    outcome: Literal["pass", "shrink", "refuse"]
    quantity: NonNegativeQuantity | None = None
    reason: Text | None = None


class DecisionEvent(ValidatedEvent, title="contract manager/decision.v1"):
    """Why an order has its size: the policy, the sizer's inputs, every limit's answer."""

    topic = "decision"
    source = "manager"

    decision_id: Name
    intent_id: Name
    strategy_id: Name
    symbol: Symbol
    outcome: Literal["approved", "shrunk"]
    side: Side
    requested_quantity: NonNegativeQuantity
    quantity: PositiveQuantity
    price: Price
    policy: Name
    policy_version: Count
    sizer: Name | None = None
    inputs: FrozenMap[Key, DecimalText] = FrozenMap()
    checks: tuple[Check, ...] = ()


class SignalRejectedEvent(ValidatedEvent, title="contract manager/signal_rejected.v1"):
    """Why a signal or a hand order became no order."""

    topic = "signal_rejected"
    source = "manager"

    decision_id: Name
    intent_id: Name
    strategy_id: Name
    symbol: Symbol
    intention: SignalIntention | None = None
    code: Slug
    reason: Text
    policy: Name
    policy_version: Count
    inputs: FrozenMap[Key, DecimalText] = FrozenMap()
    checks: tuple[Check, ...] = ()


class OrderUpdateEvent(ValidatedEvent, title="contract execution/order_update.v1"):
    """A change in an order's life, the first one on receipt."""

    topic = "order_update"
    source = "execution"
    rules = (
        Rule("filled_quantity + leaves_quantity == quantity", "an open order is filled or waits", {"status": _OPEN}),
        Rule("leaves_quantity == 0", "nothing is left to fill in a final order", {"status": _FINAL}),
        Rule("filled_quantity <= quantity", "no more is filled than was ordered"),
    )

    order_id: Name
    strategy_id: Name
    symbol: Symbol
    status: OrderStatus
    previous: OrderStatus | None = None
    trigger: Trigger
    pending: Literal["NONE", "CANCEL", "REPLACE"] = "NONE"
    quantity: PositiveQuantity
    filled_quantity: NonNegativeQuantity
    leaves_quantity: NonNegativeQuantity
    average_price: Price | None = None
    triggered: Flag = False
    revision: Count = 0
    reason: Text | None = None
    origin_of_reject: Literal["RISK", "ENGINE", "VENUE"] | None = None
    idempotency_key: Name


class FillEvent(ValidatedEvent, title="contract execution/fill.v1"):
    """A trade that happened: units at a price, with what it cost."""

    topic = "fill"
    source = "execution"
    time_field = "executed_at"
    rules = (
        Rule("price == reference_price + slippage", "slippage raises what a buyer pays", {"side": ("buy",)}),
        Rule("price == reference_price - slippage", "slippage lowers what a seller gets", {"side": ("sell",)}),
    )

    fill_id: Name
    source_order_id: Name
    intent_id: Name
    strategy_id: Name
    symbol: Symbol
    side: Side
    quantity: PositiveQuantity
    price: Price
    currency: Currency
    commission: NonNegativeMoney
    commission_currency: Currency
    reference_price: Price
    slippage: NonNegativePrice
    executed_at: Moment
    policy: Name
    optimistic: Flag = False
