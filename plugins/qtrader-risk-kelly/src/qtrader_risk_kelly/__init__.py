"""Sizer: a fraction of the Kelly stake.

What is exported here is imported when it is first used: finding this plugin must cost next to nothing.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qtrader_risk_kelly.kelly import KellySizer, kelly_fraction, measured_payoff, measured_win_rate

__all__ = ["KellySizer", "kelly_fraction", "measured_payoff", "measured_win_rate"]


def __getattr__(name: str) -> Any:
    """Import an exported name from the module that defines it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from qtrader_risk_kelly import kelly

    return getattr(kelly, name)
