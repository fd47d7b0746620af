"""The files of a run folder, held against the SHA-256 sums that its manifest keeps of them."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
GUARDED = ("events.arrow", "bars")
"""What has digests of its own, by block and by symbol, which name the event or the symbol that was changed."""


def keep_sums(folder: Path) -> None:
    """Write the sums of everything in a new run folder into its manifest."""
    path = folder / MANIFEST
    manifest = json.loads(path.read_text(encoding="utf-8"))
    files = sorted(one for one in folder.rglob("*") if one.is_file() and one != path)
    names = [one.relative_to(folder) for one in files]
    sums = {name.as_posix(): _sum(folder / name) for name in names if name.parts[0] not in GUARDED}
    path.write_text(json.dumps({**manifest, "files": sums}, indent=1) + "\n", encoding="utf-8")


def changed_files(folder: Path, manifest: Mapping[str, Any]) -> dict[str, str]:
    """The files that are not what they were when the run was stored, and what became of each."""
    found = {name: _fate(folder / name, told) for name, told in (manifest.get("files") or {}).items()}
    return {name: fate for name, fate in found.items() if fate}


def _fate(path: Path, told: str) -> str:
    if not path.is_file():
        return "is gone"
    return "" if _sum(path) == told else "was changed"


def _sum(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
