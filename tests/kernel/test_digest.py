"""Digests of columns: the same for the same values however they are cut, another for any other value."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from qtrader.digest import ColumnDigest, StreamDigest, block_digest, streams

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KINDS: dict[str, tuple[pa.DataType, Any, st.SearchStrategy[Any]]] = {
    "text": (pa.string(), "", st.text(max_size=5)),
    "whole": (pa.int64(), 0, st.integers(-(2**63), 2**63 - 1)),
    "money": (pa.decimal128(38, 8), Decimal(0), st.integers(-(10**37), 10**37).map(lambda n: Decimal(n).scaleb(-8))),
    "flag": (pa.bool_(), False, st.booleans()),
    "day": (pa.date32(), date(1970, 1, 1), st.dates(date(1700, 1, 1), date(2199, 12, 31))),
    "time": (
        pa.timestamp("us", "UTC"),
        datetime(1970, 1, 1, tzinfo=UTC),
        st.integers(-8 * 10**15, 7 * 10**15).map(
            lambda n: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=n)
        ),
    ),
}


def digest(*arrays: pa.Array, name: str = "c") -> bytes:
    """The digest of a column given in one or more parts."""
    column = ColumnDigest(streams(name, arrays[0]).header)
    for array in arrays:
        column.take(streams(name, array))
    return column.value()


def stream(*updates: tuple[str, dict[str, pa.Array]]) -> str:
    """The digest of topics given in some order."""
    found, sha = StreamDigest(), hashlib.sha256()
    for topic, columns in updates:
        found.update(topic, [streams(*column) for column in columns.items()])
    found.feed(sha)
    return sha.hexdigest()


@st.composite
def columns(draw: st.DrawFn) -> pa.Array:
    kind, _, values = KINDS[draw(st.sampled_from(sorted(KINDS)))]
    return pa.array(draw(st.lists(st.none() | values, max_size=12)), kind)


@given(columns(), st.data())
@settings(deadline=None)
def test_cutting_a_column_changes_nothing(column: pa.Array, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(column)), max_size=4)))
    parts = [column[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(column)], strict=True)]

    assert digest(column) == digest(*parts)


@given(columns())
@settings(deadline=None)
def test_a_column_without_other_values_has_the_digest_of_its_streams(column: pa.Array) -> None:
    assert streams("c", column).value() == digest(column)


@given(columns(), st.data())
@settings(deadline=None)
def test_a_slice_has_the_digest_of_its_values(column: pa.Array, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(column)))
    length = data.draw(st.integers(0, len(column) - offset))
    alone = pa.array(column.to_pylist()[offset : offset + length], column.type)

    assert digest(column.slice(offset, length)) == digest(alone)


@given(columns(), st.data())
@settings(deadline=None)
def test_any_changed_cell_changes_the_digest(column: pa.Array, data: st.DataObject) -> None:
    assume(len(column) > 0)
    values = next(values for kind, _, values in KINDS.values() if kind == column.type)
    cells = column.to_pylist()
    row = data.draw(st.integers(0, len(cells) - 1))
    changed = data.draw(st.none() | values)
    assume(changed != cells[row])

    assert digest(column) != digest(pa.array([*cells[:row], changed, *cells[row + 1 :]], column.type))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_null_is_not_zero_and_not_empty(kind: str) -> None:
    arrow, zero, _ = KINDS[kind]

    assert digest(pa.array([None], arrow)) != digest(pa.array([zero], arrow))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_lies_under_a_null_does_not_matter(kind: str) -> None:
    """Arrow may keep any bytes below a null: a value masked out and no value at all are one."""
    arrow, zero, _ = KINDS[kind]
    other = {"text": "x", "whole": 7, "money": Decimal(7), "flag": True, "day": date(2020, 1, 1)}
    value = other.get(kind, datetime(2020, 1, 1, tzinfo=UTC))
    masked = pa.compute.if_else(pa.array([True, False]), pa.array([zero, value], arrow), pa.scalar(None, arrow))

    assert digest(masked) == digest(pa.array([zero, None], arrow))


def test_text_is_told_apart_by_where_it_is_cut() -> None:
    assert digest(pa.array(["ab", "c"])) != digest(pa.array(["a", "bc"]))


def test_the_name_of_a_column_is_part_of_its_digest() -> None:
    assert digest(pa.array([1]), name="a") != digest(pa.array([1]), name="b")


def test_the_type_of_a_column_is_part_of_its_digest() -> None:
    assert digest(pa.array([1], pa.int64())) != digest(pa.array([1], pa.int32()))


def test_the_scale_of_decimals_is_part_of_the_digest() -> None:
    one = Decimal(1)

    assert digest(pa.array([one], pa.decimal128(38, 8))) != digest(pa.array([one], pa.decimal128(38, 18)))


def test_a_column_is_digested_as_documented() -> None:
    """Header, then SHA-256 of validity bytes, of int32 lengths, and of data, little-endian, zero where null."""
    empty = hashlib.sha256(b"").digest()
    data = (258).to_bytes(8, "little") + bytes(8)
    expected = hashlib.sha256(
        b"c:int64" + hashlib.sha256(b"\x01\x00").digest() + empty + hashlib.sha256(data).digest()
    ).digest()

    assert digest(pa.array([258, None])) == expected


def test_text_is_digested_with_its_lengths_in_bytes() -> None:
    parts = (b"\x01\x01", (2).to_bytes(4, "little") + (1).to_bytes(4, "little"), "éb".encode())
    expected = hashlib.sha256(b"c:string" + b"".join(hashlib.sha256(one).digest() for one in parts)).digest()

    assert digest(pa.array(["é", "b"])) == expected


# streams of topics

A, B = {"x": pa.array([1, 2])}, {"x": pa.array([3])}


def test_topics_count_in_the_order_of_their_names() -> None:
    assert stream(("fill", A), ("order", B)) == stream(("order", B), ("fill", A))


def test_a_topic_given_in_parts_is_the_topic() -> None:
    parts = [("fill", {"x": pa.array([1])}), ("order", B), ("fill", {"x": pa.array([2])})]

    assert stream(*parts) == stream(("fill", A), ("order", B))


def test_a_block_alone_has_the_digest_of_a_stream_without_any_other() -> None:
    block = {"order": [streams("x", B["x"])], "fill": [streams("x", A["x"])]}

    assert block_digest(block) == stream(("fill", A), ("order", B))


def test_the_order_of_events_within_a_topic_matters() -> None:
    assert stream(("fill", A)) != stream(("fill", {"x": pa.array([2, 1])}))


def test_the_same_columns_under_another_topic_are_another_stream() -> None:
    assert stream(("fill", A)) != stream(("order", A))


def test_the_order_of_columns_matters() -> None:
    one, two = pa.array([1]), pa.array([2])

    assert stream(("fill", {"a": one, "b": two})) != stream(("fill", {"b": two, "a": one}))


def test_columns_swapped_between_names_differ() -> None:
    one, two = pa.array([1]), pa.array([2])

    assert stream(("fill", {"a": one, "b": two})) != stream(("fill", {"a": two, "b": one}))


def test_the_number_of_events_counts_even_without_columns_that_differ() -> None:
    assert stream(("fill", {"x": pa.array([], pa.int64())})) != stream()
