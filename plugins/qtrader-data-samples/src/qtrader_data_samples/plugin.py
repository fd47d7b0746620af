"""Offers the data source samples."""

from qtrader import hookimpl
from qtrader.ports import DataSource
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_data_sources() -> list[ToolProvider[DataSource]]:
    """Offer the prices that ship with this package."""
    return [
        ToolProvider(
            "samples",
            "Thirteen years of daily prices of AAPL, GOOG, IBM and MSFT",
            "qtrader_data_samples.samples:SamplesSource",
        ),
    ]
