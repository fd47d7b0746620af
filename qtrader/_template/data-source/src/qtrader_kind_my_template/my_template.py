"""Daily bars that are made up: replace ``_rows`` by what reads yours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from qtrader.errors import DataError
from qtrader.ports import CorporateAction, Instrument, Interval, SourceFacts

if TYPE_CHECKING:
    import pyarrow as pa

FACTS = SourceFacts(prices="raw", stamp="session", knows_actions=True)


@dataclass(frozen=True)
class MyTemplateSource:
    """Bars of every day from ``first`` on, whose prices go up and down between 100 and 120."""

    symbols: Sequence[str] = ("AAA", "BBB")
    """The symbols to offer."""
    first: date = date(2024, 1, 1)
    """The first session."""
    days: int = 60
    """How many sessions."""

    @property
    def facts(self) -> SourceFacts:
        """What is true of every row: raw prices, a date for each bar, no splits or dividends."""
        return FACTS

    def instruments(self) -> Sequence[Instrument]:
        """One instrument for each symbol, in symbol order."""
        return [Instrument(symbol, calendar="24/7", currency="USD") for symbol in sorted(set(self.symbols))]

    def intervals(self, symbol: str) -> Sequence[Interval]:  # noqa: ARG002 - all symbols have the same
        """Daily bars; the data service makes coarser ones from them."""
        return ["1d"]

    def bars(self, symbol: str, interval: Interval, start: date | None, end: date | None) -> "pa.RecordBatchReader":
        """Rows of one symbol between two sessions, both included. Raises DataError for what is not offered."""
        import pyarrow as pa

        if symbol not in self.symbols or interval != "1d":
            raise DataError(f"no {interval} bars of {symbol!r}; there are 1d bars of {', '.join(sorted(self.symbols))}")
        rows = [row for row in self._rows() if (start or row[0]) <= row[0] <= (end or row[0])]
        days = pa.array([day for day, _ in rows], pa.date32())
        prices = {
            "open": [price for _, price in rows],
            "high": [price + 1 for _, price in rows],
            "low": [price - 1 for _, price in rows],
            "close": [price for _, price in rows],
        }
        return pa.table({"time": days, **prices, "volume": [1_000_000] * len(rows)}).to_reader()

    def actions(self, symbol: str) -> Sequence[CorporateAction]:  # noqa: ARG002 - there are none
        """Splits and dividends of one symbol, by ex-date."""
        return []

    def _rows(self) -> list[tuple[date, int]]:
        return [(self.first + timedelta(number), 100 + abs(number % 40 - 20)) for number in range(self.days)]
