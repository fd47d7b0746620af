"""Offers the command ``qtrader simulate``."""

from typing import Any

from qtrader import hookimpl


@hookimpl
def qtrader_commands(cli: Any) -> None:
    """Add ``qtrader simulate``; what it does is imported when it runs."""
    from .commands import simulate

    cli.add_command(simulate)
