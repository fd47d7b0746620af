"""Run folders: writing a run, finding one, reading it back.

A folder holds ``manifest.json``, ``config.yaml``, ``events.arrow``, the reports, and the bars when they are archived.
It is written beside its place and moved there whole, so a folder is complete or not there.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qtrader.archive import market_size, read_market, write_market
from qtrader.catalogue import Catalogue
from qtrader.config import LoadedConfig
from qtrader.errors import QTraderError, StoreError, VerifyError
from qtrader.log import EventLog
from qtrader.log_file import read_log, write_log
from qtrader.log_versions import as_newest
from qtrader.manifest import VERSION
from qtrader.market import Market
from qtrader.metrics import Metrics
from qtrader.plugins import Host, load_plugins
from qtrader.requirements import editable
from qtrader.result import Result
from qtrader.run_handles import DEFAULT_ROOT, find_run
from qtrader.stored_files import changed, sums
from qtrader.wiring import event_kinds, readable_kinds

ARCHIVE_LIMIT = 50_000_000
"""Bars up to this many bytes are copied into the run folder (archive: auto)."""
SHORTEST = 6
NEEDED = {"name", "version", "status", "run_digest", "event_digest", "block_digests", "counts", "events", "trades"}
NEEDED |= {"identity", "config", "archived", "files"}
"""What every manifest says."""


@dataclass(frozen=True, slots=True)
class Saved:
    """Where a run is kept; ``same_as`` is when an identical run was stored before, None for a new one."""

    folder: Path
    same_as: datetime | None


def save(
    result: Result,
    root: Path,
    *,
    config: LoadedConfig,
    write_reports: Callable[[Path], Sequence[Path]] | None = None,
) -> Saved:
    """Keep a finished run. An identical rerun changes nothing but the time that ``@last`` goes by.

    Raises VerifyError when a stored run of the same run digest has another event digest: one of the two is wrong. A
    report that fails leaves the run stored without it, and is written by the next rerun; its error is raised.
    """
    folder = _place(root, result.manifest)
    if folder.exists():
        stored = read_manifest(folder)
        if stored["status"] == "done":
            same = _compare(folder, stored, result)
            if not stored.get("unreported"):
                return same
        shutil.rmtree(folder)
    failures: list[QTraderError] = []

    def fill(path: Path) -> None:
        archived = _write(path, result.log, config)
        try:
            if write_reports is not None:
                write_reports(path)
        except QTraderError as error:
            failures.append(error)
        facts = {**result.manifest, "archived": archived, "unreported": [str(error) for error in failures]}
        _describe(path, folder, facts, config)

    _move_whole(folder, fill)
    result.folder = folder
    if failures:
        kept = f"{failures[0]}\nthe run is kept without it in {folder}; mend the report and run it again"
        raise type(failures[0])(kept) from failures[0]
    return Saved(folder, None)


def save_failed(log: EventLog, manifest: Mapping[str, Any], root: Path, *, config: LoadedConfig) -> Path:
    """Keep what a failed run committed; a finished run of the same digest is never overwritten."""
    folder = _place(root, manifest)
    if folder.exists():
        if read_manifest(folder)["status"] == "done":
            raise VerifyError(
                f"{folder}: NOT REPRODUCIBLE: the same config, data and versions ran to the end before and failed now. "
                "Look for a clock, a random number or a file read in the strategy; the stored run is left as it was."
                f"{editable(manifest['identity']['distributions'])}"
            )
        shutil.rmtree(folder)

    def fill(path: Path) -> None:
        archived = _write(path, log, config)
        _describe(path, folder, {**manifest, "archived": archived}, config)

    _move_whole(folder, fill)
    return folder


def _write(path: Path, log: EventLog, config: LoadedConfig) -> bool:
    """Write events, configuration and, where they are to be archived, bars; returns whether they were."""
    log.seal()
    write_log(path / "events.arrow", log.chunks, log.kinds)
    market, archive = log.market, config.settings.runs.archive
    archived = market is not None and (
        archive == "always" or (archive == "auto" and market_size(market) < ARCHIVE_LIMIT)
    )
    if market is not None and archived:
        write_market(market, path / "bars")
    (path / "config.yaml").write_text(config.to_yaml(), encoding="utf-8")
    return market is not None and archived


def _describe(path: Path, folder: Path, manifest: Mapping[str, Any], config: LoadedConfig) -> None:
    """Write the manifest, last: it holds the sums of all other files."""
    facts = {
        **manifest,
        "run_id": folder.name,
        "base": os.path.relpath(config.folder, folder),
        "folders": {key: os.path.relpath(place, folder) for key, place in config.folders().items()},
        "files": sums(path),
    }
    (path / "manifest.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def _move_whole(folder: Path, fill: Callable[[Path], None]) -> None:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".writing-") as scratch:
            path = Path(scratch) / folder.name
            path.mkdir()
            fill(path)
            path.rename(folder)
    except OSError as error:
        raise StoreError(_unwritable(folder, error)) from error


def prepare(root: Path) -> None:
    """Make the folder that run folders go into, before a run begins that could not be kept. Raises StoreError."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryDirectory(dir=root, prefix=".writing-").cleanup()
    except OSError as error:
        raise StoreError(_unwritable(root, error)) from error


