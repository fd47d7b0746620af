"""Offers the data source parquet."""

from qtrader import hookimpl
from qtrader.ports import DataSource
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_data_sources() -> list[ToolProvider[DataSource]]:
    """Offer bars from Parquet files."""
    return [ToolProvider("parquet", "Bars from Parquet files", "qtrader_data_parquet.parquet:ParquetSource")]
