"""JSON Schema contracts of every QTrader event, with examples: data only, no dependency.

A contract's name is its path without the ending: ``data/bar.v1``, ``execution/fill.v1``, ``envelope.v1``.
"""

import json
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

__all__ = ["examples", "names", "schema"]

_ROOT = files(__name__)


@cache
def names() -> tuple[str, ...]:
    """Every contract's name, sorted."""
    return tuple(sorted(_walk(_ROOT / "schemas", "")))


@cache
def _text(name: str) -> str:
    if name not in names():
        raise KeyError(f"no contract is named {name!r}. There are: {', '.join(names())}")
    return (_ROOT / "schemas" / f"{name}.json").read_text(encoding="utf-8")


def schema(name: str) -> dict[str, Any]:
    """A contract's JSON Schema, a fresh copy. Raises KeyError for an unknown name."""
    document: dict[str, Any] = json.loads(_text(name))
    return document


def examples(name: str) -> dict[str, Any]:
    """A contract's examples by file name. Those with ``.invalid-`` in their name must be refused; the name says why.

    Raises KeyError for an unknown contract.
    """
    _text(name)
    folder, _, stem = name.rpartition("/")
    place = _ROOT / "examples" / folder if folder else _ROOT / "examples"
    found = sorted(item.name for item in place.iterdir() if item.name.startswith(f"{stem}."))
    return {file: json.loads((place / file).read_text(encoding="utf-8")) for file in found}


def _walk(folder: Traversable, prefix: str) -> list[str]:
    found = []
    for item in folder.iterdir():
        if item.is_dir():
            found += _walk(item, f"{prefix}{item.name}/")
        elif item.name.endswith(".json"):
            found.append(f"{prefix}{item.name.removesuffix('.json')}")
    return found
