"""Measure and compare: ``python -m benchmarks [--quick] [--json]``. See docs/benchmarks.md for how to read it."""

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import astuple
from importlib.util import find_spec
from statistics import median
from typing import Any

from benchmarks.goals import Rates, goals
from benchmarks.measure import Job, measure
from benchmarks.workloads import VARIANTS, WORKLOADS

COLUMNS = ("workload", "variant", "bars", "seconds", "bars_per_second", "events_per_second", "peak_mb")
GROWTH = ("W1", "W4")
"""Workloads whose dense variant is also measured at a tenth of its bars."""
REPEATS = 3


def main() -> int:
    """Run what was asked for, each measurement in a process of its own, and print medians."""
    options = parser().parse_args()
    if options.worker:
        print(json.dumps(measure(Job(*json.loads(options.worker)))))
        return 0
    jobs = planned(options)
    if not jobs:
        sys.exit("nothing to measure: that workload does not have that variant")
    if any(job.variant == "naive" for job in jobs) and find_spec("jsonschema") is None:
        sys.exit(
            "the variant naive needs jsonschema: pip install 'jsonschema[format-nongpl]', or choose others: --variant"
        )
    rows = medians(repeated(jobs, options.repeats or (1 if options.quick else REPEATS)))
    if options.json:
        print(json.dumps([{name: row[name] for name in COLUMNS} for row in rows], indent=1))
    else:
        show(rows)
    return 0


def parser() -> argparse.ArgumentParser:
    """What can be asked for."""
    made = argparse.ArgumentParser(prog="python -m benchmarks", description="What an event costs, measured.")
    made.add_argument("--quick", action="store_true", help="a tenth of the bars, once: under a minute")
    made.add_argument("--json", action="store_true", help="rows and nothing else")
    made.add_argument("--workload", action="append", choices=sorted(WORKLOADS), help="may be given more than once")
    made.add_argument("--variant", action="append", choices=VARIANTS, help="may be given more than once")
    made.add_argument("--repeats", type=int, help=f"measurements of each (default {REPEATS}, quick: 1)")
    made.add_argument("--bars", type=int, help="at most so many bars, over all symbols")
    made.add_argument("--worker", help=argparse.SUPPRESS)
    return made


def planned(options: argparse.Namespace) -> list[Job]:
    """Every measurement that was asked for."""
    jobs = []
    for workload in WORKLOADS.values():
        if options.workload and workload.name not in options.workload:
            continue
        full = min(workload.bars // (10 if options.quick else 1), options.bars or workload.bars)
        most = {"naive": workload.naive // (5 if options.quick else 1), "validated": workload.validated}
        for variant in options.variant or VARIANTS:
            if variant not in workload.variants:
                continue
            jobs.append(Job(workload.name, variant, min(full, most.get(variant, full))))
            if variant == "dense" and workload.name in GROWTH:
                jobs.append(Job(workload.name, variant, full // 10))
    return jobs


def repeated(jobs: Sequence[Job], repeats: int) -> dict[Job, list[dict[str, Any]]]:
    """Measure each job so many times, beginning with another one each time."""
    found: dict[Job, list[dict[str, Any]]] = {job: [] for job in jobs}
    for turn in range(repeats):
        first = turn * len(jobs) // repeats
        for job in (*jobs[first:], *jobs[:first]):
            command = [sys.executable, "-m", "benchmarks", "--worker", json.dumps(astuple(job))]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                sys.exit(f"{job} failed:\n{done.stderr}")
            found[job].append(json.loads(done.stdout))
    return found


def medians(found: dict[Job, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """One row a job: the measurement whose time is the middle one."""
    rows = []
    for measured in found.values():
        middle = sorted(measured, key=lambda row: row["seconds"])[len(measured) // 2]
        rows.append({**middle, "peak_mb": median(row["peak_mb"] for row in measured)})
    return rows


def show(rows: Sequence[dict[str, Any]]) -> None:
    """The rows, then the goals."""
    names = ("variant", "bars", "us/bar", "wall us/bar", "bars/s", "events/s", "peak MB")
    by_workload = defaultdict(list)
    for row in rows:
        by_workload[row["workload"]].append(row)
    for name, some in by_workload.items():
        print(f"\n{name}: {WORKLOADS[name].about}")
        print("{:<12}{:>10}{:>10}{:>12}{:>13}{:>13}{:>9}".format(*names))
        for row in some:
            mark = "*" if row["bars"] < max(one["bars"] for one in some) else ""
            cpu, wall = (row[key] / row["bars"] * 1e6 for key in ("seconds", "wall"))
            print(
                f"{row['variant']:<12}{row['bars']:>10,}{cpu:>10.3f}{wall:>12.3f}{row['bars_per_second']:>12,.0f}"
                f"{mark or ' '}{row['events_per_second']:>13,.0f}{row['peak_mb']:>9,.0f}"
            )
    print("\n* measured on fewer bars: the rate is extrapolated. Times are processor time.\n")
    for goal in goals(*figures(rows)):
        print(goal)


def figures(rows: Sequence[dict[str, Any]]) -> tuple[Rates, Rates, Rates]:
    """Microseconds a bar of each variant at its most bars, the same at a tenth, and peak memory."""
    us: dict[tuple[str, str], float] = {}
    tenth: dict[tuple[str, str], float] = {}
    peaks: dict[tuple[str, str], float] = {}
    for row in sorted(rows, key=lambda one: -int(one["bars"])):
        key = (row["workload"], row["variant"])
        rate = row["seconds"] / row["bars"] * 1e6
        if key in us:
            tenth[key] = rate
        else:
            us[key], peaks[key] = rate, row["peak_mb"]
    return us, tenth, peaks


if __name__ == "__main__":
    sys.exit(main())
