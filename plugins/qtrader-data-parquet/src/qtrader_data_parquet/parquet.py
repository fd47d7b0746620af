"""Bars from Parquet files: one file, one file per symbol, or one file with a symbol column."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qtrader.errors import DataError
from qtrader.ports import Chunk, FileSource


@dataclass(frozen=True)
class ParquetSource(FileSource):
    """Parquet files, a row a bar. What is declared here can be declared beside ``with:`` as well, and that wins."""

    def names(self, file: Path) -> list[str]:
        """The names of the columns."""
        with _opened(file) as parquet:
            return list(parquet.schema_arrow.names)

    def chunks(self, file: Path, columns: Sequence[str], symbol: tuple[str, str] | None = None) -> Iterator[Chunk]:
        """The rows batch by batch; row groups whose statistics leave the symbol out are skipped."""
        with _opened(file) as parquet:
            first = 1
            for group in range(parquet.num_row_groups):
                number, count = first, parquet.metadata.row_group(group).num_rows
                first += count
                if symbol is not None and _without(parquet.metadata.row_group(group), *symbol):
                    continue
                for batch in parquet.iter_batches(row_groups=[group], columns=list(columns)):
                    yield Chunk(str(file), batch, range(number, number + batch.num_rows))
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
