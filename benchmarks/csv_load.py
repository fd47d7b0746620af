"""How long a CSV file of a million rows takes to become checked bars, as a multiple of what pyarrow takes to read it.

``python -m benchmarks.csv_load [--rows N] [--json]``: medians of five, in turn. The goal is a ratio of at most 5.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.csv

from qtrader.ports.settings import DataServiceSettings, DataSettings, SourceSettings
from qtrader_data_csv.csv import CsvSource
from qtrader_service_data.loading import load_market

GOAL = 5.0


def write(path: Path, rows: int) -> None:
    """A minute a row, prices of two decimals, whole volumes."""
    start = datetime(2020, 1, 1)  # noqa: DTZ001 - the zone is declared beside the file
    with path.open("w", encoding="ascii") as file:
        file.write("time,open,high,low,close,volume\n")
        for row in range(rows):
            cents = 10_000 + row * 7919 % 997
            prices = (cents, cents + 100, cents - 100, cents + 50)
            cells = ",".join(f"{price // 100}.{price % 100:02d}" for price in prices)
            file.write(f"{start + timedelta(minutes=row)},{cells},{row % 1000}\n")


def load(path: Path) -> int:
    """Load through the source and the data service; how many bars came."""
    source = CsvSource(str(path), symbols=["X"], interval="1m", stamp="start", zone="UTC", prices="raw")
    entry = SourceSettings(use="csv", calendar="24/7", currency="USD", asset_class="crypto")
    settings = DataServiceSettings(
        data=DataSettings(source="file", symbols=["X"], interval="1m"), sources={"file": entry}
    )
    market = load_market(settings.data, settings.sources, lambda _kind, _reference: source)
    return len(market.tables[0])


def measure(path: Path, rounds: int = 5) -> dict[str, float]:
    """Median seconds of both, and their ratio."""
    runs: dict[str, Callable[[], Any]] = {"pyarrow": lambda: pyarrow.csv.read_csv(path), "load": lambda: load(path)}
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            begun = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - begun)
    medians = {name: statistics.median(taken) for name, taken in seconds.items()}
    return {**medians, "ratio": medians["load"] / medians["pyarrow"]}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bars.csv"
        write(path, given.rows)
        found = measure(path)
    if given.json:
        sys.stdout.write(json.dumps({"rows": given.rows, **found}) + "\n")
    else:
        sys.stdout.write(
            f"{given.rows:,} rows: pyarrow {found['pyarrow']:.3f} s, checked bars {found['load']:.3f} s, "
            f"ratio {found['ratio']:.1f} (goal: at most {GOAL:g})\n"
        )


if __name__ == "__main__":
    main()
