"""Offers the limit drawdown."""

from qtrader import hookimpl
from qtrader.ports import RiskLimit
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_risk_limits() -> list[ToolProvider[RiskLimit]]:
    """Offer a stop after a fall from the highest equity."""
    target = "qtrader_risk_drawdown.drawdown:DrawdownLimit"
    return [ToolProvider("drawdown", "Stop after a fall from the highest equity", target)]
