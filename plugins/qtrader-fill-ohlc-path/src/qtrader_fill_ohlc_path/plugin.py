"""Offers the fill policy ohlc-path."""

from qtrader import hookimpl
from qtrader.ports import FillPolicy
from qtrader.providers import ToolProvider


@hookimpl
def qtrader_fill_policies() -> list[ToolProvider[FillPolicy]]:
    """Offer fills along a path through a bar."""
    target = "qtrader_fill_ohlc_path.ohlc_path:OhlcPath"
    return [ToolProvider("ohlc-path", "Follow prices from open to close through both extremes", target)]
