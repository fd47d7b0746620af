"""What the engine says about the course of time."""

from typing import Literal

from qtrader.events.base import ValidatedEvent
from qtrader.events.fields import SessionDate


class ValuationTriggerEvent(ValidatedEvent, title="contract engine/valuation_trigger.v1"):
    """Now the books are marked and valued."""

    topic = "valuation_trigger"
    source = "engine"

    session: SessionDate | None = None
    reason: Literal["session_end", "bar", "end"]
