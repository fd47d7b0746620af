"""A CSV file larger than memory should hold: reading it takes a few blocks, loading one symbol takes that symbol.

``QTRADER_CSV_MB=2048 pytest tests/integration/test_csv_memory.py`` is the same with a file of 2 GB.
"""

import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

MEGABYTES = int(os.environ.get("QTRADER_CSV_MB", "64"))
ROOM = 96
"""Megabytes above what reading the small file takes."""
ROW = {"read": 0, "load": 300}
"""Bytes for each row of the one symbol: nothing while it is read, cells and columns while it is loaded."""
SYMBOLS = 50
PEAK = """
import sys
from pathlib import Path

def peak():
    status = Path("/proc/self/status")  # what getrusage says includes what the parent held when it forked
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) // 1024
    import resource
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
"""
READ = """
from qtrader_data_csv.csv import CsvSource
source = CsvSource(sys.argv[1], interval="1m", stamp="start", zone="UTC", prices="raw")
rows = sum(batch.num_rows for batch in source.bars(sys.argv[2], "1m", None, None))
print(rows, peak())
"""
LOAD = """
from qtrader.ports.settings import DataSettings, SourceSettings
from qtrader_data_csv.csv import CsvSource
from qtrader_service_data.loading import load_market
source = CsvSource(sys.argv[1], interval="1m", stamp="start", zone="UTC", prices="raw")
entry = SourceSettings(use="csv", calendar="24/7", currency="USD", asset_class="crypto")
data = DataSettings(source="x", symbols=[sys.argv[2]], interval="1m")
table = load_market(data, {"x": entry}, lambda kind, reference: source).tables[0]
print(len(table), peak())
"""


def write(path: Path, megabytes: float) -> int:
    """Minutes of many symbols, all symbols a minute; how many minutes."""
    start, minutes = datetime(2000, 1, 1), 0  # noqa: DTZ001 - the zone is declared
    with path.open("w", encoding="ascii") as file:
        file.write("time,open,high,low,close,volume,symbol\n")
        while file.tell() < megabytes * 2**20:
            for _ in range(200):
                time = start + timedelta(minutes=minutes)
                whole = 100 + minutes % 50
                cells = f"{time},{whole}.25,{whole + 1}.5,99.75,{whole}.75,{minutes % 900}"
                file.writelines(f"{cells},S{symbol:02}\n" for symbol in range(SYMBOLS))
                minutes += 1
    return minutes


def measured(script: str, path: Path) -> tuple[int, int]:
    """Rows, and the most megabytes that a process of its own took."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK + script, str(path), "S07"], capture_output=True, text=True, check=True
    )
    rows, megabytes = done.stdout.split()
    return int(rows), int(megabytes)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, int]]:
    folder = tmp_path_factory.mktemp("csv")
    sizes = {"small": 4.0, "large": float(MEGABYTES)}
    return {name: (folder / f"{name}.csv", write(folder / f"{name}.csv", size)) for name, size in sizes.items()}


@pytest.mark.parametrize(("name", "script"), [("read", READ), ("load", LOAD)])
def test_memory_does_not_grow_with_the_file(files: dict[str, tuple[Path, int]], name: str, script: str) -> None:
    _, base = measured(script, files["small"][0])
    rows, peak = measured(script, files["large"][0])

    assert rows == files["large"][1]
    assert peak - base < ROOM + rows * ROW[name] / 2**20, (
        f"{peak} MB for a file of {MEGABYTES} MB, {base} MB for one of 4 MB"
    )


def test_the_measure_sees_what_is_held(files: dict[str, tuple[Path, int]]) -> None:
    """Reading the whole file at once takes more than is allowed above."""
    whole = "import pyarrow.csv\nt = pyarrow.csv.read_csv(sys.argv[1])\nprint(t.num_rows, peak())"
    empty = "import pyarrow.csv\nprint(0, peak())"

    assert measured(whole, files["large"][0])[1] - measured(empty, files["large"][0])[1] > MEGABYTES / 2
