"""Offers my-template."""

from qtrader import hookimpl
from qtrader.ports import ReportWriter
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_report_writers() -> list[ToolProvider[ReportWriter]]:
    """Offer my-template; its class is imported only when a run or `plugins show` asks for it."""
    return [
        ToolProvider(
            "my-template",
            "A page of text",
            "qtrader_kind_my_template.my_template:MyTemplateReport",
        ),
    ]
