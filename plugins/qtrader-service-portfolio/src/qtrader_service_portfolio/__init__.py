"""Portfolio service: lots, cash, profit and loss, valuations.

What is exported here is imported when it is first used: finding this plugin must cost next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qtrader_service_portfolio.interface import IPortfolioService
    from qtrader_service_portfolio.ledger import Ledger
    from qtrader_service_portfolio.lot_tracker import LotTracker
    from qtrader_service_portfolio.models import ClosedLot, Dividend, LedgerEntry, Lot, Matched, Position
    from qtrader_service_portfolio.service import PortfolioService

_EXPORTS = {
    "ClosedLot": "models",
    "Dividend": "models",
    "IPortfolioService": "interface",
    "Ledger": "ledger",
    "LedgerEntry": "models",
    "Lot": "models",
    "LotTracker": "lot_tracker",
    "Matched": "models",
    "PortfolioService": "service",
    "Position": "models",
}

__all__ = [
    "ClosedLot",
    "Dividend",
    "IPortfolioService",
    "Ledger",
    "LedgerEntry",
    "Lot",
    "LotTracker",
    "Matched",
    "PortfolioService",
    "Position",
]


def __getattr__(name: str) -> Any:
    """Import an exported name from the module that defines it."""
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_EXPORTS[name]}"), name)
