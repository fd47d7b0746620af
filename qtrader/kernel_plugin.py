"""The kernel's own plugin: its topics come through the same door as everyone else's."""

from qtrader.hookspecs import hookimpl
from qtrader.providers import EventProvider

_EVENTS = (
    ("bar", "PriceBarEvent", "data/bar.v1"),
    ("corporate_action", "CorporateActionEvent", "data/corporate_action.v1"),
    ("signal", "SignalEvent", "strategy/signal.v1"),
    ("order_request", "OrderRequestEvent", "strategy/order_request.v1"),
    ("target", "TargetEvent", "strategy/target.v1"),
    ("record", "RecordEvent", "strategy/record.v1"),
    ("order", "OrderEvent", "manager/order.v1"),
    ("order_command", "OrderCommandEvent", "manager/order_command.v1"),
    ("decision", "DecisionEvent", "manager/decision.v1"),
    ("signal_rejected", "SignalRejectedEvent", "manager/signal_rejected.v1"),
    ("order_update", "OrderUpdateEvent", "execution/order_update.v1"),
    ("fill", "FillEvent", "execution/fill.v1"),
    ("ambiguity", "AmbiguityEvent", "execution/ambiguity.v1"),
    ("position", "PositionEvent", "portfolio/position.v1"),
    ("cash", "CashEvent", "portfolio/cash.v1"),
    ("trade", "TradeEvent", "portfolio/trade.v1"),
    ("valuation", "ValuationEvent", "portfolio/valuation.v1"),
    ("consolidated_portfolio", "ConsolidatedPortfolioEvent", "portfolio/consolidated_portfolio.v1"),
    ("session_open", "SessionOpenEvent", "engine/session_open.v1"),
    ("valuation_trigger", "ValuationTriggerEvent", "engine/valuation_trigger.v1"),
)
"""Topic, class and contract; a topic with several versions has a row for each."""


@hookimpl
def qtrader_event_types() -> list[EventProvider]:
    """Give the kernel's topics, each with its event class and its contract."""
    return [EventProvider(topic, f"qtrader.events:{name}", schema) for topic, name, schema in _EVENTS]
