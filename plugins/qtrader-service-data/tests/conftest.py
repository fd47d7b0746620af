"""A source made of rows written in the test, and loading from it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from qtrader import Market
from qtrader.errors import DataError
from qtrader.ports import CorporateAction, Instrument, Interval, SourceFacts
from qtrader.ports.settings import DataServiceSettings, DataSettings, Reference, SourceSettings
from qtrader_service_data.loading import load_market

DATED = SourceFacts(prices="raw", stamp="session", knows_actions=True)


@dataclass
class RowsSource:
    """Tables by symbol."""

    tables: Mapping[str, Any]
    facts: SourceFacts = DATED
    interval: Interval = "1d"
    calendar: str = "XNYS"
    currency: str = "USD"
    given: Sequence[CorporateAction] = field(default_factory=list)
    instrument: Mapping[str, Any] = field(default_factory=dict)

    def instruments(self) -> list[Instrument]:
        return [
            Instrument(symbol, currency=self.currency, calendar=self.calendar, zone="", **self.instrument)
            for symbol in sorted(self.tables)
        ]

    def intervals(self, symbol: str) -> list[Interval]:
        return [self.interval]

    def bars(self, symbol: str, interval: Interval, start: date | None, end: date | None) -> pa.RecordBatchReader:
        if symbol not in self.tables:
            raise DataError(f"no {symbol}")
        return pa.table(self.tables[symbol]).to_reader()

    def actions(self, symbol: str) -> list[CorporateAction]:
        return [action for action in self.given if action.symbol == symbol]


def table(times: Sequence[Any], closes: Sequence[Any] | None = None, **columns: Sequence[Any]) -> dict[str, Any]:
    """Columns of bars that stand still at a price, unless a column says otherwise."""
    closes = list(closes) if closes is not None else [10.0] * len(times)
    kept = {name: columns.get(name, closes) for name in ("open", "high", "low", "close")}
    return {"time": list(times), **kept, **({"volume": columns["volume"]} if "volume" in columns else {})}


def build(kind: str, reference: Reference) -> Any:
    assert kind == "data-source"
    return reference.instance


def settings(source: Any, declared: Mapping[str, Any] | None = None, **data: Any) -> DataServiceSettings:
    symbols = data.pop("symbols", None) or sorted(source.tables)
    entry = SourceSettings(use="rows", instance=source, **(declared or {}))
    return DataServiceSettings(data=DataSettings(source="rows", symbols=symbols, **data), sources={"rows": entry})


@pytest.fixture
def rows() -> Callable[..., dict[str, Any]]:
    """Make the columns of bars."""
    return table


@pytest.fixture
def source() -> type[RowsSource]:
    """A source over tables."""
    return RowsSource


@pytest.fixture
def configured() -> Callable[..., DataServiceSettings]:
    """Settings for one source."""
    return settings


@pytest.fixture
def load() -> Callable[..., Market]:
    """Load a source's symbols."""

    def loaded(source: Any, declared: Mapping[str, Any] | None = None, **data: Any) -> Market:
        config = settings(source, declared, **data)
        return load_market(config.data, config.sources, build)

    return loaded
