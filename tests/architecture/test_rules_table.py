"""The table of rules that can be taken out stays true: each rule stands in its file, once."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FLOORS = {"events": 145, "contracts": 22, "bus": 24}


def removals(root: Path) -> Any:
    place = root / "tests" / "mutation" / "rules.py"
    spec = importlib.util.spec_from_file_location("rules", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.REMOVALS


def test_every_rule_of_the_table_stands_in_its_file_once(root: Path) -> None:
    counts = {
        (one.file, one.old): (root / one.file).read_text(encoding="utf-8").count(one.old) for one in removals(root)
    }

    assert {place: count for place, count in counts.items() if count != 1} == {}


def test_the_table_holds_at_least_thirty_rules(root: Path) -> None:
    assert len(removals(root)) >= 30


@pytest.mark.parametrize("marker", sorted(FLOORS))
def test_a_topic_has_at_least_as_many_tests_as_its_floor(root: Path, marker: str) -> None:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-p", "no:cacheprovider", "-m", marker, "tests"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    functions = {line.partition("[")[0] for line in done.stdout.splitlines() if "::" in line}

    assert len(functions) >= FLOORS[marker], done.stdout[-500:]
