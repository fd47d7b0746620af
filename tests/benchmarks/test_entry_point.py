"""``python -m benchmarks`` as a user runs it, on few bars: rows as promised, and variants that trade alike."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = ["workload", "variant", "bars", "seconds", "bars_per_second", "events_per_second", "peak_mb"]


def benchmarks(*options: str) -> str:
    """What a quick run with these options prints."""
    command = [sys.executable, "-m", "benchmarks", "--quick", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_without_jsonschema_naive_is_refused_in_one_line_before_anything_runs() -> None:
    hide = "import sys, runpy; sys.modules['jsonschema'] = None; sys.argv = ['benchmarks', '--quick']; "
    run = [sys.executable, "-c", f"{hide}runpy.run_module('benchmarks', run_name='__main__')"]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("the variant naive needs jsonschema: pip install 'jsonschema[format-nongpl]'")
    assert done.stderr.count("\n") == 1


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    """Every variant of the minutes, on two thousand of them: two dozen trades."""
    found: list[dict[str, Any]] = json.loads(benchmarks("--json", "--workload", "W1", "--bars", "2000"))
    return found


def test_rows_have_these_columns_and_no_others(rows: list[dict[str, Any]]) -> None:
    assert {tuple(row) for row in rows} == {tuple(COLUMNS)}


def test_every_variant_has_its_row(rows: list[dict[str, Any]]) -> None:
    variants = ["naive", "floor", "numpy", "validated", "dense", "dense", "dense-deque", "empty", "pydantic"]

    assert [row["variant"] for row in rows] == variants


def test_rates_are_bars_over_seconds(rows: list[dict[str, Any]]) -> None:
    assert [row["bars_per_second"] for row in rows] == pytest.approx([row["bars"] / row["seconds"] for row in rows])


def test_validated_and_trusted_runs_have_the_same_number_of_events(rows: list[dict[str, Any]]) -> None:
    """The outcome of each measurement is held against the floor's by the program itself; events are not."""
    events = {row["variant"]: round(row["events_per_second"] * row["seconds"]) for row in rows if row["bars"] == 2000}

    assert events["validated"] == events["dense"] == events["dense-deque"] > 2000


def test_the_table_ends_with_ratios_and_verdicts() -> None:
    table = benchmarks("--workload", "W4", "--bars", "500", "--variant", "floor", "--variant", "dense")
    *_, orders, growth = table.splitlines()

    assert "W4 dense, share of the floor's rate" in orders
    assert "W4 dense, growth of the cost per order" in growth
    assert growth.split("<=")[1].split()[1] in ("met", "MISSED")


def test_many_symbols_trade_alike() -> None:
    """500 symbols of 130 days: long enough for crosses of 20 and 100 days."""
    options = ["--workload", "W2", "--bars", "65000"]
    for variant in ("floor", "numpy", "dense", "dense-deque"):
        options += ["--variant", variant]

    assert len(json.loads(benchmarks("--json", *options))) == 4


def test_another_outcome_than_the_floor_s_is_an_error() -> None:
    """The check that every measurement ends with, on an outcome with one fill too many."""
    program = """
from dataclasses import replace
from benchmarks.floor import floor
from benchmarks.measure import Job, check
from benchmarks.workloads import WORKLOADS
workload = WORKLOADS["W4"]
right = floor(workload, workload.tables(50))
check(Job("W4", "dense", 50), workload, right)
try:
    check(Job("W4", "dense", 50), workload, replace(right, fills=right.fills + 1))
except RuntimeError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert "they must trade alike" in done.stdout
