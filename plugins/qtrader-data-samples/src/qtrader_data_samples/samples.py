"""Real daily prices of AAPL, GOOG, IBM and MSFT, 2000-03-01 to 2013-03-01, as traded (Quandl WIKI, public domain)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from qtrader.errors import DataError
from qtrader.ports import CorporateAction, Instrument, Interval, SourceFacts, bar_rows, read_actions

if TYPE_CHECKING:
    import pyarrow as pa

DATA = Path(__file__).parent / "data"
LISTED = {"AAPL": None, "GOOG": date(2004, 8, 19), "IBM": None, "MSFT": None}
"""The symbols, and the first session of the one that was listed within the data."""
COLUMNS = {name: name for name in ("open", "high", "low", "close", "volume")} | {"time": "date"}


@dataclass(frozen=True, slots=True)
class SamplesSource:
    """The four stocks that ship with this plugin; nothing to set."""

    @property
    def facts(self) -> SourceFacts:
        """Raw prices, one row a session, all splits and dividends known."""
        return SourceFacts(prices="raw", stamp="session", knows_actions=True)

    def instruments(self) -> Sequence[Instrument]:
        """The four stocks; no tick, for their prices moved from sixteenths to cents in 2001."""
        return [
            Instrument(symbol, "equity", "USD", "XNYS", "America/New_York", price_decimals=4, listed=listed)
            for symbol, listed in LISTED.items()
        ]

    def intervals(self, symbol: str) -> Sequence[Interval]:
        """Days."""
        _check(symbol)
        return ["1d"]

    def bars(self, symbol: str, interval: Interval, start: date | None, end: date | None) -> "pa.RecordBatchReader":
        """Daily rows of one symbol, prices as exact decimals."""
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        _check(symbol)
        if interval != "1d":
            raise DataError(f"the samples have bars of 1d, not {interval!r}")
        chosen = pc.field("symbol") == symbol
        table = pq.read_table(DATA / "daily.parquet", columns=list(COLUMNS.values()), filters=chosen)
        return bar_rows(table, COLUMNS, start, end, "samples")

    def actions(self, symbol: str) -> Sequence[CorporateAction]:
        """Splits and cash dividends of one symbol, by ex-date."""
        _check(symbol)
        return read_actions(DATA / "actions.csv", symbol)


def _check(symbol: str) -> None:
    if symbol not in LISTED:
        raise DataError(f"the samples have no symbol {symbol!r}; they have {', '.join(LISTED)}")
