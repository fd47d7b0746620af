"""Sizer: a fixed share of equity."""

from qtrader_risk_equity.equity import EquitySizer, calculate_fixed_equity_size

__all__ = ["EquitySizer", "calculate_fixed_equity_size"]
