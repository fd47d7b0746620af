"""Reading JSON documents from a file, strictly, and finding the line of every value in them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from qtrader.errors import ContractError

Steps = tuple[str | int, ...]
"""A path inside a document: names of keys and indexes of lists."""
_SPACE = re.compile(r"[ \t\n\r]*")
_SCALAR = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s,\]}]+')


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file: its value, the line it starts on, and its text."""

    value: Any
    line: int
    text: str
    inside: Steps = ()
    """Where in the text the document is: its index, when the file holds an array of documents."""

    def line_of(self, path: Steps) -> int:
        """The line in the file of the value at a path, or of what is nearest around it."""
        lines = _lines(self.text)
        whole = (*self.inside, *path)
        return self.line + next(lines[part] for end in range(len(whole), -1, -1) if (part := whole[:end]) in lines)


def read_documents(path: Path) -> Iterator[Document]:
    """Read a file of one document, an array of documents, or one document on each line.

    Raises ContractError naming file and line for whatever is not strict JSON.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ContractError(f"{str(path)!r} cannot be read: {error.strerror}. Check the path") from error
    except UnicodeDecodeError as error:
        raise ContractError(f"{path}: byte {error.start} is not UTF-8. Save the file as UTF-8") from error
    if not text.strip():
        raise ContractError(f"{path}: the file is empty. Write a JSON document, or one on each line")
    if path.suffix in (".jsonl", ".ndjson") or _is_lines(text):
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                yield Document(_parse(line, path, number), number, line)
        return
    value = _parse(text, path, 1)
    if not isinstance(value, list):
        yield Document(value, 1, text)
        return
    yield from (Document(one, 1, text, (index,)) for index, one in enumerate(value))


def _is_lines(text: str) -> bool:
    """Whether the text goes on after its first document, which then ends on its first line."""
    first, newline, rest = text.strip().partition("\n")
    if not newline or not rest.strip():
        return False
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return False
    return True


def _parse(text: str, path: Path, line: int) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_no_doubles, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        place = f"{path}:{line + error.lineno - 1}"
        raise ContractError(f"{place}: this is not JSON: {error.msg}, column {error.colno}") from None
    except RecursionError:
        raise ContractError(f"{path}:{line}: the document is nested too deeply. No contract needs that") from None
    except ValueError as error:
        raise ContractError(f"{path}:{line}: {error}") from None


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {double!r} stands twice in one object. Keep one")
    return found


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON. Write null, or a number as text")


@lru_cache(maxsize=1)
def _lines(text: str) -> Mapping[Steps, int]:
    """Line of every value of a valid JSON text, counted from 0, by the value's path."""
    found: dict[Steps, int] = {}
    try:
        _walk(text, 0, (), found)
    except RecursionError:  # deeper than any contract: the first line must do
        return {(): 0}
    lines, line, before = {}, 0, 0
    for path, at in found.items():
        line += text.count("\n", before, at)
        lines[path], before = line, at
    return lines


def _walk(text: str, at: int, path: Steps, found: dict[Steps, int]) -> int:
    """Note where the value at ``at`` and all that is in it begin; the end of the value comes back."""
    at = _skip(text, at)
    found[path] = at
    if text[at] not in "{[":
        return _end(_SCALAR, text, at)
    closing = "}" if text[at] == "{" else "]"
    count, inner = 0, _skip(text, at + 1)
    while text[inner] != closing:
        key: str | int = count
        if closing == "}":
            end = _end(_SCALAR, text, inner)
            key, inner = json.loads(text[inner:end]), _skip(text, end) + 1
        inner = _skip(text, _walk(text, inner, (*path, key), found))
        count += 1
        if text[inner] == ",":
            inner = _skip(text, inner + 1)
    return inner + 1


def _skip(text: str, at: int) -> int:
    return _end(_SPACE, text, at)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at
