"""Values of one event field to one Arrow array: exact, or refused."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import cache
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
_DIGITS = Context(prec=38, traps=[Inexact, InvalidOperation])
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
            return pa.repeat(_distinct(column, values[:1])[0], len(values))
        if column.python in _DEAR:
            return _each_once(column, values)
    except (TypeError, InvalidOperation):
        pass  # a signalling NaN has neither a hash nor an equal
    return _distinct(column, values)


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


def _each_once(column: "Column", values: Sequence[Any]) -> pa.Array:
    numbers = _Numbers()
    places = np.fromiter(map(numbers.__getitem__, values), np.int32, len(values))
    return _distinct(column, list(numbers)).take(pa.array(places))


def _distinct(column: "Column", values: Sequence[Any]) -> pa.Array:
    return pa.array(_fitting(column.kind.scale, values) if column.python is Decimal else values, column.kind)


def _fitting(places: int, values: Sequence[Decimal | None]) -> list[Decimal | None]:
    """The numbers with just so many places; Arrow, given more, reads beyond a table of its own: 1E-47 as 0, or dies."""
    quantize, unit = _DIGITS.quantize, _unit(places)
    try:
        fitting = [None if value is None else quantize(value, unit) for value in values]
    except Inexact:
        raise ValueError(f"has more than {places} decimals, which its column keeps; round it before") from None
    except InvalidOperation:
        raise ValueError(f"is not a number of at most {38 - places} digits before the point") from None
    return fitting


@cache
def _unit(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


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
