"""Offers the data service and the command ``qtrader data``."""

from typing import Any

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


@hookimpl
def qtrader_commands(cli: Any) -> None:
    """Add ``qtrader data``; what its commands do is imported when one runs."""
    from .commands import data

    cli.add_command(data)
