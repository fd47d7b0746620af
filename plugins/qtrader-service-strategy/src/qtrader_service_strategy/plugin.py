"""Offers the strategy service."""

from qtrader import hookimpl
from qtrader.providers import ServiceProvider


@hookimpl
def qtrader_services() -> list[ServiceProvider]:
    """Offer the strategy service."""
    return [
        ServiceProvider(
            name="strategy",
            summary="Run strategies on bars and publish what they want",
            target="qtrader_service_strategy.service:StrategyService",
            consumes=("bar", "fill", "position", "order_update", "valuation_trigger", "session_open"),
            emits=("signal", "order_request", "target", "record"),
        )
    ]
