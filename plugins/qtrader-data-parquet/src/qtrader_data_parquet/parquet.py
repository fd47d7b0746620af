"""Bars from Parquet files: one file, one file per symbol, or one file with a symbol column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

from qtrader.errors import ConfigError, DataError
from qtrader.ports import CorporateAction, Instrument, Interval, Prices, SourceFacts, Stamp, bar_rows, pick_columns

if TYPE_CHECKING:
    import pyarrow as pa

HOLE = "{symbol}"


@dataclass(frozen=True)
class ParquetSource:
    """Parquet files, a row a bar. What is declared here can be declared beside ``with:`` as well, and that wins."""

    path: str
    """File; ``{symbol}`` in it stands for a symbol and makes it one file each."""
    symbols: Sequence[str] = ()
    """The symbols to offer; needed where neither the file names nor a symbol column say them."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Column names by key (time, open, high, low, close, volume, symbol) where they are not the usual ones."""
    interval: Interval = "1d"
    """Length of the bars in the files."""
    prices: Prices | None = None
    """raw (as traded), split-adjusted or total-return."""
    stamp: Stamp | None = None
    """What a row's time is: session (a date), or start or end of its bar."""
    zone: str | None = None
    """Zone of times that have none, such as America/New_York."""
    decimals: int | None = None
    """Decimals of float prices, which are rounded to them; without it the fewest, at most 8, that are exact."""
    calendar: str = ""
    """Exchange calendar of the instruments, such as XNYS, or 24/7."""
    currency: str = ""
    """Currency of the prices, such as USD."""

    @property
    def facts(self) -> SourceFacts:
        """As declared: a Parquet file does not say what its prices and times are."""
        return SourceFacts(self.prices, self.stamp, self.zone, self.decimals, self.columns)

    def instruments(self) -> Sequence[Instrument]:
        """One instrument for each symbol that is declared, or found in the file names or the symbol column."""
        return [
            Instrument(symbol, currency=self.currency, calendar=self.calendar, zone="") for symbol in self._symbols()
        ]

    def intervals(self, symbol: str) -> Sequence[Interval]:  # noqa: ARG002 - all files have the same
        """The one interval of the files."""
        return [self.interval]

    def bars(self, symbol: str, interval: Interval, start: date | None, end: date | None) -> "pa.RecordBatchReader":
        """Rows of one symbol in file order. Raises DataError naming file and column, and what there is instead."""
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        if interval != self.interval:
            raise DataError(f"{self.path}: the bars are of {self.interval}, not {interval!r}")
        file = self._file(symbol)
        if self.symbols and symbol not in self.symbols:
            raise DataError(f"{self.path}: no symbol {symbol!r}; declared are {', '.join(self.symbols)}")
        picked = pick_columns(_names(file), self.columns, str(file))
        wanted = [name for key, name in picked.items() if key != "symbol"]
        chosen = pc.field(picked["symbol"]) == symbol if "symbol" in picked else None
        table = pq.read_table(file, columns=wanted, filters=chosen)
        if chosen is not None and table.num_rows == 0:
            there = ", ".join(_distinct(file, picked["symbol"]))
            raise DataError(f"{file}: no rows whose {picked['symbol']} is {symbol!r}; it has {there}")
        return bar_rows(table, picked, start, end, str(file))

    def actions(self, symbol: str) -> Sequence[CorporateAction]:  # noqa: ARG002 - a Parquet file has none
        """None: the file of splits and dividends is named beside ``with:``."""
        return []

    def _symbols(self) -> list[str]:
        if self.symbols:
            return sorted(self.symbols)
        if HOLE in self.path:
            return self._symbols_of_files()
        file = self._file("")
        picked = pick_columns(_names(file), self.columns, str(file))
        if "symbol" not in picked:
            raise ConfigError(f"{file}: it has no symbol column; say which symbol it is: symbols: [AAPL]")
        return _distinct(file, picked["symbol"])

    def _symbols_of_files(self) -> list[str]:
        """The symbols for which there is a file: whatever stands in the place of ``{symbol}``."""
        parts = Path(self.path).parts
        place = next(number for number, part in enumerate(parts) if HOLE in part)
        before, after = parts[place].split(HOLE, 1)
        pattern = "/".join(escape(part).replace(HOLE, "*") for part in parts[place:])
        names = {path.parts[place] for path in Path(*parts[:place]).glob(pattern)}
        found = sorted(name[len(before) : len(name) - len(after)] for name in names)
        found = [symbol for symbol in found if Path(self.path.replace(HOLE, symbol)).is_file()]
        if not found:
            raise DataError(f"{self.path}: no such files; check the path (relative to the file that names it)")
        return found

    def _file(self, symbol: str) -> Path:
        file = Path(self.path.replace(HOLE, symbol))
        if not file.is_file():
            raise DataError(f"{file}: no such file; check the path (relative to the file that names it)")
        return file


def _names(file: Path) -> list[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return list(pq.read_schema(file).names)
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError(f"{file}: not a readable Parquet file: {error}") from None


def _distinct(file: Path, column: str) -> list[str]:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    cells = pc.unique(pq.read_table(file, columns=[column]).column(column)).to_pylist()
    return sorted(str(cell) for cell in cells if cell is not None)
