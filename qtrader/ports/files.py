"""What sources that read files have in common: what is declared, which file and rows are whose, and where a row stood.

A source of files is a dataclass that inherits ``FileSource`` and says two things: the names of a file's columns, and
its rows, a chunk at a time. Everything else is the same for CSV, Parquet and Arrow files.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from glob import escape
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from qtrader.errors import ConfigError, DataError
from qtrader.ports.checksums import check_sums
from qtrader.ports.chunks import Chunk, ChunkReader, distinct
from qtrader.ports.data import CorporateAction, Instrument, Interval, Prices, SourceFacts, Stamp
from qtrader.ports.paths import no_file
from qtrader.ports.tables import Origin, between, pick_columns

if TYPE_CHECKING:
    import pyarrow as pa

HOLE = "{symbol}"


@dataclass(frozen=True)
class FileSource:
    """Files of bars, a row a bar. What is declared here can be declared beside ``with:`` as well, and that wins."""

    path: str
    """File; ``{symbol}`` in it stands for a symbol and makes it one file each."""
    symbols: Sequence[str] = ()
    """The symbols to offer; needed where neither the file names nor a symbol column say them."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Column names by key (time, open ... volume, bid_open ... ask_size, symbol) where they are not the usual ones."""
    interval: Interval = "1d"
    """Length of the bars in the files."""
    prices: Prices | None = None
    """raw (as traded), split-adjusted or total-return."""
    stamp: Stamp | None = None
    """What a row's time is: session (a date), or start or end of its bar."""
    zone: str | None = None
    """Zone of times that have none, such as America/New_York."""
    decimals: int | None = None
    """Decimals of the prices, when floats have more than 8 or others more than 12; floats are rounded to them."""
    calendar: str = ""
    """Exchange calendar of the instruments, such as XNYS, or 24/7."""
    currency: str = ""
    """Currency of the prices, such as USD."""
    checksums: str = ""
    """File of SHA-256 sums, as sha256sum writes it; a file that differs from its sum, or has none, is refused."""

    unit: ClassVar[str] = "row"
    """What rows are counted in: ``row`` or ``line``."""

    def names(self, file: Path) -> list[str]:
        """The names of a file's columns. To be written by each source; DataError for a file of another kind."""
        raise NotImplementedError

    def chunks(self, file: Path, columns: Sequence[str], symbol: tuple[str, str] | None = None) -> Iterator[Chunk]:
        """The rows of a file, some at a time, with these columns. To be written by each source.

        ``symbol`` is the symbol column and the one symbol that is looked for: parts without it may be skipped.
        """
        raise NotImplementedError

    @property
    def facts(self) -> SourceFacts:
        """As declared: a file does not say what its prices and times are."""
        return SourceFacts(self.prices, self.stamp, self.zone, self.decimals, self.columns)

    def instruments(self) -> Sequence[Instrument]:
        """One instrument for each symbol that is declared, or found in the file names or the symbol column."""
        return [Instrument(one, currency=self.currency, calendar=self.calendar, zone="") for one in self._symbols()]

    def intervals(self, symbol: str) -> Sequence[Interval]:  # noqa: ARG002 - all files have the same
        """The one interval of the files."""
        return [self.interval]

    def actions(self, symbol: str) -> Sequence[CorporateAction]:  # noqa: ARG002 - files of bars have none
        """None: the file of splits and dividends is named beside ``with:``."""
        return []

    def bars(self, symbol: str, interval: Interval, start: date | None, end: date | None) -> "pa.RecordBatchReader":
        """Rows of one symbol in file order, read as they are asked for. Raises DataError naming file and column."""
        import pyarrow as pa

        if interval != self.interval:
            raise DataError(f"{self.path}: the bars are of {self.interval}, not {interval!r}")
        if self.symbols and symbol not in self.symbols:
            raise DataError(f"{self.path}: no symbol {symbol!r}; declared are {', '.join(self.symbols)}")
        rows = self._rows(symbol)
        first = next(rows)
        parts = (between(part, start, end) for part in chain([first], rows))
        return pa.RecordBatchReader.from_batches(first.schema, (batch for part in parts for batch in part.to_batches()))

    def file(self, symbol: str) -> Path:
        """The file of a symbol. Raises DataError when it is not there."""
        file = Path(self.path.replace(HOLE, symbol))
        if not self.is_there(file):
            raise DataError(f"{file}: {no_file(file)}; check the path (relative to the file that names it)")
        return file

    def is_there(self, file: Path) -> bool:
        """Whether there is a file that can be read."""
        return file.is_file()

    def origin(self, picked: Mapping[str, str]) -> Origin:
        """How messages call rows and columns."""
        return Origin(self.unit, picked)

    def reader(self, file: Path, picked: Mapping[str, str], symbol: str, first: Chunk) -> ChunkReader:
        """What turns chunks into rows; the first chunk shows how times are written."""
        return ChunkReader.of(first, picked, symbol, self.origin(picked), str(file))

    def _rows(self, symbol: str) -> "Iterator[pa.Table]":
        """The rows of one symbol; DataError where there are none."""
        file = self.file(symbol)
        if self.checksums and file.exists():
            check_sums(Path(self.checksums), file)
        picked = pick_columns(self.names(file), self.columns, str(file))
        column = picked.get("symbol")
        if column is None and HOLE not in self.path and len(self.symbols) > 1:
            raise ConfigError(
                f"{file}: it has no symbol column, so its rows cannot be those of {' and '.join(self.symbols)}; "
                f"name one symbol, or write {HOLE} into path for a file each"
            )
        reader, found = None, 0
        for chunk in self.chunks(file, list(picked.values()), (column, symbol) if column else None):
            reader = reader or self.reader(file, picked, symbol, chunk)
            rows = reader.rows(chunk)
            found += rows.num_rows
            yield rows
        if not found and column:
            there = ", ".join(self._distinct(file, column)) or "no rows"
            raise DataError(f"{file}: no rows whose {column} is {symbol!r}; it has {there}")
        if not found:
            raise DataError(f"{file}: it has no rows; give it some, or leave the symbol {symbol!r} out")

    def _symbols(self) -> list[str]:
        if self.symbols:
            return sorted(self.symbols)
        if HOLE in self.path:
            return self._symbols_of_files()
        file = self.file("")
        picked = pick_columns(self.names(file), self.columns, str(file))
        if "symbol" not in picked:
            raise ConfigError(f"{file}: it has no symbol column; say which symbol it is: symbols: [AAPL]")
        return self._distinct(file, picked["symbol"])

    def _distinct(self, file: Path, column: str) -> list[str]:
        return distinct(self.chunks(file, [column]), column)

    def _symbols_of_files(self) -> list[str]:
        """The symbols for which there is a file: whatever stands in the place of ``{symbol}``."""
        parts = Path(self.path).parts
        place = next(number for number, part in enumerate(parts) if HOLE in part)
        before, after = parts[place].split(HOLE, 1)
        pattern = "/".join(escape(part).replace(HOLE, "*") for part in parts[place:])
        names = {path.parts[place] for path in Path(*parts[:place]).glob(pattern)}
        found = sorted(name[len(before) : len(name) - len(after)] for name in names)
        found = [symbol for symbol in found if self.is_there(Path(self.path.replace(HOLE, symbol)))]
        if not found:
            raise DataError(f"{self.path}: no such files; check the path (relative to the file that names it)")
        return found
