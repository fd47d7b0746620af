"""What companies do to their shares, booked: one file a kind of action."""

from qtrader.events import CorporateActionEvent


def named(action: CorporateActionEvent) -> str:
    """How messages name an action."""
    return f"{action.action_id}: the {action.action_type} of {action.symbol} on {action.ex_date}"
