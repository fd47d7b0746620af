"""``docs/configuration.md`` lists every key that the schema reads, with its values and its default, and no other."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from qtrader.config.complaints import model_at
from qtrader.ports.decimals import plain
from qtrader.ports.settings import Reference, RunSettings

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


def _keys(model: type[BaseModel], before: str) -> Iterator[tuple[str, FieldInfo]]:
    """Every key that a file may hold, in the order of the schema, and its field."""
    for name, field in model.model_fields.items():
        key = f"{before}{field.alias or name}"
        inner, mark = _inner(field.annotation)
        if inner and inner is not Reference:
            yield from _keys(inner, f"{key}{mark}.")
        elif not field.exclude:
            yield f"{key}{mark if inner else ''}", field


def _inner(annotation: Any) -> tuple[type[BaseModel] | None, str]:
    """The section inside a field's type, and what stands for its index or name in a key path."""
    mark = {list: "[]", dict: ".NAME"}.get(get_origin(annotation), "")
    return model_at(annotation, (0,) if mark else ()), mark


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None:
        return "none"
    if isinstance(value, list):
        return f"`[{', '.join(value)}]`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{plain(value) if isinstance(value, Decimal) else value}`"


KEYS = list(_keys(RunSettings, ""))


def _choices(annotation: Any) -> list[str]:
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    if get_origin(annotation) in (Union, UnionType):
        return [choice for arm in get_args(annotation) for choice in _choices(arm)]
    return []


def _rows() -> dict[str, str]:
    """Each key and the whole row of the page that it begins."""
    return {row.split("`")[1]: row for row in re.findall(r"^\| `.*", PAGE.read_text(), re.M)}


def test_every_key_is_documented_with_its_default() -> None:
    documented = re.findall(r"^\| `[^`]*` \| [^|]* \|", PAGE.read_text(), re.M)

    assert sorted(documented) == sorted(f"| `{key}` | {_default(field)} |" for key, field in KEYS)


@pytest.mark.parametrize(("key", "field"), [pair for pair in KEYS if _choices(pair[1].annotation)])
def test_every_choice_is_documented(key: str, field: FieldInfo) -> None:
    row = _rows()[key]

    assert [choice for choice in _choices(field.annotation) if f"`{choice}`" not in row] == []


def test_page_shows_a_message_that_users_see(files: Any) -> None:
    page = re.search(r"^config/sma_cross.yaml:12: (strategies.*)$", PAGE.read_text(), re.M)

    assert page
    assert files.fault(files.smallest.replace("use: sma-cross", "usee: sma-cross")).endswith(page[1])
