"""Offers my-template."""

from qtrader import hookimpl
from qtrader.ports import RiskLimit
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_risk_limits() -> list[ToolProvider[RiskLimit]]:
    """Offer my-template; its class is imported only when a run or `plugins show` asks for it."""
    return [
        ToolProvider(
            "my-template",
            "At most so many units of a symbol",
            "qtrader_kind_my_template.my_template:MyTemplateLimit",
        ),
    ]
