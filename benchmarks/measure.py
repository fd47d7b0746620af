"""One measurement in a process of its own: prepare, time, look at the peak of memory, check the outcome."""

import gc
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import Any

from benchmarks.outcome import Outcome
from benchmarks.workloads import WORKLOADS, Workload

MARKETLESS = ("empty", "pydantic")
"""Variants that trade nothing, so that there is no outcome to compare."""

WARM_UP = 120
"""Rows of a run before the clock starts: what a first run imports is no cost of a bar."""


@dataclass(frozen=True)
class Job:
    """What to measure: a workload, a variant, and how many bars."""

    workload: str
    variant: str
    bars: int


def measure(job: Job) -> dict[str, Any]:
    """Time one job. ``seconds`` is processor time of all threads, ``wall`` the clock's. Raises RuntimeError.

    Making the bars, wiring the run and a warm-up run come before the clock. Playing, checking, sealing and digesting
    the log, and the figures of the result are timed. Afterwards the outcome must be that of the floor.
    """
    workload = WORKLOADS[job.workload]
    play = prepare(job, workload)
    gc.collect()
    wall, cpu = perf_counter(), process_time()
    outcome = play()
    cpu, wall = process_time() - cpu, perf_counter() - wall
    peak = peak_mb()
    check(job, workload, outcome)
    return {
        "workload": job.workload,
        "variant": job.variant,
        "bars": outcome.bars,
        "seconds": cpu,
        "bars_per_second": outcome.bars / cpu,
        "events_per_second": outcome.events / cpu,
        "peak_mb": peak,
        "wall": wall,
        "fills": outcome.fills,
    }


def prepare(job: Job, workload: Workload) -> Callable[[], Outcome]:
    """Everything up to the first bar; what comes back plays the job."""
    if job.variant in ("validated", "dense", "dense-deque", "empty", "unguarded"):
        return _prepare_engine(job, workload)
    tables = workload.tables(job.bars)
    if job.variant in ("floor", "numpy"):
        from benchmarks import floor

        simple = floor.floor if job.variant == "floor" else floor.vectorised
        return lambda: simple(workload, tables)
    from benchmarks import naive

    if job.variant == "pydantic":
        return naive.validations(tables)
    for kind in naive.KINDS:
        naive.validator(kind.contract())
    return lambda: naive.naive(workload, tables)


def _prepare_engine(job: Job, workload: Workload) -> Callable[[], Outcome]:
    from benchmarks import framework, strategies

    strategy: object = strategies.EveryBar() if workload.rule == "every" else strategies.Tracked()
    if job.variant == "empty":
        strategy = strategies.Empty()
    elif job.variant == "dense-deque":
        strategy = strategies.Deques()
    make = {"validated": framework.validated, "unguarded": framework.unguarded}.get(job.variant, framework.dense)
    framework.play(make(strategy, workload.market(WARM_UP * workload.symbols)))
    engine = make(strategy, workload.market(job.bars))
    return lambda: framework.play(engine)


def check(job: Job, workload: Workload, outcome: Outcome) -> None:
    """Hold an outcome against the floor's, bar for bar and cent for cent."""
    from benchmarks.floor import floor

    if job.variant in MARKETLESS:
        return
    expected = floor(workload, workload.tables(job.bars))
    found = (outcome.bars, outcome.fills, outcome.equity)
    if found != (expected.bars, expected.fills, expected.equity):
        raise RuntimeError(f"{job} gave {outcome}, and the floor {expected}: they must trade alike")


def peak_mb() -> float:
    """The most memory that the process held, interpreter and libraries included, in MB (10^6 bytes)."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
