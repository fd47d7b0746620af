"""Strategy: long while the fast average is above the slow one."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qtrader_strategy_sma_cross.sma_cross import SMADualCrossStrategy

__all__ = ["SMADualCrossStrategy"]


def __getattr__(name: str) -> Any:
    """Import the strategy when it is first used: listing plugins imports no strategy."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from qtrader_strategy_sma_cross import sma_cross

    return getattr(sma_cross, name)
