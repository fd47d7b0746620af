"""Offers the sizer risk-per-trade."""

from qtrader import hookimpl
from qtrader.ports import Sizer
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_sizers() -> list[ToolProvider[Sizer]]:
    """Offer a share of the equity at risk down to the stop."""
    return [
        ToolProvider(
            "risk-per-trade",
            "A share of the equity at risk, by the distance to the stop",
            "qtrader_risk_stop.stop:RiskPerTradeSizer",
        )
    ]
