"""Offers the strategy buy-and-hold."""

from qtrader import hookimpl
from qtrader.ports import Strategy
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_strategies() -> list[ToolProvider[Strategy]]:
    """Offer to buy once and hold."""
    return [
        ToolProvider(
            "buy-and-hold",
            "Buy on the first bar and hold",
            "qtrader_strategy_buy_and_hold.buy_and_hold:BuyAndHoldStrategy",
        ),
    ]
