"""An effective configuration as YAML, each value with the origin it has."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from qtrader.config.nodes import Key

_HEAD = "# The effective configuration of a run. The comment behind each value says where it was written.\n"
_WORD = re.compile(r"[\w./+][\w./+-]*(?::[\w./+-]+)*", re.ASCII)

Origin = Callable[[Key], str]


def to_yaml(effective: dict[str, Any], origin: Origin) -> str:
    """Write a configuration so that the strict loader reads the same one again."""
    return _HEAD + "".join(_mapping(effective, origin, (), 0))


def _mapping(values: dict[str, Any], origin: Origin, key: Key, depth: int) -> Iterator[str]:
    for name, value in values.items():
        yield from _entry(f"{'  ' * depth}{scalar(name)}:", value, origin, (*key, name), depth)


def _entry(start: str, value: Any, origin: Origin, key: Key, depth: int) -> Iterator[str]:
    """One entry of a mapping or list, whose first line begins with ``start``."""
    if isinstance(value, dict) and value:
        yield f"{start}\n"
        yield from _mapping(value, origin, key, depth + 1)
    elif isinstance(value, list) and value and not _fits_a_line(value, origin, key):
        yield f"{start}\n"
        for index, item in enumerate(value):
            yield from _entry(f"{'  ' * (depth + 1)}-", item, origin, (*key, index), depth + 1)
    else:
        yield f"{start} {_flow(value)}  # {origin(key)}\n"


def _fits_a_line(items: list[Any], origin: Origin, key: Key) -> bool:
    flat = not any(isinstance(item, dict | list) for item in items)
    return flat and {origin((*key, index)) for index in range(len(items))} == {origin(key)}


def _flow(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(scalar(item) for item in value)}]"
    return "{}" if isinstance(value, dict) else scalar(value)


def scalar(value: Any) -> str:
    """One scalar in YAML; text that could be read as anything else is quoted."""
    if value is None:
        return "null"
    if not isinstance(value, str):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if _WORD.fullmatch(value) and value != "null":
        return value
    return '"' + "".join(map(_escaped, value)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08x}"
