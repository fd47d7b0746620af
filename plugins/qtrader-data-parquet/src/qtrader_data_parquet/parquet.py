"""Bars from Parquet files: one file, one file per symbol, or one file with a symbol column."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtrader.errors import DataError
from qtrader.ports import Chunk, FileSource, Instrument, Interval, SourceFacts

from .told import INSTRUMENT_KEYS, agreed, told

if TYPE_CHECKING:
    import pyarrow as pa

HOLE = "{symbol}"
DEFAULTS = {"interval": "1d"}
"""Options whose default counts as not declared where the file says otherwise."""


@dataclass(frozen=True)
class ParquetSource(FileSource):
    """Parquet files, a row a bar. What is declared here can be declared beside ``with:`` as well, and that wins.

    What is not declared is read from the file's own metadata, where ``qtrader data import`` wrote the file.
    """

    @property
    def facts(self) -> SourceFacts:
        """As declared, else as the files say; they must agree."""
        said = super(ParquetSource, self._completed()).facts
        return replace(said, volume_decimals=self._told.get("volume_decimals"))

    def instruments(self) -> Sequence[Instrument]:
        """One instrument for each symbol; calendar and currency may come from its file."""
        return [replace(one, **self._unsaid(one)) for one in super().instruments()]

    def intervals(self, symbol: str) -> Sequence[Interval]:  # noqa: ARG002 - all files have the same
        """The one interval of the files."""
        return [self._completed().interval]

    def bars(self, symbol: str, interval: Interval, start: date | None, end: date | None) -> "pa.RecordBatchReader":
        """Rows of one symbol in file order. Raises DataError naming file and column, and what there is instead."""
        return super(ParquetSource, self._completed()).bars(symbol, interval, start, end)

    def _completed(self) -> "ParquetSource":
        """This source, with what its files say of themselves where nothing is declared."""
        options = {one.name for one in fields(self)}
        found = {key: value for key, value in self._told.items() if key in options}
        return replace(self, **{key: found[key] for key in found if getattr(self, key) in (None, DEFAULTS.get(key))})

    @cached_property
    def _told(self) -> dict[str, Any]:
        """What the files say, read once."""
        return agreed([(file, told(file)) for file in self._files()])

    def _unsaid(self, instrument: Instrument) -> dict[str, Any]:
        file = self.file(instrument.symbol)
        return {key: value for key, value in told(file).items() if key in INSTRUMENT_KEYS and not getattr(self, key)}

    def _files(self) -> list[Path]:
        """The files that are there."""
        if HOLE not in self.path:
            files = [Path(self.path)]
        else:
            files = [Path(self.path.replace(HOLE, symbol)) for symbol in self.symbols or self._symbols_of_files()]
        return [file for file in files if self.is_there(file)]

    def names(self, file: Path) -> list[str]:
        """The names of the columns."""
        with _opened(file) as parquet:
            return list(parquet.schema_arrow.names)

    def chunks(self, file: Path, columns: Sequence[str], symbol: tuple[str, str] | None = None) -> Iterator[Chunk]:
        """The rows batch by batch; row groups whose statistics leave the symbol out are skipped."""
        import numpy as np

        with _opened(file) as parquet:
            first = 1
            for group in range(parquet.num_row_groups):
                number, count = first, parquet.metadata.row_group(group).num_rows
                first += count
                if symbol is not None and _without(parquet.metadata.row_group(group), *symbol):
                    continue
                for batch in parquet.iter_batches(row_groups=[group], columns=list(columns)):
                    yield Chunk(str(file), batch, np.arange(number, number + batch.num_rows))
                    number += batch.num_rows


def _without(group: Any, column: str, symbol: str) -> bool:
    """Whether a row group's own statistics say that a symbol is not in it."""
    for index in range(group.num_columns):
        part = group.column(index)
        found = part.statistics if part.path_in_schema == column else None
        if found is not None and found.has_min_max and isinstance(found.min, str) and found.null_count == 0:
            return not found.min <= symbol <= found.max
    return False


@contextmanager
def _opened(file: Path) -> Iterator[Any]:
    """The open file; what is wrong with all of it is named. Page checksums, where the file has them, are checked."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(file, page_checksum_verification=True) as parquet:
            yield parquet
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{file}: not a readable Parquet file: {error}; it may be cut or damaged: fetch or write it again"
        ) from None
