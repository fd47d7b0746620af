"""Offers my-template."""

from qtrader import hookimpl
from qtrader.ports import FillPolicy
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_fill_policies() -> list[ToolProvider[FillPolicy]]:
    """Offer my-template; its class is imported only when a run or `plugins show` asks for it."""
    return [
        ToolProvider(
            "my-template",
            "Fill in the middle of the next bar",
            "qtrader_kind_my_template.my_template:MyTemplateFill",
        ),
    ]
