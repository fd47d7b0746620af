"""Offers the limits of positions, leverage, losses and volume."""

from qtrader import hookimpl
from qtrader.ports import RiskLimit
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_risk_limits() -> list[ToolProvider[RiskLimit]]:
    """Offer what bounds a position, a sector, the account's leverage, a day's loss and a share of the volume."""
    home = "qtrader_risk_limits"
    return [
        ToolProvider("position-size", "At most so many units or so much money", f"{home}.positions:PositionSizeLimit"),
        ToolProvider("concentration", "A share of equity in one symbol", f"{home}.positions:ConcentrationLimit"),
        ToolProvider("sector", "A share of equity in one sector", f"{home}.positions:SectorLimit"),
        ToolProvider("gross-leverage", "Longs and shorts together", f"{home}.leverage:GrossLeverageLimit"),
        ToolProvider("net-leverage", "Longs less shorts", f"{home}.leverage:NetLeverageLimit"),
        ToolProvider("daily-loss", "Stop after a loss since the last session", f"{home}.activity:DailyLossLimit"),
        ToolProvider("participation", "A share of the bar's volume", f"{home}.activity:ParticipationLimit"),
    ]
