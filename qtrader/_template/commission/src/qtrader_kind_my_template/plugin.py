"""Offers my-template."""

from qtrader import hookimpl
from qtrader.ports import CommissionModel
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_commission_models() -> list[ToolProvider[CommissionModel]]:
    """Offer my-template; its class is imported only when a run or `plugins show` asks for it."""
    return [
        ToolProvider(
            "my-template",
            "The same fee for every fill",
            "qtrader_kind_my_template.my_template:MyTemplateCommission",
        ),
    ]
