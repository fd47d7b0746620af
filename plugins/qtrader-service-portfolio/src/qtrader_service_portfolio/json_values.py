"""Frozen records as plain JSON values and back, to the bit: decimals, dates and times as text."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import NoneType
from typing import Any, TypeVar, get_args, get_type_hints

T = TypeVar("T")

READERS: Mapping[Any, Callable[[str], Any]] = {
    Decimal: Decimal,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}


def to_json(record: Any) -> dict[str, Any]:
    """The fields of a flat frozen record by name."""
    return {name: _plain(getattr(record, name)) for name in get_type_hints(type(record))}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def from_json(kind: Callable[..., T], values: Mapping[str, Any]) -> T:
    """The record that ``to_json`` wrote."""
    hints = get_type_hints(kind)
    return kind(**{name: _read(hints[name], value) for name, value in values.items()})


def _read(hint: Any, value: Any) -> Any:
    reader = READERS.get(next((one for one in get_args(hint) if one is not NoneType), hint))
    return value if reader is None or value is None else reader(value)


def decimals(values: Mapping[str, str]) -> dict[str, Decimal]:
    """A mapping of decimal texts as decimals."""
    return {name: Decimal(text) for name, text in values.items()}


def texts(values: Mapping[str, Decimal]) -> dict[str, str]:
    """A mapping of decimals as texts."""
    return {name: str(number) for name, number in values.items()}
