"""Offers my-template."""

from qtrader import hookimpl
from qtrader.ports import Strategy
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_strategies() -> list[ToolProvider[Strategy]]:
    """Offer my-template; its class is imported only when a run or `plugins show` asks for it."""
    return [
        ToolProvider(
            "my-template",
            "Long while the price rises",
            "qtrader_kind_my_template.my_template:MyTemplateStrategy",
        ),
    ]
