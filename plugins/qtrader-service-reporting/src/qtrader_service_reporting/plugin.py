"""Offers the reporting service."""

from qtrader import hookimpl
from qtrader.providers import ServiceProvider


@hookimpl
def qtrader_services() -> list[ServiceProvider]:
    """Offer the reporting service."""
    return [
        ServiceProvider(
            name="reporting",
            summary="Collect the equity curve and the trades, compute figures, write files",
            target="qtrader_service_reporting.service:ReportingService",
            consumes=("valuation", "fill", "trade", "cash"),
        )
    ]
