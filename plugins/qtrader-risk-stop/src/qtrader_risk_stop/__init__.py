"""Sizer: the same share of equity at risk between price and stop.

What is exported here is imported when it is first used: finding this plugin must cost next to nothing.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qtrader_risk_stop.stop import RiskPerTradeSizer, calculate_risk_per_trade_size

__all__ = ["RiskPerTradeSizer", "calculate_risk_per_trade_size"]


def __getattr__(name: str) -> Any:
    """Import an exported name from the module that defines it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from qtrader_risk_stop import stop

    return getattr(stop, name)
