"""Offers my-template."""

from qtrader import hookimpl
from qtrader.ports import Sizer
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_sizers() -> list[ToolProvider[Sizer]]:
    """Offer my-template; its class is imported only when a run or `plugins show` asks for it."""
    return [
        ToolProvider(
            "my-template",
            "A share of equity in every position",
            "qtrader_kind_my_template.my_template:MyTemplateSizer",
        ),
    ]
