"""Strategy: buy on the first bar and hold."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qtrader_strategy_buy_and_hold.buy_and_hold import BuyAndHoldStrategy

__all__ = ["BuyAndHoldStrategy"]


def __getattr__(name: str) -> Any:
    """Import the strategy when it is first used: listing plugins imports no strategy."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from qtrader_strategy_buy_and_hold import buy_and_hold

    return getattr(buy_and_hold, name)
