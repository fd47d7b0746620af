"""Offers the sizer volatility-target."""

from qtrader import hookimpl
from qtrader.ports import Sizer
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_sizers() -> list[ToolProvider[Sizer]]:
    """Offer positions of one annual volatility."""
    return [
        ToolProvider(
            "volatility-target",
            "A target of annual volatility over the realised one",
            "qtrader_risk_volatility.volatility:VolatilityTargetSizer",
        )
    ]
