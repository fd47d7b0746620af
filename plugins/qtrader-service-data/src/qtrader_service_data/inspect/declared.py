"""What the user says about a file, and the source that is built with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from qtrader.errors import ConfigError, DataError
from qtrader.ports import no_file, pick_columns
from qtrader.ports.settings import SourceSettings

from ..supply import Build
from .market import Declared
from .sniff import csv_options

ENDINGS = {
    **dict.fromkeys((".csv", ".txt", ".tsv"), "csv"),
    **dict.fromkeys((".parquet", ".pq"), "parquet"),
    **dict.fromkeys((".arrow", ".feather", ".ipc"), "arrow"),
}
USUAL_INTERVAL = "1d"
SYMBOL = "SYMBOL"
"""Stands for a symbol where neither the user nor the file says it."""


@dataclass(frozen=True, slots=True)
class Declarations:
    """The options of ``qtrader data check`` and ``import``; None where nothing was said."""

    source: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    symbol: str | None = None
    calendar: str | None = None
    interval: str | None = None
    stamp: str | None = None
    zone: str | None = None
    prices: str | None = None
    decimals: int | None = None
    volume_decimals: int | None = None
    currency: str | None = None
    crossed_quotes: str = "refuse"

    @property
    def market(self) -> Declared:
        """The part about times."""
        return Declared(self.calendar, self.zone, self.stamp, self.interval)


@dataclass(frozen=True, slots=True)
class Opened:
    """A file and the source that reads it: the source's name and options, its columns, and which of them are read."""

    path: Path
    use: str
    options: Mapping[str, Any]
    source: Any
    names: tuple[str, ...]
    picked: Mapping[str, str]
    named: bool
    """Whether the symbol is known, from the user or from a column."""


def open_file(path: Path, said: Declarations, build: Build) -> Opened:
    """Build the source of a file, with what its first lines say about how it is written."""
    if not path.exists():
        raise DataError(f"{path}: no such file; check the path")
    use = said.source or ENDINGS.get(path.suffix.lower()) or ("arrow" if path.is_dir() else None)
    if use is None:
        raise ConfigError(
            f"{path}: the ending {path.suffix!r} does not say what the file is; add --source csv, parquet or arrow"
        )
    if not (path.is_file() or (path.is_dir() and use == "arrow")):
        raise DataError(f"{path}: {no_file(path)}; check the path")
    options: dict[str, Any] = {"path": str(path), **({"columns": dict(said.columns)} if said.columns else {})}
    options |= {**(csv_options(path, None) if use == "csv" else {}), **said.options}
    names = _names(use, options, build)
    picked = pick_columns(names, said.columns, str(path))
    if use == "csv":
        options |= {**csv_options(path, picked["time"]), **said.options}
    named = "symbol" in picked or said.symbol is not None
    if said.symbol is not None or "symbol" not in picked:
        options["symbols"] = [said.symbol or _symbol(path)]
    source = build("data-source", SourceSettings.model_validate({"use": use, "with": options}))
    if not source.instruments():
        raise DataError(f"{path}: no row has a symbol in column {picked['symbol']!r}; fill it, or add --symbol")
    return Opened(path, use, options, source, tuple(names), picked, named)


def completed(said: Declarations, opened: Opened) -> Declarations:
    """What was said, and what the file says of itself where nothing was said (one that was imported does)."""
    facts, instrument = opened.source.facts, opened.source.instruments()[0]
    intervals = opened.source.intervals(instrument.symbol)
    found = {
        "prices": facts.prices,
        "stamp": facts.stamp,
        "zone": facts.zone,
        "decimals": facts.decimals,
        "volume_decimals": facts.volume_decimals,
        "calendar": instrument.calendar or None,
        "currency": instrument.currency or None,
        "interval": None if intervals[0] == USUAL_INTERVAL else intervals[0],
    }
    return replace(said, **{key: value for key, value in found.items() if getattr(said, key) is None})


def _names(use: str, options: Mapping[str, Any], build: Build) -> list[str]:
    """The columns of the file."""
    source = build("data-source", SourceSettings.model_validate({"use": use, "with": dict(options)}))
    return list(source.names(source.file("")))


def _symbol(path: Path) -> str:
    """A symbol from the name of the file, to go on with."""
    stem = "".join(letter for letter in path.stem if "!" <= letter <= "~")
    return stem[:64] or SYMBOL
