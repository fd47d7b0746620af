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


class SessionOpenEvent(ValidatedEvent, title="contract engine/session_open.v1"):
    """A session opens: its first bar is still to come. Only in runs in which a service listens."""

    topic = "session_open"
    source = "engine"

    session: SessionDate
