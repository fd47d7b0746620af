"""Offers the sizer risk-parity."""

from qtrader import hookimpl
from qtrader.ports import Sizer
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_sizers() -> list[ToolProvider[Sizer]]:
    """Offer weights of equal risk."""
    return [
        ToolProvider(
            "risk-parity",
            "A share of the equity by weights of equal risk",
            "qtrader_risk_parity.parity:RiskParitySizer",
        )
    ]
