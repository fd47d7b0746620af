"""Digests of event columns: SHA-256 over values in a fixed little-endian encoding.

Independent of chunking, file format and library: each column feeds three streams: validity (one byte a value),
lengths (int32, text only) and data (little-endian integers, decimals as 16-byte scaled integers, text as UTF-8; zero
where null).
"""

import datetime
import hashlib
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


class ColumnDigest:
    """The running digest of one column; ``update`` may be called with any chunking."""

    def __init__(self, name: str, kind: pa.DataType) -> None:
        self._header = f"{name}:{kind}".encode()
        self._kind = kind
        self._streams = (hashlib.sha256(), hashlib.sha256(), hashlib.sha256())

    def update(self, column: Any) -> None:
        """Take more values."""
        validity, lengths, data = self._streams
        validity.update(np.asarray(column.is_valid()).astype(np.uint8).tobytes())
        if pa.types.is_string(self._kind):
            filled = pc.fill_null(column, "")
            lengths.update(np.asarray(pc.binary_length(filled)).astype("<i4").tobytes())
            data.update(_text_bytes(filled))
        else:
            data.update(_fixed_width(column, self._kind))

    def value(self) -> bytes:
        """The digest so far."""
        return hashlib.sha256(self._header + b"".join(stream.digest() for stream in self._streams)).digest()


def _text_bytes(filled: Any) -> bytes:
    """The UTF-8 bytes of a text column without nulls, one value after another."""
    _, offsets, data = filled.buffers()
    if data is None:
        return b""
    bounds = np.frombuffer(offsets, dtype=np.int32)[filled.offset : filled.offset + len(filled) + 1]
    return bytes(memoryview(data)[int(bounds[0]) : int(bounds[-1])])


def _fixed_width(column: Any, kind: pa.DataType) -> bytes:
    if pa.types.is_boolean(kind):
        return np.asarray(pc.fill_null(column, False)).astype(np.uint8).tobytes()
    width = kind.bit_width // 8
    filled: Any = column if column.null_count == 0 else pc.fill_null(column, pa.scalar(_zero(kind), kind))
    data = filled.buffers()[1]
    if data is None:
        return b""
    start = filled.offset * width
    return bytes(memoryview(data)[start : start + len(filled) * width])


def _zero(kind: pa.DataType) -> Any:
    if pa.types.is_decimal(kind):
        return Decimal(0)
    if pa.types.is_date32(kind):
        return datetime.date(1970, 1, 1)
    if pa.types.is_timestamp(kind):
        return datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    return 0


class StreamDigest:
    """The running digest of discrete events: per topic in name order, per column in schema order."""

    def __init__(self) -> None:
        self._topics: dict[str, tuple[list[int], dict[str, ColumnDigest]]] = {}

    def update(self, topic: str, columns: dict[str, Any]) -> None:
        """Take a chunk of one topic's columns."""
        if topic not in self._topics:
            self._topics[topic] = ([0], {name: ColumnDigest(name, column.type) for name, column in columns.items()})
        count, digests = self._topics[topic]
        count[0] += len(next(iter(columns.values())))
        for name, column in columns.items():
            digests[name].update(column)

    def feed(self, sha: Any) -> None:
        """Add everything taken so far to a hash."""
        for topic in sorted(self._topics):
            count, digests = self._topics[topic]
            sha.update(f"{topic}:{count[0]};".encode())
            for digest in digests.values():
                sha.update(digest.value())

    def hexdigest(self) -> str:
        """The digest of everything taken so far."""
        sha = hashlib.sha256()
        self.feed(sha)
        return sha.hexdigest()
