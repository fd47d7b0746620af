"""Have mutmut change every line of ledger, lots and actions, and count what tests notice: ``mutants.py [MODULE ...]``.

Works on a copy of the tracked files. Prints the survivors, and exits with status 1 where more than a tenth survives.
Why those that are left survive is told in ``survivors.md``.
"""

import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from remove_rules import copy_tree

PACKAGE = "qtrader_service_portfolio"
MODULES = ("ledger", "lot_tracker", "open_lots", "named_lots", "chosen_lots", "actions")
SECTION = f"""
[tool.mutmut]
paths_to_mutate = ["src/{PACKAGE}/"]
tests_dir = ["tests/"]
also_copy = ["../../pyproject.toml"]
"""
BOUND = 0.9
COUNTED = ("killed", "timeout", "survived", "suspicious", "no tests")


def verdicts(plugin: Path) -> dict[str, str]:
    """What became of each mutant, by name."""
    command = ["mutmut", "results", "--all", "true"]
    told = subprocess.run(command, cwd=plugin, capture_output=True, text=True, check=True).stdout
    pairs = (line.strip().rpartition(": ") for line in told.splitlines())
    return {name: verdict for name, _, verdict in pairs if verdict in COUNTED}


def main() -> int:
    """Mutate, count and tell."""
    modules = sys.argv[1:] or MODULES
    with tempfile.TemporaryDirectory() as folder:
        copy_tree(Path(folder))
        plugin = Path(folder) / "plugins" / "qtrader-service-portfolio"
        with (plugin / "pyproject.toml").open("a", encoding="utf-8") as file:
            file.write(SECTION)
        names = [f"{PACKAGE}.{module}.*" for module in modules]
        subprocess.run(["mutmut", "run", "--max-children", "1", *names], cwd=plugin, check=True)
        found = verdicts(plugin)
    counts = Counter(found.values())
    noticed = counts["killed"] + counts["timeout"]
    for name in sorted(found):
        if found[name] not in ("killed", "timeout"):
            sys.stdout.write(f"{name}: {found[name]}\n")
    share = noticed / max(len(found), 1)
    sys.stdout.write(f"{noticed} of {len(found)} mutants are noticed: {share:.1%}\n")
    return 0 if share >= BOUND else 1


if __name__ == "__main__":
    sys.exit(main())
