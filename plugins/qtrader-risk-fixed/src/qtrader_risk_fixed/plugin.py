"""Offers the sizer fixed."""

from qtrader import hookimpl
from qtrader.ports import Sizer
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_sizers() -> list[ToolProvider[Sizer]]:
    """Offer a fixed number of units."""
    return [ToolProvider("fixed", "A fixed number of units", "qtrader_risk_fixed.fixed:FixedSizer")]
