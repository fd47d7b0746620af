"""``qtrader contracts diff``: what it prints and how it exits."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SCHEMAS = Path(__file__).parents[2] / "contracts" / "schemas"


@pytest.fixture
def edited(tmp_path: Path) -> Callable[..., Path]:
    """A copy of the contracts with one schema edited."""

    def copy(name: str = "strategy/signal.v1", edit: Callable[[dict[str, Any]], Any] = lambda schema: None) -> Path:
        folder = tmp_path / "now"
        shutil.copytree(SCHEMAS, folder)
        file = folder / f"{name}.json"
        schema = json.loads(file.read_text(encoding="utf-8"))
        edit(schema)
        file.write_text(json.dumps(schema), encoding="utf-8")
        return folder

    return copy


def documented(schema: dict[str, Any]) -> None:
    schema["properties"]["reason"]["description"] = "Why the strategy wants it."


def without_reason(schema: dict[str, Any]) -> None:
    del schema["properties"]["reason"]
    schema["required"].remove("reason")


def test_the_same_contracts_do_not_differ(desk: Any, edited: Callable[..., Path]) -> None:
    done = desk("contracts", "diff", SCHEMAS, edited())

    assert (done.code, done.err) == (0, "")
    assert done.out == f"{len(list(SCHEMAS.rglob('*.json')))} contracts compared: 0 breaking changes, 0 harmless\n"


def test_harmless_changes_exit_0(desk: Any, edited: Callable[..., Path]) -> None:
    done = desk("contracts", "diff", SCHEMAS, edited(edit=documented))

    assert done.code == 0
    assert done.out.splitlines()[:2] == [
        "strategy/signal.v1",
        "  harmless  $.reason  documentation: another description",
    ]


def test_breaking_changes_exit_1(desk: Any, edited: Callable[..., Path]) -> None:
    done = desk("contracts", "diff", SCHEMAS, edited(edit=without_reason))

    assert (done.code, done.err) == (1, "")
    assert "  breaking  $.reason  the field is gone: " in done.out
    assert done.out.endswith("1 breaking change, 0 harmless\n")


def test_json_says_the_same(desk: Any, edited: Callable[..., Path]) -> None:
    done = desk("contracts", "diff", SCHEMAS, edited(edit=without_reason), "--json")

    told = json.loads(done.out)
    assert (done.code, told["breaking"]) == (1, True)
    assert [(one["contract"], one["path"], one["breaking"]) for one in told["changes"]] == [
        ("strategy/signal.v1", "$.reason", True)
    ]


def test_two_files_are_compared(desk: Any, edited: Callable[..., Path]) -> None:
    new = edited(edit=without_reason) / "strategy" / "signal.v1.json"

    done = desk("contracts", "diff", SCHEMAS / "strategy" / "signal.v1.json", new)

    assert done.code == 1
    assert done.out.endswith("1 contract compared: 1 breaking change, 0 harmless\n")


def test_a_file_and_a_folder_are_the_users_mistake(desk: Any) -> None:
    done = desk("contracts", "diff", SCHEMAS / "strategy" / "signal.v1.json", SCHEMAS)

    assert (done.code, done.out) == (2, "")
    assert "one is a file, the other a folder" in done.err


def test_what_is_not_there_is_the_users_mistake(desk: Any) -> None:
    done = desk("contracts", "diff", "nowhere", SCHEMAS)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("nowhere: cannot be read: No such file")


def test_an_empty_folder_is_the_users_mistake(desk: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    done = desk("contracts", "diff", tmp_path / "empty", SCHEMAS)

    assert (done.code, done.out) == (2, "")
    assert "holds no schema" in done.err
