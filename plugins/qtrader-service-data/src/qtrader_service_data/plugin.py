"""Offers the data service."""

from qtrader import hookimpl
from qtrader.providers import ServiceProvider


@hookimpl
def qtrader_services() -> list[ServiceProvider]:
    """Offer the data service."""
    return [
        ServiceProvider(
            name="data",
            summary="Merge sources into one timeline of bars and corporate actions",
            target="qtrader_service_data.service:DataService",
            emits=("bar", "corporate_action"),
        )
    ]