def _unwritable(folder: Path, error: OSError) -> str:
    told = error.strerror or error
    return f"{folder}: the run cannot be written: {told}. Choose another folder with --out or runs.dir"


def _place(root: Path, manifest: Mapping[str, Any]) -> Path:
    """The folder of a run: its name and as many digits of its digest as tell it from others."""
    digest = str(manifest["run_digest"])
    for digits in range(SHORTEST, len(digest) + 1):
        folder = root / f"{manifest['name']}-{digest[:digits]}"
        if not folder.exists() or _run_digest(folder) == digest:
            return folder
    raise StoreError(f"{root}: no free folder for run {digest}")


def _run_digest(folder: Path) -> str | None:
    """The run digest of a run folder; None where it is none, or one that cannot be read."""
    try:
        return str(read_manifest(folder)["run_digest"])
    except StoreError:
        return None


def _compare(folder: Path, stored: Mapping[str, Any], result: Result) -> Saved:
    if stored["event_digest"] != result.manifest["event_digest"]:
        raise VerifyError(
            f"{folder}: NOT REPRODUCIBLE: the same config, data and versions gave digest {stored['event_digest'][:16]} "
            f"before and {result.digest[:16]} now. Look for a clock, a random number or a file read in the strategy; "
            f"qtrader verify {folder} names the first event that differs."
            f"{editable(stored['identity']['distributions'])}"
        )
    manifest = folder / "manifest.json"
    when = datetime.fromtimestamp(manifest.stat().st_mtime, UTC)
    os.utime(manifest)
    result.folder = folder
    return Saved(folder, when)


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a run folder says about its run. Raises StoreError."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(f"{folder}: no run can be read there: {error}") from error
    if missing := sorted(NEEDED - set(manifest if isinstance(manifest, dict) else ())):
        raise StoreError(f"{folder}: no run can be read there: manifest.json says no {missing[0]!r}")
    if manifest["version"] != VERSION:
        told = f"manifest.json is of version {manifest['version']!r}, and this QTrader reads {VERSION}"
        raise StoreError(f"{folder}: {told}; read it with the version that wrote it")
    return dict(manifest)


def open_run(
    run: str | Path, root: str | Path = DEFAULT_ROOT, *, host: Host | None = None, check: bool = True
) -> Result:
    """Read a stored run: the same ``Result`` that the run gave. Raises StoreError.

    ``check=False`` opens also a run whose events were changed: ``verify`` then names the first of them.
    """
    folder = find_run(run, root)
    manifest = read_manifest(folder)
    catalogue = Catalogue.of(host or load_plugins())
    log, upcast = read_event_log(folder, manifest, catalogue, check=check)
    manifest |= {"upcast": upcast} if upcast else {}
    if check and (wrong := changed(folder, manifest, only=("metrics.json",))):
        raise StoreError(f"{folder}: {wrong[0]} since the run; restore it, or run it again")
    metrics_file = folder / "metrics.json"
    metrics = (
        Metrics.from_json(metrics_file.read_text(encoding="utf-8"))
        if metrics_file.exists()
        else Metrics.undefined("the run did not finish")
    )
    return Result(log, metrics, manifest, manifest["config"], folder)


def read_event_log(
    folder: Path, manifest: Mapping[str, Any], catalogue: Catalogue, *, check: bool = True
) -> tuple[EventLog, dict[str, str]]:
    """The event log of a run folder, and which contracts of it were read as which newer version.

    Bars expand only when they were archived. Raises StoreError for a changed log, or one that nobody here can read.
    """
    market: Market = read_market(folder / "bars") if manifest["archived"] else Market(tables=())
    run = int(manifest["run_digest"], 16) >> (256 - 74)
    path = folder / "events.arrow"
    try:
        chunks = read_log(path, readable_kinds(catalogue))
    except StoreError as error:
        raise StoreError(f"{path}: {error}.{_not_as_then(manifest, catalogue)}") from error
    if check and [chunk.digest() for chunk in chunks] != manifest["block_digests"]:
        raise StoreError(
            f"{path}: the events are not those that were stored; restore the file, or run it again. "
            f"qtrader verify {folder} names the first that differs"
        )
    kinds, bars = event_kinds(catalogue), manifest["events"] - sum(map(len, chunks))
    chunks, upcast = as_newest(chunks, kinds, run, catalogue)
    return EventLog.of_chunks(run, market, kinds, chunks, bars=bars), upcast


def _not_as_then(manifest: Mapping[str, Any], catalogue: Catalogue) -> str:
    """Which of the distributions that made a run are not installed as they were."""
    then, now = manifest.get("identity", {}).get("distributions", {}), catalogue.versions()
    changed = [f"{name} {version} (now {now.get(name, 'not installed')})" for name, version in then.items()
               if name not in ("qtrader-contracts",) and now.get(name) != version]  # fmt: skip
    return f" The run was made with {', '.join(changed)}: install what is missing" if changed else ""
