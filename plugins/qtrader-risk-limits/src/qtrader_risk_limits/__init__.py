"""Risk limits: position size, concentration, sector, leverage, daily loss, participation.

What is exported here is imported when it is first used: finding this plugin must cost next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qtrader_risk_limits.activity import (
        DailyLossLimit,
        ParticipationLimit,
        check_daily_loss_limit,
        check_participation_limit,
    )
    from qtrader_risk_limits.leverage import (
        GrossLeverageLimit,
        NetLeverageLimit,
        check_gross_leverage_limit,
        check_net_leverage_limit,
    )
    from qtrader_risk_limits.positions import (
        ConcentrationLimit,
        PositionSizeLimit,
        SectorLimit,
        check_concentration_limit,
        check_position_size_limit,
        check_sector_limit,
    )

_EXPORTS = {
    "ConcentrationLimit": "positions",
    "DailyLossLimit": "activity",
    "GrossLeverageLimit": "leverage",
    "NetLeverageLimit": "leverage",
    "ParticipationLimit": "activity",
    "PositionSizeLimit": "positions",
    "SectorLimit": "positions",
    "check_concentration_limit": "positions",
    "check_daily_loss_limit": "activity",
    "check_gross_leverage_limit": "leverage",
    "check_net_leverage_limit": "leverage",
    "check_participation_limit": "activity",
    "check_position_size_limit": "positions",
    "check_sector_limit": "positions",
}

__all__ = [
    "ConcentrationLimit",
    "DailyLossLimit",
    "GrossLeverageLimit",
    "NetLeverageLimit",
    "ParticipationLimit",
    "PositionSizeLimit",
    "SectorLimit",
    "check_concentration_limit",
    "check_daily_loss_limit",
    "check_gross_leverage_limit",
    "check_net_leverage_limit",
    "check_participation_limit",
    "check_position_size_limit",
    "check_sector_limit",
]


def __getattr__(name: str) -> Any:
    """Import an exported name from the module that defines it."""
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_EXPORTS[name]}"), name)
