"""Sizer: every symbol adds the same risk to the whole.

What is exported here is imported when it is first used: finding this plugin must cost next to nothing.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qtrader_risk_parity.parity import (
        RiskParitySizer,
        equal_risk_weights,
        risk_contributions,
        sample_covariance,
        simple_returns,
    )

__all__ = ["RiskParitySizer", "equal_risk_weights", "risk_contributions", "sample_covariance", "simple_returns"]


def __getattr__(name: str) -> Any:
    """Import an exported name from the module that defines it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from qtrader_risk_parity import parity

    return getattr(parity, name)
