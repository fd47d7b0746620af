"""Digests of event columns: SHA-256 over values in a fixed little-endian encoding.

Independent of chunking, file format and library: each column feeds three streams: validity (one byte a value),
lengths (int32, text only) and data (little-endian integers, decimals as 16-byte scaled integers, text as UTF-8; zero
where null).
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qtrader.column_buffers import bits, numbers, text, validity


class Streams(NamedTuple):
    """What a column adds to its three streams, each a buffer of bytes; made once for all digests that take it."""

    header: bytes
    validity: Any
    lengths: Any
    data: Any

    def value(self) -> bytes:
        """The digest of a column that has no other values."""
        return _join(self.header, (hashlib.sha256(part).digest() for part in self[1:]))


def streams(name: str, column: Any) -> Streams:
    """The three streams of a column's values."""
    header, valid = _header(name, column.type), validity(column)
    if pa.types.is_string(column.type):
        return Streams(header, valid, *_text(column, valid))
    if pa.types.is_boolean(column.type):
        data = column.buffers()[1]
        return Streams(header, valid, b"", valid & bits(data, column.offset, len(column)) if len(column) else b"")
    values = numbers(column, f"<i{min(column.type.bit_width // 8, 8)}")
    return Streams(header, valid, b"", values if column.null_count == 0 else _clear(values, valid))


def _text(column: Any, valid: Any) -> tuple[Any, Any]:
    bounds, data = text(column)
    lengths = np.diff(bounds)
    if column.null_count and lengths[valid == 0].any():
        return _text(pc.fill_null(column, ""), valid)
    return lengths.astype("<i4", copy=False), data[bounds[0] : bounds[-1]]


def _clear(values: Any, valid: Any) -> Any:
    """The values with zero below each null."""
    return values * np.repeat(valid, len(values) // len(valid))


@cache
def _header(name: str, kind: pa.DataType) -> bytes:
    return f"{name}:{kind}".encode()


def _join(header: bytes, digests: Iterable[bytes]) -> bytes:
    return hashlib.sha256(header + b"".join(digests)).digest()


class ColumnDigest:
    """The running digest of one column; ``update`` and ``take`` may be called with any chunking."""

    def __init__(self, header: bytes) -> None:
        self._header = header
        self._streams = (hashlib.sha256(), hashlib.sha256(), hashlib.sha256())

    def take(self, parts: Streams) -> None:
        """Take more values."""
        for stream, part in zip(self._streams, parts[1:], strict=True):
            stream.update(part)

    def value(self) -> bytes:
        """The digest so far."""
        return _join(self._header, (stream.digest() for stream in self._streams))


class StreamDigest:
    """The running digest of discrete events: per topic in name order, per column in schema order."""

    def __init__(self) -> None:
        self._topics: dict[str, tuple[list[int], list[ColumnDigest]]] = {}

    def update(self, topic: str, columns: Sequence[Streams]) -> None:
        """Take a chunk of one topic's columns."""
        if topic not in self._topics:
            self._topics[topic] = ([0], [ColumnDigest(column.header) for column in columns])
        count, digests = self._topics[topic]
        count[0] += len(columns[0].validity)
        for digest, column in zip(digests, columns, strict=True):
            digest.take(column)

    def feed(self, sha: Any) -> None:
        """Add everything taken so far to a hash."""
        for topic, (count, digests) in sorted(self._topics.items()):
            _feed(sha, topic, count[0], digests)


def block_digest(block: Mapping[str, Sequence[Streams]]) -> str:
    """The digest of a block of events alone, given each topic's columns: what ``StreamDigest`` says of no other."""
    sha = hashlib.sha256()
    for topic, columns in sorted(block.items()):
        _feed(sha, topic, len(columns[0].validity), columns)
    return sha.hexdigest()


def _feed(sha: Any, topic: str, count: int, columns: Iterable[Streams | ColumnDigest]) -> None:
    sha.update(f"{topic}:{count};".encode())
    for column in columns:
        sha.update(column.value())
