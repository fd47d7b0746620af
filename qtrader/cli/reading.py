"""Reading stored runs from the command line: the list of runs, one run, its events."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import rich_click as click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from qtrader.cli.extensions import load_installed
from qtrader.cli.tables import result_panel
from qtrader.contracts import to_contract
from qtrader.errors import ConfigError, StoreError
from qtrader.events import BaseEvent
from qtrader.result import Result
from qtrader.run_handles import DEFAULT_ROOT, list_runs
from qtrader.store import open_run, read_manifest
from qtrader.suggest import did_you_mean

_SPAN = re.compile(r"(?=.*[0-9])([0-9]*)(?:(\.\.)([0-9]*))?")


def print_runs(root: Path | None, *, as_json: bool) -> None:
    """Print the stored runs, the latest first."""
    root = root or DEFAULT_ROOT
    rows = [_row(folder) for folder in list_runs(root)]
    if as_json:
        click.echo(json.dumps(rows))
    elif not rows:
        click.echo(f"no runs in {str(root)!r} yet: qtrader backtest CONFIG makes one")
    else:
        _print_rows(rows)


def _row(folder: Path) -> dict[str, Any]:
    """One run in the list; a folder that cannot be read has its status alone."""
    when = datetime.fromtimestamp((folder / "manifest.json").stat().st_mtime, UTC)
    facts: dict[str, Any] = {"status": "unreadable", "bars": None, "fills": None, "digest": None}
    with suppress(StoreError):
        manifest = read_manifest(folder)
        counts, digest = manifest["counts"], manifest["event_digest"]
        facts = {"status": manifest["status"], "bars": counts["bar"], "fills": counts.get("fill", 0), "digest": digest}
    return {"run": folder.name, **facts, "stored": f"{when:%Y-%m-%d %H:%M:%S}"}


def _print_rows(rows: list[dict[str, Any]]) -> None:
    """Print the list 80 columns wide: long names are folded, never cut."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("run", overflow="fold")
    for name in ("status", "bars", "fills", "digest", "stored (UTC)"):
        table.add_column(name, justify="right" if name in ("bars", "fills") else "left", no_wrap=True)
    for row in rows:
        bars, fills = ("-" if row[name] is None else f"{row[name]:,}" for name in ("bars", "fills"))
        table.add_row(row["run"], row["status"], bars, fills, (row["digest"] or "-")[:12], row["stored"][:16])
    Console(highlight=False, emoji=False).print(table)


def stored(run: str, root: Path | None, *, check: bool = True) -> Result:
    """Open the run that the user named."""
    return open_run(run, root or DEFAULT_ROOT, host=load_installed(), check=check)


def print_run(result: Result) -> None:
    """Print a run's figures, warnings and files."""
    console = Console(highlight=False, emoji=False)
    console.print(result_panel(result))
    if result.manifest["status"] != "done":
        error = escape(str(result.manifest.get("error")))
        console.print(f"[red]{result.manifest['status']}[/]: {error}", soft_wrap=True)
    for warning in result.warnings:
        console.print(f"[yellow]![/] {escape(warning)}", soft_wrap=True)
    folder = result.folder or Path()
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    console.print(f"[bold]{escape(str(folder))}[/]", soft_wrap=True)
    for path in files:
        console.print(f"{path.stat().st_size:>13,} bytes  {path.relative_to(folder)}", soft_wrap=True, markup=False)


def print_log(result: Result, topic: str | None, span: str | None, *, as_json: bool) -> None:
    """Print a run's events, one on a line."""
    for event in _events(result, topic, _span(span)):
        document = to_contract(event)
        click.echo(json.dumps(document) if as_json else _line(event, document))


def _span(text: str | None) -> tuple[int, int | None]:
    """First and last number that are meant; None: to the end."""
    if text is None:
        return 0, None
    match = _SPAN.fullmatch(text)
    if not match:
        raise ConfigError(f"--seq {text!r}: write A..B with whole numbers, A.., ..B, or one number")
    first, dots, last = match.groups()
    begin, end = int(first or 0), int(last) if last else None if dots else int(first)
    if end is not None and end < begin:
        raise ConfigError(f"--seq {text!r}: {begin} is after {end}; write the smaller number first")
    return begin, end


def _events(result: Result, topic: str | None, span: tuple[int, int | None]) -> Iterator[BaseEvent]:
    first, last = span
    topics = _topics(result, topic)
    stop = len(result.log) if last is None else min(last + 1, len(result.log))
    if len(topics) == 1 and "bar" not in topics:
        yield from (event for event in result.log.discrete_events(*topics) if first <= event.seq < stop)
        return
    for event in result.log.between(first, stop):
        if event.topic in topics:
            yield event


def _topics(result: Result, wanted: str | None) -> set[str]:
    """The topics that are meant: one, those that begin alike, or all."""
    known = {kind.topic for kind in result.log.kinds}
    if wanted is None:
        return known
    found = {one for one in known if one == wanted or (wanted.endswith("*") and one.startswith(wanted[:-1]))}
    if not found:
        problem = f"no topic is {'like' if wanted.endswith('*') else 'named'} {wanted!r}"
        raise ConfigError(f"--topic: {problem}. There are: {', '.join(sorted(known))}.{did_you_mean(wanted, known)}")
    return found


def _line(event: BaseEvent, document: dict[str, object]) -> str:
    envelope = {
        "event_id", "event_type", "event_version", "occurred_at", "source_service", "correlation_id", "causation_id",
    }  # fmt: skip
    payload = " ".join(f"{key}={value}" for key, value in document.items() if key not in envelope and value is not None)
    cause = f"<-{event.origin.cause}" if event.origin.cause >= 0 else ""
    return f"{event.seq:>8} {document['occurred_at']} {event.topic:<16} {cause:<9} {payload}"
