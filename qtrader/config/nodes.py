"""The tree that a configuration is until the schema reads it: values that remember where they were written."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qtrader.errors import ConfigError
from qtrader.ports.settings import Place

MAX_DEPTH = 50
"""How deep mappings and lists may lie in each other."""

UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no configuration holds: control characters, lone surrogates."""

Key = tuple[str | int, ...]
"""A key path: names of mappings and indexes of lists, such as ``("strategies", 0, "use")``."""


@dataclass(frozen=True, slots=True)
class Layer:
    """Where values come from: a file, the command line or Python.

    ``shown`` names it in messages, ``name`` in stored files (never a path of this machine); relative paths written
    in it start at ``folder``. ``lines`` says whether line numbers mean anything.
    """

    shown: str
    name: str
    folder: Path
    lines: bool = True

    def at(self, line: int) -> str:
        """Name a line of the layer for a message."""
        return f"{self.shown}:{line}" if self.lines and line else self.shown


@dataclass(frozen=True, slots=True)
class Node:
    """One value: a mapping of names to nodes, a list of nodes, or a scalar; scalars from YAML are text or None."""

    value: Any
    layer: Layer
    line: int = 0
    key_line: int = 0

    @property
    def where(self) -> str:
        """Where the value was written, for messages: ``config/sma_cross.yaml:12``."""
        return self.layer.at(self.line)

    @property
    def origin(self) -> str:
        """Where the value was written, for stored files: ``sma_cross.yaml:12``."""
        return f"{self.layer.name}:{self.line}" if self.layer.lines and self.line else self.layer.name

    def children(self) -> Iterator[tuple[str | int, "Node"]]:
        """Name or index and node of everything directly inside."""
        if isinstance(self.value, dict):
            yield from self.value.items()
        elif isinstance(self.value, list):
            yield from enumerate(self.value)

    def child(self, part: str | int) -> "Node | None":
        """The node under a name or index, None when there is none; ``"0"`` is an index where this is a list."""
        if isinstance(self.value, dict):
            return self.value.get(str(part))
        if isinstance(self.value, list) and (index := index_in(self.value, part)) is not None:
            found: Node = self.value[index]
            return found
        return None

    def find(self, key: Key) -> "Node | None":
        """The node at a key path, None when nothing was written there."""
        node: Node | None = self
        for part in key:
            node = node.child(part) if node else None
        return node

    def nearest(self, key: Key) -> "Node":
        """The node at a key path, or the innermost written one around it."""
        return next(node for end in range(len(key), -1, -1) if (node := self.find(key[:end])) is not None)

    def place(self, key: Key) -> Place:
        """Say where the value at ``key``, or what is around it, was written."""
        node = self.nearest(key)
        return Place(node.where, show(key), node.layer.folder)

    def plain(self) -> Any:
        """The tree as mappings, lists and scalars without positions."""
        if isinstance(self.value, dict):
            return {name: node.plain() for name, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


def index_in(items: list[Node], part: str | int) -> int | None:
    """Read ``3`` or ``"3"`` as an index of the list, None when it is none."""
    if re.fullmatch(r"[0-9]{1,6}", str(part)) and int(part) < len(items):
        return int(part)
    return None


_PART = re.compile(r'(?:^|\.)(?:("(?:[^"\\]|\\.)*")|([^.\[\]"]+))|\[([0-9]{1,6})\]')


def show(key: Key) -> str:
    """Write a key path: ``strategies[0].use``; names that are more than a word are quoted."""
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            short = part if len(part) <= 60 else part[:57] + "..."
            name = short if re.fullmatch(r"[\w<>-]+", short) else json.dumps(short, ensure_ascii=False)
            text += f".{name}" if text else name
    return text


def parse_key(text: str) -> Key:
    """Read a key path: ``strategies.0.use`` and ``strategies[0].use`` are the same; ``instruments."BRK.B".lot``."""
    parts: list[str | int] = []
    at = 0
    while at < len(text) or not parts:
        match = _PART.match(text, at)
        if not match or match.end() == at:
            raise ConfigError(f"{quoted(text)} is not a key path. Write it like strategies.0.with.fast.")
        quote, word, index = match.groups()
        parts.append(int(index) if index else word or _unquoted(quote))
        at = match.end()
    if len(parts) > MAX_DEPTH:
        raise ConfigError(f"{quoted(text)} is deeper than {MAX_DEPTH} levels. No setting lies that deep.")
    return tuple(parts)


def _unquoted(text: str) -> str:
    try:
        return str(json.loads(text))
    except ValueError:
        raise ConfigError(f"{quoted(text)} is not a quoted name. Write it like JSON text.") from None


def quoted(value: object) -> str:
    """Quote a value for a message, shortened; containers are called by their kind."""
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if value is None:
        return "null (nothing)"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
