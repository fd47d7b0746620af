"""The sources that are installed and those that a configuration describes, and what is in one of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field

from qtrader import read_settings
from qtrader.errors import ConfigError
from qtrader.ports import Instrument
from qtrader.ports.settings import SourceSettings

from ..supply import Supply, build_supply

USUAL_FILES = (Path("config/data_sources.yaml"), Path("data_sources.yaml"))


class Installed(Protocol):
    """What the command line knows of installed tools."""

    def entries(self, kind: str) -> Any:
        """Everything of a kind, sorted by name."""
        ...

    def names(self, kind: str) -> tuple[str, ...]:
        """The names of a kind, sorted."""
        ...

    def build(self, kind: str, reference: Any) -> Any:
        """Build a tool."""
        ...


class _File(BaseModel):
    """A configuration, of which only the data sources are read here."""

    model_config = ConfigDict(extra="ignore")
    data_sources: dict[str, SourceSettings] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Configured:
    """The entries of ``data_sources`` in one file (None: there is no file)."""

    file: Path | None
    entries: Mapping[str, SourceSettings]


@dataclass(frozen=True, slots=True)
class Stock:
    """What a source has of one symbol at one interval; first and last are as its rows say them."""

    instrument: Instrument
    interval: str
    rows: int
    first: date | datetime | None
    last: date | datetime | None
    actions: int


def configured(config: Path | None) -> Configured:
    """Read the entries of a file: the one named, else the usual one that is there."""
    file = config or next((usual for usual in USUAL_FILES if usual.is_file()), None)
    if file is None:
        return Configured(None, {})
    return Configured(file, read_settings(file, _File, layered=True).data_sources)


def find_supply(name: str, found: Configured, installed: Installed) -> Supply:
    """Build the source of a name: an entry of the configuration, else an installed one as it comes."""
    settings = found.entries.get(name)
    names = installed.names("data-source")
    if settings is None and name not in names:
        known = sorted({*found.entries, *names})
        near = get_close_matches(name, known, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        place = f"; entries are looked for in {found.file or ' and '.join(map(str, USUAL_FILES))}"
        raise ConfigError(f"no source is called {name!r}. There is {', '.join(known) or 'none'}{place}.{hint}")
    return build_supply(settings or SourceSettings(use=name), installed.build)


def stocks(supply: Supply) -> Iterator[Stock]:
    """What a source has, symbol by symbol; every row is read for it."""
    source, settings = supply.source, supply.settings
    for instrument in source.instruments():
        symbol = instrument.symbol
        known, _ = supply.actions(symbol)
        for interval in source.intervals(symbol):
            rows, first, last = _span(source.bars(symbol, interval, None, None))
            named = supply.instrument(symbol, None) if settings.calendar and settings.currency else instrument
            yield Stock(named, interval, rows, first, last, len(known))


def _span(reader: "pa.RecordBatchReader") -> tuple[int, Any, Any]:
    rows, first, last = 0, None, None
    for batch in reader:
        if batch.num_rows:
            times = batch.column(batch.schema.get_field_index("time"))
            first = times[0].as_py() if rows == 0 else first
            last = times[-1].as_py()
            rows += batch.num_rows
    return rows, first, last
