"""What a data source answers, held against its port and bounded: a source without end is named, not waited for."""

from collections.abc import Iterable
from itertools import islice
from typing import Any, TypeVar

import pyarrow as pa

from qtrader.errors import DataError
from qtrader.ports import DataSource, SourceFacts

MOST_THINGS = 100_000
"""More instruments, intervals or actions than this mean a generator without end."""
MOST_ROWS = 1_000_000_000
"""More rows of one symbol than this are no market: 1 s bars of thirty years."""
MOST_BATCHES = 100_000
"""More batches of one symbol than this are a generator without end; a file has one for some thousand rows."""

T = TypeVar("T")


def things(source: DataSource, method: str, answer: Any, kind: type[T]) -> list[T]:
    """A source's list of instruments, intervals or actions. Raises DataError for anything else."""
    if isinstance(answer, str) or not isinstance(answer, Iterable):
        raise _wrong(source, method, f"gave {_shown(answer)}: it must give a list of {kind.__name__}")
    found = list(islice(answer, MOST_THINGS + 1))
    if len(found) > MOST_THINGS:
        raise _wrong(source, method, f"gave more than {MOST_THINGS:,} and did not end")
    for one in found:
        if not isinstance(one, kind):
            raise _wrong(source, method, f"gave {one!r} where a {kind.__name__} belongs")
    return found


def facts_of(source: DataSource) -> SourceFacts:
    """What a source says about its rows. Raises DataError for anything else."""
    facts = source.facts
    if not isinstance(facts, SourceFacts):
        raise DataError(f"the source's facts are {facts!r}: they must be SourceFacts; mend the source").of(source)
    return facts


def delivered(source: DataSource, symbol: str, answer: Any) -> "pa.RecordBatchReader":
    """Everything that a source delivers for a symbol, taken; no more than up to the first batch that goes back in time.

    What is wrong with the rows themselves is for the caller to say. Raises DataError for anything but a reader, and for
    a reader that does not end.
    """
    if not isinstance(answer, pa.RecordBatchReader):
        raise _wrong(source, "bars", f"gave {_shown(answer)} for {symbol}: it must give a pyarrow.RecordBatchReader")
    batches, rows = [], 0
    last: int | None = None
    for number, batch in enumerate(answer, 1):
        rows += len(batch)
        if number > MOST_BATCHES or rows > MOST_ROWS:
            raise _wrong(source, "bars", f"gave {rows:,} rows of {symbol} in {number:,} batches and did not end")
        if not len(batch):
            continue
        batches.append(batch)
        first, before, last = _moment(batch, 0), last, _moment(batch, -1)
        if first is not None and before is not None and first <= before:
            break
    return pa.Table.from_batches(batches, answer.schema).to_reader()


def _shown(answer: object) -> str:
    text = repr(answer)
    return text if len(text) <= 60 and "\n" not in text else f"a {type(answer).__name__}"


def _moment(batch: "pa.RecordBatch", row: int) -> int | None:
    """The time of a row as the number that it is; None where there is none."""
    if "time" not in batch.schema.names:
        return None
    value = getattr(batch.column("time")[row], "value", None)
    return value if isinstance(value, int) else None


def _wrong(source: DataSource, method: str, what: str) -> DataError:
    return DataError(f"the source's {method}() {what}; mend the source").of(source)
