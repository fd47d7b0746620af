"""Offers the data source arrow."""

from qtrader import hookimpl
from qtrader.ports import DataSource
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_data_sources() -> list[ToolProvider[DataSource]]:
    """Offer bars from Arrow tables, IPC files and dataset folders."""
    summary = "Bars from Arrow tables, IPC files and dataset folders"
    return [ToolProvider("arrow", summary, "qtrader_data_arrow.arrow:ArrowSource")]
