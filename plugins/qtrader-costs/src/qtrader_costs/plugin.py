"""Offers the commission and slippage models."""

from qtrader import hookimpl
from qtrader.ports import CommissionModel, SlippageModel
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_commission_models() -> list[ToolProvider[CommissionModel]]:
    """Offer no commission, an amount, a rate per share, a share of the value, a scale, and schedules by currency."""
    return [
        ToolProvider("none", "No commission", "qtrader_costs.commission:NoCommission"),
        ToolProvider("flat", "An amount for each order", "qtrader_costs.commission:Flat"),
        ToolProvider("tiered", "A scale of rates", "qtrader_costs.commission:Tiered"),
        ToolProvider("per-currency", "A schedule for each currency", "qtrader_costs.commission:PerCurrency"),
        ToolProvider("per-share", "A rate per unit, with a minimum and a cap", "qtrader_costs.commission:PerShare"),
        ToolProvider("percent", "A share of the traded value", "qtrader_costs.commission:Percent"),
    ]


@hookimpl
def qtrader_slippage_models() -> list[ToolProvider[SlippageModel]]:
    """Offer no slippage, basis points of the price, the spread, an impact by volume, and a part of the range."""
    return [
        ToolProvider("spread", "Half of the spread of a bar", "qtrader_costs.slippage:Spread"),
        ToolProvider("volume-share", "An impact by the share of the volume", "qtrader_costs.slippage:VolumeShare"),
        ToolProvider("volatility", "A part of the range of a bar", "qtrader_costs.slippage:Volatility"),
        ToolProvider("none", "No slippage", "qtrader_costs.slippage:NoSlippage"),
        ToolProvider("bps", "Basis points of the price, against the trader", "qtrader_costs.slippage:Bps"),
    ]
