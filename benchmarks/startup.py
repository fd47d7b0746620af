"""How long ``qtrader --help`` and ``qtrader plugins list`` take beside the bare libraries that they cannot do without.

python -m benchmarks.startup [ROUNDS]
"""

import statistics
import subprocess
import sys
from time import perf_counter

LIMIT = 5.0
"""What an answer may take, in times the bare imports."""
OURS = "from qtrader.cli import main; main()"
COMMANDS = {
    "bare": ("import click, pluggy, pydantic",),
    "--help": (OURS, "--help"),
    "plugins list": (OURS, "plugins", "list"),
    "plugins list --json": (OURS, "plugins", "list", "--json"),
}


def seconds(command: tuple[str, ...]) -> float:
    """Wall time of one process."""
    started = perf_counter()
    subprocess.run([sys.executable, "-c", *command], capture_output=True, check=True)
    return perf_counter() - started


def medians(rounds: int) -> dict[str, float]:
    """Median seconds of each command, run in turn."""
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, command in COMMANDS.items():
            taken[name].append(seconds(command))
    return {name: statistics.median(times) for name, times in taken.items()}


def measure(rounds: int = 11) -> dict[str, float]:
    """Times of each command in those of the bare imports."""
    found = medians(rounds)
    bare = found.pop("bare")
    return {name: round(taken / bare, 2) for name, taken in found.items()}


if __name__ == "__main__":
    times = medians(int(sys.argv[1]) if len(sys.argv) > 1 else 11)
    for name, taken in times.items():
        print(f"{name:20} {taken * 1000:6.0f} ms  {taken / times['bare']:.2f}")
