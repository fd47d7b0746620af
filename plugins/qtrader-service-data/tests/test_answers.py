"""Sources that answer nonsense, or never come to an end."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import count, repeat
from typing import Any

import pyarrow as pa
import pytest

from qtrader.errors import DataError
from qtrader.ports import CorporateAction, Instrument
from qtrader_service_data import answers
from qtrader_service_data.answers import delivered, things

SOURCE: Any = object()
SCHEMA = pa.schema([("time", pa.date32()), ("open", pa.int64())])


def days(*numbers: int) -> pa.RecordBatch:
    """Rows of the first days after 2 January 2001, which is day 0."""
    times = [date(2001, 1, 2) + timedelta(number) for number in numbers]
    return pa.record_batch([pa.array(times, pa.date32()), pa.array([1] * len(times))], schema=SCHEMA)


def reader(batches: Iterator[pa.RecordBatch]) -> pa.RecordBatchReader:
    return pa.RecordBatchReader.from_batches(SCHEMA, batches)


@pytest.mark.parametrize("answer", [None, 7, "AAPL", [1], [None]])
def test_what_is_no_list_of_instruments_is_named(answer: Any) -> None:
    with pytest.raises(DataError, match=r"the source's instruments\(\) gave .*; mend the source") as caught:
        things(SOURCE, "instruments", answer, Instrument)

    assert caught.value.tool is SOURCE


def test_a_list_without_end_is_named() -> None:
    action = CorporateAction("A", "split", date(2001, 1, 2))

    with pytest.raises(DataError, match=r"actions\(\) gave more than 100,000 and did not end"):
        things(SOURCE, "actions", repeat(action), CorporateAction)


def test_a_generator_that_ends_is_a_list() -> None:
    assert things(SOURCE, "intervals", iter(["1d", "1h"]), str) == ["1d", "1h"]


@pytest.mark.parametrize("answer", [None, [], pa.table({"time": [1]}), iter(())])
def test_what_is_no_reader_is_named(answer: Any) -> None:
    with pytest.raises(DataError, match=r"bars\(\) gave .* for A: it must give a pyarrow.RecordBatchReader"):
        delivered(SOURCE, "A", answer)


def test_all_batches_are_taken_in_order() -> None:
    table = delivered(SOURCE, "A", reader(iter([days(0, 1), days(), days(2)]))).read_all()

    assert table.column("time").to_pylist() == [date(2001, 1, 2), date(2001, 1, 3), date(2001, 1, 4)]


def test_no_batch_is_an_empty_table() -> None:
    assert delivered(SOURCE, "A", reader(iter(()))).read_all().num_rows == 0


@pytest.mark.parametrize("batch", [days(0), days(0, 1)])
def test_batches_that_stand_still_without_end_are_left_after_the_second(batch: pa.RecordBatch) -> None:
    """What the second begins with is then refused like any other row that goes back."""
    assert delivered(SOURCE, "A", reader(repeat(batch))).read_all().num_rows == 2 * len(batch)


ENDLESS: dict[str, Callable[[], Iterator[pa.RecordBatch]]] = {
    "rising": lambda: (days(number) for number in count()),
    "empty": lambda: repeat(days()),
}


@pytest.mark.parametrize("batches", ENDLESS.values(), ids=ENDLESS)
def test_batches_without_end_are_named(
    monkeypatch: pytest.MonkeyPatch, batches: Callable[[], Iterator[pa.RecordBatch]]
) -> None:
    monkeypatch.setattr(answers, "MOST_BATCHES", 500)

    with pytest.raises(DataError, match=r"bars\(\) gave \d+ rows of A in 501 batches and did not end"):
        delivered(SOURCE, "A", reader(batches()))


def test_rows_without_end_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MOST_ROWS", 1000)
    batches = (days(*range(first, first + 100)) for first in count(step=100))

    with pytest.raises(DataError, match=r"gave 1,100 rows of A in 11 batches and did not end"):
        delivered(SOURCE, "A", reader(batches))
