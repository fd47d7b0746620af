"""Offers the manager service."""

from qtrader import hookimpl
from qtrader.providers import ServiceProvider


@hookimpl
def qtrader_services() -> list[ServiceProvider]:
    """Offer the manager service."""
    return [
        ServiceProvider(
            name="manager",
            summary="Size signals, apply the risk policy, publish orders and decisions",
            target="qtrader_service_manager.service:ManagerService",
            consumes=("signal", "target", "order_request", "position", "order_update", "trade", "valuation"),
            emits=("order", "order_command", "decision", "signal_rejected"),
        )
    ]
