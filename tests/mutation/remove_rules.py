"""Take rules out, or plant mistakes, one at a time, and see that a test fails: ``remove_rules.py [--only TEXT]``.

Works on a copy of the tracked files, never on the tree itself. Exit status 1 when a rule can go unnoticed.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mistakes import MISTAKES
from rules import REMOVALS, Removal

ROOT = Path(__file__).parent.parent.parent


def copy_tree(target: Path) -> None:
    """Copy every tracked file as it is in the working tree."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        source, place = ROOT / name, target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.is_symlink():
            place.symlink_to(source.readlink())
        elif source.is_file():
            shutil.copy2(source, place)


def environment(tree: Path) -> dict[str, str]:
    """Import from the copy, whatever is installed."""
    sources = [tree, tree / "contracts" / "src", *sorted(tree.glob("plugins/*/src"))]
    path = os.pathsep.join(map(str, sources))
    return {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


def tests_pass(tree: Path, tests: str) -> bool:
    """Whether a selection of tests passes on the copy; stops at the first failure."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "-k",
        "not another_language",
        tests,
    ]
    return subprocess.run(command, cwd=tree, env=environment(tree), capture_output=True, check=False).returncode == 0


def check_copy_is_used(tree: Path) -> None:
    """Otherwise every rule would seem to be held."""
    code = "import qtrader, qtrader_contracts; print(qtrader.__file__); print(qtrader_contracts.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tree, env=environment(tree), capture_output=True, text=True, check=True
    )
    if not all(line.startswith(str(tree)) for line in done.stdout.split()):
        sys.exit(f"the copy is not what is imported: {done.stdout}")


def is_noticed(tree: Path, removal: Removal) -> bool:
    """Take one rule out of the copy, run its tests, and put it back."""
    file = tree / removal.file
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(removal.old, removal.new), encoding="utf-8")
    try:
        return not tests_pass(tree, removal.tests)
    finally:
        file.write_text(text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a sample of the rules, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, help="how many; default: all")
    parser.add_argument("--only", default="", help="those in files whose path has this text")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    chosen = [one for one in (*REMOVALS, *MISTAKES) if options.only in one.file]
    chosen = random.Random(options.seed).sample(chosen, min(options.sample or len(chosen), len(chosen)))
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch).resolve()
        copy_tree(tree)
        check_copy_is_used(tree)
        for tests in sorted({removal.tests for removal in chosen}):
            if not tests_pass(tree, tests):
                sys.exit(f"{tests} fails with every rule in place: mend that first")
        unnoticed = 0
        for removal in chosen:
            noticed = is_noticed(tree, removal)
            unnoticed += not noticed
            print(f"{'held' if noticed else 'UNNOTICED':<10} {removal.file}: {removal.old.strip()}", flush=True)  # noqa: T201
    print(f"{len(chosen) - unnoticed} of {len(chosen)} are held by a test")  # noqa: T201
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main())
