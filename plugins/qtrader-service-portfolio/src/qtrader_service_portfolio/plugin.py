"""Offers the portfolio service and the command ``qtrader ledger``."""

from typing import Any

from qtrader import hookimpl
from qtrader.providers import ServiceProvider


@hookimpl
def qtrader_services() -> list[ServiceProvider]:
    """Offer the portfolio service."""
    return [
        ServiceProvider(
            name="portfolio",
            summary="Keep lots, cash and value in exact books",
            target="qtrader_service_portfolio.service:PortfolioService",
            consumes=("order", "fill", "corporate_action", "valuation_trigger"),
            emits=("position", "cash", "trade", "valuation", "consolidated_portfolio"),
        )
    ]


@hookimpl
def qtrader_commands(cli: Any) -> None:
    """Add ``qtrader ledger``; what it does is imported when it runs."""
    from .commands import ledger

    cli.add_command(ledger)
