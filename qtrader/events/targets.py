"""What a strategy wants to hold, whatever it holds now."""

from typing import Literal

from qtrader.events.base import ValidatedEvent
from qtrader.events.fields import Name, Quantity, Symbol, Text


class TargetEvent(ValidatedEvent, title="contract strategy/target.v1"):
    """What a strategy wants to hold of a symbol: a share of its equity, or units; negative for a short position."""

    topic = "target"
    source = "strategy"

    target_id: Name
    strategy_id: Name
    symbol: Symbol
    kind: Literal["percent", "quantity"]
    value: Quantity
    reason: Text | None = None
