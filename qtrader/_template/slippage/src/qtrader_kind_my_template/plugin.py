"""Offers my-template."""

from qtrader import hookimpl
from qtrader.ports import SlippageModel
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_slippage_models() -> list[ToolProvider[SlippageModel]]:
    """Offer my-template; its class is imported only when a run or `plugins show` asks for it."""
    return [
        ToolProvider(
            "my-template",
            "Some steps worse",
            "qtrader_kind_my_template.my_template:MyTemplateSlippage",
        ),
    ]
