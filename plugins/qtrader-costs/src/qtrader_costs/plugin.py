"""Offers the commission and slippage models."""

from qtrader import hookimpl
from qtrader.ports import CommissionModel, SlippageModel
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_commission_models() -> list[ToolProvider[CommissionModel]]:
    """Offer no commission, a rate per share, and a share of the value."""
    return [
        ToolProvider("none", "No commission", "qtrader_costs.commission:NoCommission"),
        ToolProvider("per-share", "A rate per unit, with a minimum and a cap", "qtrader_costs.commission:PerShare"),
        ToolProvider("percent", "A share of the traded value", "qtrader_costs.commission:Percent"),
    ]


@hookimpl
def qtrader_slippage_models() -> list[ToolProvider[SlippageModel]]:
    """Offer no slippage, and basis points of the price."""
    return [
        ToolProvider("none", "No slippage", "qtrader_costs.slippage:NoSlippage"),
        ToolProvider("bps", "Basis points of the price, against the trader", "qtrader_costs.slippage:Bps"),
    ]
