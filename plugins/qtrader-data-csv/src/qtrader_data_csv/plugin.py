"""Offers the data source csv."""

from qtrader import hookimpl
from qtrader.ports import DataSource
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_data_sources() -> list[ToolProvider[DataSource]]:
    """Offer bars from CSV files."""
    return [ToolProvider("csv", "Bars from CSV files", "qtrader_data_csv.csv:CsvSource")]
