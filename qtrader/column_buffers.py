"""The buffers of Arrow columns as numpy arrays, without a copy: for checks and digests of thousands of values at once.

A call of Arrow's compute functions costs as much as numpy needs for a thousand values, and a chunk has hundreds of
columns. All functions honour the offset of a slice.
"""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Bytes: TypeAlias = npt.NDArray[np.uint8]


def bits(buffer: Any, offset: int, length: int) -> Bytes:
    """A stretch of a bitmap, one byte of 0 or 1 for each bit."""
    packed = np.frombuffer(buffer, np.uint8)[offset // 8 : (offset + length + 7) // 8]
    return np.unpackbits(packed, bitorder="little")[offset % 8 : offset % 8 + length]


def validity(column: Any) -> Bytes:
    """One byte for each value: 1, or 0 where it is null."""
    if column.null_count == 0:
        return np.ones(len(column), np.uint8)
    if column.null_count == len(column):
        return np.zeros(len(column), np.uint8)
    return bits(column.buffers()[0], column.offset, len(column))


def numbers(column: Any, kind: Any) -> npt.NDArray[Any]:
    """The values of a column of fixed width, as numbers of a numpy kind that divides the width."""
    data = column.buffers()[1]
    if data is None:
        return np.zeros(0, kind)
    each = column.type.bit_width // (8 * np.dtype(kind).itemsize)
    start = column.offset * each
    return np.frombuffer(data, kind)[start : start + len(column) * each]


def words(column: Any) -> tuple[Ints, npt.NDArray[np.uint64]]:
    """The scaled integers of a decimal128 column: signed high words and unsigned low words."""
    pairs = numbers(column, np.int64).reshape(-1, 2)
    return pairs[:, 1], pairs[:, 0].view(np.uint64)


def text(column: Any) -> tuple[npt.NDArray[np.int32], Bytes]:
    """Where each text of a column begins, with the end of the last, and the UTF-8 bytes that this counts in."""
    _, offsets, data = column.buffers()
    if offsets is None or len(column) == 0:
        return np.zeros(1, np.int32), np.zeros(0, np.uint8)
    bounds = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
    return bounds, np.zeros(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
