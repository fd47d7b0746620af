"""What every section of a configuration is: frozen, closed, and some remember where they were written."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationInfo, field_validator

from qtrader.ports.setting_types import Place, UnreadKey


class Section(BaseModel):
    """A part of the configuration: frozen, closed."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, arbitrary_types_allowed=True)


class PlacedSection(Section):
    """A section that remembers where it was written, for messages and for the relative paths in it."""

    _places: Mapping[str, Place] = PrivateAttr(default_factory=dict)

    def place(self, key: str = "use") -> Place:
        """Say where ``key`` (``use``, ``with.fast``) was written: messages begin there, relative paths start there."""
        if key in self._places:
            return self._places[key]
        around = "with" if key.startswith("with.") else ""
        near = self._places.get(around) or self._places.get("", Place("", "", Path()))
        inner = key.removeprefix(f"{around}.") if near is self._places.get(around) else key
        return Place(near.where, ".".join(part for part in (near.key, inner) if part), near.folder)

    def written_at(self, places: Mapping[str, Place]) -> None:
        """Remember where the section (key ``""``) and its parts were written; the loader calls this once."""
        self._places = dict(places)


class Reference(PlacedSection):
    """One choice by name: ``use`` names an installed tool or ``file.py:Class``; ``with`` are its options.

    ``instance`` is set from Python when an object was handed over instead of a name; it never reaches a file.
    """

    use: str
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    instance: Any = Field(default=None, exclude=True, repr=False)

    @field_validator("instance", mode="before")
    @classmethod
    def _only_from_python(cls, value: Any, info: ValidationInfo) -> Any:
        if info.context and info.context.get("text"):
            raise UnreadKey
        return value
