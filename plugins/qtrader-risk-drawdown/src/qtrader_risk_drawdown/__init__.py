"""Risk limit: drawdown from the highest equity, and a tracker of it.

What is exported here is imported when it is first used: finding this plugin must cost next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qtrader_risk_drawdown.drawdown import DrawdownLimit, check_drawdown_limit
    from qtrader_risk_drawdown.tracker import DrawdownState, track_drawdown

_EXPORTS = {
    "DrawdownLimit": "drawdown",
    "DrawdownState": "tracker",
    "check_drawdown_limit": "drawdown",
    "track_drawdown": "tracker",
}

__all__ = ["DrawdownLimit", "DrawdownState", "check_drawdown_limit", "track_drawdown"]


def __getattr__(name: str) -> Any:
    """Import an exported name from the module that defines it."""
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_EXPORTS[name]}"), name)
