"""Offers the limit buying-power."""

from qtrader import hookimpl
from qtrader.ports import RiskLimit
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_risk_limits() -> list[ToolProvider[RiskLimit]]:
    """Offer initial margin as Regulation T asks for it."""
    target = "qtrader_risk_margin.limit:BuyingPowerLimit"
    return [ToolProvider("buying-power", "Initial margin of no more than equity", target)]
