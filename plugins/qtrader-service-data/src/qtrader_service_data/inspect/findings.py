"""What a check comes to: properties of the file, and problems with places and a way to mend them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .clock import Found

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of trouble with one symbol: ``items`` are its places, ``lines`` the same for reading.

    An error is what a run refuses; a warning is what the user should look at.
    """

    kind: str
    level: Level
    symbol: str
    title: str
    fix: str
    items: Sequence[dict[str, Any]]
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is read: under which key, its name in the file, and what it holds."""

    key: str
    name: str
    holds: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What one symbol has."""

    symbol: str
    rows: int
    first: str
    last: str
    decimals: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a check says about a file."""

    file: str
    source: str
    columns: Sequence[Column]
    unread: Sequence[str]
    facts: dict[str, Found]
    contents: Sequence[Contents]
    problems: Sequence[Problem]
    entry: str

    @property
    def is_clean(self) -> bool:
        """Whether a run would take every row."""
        return all(problem.level != "error" for problem in self.problems)
