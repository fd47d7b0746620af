"""Strategy service: runs strategies and publishes what they decide."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qtrader_service_strategy.service import StrategyService

__all__ = ["StrategyService"]


def __getattr__(name: str) -> Any:
    """Import the service when it is first used: listing plugins imports no service."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from qtrader_service_strategy import service

    return getattr(service, name)
