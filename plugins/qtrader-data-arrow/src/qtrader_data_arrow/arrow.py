"""Bars from Arrow: a table in memory, an IPC file (mapped, not copied), or a folder of files read as one dataset."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from qtrader.errors import ConfigError, DataError
from qtrader.ports import Chunk, FileSource

MEMORY = Path("the table")
"""Stands for the table in messages."""


@dataclass(frozen=True)
class ArrowSource(FileSource):
    """Arrow data, a row a bar. What is declared here can be declared beside ``with:`` as well, and that wins."""

    path: str = ""
    """IPC file (also called Feather), or a folder of Parquet or IPC files; ``{symbol}`` makes it one each."""
    format: Literal["parquet", "ipc"] = "parquet"
    """What the files of a folder are: parquet or ipc."""
    partitions: Sequence[str] = ()
    """Names of the levels of folders, outermost first, e.g. [symbol]; folders called symbol=AAPL name themselves."""
    table: Any = field(default=None, repr=False, compare=False)
    """A ``pyarrow.Table`` instead of a path, from Python."""

    def __post_init__(self) -> None:
        """Refuse both or neither of path and table."""
        if (self.table is None) == (not self.path):
            raise ValueError("give a path or, from Python, a table: one of the two")

    def file(self, symbol: str) -> Path:
        """The file or folder of a symbol."""
        return MEMORY if self.table is not None else super().file(symbol)

    def is_there(self, file: Path) -> bool:
        """Whether there is a file or a folder."""
        return file.is_file() or file.is_dir()

    def names(self, file: Path) -> list[str]:
        """The names of the columns, those of partitions included."""
        with self._parts(file) as (schema, _):
            return list(schema.names)

    def chunks(self, file: Path, columns: Sequence[str], symbol: tuple[str, str] | None = None) -> Iterator[Chunk]:
        """The rows batch by batch, files of a folder in the order of their names."""
        import numpy as np

        with self._parts(file) as (_, parts):
            for name, batches in parts(columns, symbol):
                number = 1
                for batch in batches:
                    yield Chunk(name, batch, np.arange(number, number + batch.num_rows))
                    number += batch.num_rows

    @contextmanager
    def _parts(self, file: Path) -> Iterator[tuple[Any, Any]]:
        """The schema, and what gives name and batches of each file; what is wrong with a whole file is named."""
        import pyarrow as pa

        try:
            if self.table is not None:
                yield _in_memory(self.table)
            elif file.is_dir():
                yield _folder(file, self.format, self.partitions)
            else:
                with pa.memory_map(str(file)) as source, pa.ipc.open_file(source) as reader:
                    yield reader.schema, lambda columns, _: [(str(file), _checked(reader, columns))]
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise DataError(
                f"{file}: not readable as Arrow data: {error}; it may be cut or damaged: fetch or write it again"
            ) from None


def _in_memory(table: Any) -> tuple[Any, Any]:
    import pyarrow as pa

    if not isinstance(table, pa.Table):
        raise ConfigError(f"table is a {type(table).__name__}; pass a pyarrow.Table, or any frame through qtrader.bars")
    return table.schema, lambda columns, _: [(str(MEMORY), table.select(list(columns)).to_batches())]


def _checked(reader: Any, columns: Sequence[str]) -> Iterator[Any]:
    """Batches of an IPC file: bytes on a disk may be damaged, so that lengths and offsets are checked first."""
    for index in range(reader.num_record_batches):
        batch = reader.get_batch(index)
        batch.validate(full=True)
        yield batch.select(list(columns))


def _folder(folder: Path, kind: str, partitions: Sequence[str]) -> tuple[Any, Any]:
    import pyarrow as pa
    import pyarrow.dataset as ds

    hive = ds.partitioning(flavor="hive")
    levels = ds.partitioning(pa.schema([(name, pa.string()) for name in partitions])) if partitions else hive
    options: dict[str, Any] = {"partitioning": levels, "format": _format(kind)}
    found = ds.dataset(folder, **options)
    if not found.files:
        raise DataError(f"{folder}: no {kind} files in this folder; check path and format")

    def parts(columns: Sequence[str], symbol: tuple[str, str] | None) -> Iterator[tuple[str, Any]]:
        for fragment in sorted(found.get_fragments(), key=lambda one: str(one.path)):
            told = ds.get_partition_keys(fragment.partition_expression)
            if symbol is not None and str(told.get(symbol[0], symbol[1])) != symbol[1]:
                continue
            yield fragment.path, fragment.to_batches(schema=found.schema, columns=list(columns), use_threads=False)

    return found.schema, parts


def _format(kind: str) -> Any:
    import pyarrow.dataset as ds

    if kind == "ipc":
        return ds.IpcFileFormat()
    scan = ds.ParquetFragmentScanOptions(page_checksum_verification=True)
    return ds.ParquetFileFormat(default_fragment_scan_options=scan)
