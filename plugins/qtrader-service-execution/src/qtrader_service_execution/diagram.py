"""The picture of the order state machine, drawn from its table."""

from collections import defaultdict

from qtrader.events import OrderStatus
from qtrader_service_execution.transitions import STATUSES, TERMINAL, Effect, OrderInput, status_changes

WORDS = {OrderInput.PARTIAL_FILL: "fill", OrderInput.FULL_FILL: "fill", OrderInput.CANCEL_REQUEST: "cancel"}


def mermaid() -> str:
    """A state diagram in the language of mermaid: the changes that a simulation can meet.

    Late fills and busts, which only a live market has, are left out.
    """
    causes: dict[tuple[OrderStatus, OrderStatus], set[str]] = defaultdict(set)
    for before, after, effect, event in status_changes():
        if effect is Effect.CHANGE and event is not OrderInput.BUST:
            causes[before, after].add(WORDS.get(event, event.value))
    lines = ["stateDiagram-v2", f"    [*] --> {STATUSES[0].value}"]
    for before in STATUSES:
        for after in STATUSES:
            if (before, after) in causes:
                lines.append(f"    {before.value} --> {after.value}: {', '.join(sorted(causes[before, after]))}")
    lines += [f"    {status.value} --> [*]" for status in STATUSES if status in TERMINAL]
    return "\n".join(lines) + "\n"
