"""Offers the sizer kelly."""

from qtrader import hookimpl
from qtrader.ports import Sizer
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_sizers() -> list[ToolProvider[Sizer]]:
    """Offer a fraction of the Kelly stake."""
    return [
        ToolProvider(
            "kelly",
            "A fraction of the Kelly stake, from options or closed trades",
            "qtrader_risk_kelly.kelly:KellySizer",
        )
    ]
