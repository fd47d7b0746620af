"""The files of a run folder beside its log and its bars: their SHA-256, and what became of them since."""

import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

GUARDED = ("manifest.json", "events.arrow", "bars")
"""What is not in the sums: the manifest holds them, and log and bars have digests of their own."""


def sums(folder: Path) -> dict[str, str]:
    """SHA-256 of every file that a run has written about itself, by path in its folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    named = {path.relative_to(folder).as_posix(): path for path in files}
    return {name: _sum(named[name]) for name in sorted(named) if name.partition("/")[0] not in GUARDED}


def changed(folder: Path, manifest: Mapping[str, Any], only: Collection[str] = ()) -> list[str]:
    """What is wrong with each file that is no longer what the run wrote; files that others have added are theirs."""
    found = []
    for name, told in manifest["files"].items():
        path = folder / name
        if only and name not in only:
            continue
        if not path.is_file():
            found.append(f"{name} is gone")
        elif _sum(path) != told:
            found.append(f"{name} was changed")
    return found


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
