"""The events of QTrader: frozen models, one per contract, and the bus that carries them."""

from qtrader.events.ambiguity import AmbiguityEvent
from qtrader.events.base import (
    BaseEvent,
    Foreign,
    Origin,
    ValidatedEvent,
    Value,
    defaults,
    from_ns,
    make_id,
    to_ns,
    trusted,
)
from qtrader.events.event_bus import EventBus, Subscription
from qtrader.events.fields import FrozenMap
from qtrader.events.market import CorporateActionEvent, InstrumentValue, PriceBarEvent
from qtrader.events.phases import SessionOpenEvent, ValuationTriggerEvent
from qtrader.events.portfolio import (
    Balance,
    CashEvent,
    ConsolidatedPortfolioEvent,
    Holding,
    OpenLot,
    PortfolioStateEvent,
    PositionEvent,
    StrategyHoldings,
    TradeEvent,
    ValuationEvent,
)
from qtrader.events.rules import Rule, When
from qtrader.events.targets import TargetEvent
from qtrader.events.trading import (
    Check,
    DecisionEvent,
    FillEvent,
    OrderCommandEvent,
    OrderEvent,
    OrderRequestEvent,
    OrderStatus,
    OrderUpdateEvent,
    RecordEvent,
    SignalEvent,
    SignalRejectedEvent,
)

__all__ = [
    "AmbiguityEvent",
    "Balance",
    "BaseEvent",
    "CashEvent",
    "Check",
    "ConsolidatedPortfolioEvent",
    "CorporateActionEvent",
    "DecisionEvent",
    "EventBus",
    "FillEvent",
    "Foreign",
    "FrozenMap",
    "Holding",
    "InstrumentValue",
    "OpenLot",
    "OrderCommandEvent",
    "OrderEvent",
    "OrderRequestEvent",
    "OrderStatus",
    "OrderUpdateEvent",
    "Origin",
    "PortfolioStateEvent",
    "PositionEvent",
    "PriceBarEvent",
    "RecordEvent",
    "Rule",
    "SessionOpenEvent",
    "SignalEvent",
    "SignalRejectedEvent",
    "StrategyHoldings",
    "Subscription",
    "TargetEvent",
    "TradeEvent",
    "ValidatedEvent",
    "ValuationEvent",
    "ValuationTriggerEvent",
    "Value",
    "When",
    "defaults",
    "from_ns",
    "make_id",
    "to_ns",
    "trusted",
]
