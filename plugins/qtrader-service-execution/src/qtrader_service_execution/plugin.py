"""Offers the execution service."""

from qtrader import hookimpl
from qtrader.providers import ServiceProvider


@hookimpl
def qtrader_services() -> list[ServiceProvider]:
    """Offer the execution service."""
    return [
        ServiceProvider(
            name="execution",
            summary="Work orders against bars and publish fills",
            target="qtrader_service_execution.service:ExecutionService",
            consumes=("bar@market", "order", "order_command", "corporate_action", "valuation_trigger"),
            emits=("order_update", "fill", "ambiguity"),
        )
    ]
