"""Risk limit: buying power by Regulation T, and margin requirements.

What is exported here is imported when it is first used: finding this plugin must cost next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qtrader_risk_margin.limit import BuyingPowerLimit, check_buying_power_limit
    from qtrader_risk_margin.requirements import (
        buying_power,
        check_maintenance_margin,
        excess_liquidity,
        initial_requirement,
        maintenance_requirement,
    )

_EXPORTS = {
    "BuyingPowerLimit": "limit",
    "buying_power": "requirements",
    "check_buying_power_limit": "limit",
    "check_maintenance_margin": "requirements",
    "excess_liquidity": "requirements",
    "initial_requirement": "requirements",
    "maintenance_requirement": "requirements",
}

__all__ = [
    "BuyingPowerLimit",
    "buying_power",
    "check_buying_power_limit",
    "check_maintenance_margin",
    "excess_liquidity",
    "initial_requirement",
    "maintenance_requirement",
]


def __getattr__(name: str) -> Any:
    """Import an exported name from the module that defines it."""
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_EXPORTS[name]}"), name)
