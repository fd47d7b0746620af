"""Offers the sizer equity."""

from qtrader import hookimpl
from qtrader.ports import Sizer
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_sizers() -> list[ToolProvider[Sizer]]:
    """Offer a share of the equity."""
    return [ToolProvider("equity", "A share of the equity", "qtrader_risk_equity.equity:EquitySizer")]
