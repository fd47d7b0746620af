"""Offers the fill policy quote."""

from qtrader import hookimpl
from qtrader.ports import FillPolicy
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_fill_policies() -> list[ToolProvider[FillPolicy]]:
    """Offer fills at the quotes of a bar."""
    return [ToolProvider("quote", "Buy at the ask, sell at the bid", "qtrader_fill_quote.quote:Quote")]
