"""Configurations that come from Python as dictionaries, and their way back to plain JSON values."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any

from qtrader.config.nodes import MAX_DEPTH, UNPRINTABLE, Key, Layer, Node, quoted, show
from qtrader.errors import ConfigError
from qtrader.ports.decimals import plain
from qtrader.ports.settings import Section

_SCALARS = (str, int, float, Decimal, date, PurePath, Enum)


def from_python(value: Any, layer: Layer, key: Key = ()) -> Node:
    """Turn a dictionary into a tree of nodes. Sections and references may stand for the mappings that they are."""
    if len(key) > MAX_DEPTH:
        raise _error(layer, key[:3], f"the value lies deeper than {MAX_DEPTH} levels. No setting lies that deep.")
    if key and key[-1] == "instance" and "with" not in key:
        return Node(value, layer)
    if isinstance(value, Section):
        fields = type(value).model_fields
        value = {fields[name].alias or name: getattr(value, name) for name in fields if name in value.model_fields_set}
    if isinstance(value, Mapping):
        return Node(
            {_name(name, layer, key): from_python(part, layer, (*key, str(name))) for name, part in value.items()},
            layer,
        )
    if isinstance(value, list | tuple):
        return Node([from_python(part, layer, (*key, index)) for index, part in enumerate(value)], layer)
    if value is None or isinstance(value, _SCALARS):
        return Node(_checked(value, layer, key), layer)
    raise _error(
        layer,
        key,
        f"a value of type {type(value).__name__!r} is no setting. Give text, a number, a date, a list or a dict.",
    )


def _name(name: object, layer: Layer, key: Key) -> str:
    if isinstance(name, str):
        return str(_checked(name, layer, key))
    raise _error(layer, key, f"the key {quoted(name)} is not text. Write it as text.")


def _checked(value: Any, layer: Layer, key: Key) -> Any:
    """Refuse text that no UTF-8 file can hold; take the value out of an enumeration."""
    value = value.value if isinstance(value, Enum) else str(value) if isinstance(value, PurePath) else value
    if isinstance(value, str) and UNPRINTABLE.search(value):
        raise _error(layer, key, f"{quoted(value)} holds control characters. Remove them.")
    return value


def _error(layer: Layer, key: Key, problem: str) -> ConfigError:
    return ConfigError(": ".join(part for part in (layer.shown, show(key), problem) if part))


def to_json(section: Section) -> dict[str, Any]:
    """A section with all its defaults as JSON values: dates ISO, decimals text."""
    dumped: dict[str, Any] = _json(section.model_dump(by_alias=True), options=False)
    return dumped


def _json(value: Any, *, options: bool) -> Any:
    """One value; tool options (``options``) are all text, as they are in YAML, so that both faces read alike."""
    if isinstance(value, dict):
        return {str(name): _json(part, options=options or name == "with") for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_json(part, options=options) for part in value]
    if isinstance(value, Decimal):
        return str(value) if options else plain(value)
    if isinstance(value, date):
        return value.isoformat()
    if options and isinstance(value, bool | int | float):
        return (
            str(value).lower() if isinstance(value, bool) else repr(float(value) if isinstance(value, float) else value)
        )
    return value
