"""Events as Arrow columns: one struct array per event class, exact in both directions, and the check of a chunk.

Prices and quantities are decimal128(38, 18), money decimal128(38, 8), times are microseconds UTC, maps and nested
records are JSON text in key order. A value that does not fit its column is refused, never rounded.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from itertools import chain
from operator import itemgetter
from types import NoneType
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import pyarrow as pa
from pydantic import StringConstraints, TypeAdapter

from qtrader.column_cells import REFUSALS, array_of
from qtrader.column_checks import check_column, check_condition, check_rule
from qtrader.column_glance import column_is_well, condition_is_met, rule_is_kept
from qtrader.errors import ContractError
from qtrader.events.base import BaseEvent, Origin, from_ns, trusted
from qtrader.events.fields import Day, DecimalText, Digits, FrozenMap, Instant, Key, Whole
from qtrader.ports.decimals import plain

E = TypeVar("E", bound=BaseEvent)
_SIMPLE: Mapping[type, pa.DataType] = {Whole: pa.int64(), Day: pa.date32(), StringConstraints: pa.string()}
_TEXT_MAP = FrozenMap[Key, DecimalText]
_PAIR = ":".join(f'"{get_args(one)[1].pattern[1:-1]}"' for one in (Key, DecimalText))
_FLAT = re.compile(rf"\{{(?:{_PAIR}(?:,{_PAIR})*)?\}}")
"""The JSON of a map of names to decimals, whose patterns have room for no character that JSON would escape."""


@dataclass(frozen=True)
class Column:
    """How one field of an event class is kept."""

    name: str
    kind: pa.DataType
    nullable: bool
    python: type | None
    """The exact type of its values; None for what is kept as JSON text."""
    marker: Any = None
    """What bounds the values: a marker of ``qtrader.events.fields``, or the allowed texts."""
    read: Callable[[pa.Array], list[Any]] = pa.Array.to_pylist
    """Column back to values."""
    nested: TypeAdapter[Any] | None = None

    flat: re.Pattern[str] | None = None
    """For a map of text to text: what its JSON looks like."""


@cache
def columns_of(event_class: type[BaseEvent]) -> tuple[Column, ...]:
    """The columns of an event class, in the order of its fields."""
    hints = get_type_hints(event_class, include_extras=True)
    return tuple(_column(name, hints[name]) for name in event_class.model_fields if name != "origin")


def arrow_fields(event_class: type[BaseEvent]) -> list[pa.Field]:
    """The Arrow fields of an event class's payload."""
    return [pa.field(column.name, column.kind, column.nullable) for column in columns_of(event_class)]


def arrow_type(event_class: type[BaseEvent]) -> pa.StructType:
    """The Arrow struct of an event class's payload."""
    return pa.struct(arrow_fields(event_class))


def to_columns(event_class: type[E], events: Sequence[E]) -> pa.StructArray:
    """The payloads of events of one class. Raises ContractError for a value that its column cannot hold."""
    return with_origins(event_class, events)[0]


def with_origins(event_class: type[E], events: Sequence[E]) -> tuple[pa.StructArray, list[Origin]]:
    """What ``to_columns`` gives, and the events' origins, in one reading of each event."""
    columns, fields = columns_of(event_class), arrow_fields(event_class)
    if not events:
        return pa.array([], pa.struct(fields)), []
    width = len(columns) + 1
    cells = list(chain.from_iterable(map(_cells_of(event_class), [event.__dict__ for event in events])))
    arrays = [_write(event_class, column, cells[at::width], events) for at, column in enumerate(columns)]
    return pa.StructArray.from_arrays(arrays, fields=fields), cells[len(columns) :: width]


def events_from_columns(event_class: type[E], array: pa.StructArray, origins: Iterable[Origin]) -> list[E]:
    """The events again, equal to those that ``to_columns`` was given."""
    names = [column.name for column in columns_of(event_class)]
    parts = zip(columns_of(event_class), array.flatten(), strict=True)
    rows = zip(*(column.read(part) for column, part in parts), strict=True)
    return [
        trusted(event_class, dict(zip(names, row, strict=True)), origin)
        for row, origin in zip(rows, origins, strict=True)
    ]


def check_columns(event_class: type[BaseEvent], array: pa.StructArray) -> None:
    """Check a chunk against the contract of its class: nulls, values, conditions, x-rules. Raises ContractError."""
    contract = event_class.contract()
    parts = dict(zip((column.name for column in columns_of(event_class)), array.flatten(), strict=True))
    if len(array) == 0:
        return
    for column in columns_of(event_class):
        if not column_is_well(column, parts[column.name]):
            check_column(contract, column, parts[column.name])
    for condition in event_class.conditions:
        if not condition_is_met(condition, parts):
            check_condition(contract, condition, parts)
    for rule in event_class.rules:
        if not rule_is_kept(rule, parts):
            check_rule(contract, rule, parts)


@cache
def _cells_of(event_class: type[BaseEvent]) -> Callable[[Any], Any]:
    """Takes the values of an event, its origin last."""
    return itemgetter(*(column.name for column in columns_of(event_class)), "origin")


def _column(name: str, hint: Any) -> Column:
    inner, nullable = _without_none(hint)
    if get_origin(inner) is Literal:
        return Column(name, pa.string(), nullable, str, get_args(inner))
    if isinstance(inner, type) and issubclass(inner, StrEnum):
        return Column(name, pa.string(), nullable, inner, tuple(map(str, inner)), _reader(inner))
    if get_origin(inner) is Annotated:
        base, marker = get_args(inner)[:2]
        if isinstance(marker, Digits):
            return Column(name, pa.decimal128(38, marker.places), nullable, Decimal, marker, _reader(_tidy))
        if isinstance(marker, Instant):
            return Column(name, pa.timestamp("us", "UTC"), nullable, datetime, marker, _read_times)
        simple = _SIMPLE.get(type(marker))
        if simple is not None or base is bool:
            return Column(name, simple or pa.bool_(), nullable, base, marker)
    nested = TypeAdapter(inner)
    read = _reader(nested.validate_json)
    return Column(name, pa.string(), nullable, None, None, read, nested, _FLAT if inner == _TEXT_MAP else None)


def _without_none(hint: Any) -> tuple[Any, bool]:
    rest = [part for part in get_args(hint) if part is not NoneType]
    if get_origin(hint) is Annotated or len(rest) == len(get_args(hint)):
        return hint, False
    return (rest[0] if len(rest) == 1 else hint), True


def _reader(read: Callable[[Any], Any]) -> Callable[[pa.Array], list[Any]]:
    return lambda array: [None if value is None else read(value) for value in array.to_pylist()]


def _tidy(value: Decimal) -> Decimal:
    return Decimal(plain(value))


def _read_times(array: pa.Array) -> list[datetime | None]:
    return [None if value is None else from_ns(value * 1000) for value in array.cast(pa.int64()).to_pylist()]


def _write(
    event_class: type[BaseEvent], column: Column, values: Sequence[Any], events: Sequence[BaseEvent]
) -> pa.Array:
    try:
        return array_of(column, values)
    except REFUSALS as error:
        if len(events) > 1:
            for value, event in zip(values, events, strict=True):
                _write(event_class, column, (value,), (event,))
        where = f"{event_class.contract()}: $.{column.name} of event {events[0].seq}"
        raise ContractError(f"{where}: {values[0]!r}: {error}") from error


__all__ = ["arrow_fields", "arrow_type", "check_columns", "columns_of", "events_from_columns", "to_columns"]
