"""The table of rules that can be taken out stays true: each rule stands in its file, once."""

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FLOORS = {"events": 145, "contracts": 22, "bus": 24}


@pytest.fixture
def tables(root: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Rules that can be taken out, and mistakes that can be planted."""
    monkeypatch.syspath_prepend(str(root / "tests" / "mutation"))
    rules, mistakes = importlib.import_module("rules"), importlib.import_module("mistakes")
    return {"rules": rules.REMOVALS, "mistakes": mistakes.MISTAKES}


@pytest.mark.parametrize("name", ["rules", "mistakes"])
def test_every_rule_of_the_table_stands_in_its_file_once(root: Path, tables: dict[str, Any], name: str) -> None:
    counts = {(one.file, one.old): (root / one.file).read_text(encoding="utf-8").count(one.old) for one in tables[name]}

    assert {place: count for place, count in counts.items() if count != 1} == {}


@pytest.mark.parametrize("name", ["rules", "mistakes"])
def test_a_table_holds_at_least_thirty(tables: dict[str, Any], name: str) -> None:
    assert len(tables[name]) >= 30


@pytest.mark.parametrize("marker", sorted(FLOORS))
def test_a_topic_has_at_least_as_many_tests_as_its_floor(root: Path, marker: str) -> None:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-p", "no:cacheprovider", "-m", marker, "tests"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    functions = {line.partition("[")[0] for line in done.stdout.splitlines() if "::" in line}

    assert len(functions) >= FLOORS[marker], done.stdout[-500:]
