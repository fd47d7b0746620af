"""Offers my-template."""

from qtrader import hookimpl
from qtrader.ports import DataSource
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_data_sources() -> list[ToolProvider[DataSource]]:
    """Offer my-template; its class is imported only when a run or `plugins show` asks for it."""
    return [
        ToolProvider(
            "my-template",
            "Made-up daily bars",
            "qtrader_kind_my_template.my_template:MyTemplateSource",
        ),
    ]
