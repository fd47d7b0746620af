"""Offers the fill policy next-open."""

from qtrader import hookimpl
from qtrader.ports import FillPolicy
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_fill_policies() -> list[ToolProvider[FillPolicy]]:
    """Offer fills at the open of the next bar."""
    return [ToolProvider("next-open", "Fill at the open of the next bar", "qtrader_fill_next_open.next_open:NextOpen")]
