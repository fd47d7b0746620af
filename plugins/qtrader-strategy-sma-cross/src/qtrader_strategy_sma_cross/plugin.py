"""Offers the strategy sma-cross."""

from qtrader import hookimpl
from qtrader.ports import Strategy
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_strategies() -> list[ToolProvider[Strategy]]:
    """Offer the cross of two moving averages."""
    return [
        ToolProvider(
            "sma-cross",
            "Long while the fast average is above the slow one",
            "qtrader_strategy_sma_cross.sma_cross:SMADualCrossStrategy",
        ),
    ]
