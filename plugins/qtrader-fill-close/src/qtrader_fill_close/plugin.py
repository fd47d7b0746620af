"""Offers the fill policy close."""

from qtrader import hookimpl
from qtrader.ports import FillPolicy
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_fill_policies() -> list[ToolProvider[FillPolicy]]:
    """Offer fills at the close of a bar."""
    return [
        ToolProvider("close", "Fill at the close, of the next bar or of the same", "qtrader_fill_close.close:Close"),
    ]
