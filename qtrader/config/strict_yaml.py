"""YAML without surprises: scalars stay text, and whatever could read differently from how it looks is refused.

Only unquoted ``null``, ``~`` and nothing mean "nothing"; the schema decides what every other text is. So a ticker
``ON`` is no boolean, ``1:30`` no sexagesimal number, ``012`` no octal one. Anchors, aliases, tags, duplicate keys,
several documents, control characters and oversized or deeply nested files are errors that say where.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import yaml

from qtrader.config.nodes import MAX_DEPTH, UNPRINTABLE, Key, Layer, Node, quoted, show
from qtrader.errors import ConfigError

MAX_BYTES = 1_000_000
"""Size of the largest file that is read."""
MAX_VALUES = 20_000
"""How many mappings, lists, keys and scalars a file may hold, and how many lines: any file is read in a moment."""

_NOTHING = ("", "~", "null")


def is_file(path: Path) -> bool:
    """Whether the path is an ordinary file; paths that no system could have are none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Whether the path is a folder; paths that no system could have are none."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def read_text(path: Path, shown: str) -> str:
    """Read a configuration file as UTF-8 text within the size limit."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{shown}: the file cannot be read: {error.strerror}. Check its permissions.") from None
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{shown}: the file is larger than {MAX_BYTES:,} bytes. A configuration is small: split it.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        raise ConfigError(f"{shown}:{line}: byte 0x{byte:02x} is not UTF-8. Save the file as UTF-8.") from None


def compose(text: str, layer: Layer, key: Key = ()) -> Node:
    """Turn YAML text into a tree of nodes; ``key`` is where the tree belongs, for messages.

    Raises ConfigError with file, line and key path for anything that is not strict YAML.
    """
    if len(text) > MAX_BYTES:
        raise _error(layer, 0, key, f"the text is longer than {MAX_BYTES:,} characters. Make it shorter")
    if text.count("\n") > MAX_VALUES:
        raise _error(layer, 0, key, f"the file has more than {MAX_VALUES:,} lines. A configuration is small: split it")
    if found := UNPRINTABLE.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise _error(layer, line, key, f"{_code(found.group())} is a control character. Remove it")
    try:
        return _Composer(text, layer, key).document()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _error(layer, line, key, f"this is not YAML: {_problem(error)}. Correct the line") from None
    except (ValueError, OverflowError) as error:  # how pyyaml answers escapes beyond Unicode
        raise _error(layer, 0, key, f"this is not YAML: {error}. Correct it") from None


def _error(layer: Layer, line: int, key: Key, problem: str) -> ConfigError:
    return ConfigError(": ".join(part for part in (layer.at(line), show(key), problem) if part) + ".")


def _problem(error: yaml.MarkedYAMLError) -> str:
    return ", ".join(part for part in (error.context, error.problem) if part)


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


class _Composer:
    """Builds nodes from the parser's events, which come before anything is resolved or constructed."""

    def __init__(self, text: str, layer: Layer, key: Key) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.SafeLoader)
        self._layer = layer
        self._path: list[str | int] = list(key)
        self._values = 0

    def document(self) -> Node:
        """The one document of the text; an empty text is null."""
        next(self._events)  # the start of the stream
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            return Node(None, self._layer, 1, 1)
        node = self._node(next(self._events))
        next(self._events)  # the end of the document
        event = next(self._events)
        if not isinstance(event, yaml.StreamEndEvent):
            self._refuse(event, "a second document begins here", "Keep one document in a file")
        return node

    def _node(self, event: yaml.Event, key_line: int = 0) -> Node:
        self._check(event)
        line = _line(event)
        if isinstance(event, yaml.ScalarEvent):
            text = self._text(event)
            nothing = event.style is None and text in _NOTHING
            return Node(None if nothing else text, self._layer, line, key_line or line)
        value = self._mapping() if isinstance(event, yaml.MappingStartEvent) else self._list()
        return Node(value, self._layer, line, key_line or line)

    def _mapping(self) -> dict[str, Node]:
        found: dict[str, Node] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            self._check(event)
            if not isinstance(event, yaml.ScalarEvent):
                self._refuse(event, "a mapping or list stands where a key should be", "Write a plain name before ':'")
            name, line = self._text(event), _line(event)
            self._path.append(name)
            if name in found:
                first = found[name].key_line
                self._refuse(event, f"the key {quoted(name)} is here twice, first on line {first}", "Keep one of them")
            found[name] = self._node(next(self._events), line)
            self._path.pop()
        return found

    def _list(self) -> list[Node]:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            self._path.append(len(items))
            items.append(self._node(event))
            self._path.pop()
        return items

    def _text(self, event: yaml.ScalarEvent) -> str:
        text = str(event.value)
        if found := UNPRINTABLE.search(text):
            self._refuse(event, f"the text holds the control character {_code(found.group())}", "Remove it")
        return text

    def _check(self, event: yaml.Event) -> None:
        self._values += 1
        if self._values > MAX_VALUES:
            self._refuse(event, f"the file holds more than {MAX_VALUES:,} values", "A configuration is small: split it")
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, f"the alias '*{event.anchor}' is used", "Write the value out; share files with base:")
        if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            self._refuse(event, f"the anchor '&{event.anchor}' is set", "Remove it; share files with base:")
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag is not None:
            self._refuse(event, f"the tag {quoted(event.tag)} is used", "Remove it: the schema knows the types")
        if not isinstance(event, yaml.ScalarEvent) and len(self._path) >= MAX_DEPTH:
            self._refuse(event, f"this lies deeper than {MAX_DEPTH} levels", "No setting lies that deep")

    def _refuse(self, event: yaml.Event, problem: str, advice: str) -> NoReturn:
        line = _line(event)
        place = self._path if len(self._path) < MAX_DEPTH else self._path[:3]
        raise _error(self._layer, line, tuple(place), f"{problem}. {advice}")
