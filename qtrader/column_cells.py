"""Values of one event field to one Arrow array: exact, or refused."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain
from json.encoder import encode_basestring as quote
from types import NoneType
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from qtrader.events.fields import FrozenMap

if TYPE_CHECKING:
    from qtrader.columns import Column

REFUSALS = (pa.ArrowException, OverflowError, ValueError, PydanticSerializationError)
"""What ``array_of`` raises for a value that its column cannot hold."""
_DEAR = (Decimal, datetime)
"""What Arrow takes long to read, so that equal values are given to it once."""
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def array_of(column: "Column", values: Sequence[Any]) -> pa.Array:
    """The values, at least one, as their column keeps them. Raises one of ``REFUSALS``."""
    if column.nested is not None:
        return pa.array(_texts(column, column.nested, values), column.kind)
    if _types(column, values) == {NoneType}:
        return pa.nulls(len(values), column.kind)
    if column.python is datetime and not all(value is None or value.tzinfo is UTC for value in values):
        _require_zones(values)
        return pa.array(values, column.kind)  # two moments of a changing clock may be equal and yet not the same
    try:
        if values[0] == values[len(values) // 2] == values[-1] and values.count(values[0]) == len(values):
            return pa.repeat(pa.array(values[:1], column.kind)[0], len(values))
        if column.python in _DEAR:
            return _each_once(column.kind, values)
    except (TypeError, ArithmeticError):
        pass  # a signalling NaN has neither a hash nor an equal; Arrow refuses it in words
    return pa.array(values, column.kind)


def _types(column: "Column", values: Sequence[Any]) -> set[type]:
    found = set(map(type, values))
    allowed = {column.python, NoneType} if column.nullable else {column.python}
    if not found <= allowed:
        assert column.python is not None
        wrong = ", ".join(sorted(kind.__name__ for kind in found - allowed))
        raise ValueError(f"is a {wrong}; emit a {column.python.__name__}{' or None' if column.nullable else ''}")
    return found


def _require_zones(values: Sequence[datetime | None]) -> None:
    if not all(value is None or value.tzinfo is not None for value in values):
        raise ValueError("has no time zone; emit an aware time, tzinfo=UTC")


class _Numbers(dict[Any, int]):
    """Distinct values, numbered as they come."""

    def __missing__(self, value: Any) -> int:
        number = self[value] = len(self)
        return number


def _each_once(kind: pa.DataType, values: Sequence[Any]) -> pa.Array:
    numbers = _Numbers()
    places = np.fromiter(map(numbers.__getitem__, values), np.int32, len(values))
    return pa.array(list(numbers), kind).take(pa.array(places))


def _texts(column: "Column", nested: TypeAdapter[Any], values: Sequence[Any]) -> list[str]:
    """JSON of each value. Equal values may differ in JSON (1 and True), so only empty ones are written once."""
    kinds = set(map(type, values))
    if column.flat is not None and kinds == {FrozenMap} and set(map(type, _inside(values))) <= {str}:
        return [_flat(value) for value in values]
    empty = {kind: _json(nested, kind()) for kind in kinds & {FrozenMap, tuple} if not all(values)}
    return [_json(nested, value) if value else empty.get(type(value)) or _json(nested, value) for value in values]


def _inside(maps: Sequence[Any]) -> Iterator[Any]:
    return chain(chain.from_iterable(maps), chain.from_iterable(one.values() for one in maps))


def _flat(value: FrozenMap[str, str]) -> str:
    return "{" + ",".join([f"{quote(name)}:{quote(text)}" for name, text in sorted(value.items())]) + "}"


def _json(nested: TypeAdapter[Any], value: Any) -> str:
    return _encode(nested.dump_python(value, mode="json", warnings="error"))
