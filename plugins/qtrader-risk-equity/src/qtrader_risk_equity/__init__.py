"""Sizer: a fixed share of equity.

What is exported here is imported when it is first used: finding this plugin must cost next to nothing.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qtrader_risk_equity.equity import EquitySizer, calculate_fixed_equity_size

__all__ = ["EquitySizer", "calculate_fixed_equity_size"]


def __getattr__(name: str) -> Any:
    """Import an exported name from the module that defines it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from qtrader_risk_equity import equity

    return getattr(equity, name)
