"""Portfolio service: lots, cash, profit and loss, valuations."""

from qtrader_service_portfolio.interface import IPortfolioService
from qtrader_service_portfolio.ledger import Ledger
from qtrader_service_portfolio.lot_tracker import LotTracker
from qtrader_service_portfolio.models import ClosedLot, Dividend, LedgerEntry, Lot, Matched, Position
from qtrader_service_portfolio.service import PortfolioService

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
