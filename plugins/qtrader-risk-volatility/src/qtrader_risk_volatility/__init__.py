"""Sizer: a target of annual volatility.

What is exported here is imported when it is first used: finding this plugin must cost next to nothing.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qtrader_risk_volatility.volatility import (
        VolatilityTargetSizer,
        calculate_volatility_target_size,
        realised_volatility,
        simple_returns,
    )

__all__ = ["VolatilityTargetSizer", "calculate_volatility_target_size", "realised_volatility", "simple_returns"]


def __getattr__(name: str) -> Any:
    """Import an exported name from the module that defines it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from qtrader_risk_volatility import volatility

    return getattr(volatility, name)
