"""How quick ``qtrader`` is to answer: what it imports, and how long that takes beside the bare libraries."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.startup import LIMIT, measure

ROOT = Path(__file__).parents[2]
HEAVY = {
    "pyarrow",
    "pandas",
    "polars",
    "numpy",
    "talib",
    "jsonschema",
    "jsonschema_rs",
    "exchange_calendars",
    "jinja2",
    "pydantic",
}
QUICK = [("--help",), ("plugins", "list"), ("plugins", "list", "--json")]
PLUGINS = sorted(path.parent.name for path in ROOT.glob("plugins/qtrader-*/src/*/plugin.py"))


def imported_by(*command: str) -> set[str]:
    """The top-level packages that a process of Python imports."""
    done = subprocess.run([sys.executable, "-X", "importtime", *command], capture_output=True, text=True, check=True)
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines() if "|" in line}


@pytest.mark.parametrize("arguments", QUICK)
def test_nothing_heavy_is_imported(arguments: Sequence[str]) -> None:
    assert imported_by("-c", "from qtrader.cli import main; main()", *arguments) & HEAVY == set()


def test_no_plugin_module_imports_anything_heavy() -> None:
    code = "; ".join(f"import {package}.plugin" for package in PLUGINS)

    assert imported_by("-c", code) & HEAVY == set()


def test_a_built_in_command_is_started_without_loading_any_plugin() -> None:
    assert "pluggy" not in imported_by("-c", "from qtrader.cli import main; main()", "contracts", "--help")


def test_an_answer_takes_at_most_five_times_the_bare_imports() -> None:
    """Medians of commands in turn; measured again where the machine was busy with something else."""
    for _ in range(4):
        ratios = measure(rounds=5)
        if max(ratios.values()) <= LIMIT:
            return
    pytest.fail(f"times the bare imports: {ratios}")


def test_no_module_of_the_command_line_is_imported_by_the_library() -> None:
    script = "import sys, qtrader, qtrader.plugins; print('qtrader.cli' in sys.modules, 'pydantic' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout == "False False\n"
