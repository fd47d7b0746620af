"""``qtrader runs``, ``log`` and ``verify``: reading stored runs.

RUN is a folder, an id, a unique prefix, @last or @last~1.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import rich_click as click
from rich.console import Console
from rich.table import Table

from qtrader.cli.extensions import load_installed
from qtrader.cli.tables import result_panel
from qtrader.errors import ConfigError
from qtrader.events import BaseEvent
from qtrader.result import Result
from qtrader.store import DEFAULT_ROOT, list_runs, open_run

runs_option = click.option(
    "--runs",
    "root",
    type=click.Path(path_type=Path),
    default=DEFAULT_ROOT,
    show_default=True,
    help="Folder of run folders.",
)


@click.group()
def runs() -> None:
    """List stored runs and look at one."""


@runs.command("list")
@runs_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(root: Path, as_json: bool) -> None:  # noqa: FBT001 - click hands options over by name
    """List stored runs, the latest first."""
    rows = []
    for folder in list_runs(root):
        manifest_file = folder / "manifest.json"
        manifest = json.loads(manifest_file.read_text(encoding="utf-8"))
        when = datetime.fromtimestamp(manifest_file.stat().st_mtime, UTC)
        rows.append(
            {
                "run": folder.name,
                "status": manifest["status"],
                "bars": manifest["counts"]["bar"],
                "fills": manifest["counts"].get("fill", 0),
                "digest": manifest["event_digest"],
                "stored": f"{when:%Y-%m-%d %H:%M:%S}",
            }
        )
    if as_json:
        click.echo(json.dumps(rows))
        return
    if not rows:
        click.echo(f"no runs in {str(root)!r} yet: qtrader backtest CONFIG makes one")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("run", "status", "bars", "fills", "digest", "stored (UTC)"):
        table.add_column(name, justify="right" if name in ("bars", "fills") else "left")
    for row in rows:
        table.add_row(
            row["run"], row["status"], f"{row['bars']:,}", f"{row['fills']:,}", row["digest"][:16], row["stored"]
        )
    Console(highlight=False).print(table)


@runs.command("show")
@click.argument("run")
@runs_option
def show_command(run: str, root: Path) -> None:
    """Show one stored run: its figures, warnings and files."""
    result = open_run(run, root, host=load_installed())
    console = Console(highlight=False)
    console.print(result_panel(result))
    if result.manifest["status"] != "done":
        console.print(f"[red]{result.manifest['status']}[/]: {result.manifest.get('error')}", soft_wrap=True)
    for warning in result.warnings:
        console.print(f"[yellow]![/] {warning}", soft_wrap=True)
    folder = result.folder or Path()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            console.print(f"{path.relative_to(folder)}  {path.stat().st_size:,} bytes")


@click.command("log")
@click.argument("run")
@click.option("--topic", metavar="T", help="Only this topic, or topics that begin with it when it ends in *.")
@click.option("--seq", "span", metavar="A..B", help="Only events A to B (inclusive); A.. and ..B do too.")
@click.option("--json", "as_json", is_flag=True, help="Print contract documents, one JSON object per line.")
@runs_option
def log_command(run: str, topic: str | None, span: str | None, as_json: bool, root: Path) -> None:  # noqa: FBT001
    """Print the events of RUN, bars expanded; with --json as documents that hold to their contracts."""
    from qtrader.contracts import to_contract

    result = open_run(run, root, host=load_installed())
    for event in _events(result, topic, _span(span)):
        document = to_contract(event)
        if as_json:
            click.echo(json.dumps(document))
        else:
            click.echo(_line(event, document))


def _span(text: str | None) -> tuple[int, int | None]:
    if text is None:
        return 0, None
    first, dots, last = text.partition("..")
    if not all(part.isdigit() or (part == "" and dots) for part in (first, last)) or text == "..":
        raise ConfigError(f"--seq {text!r}: write A..B with whole numbers, A.., ..B, or one number")
    return int(first or 0), (int(last) if last else None) if dots else int(first)


def _events(result: Result, topic: str | None, span: tuple[int, int | None]) -> Iterator[BaseEvent]:
    first, last = span
    known = {kind.topic for kind in result.log.kinds}
    if topic is not None and not topic.endswith("*") and topic not in known:
        raise ConfigError(f"--topic {topic!r}: there are {', '.join(sorted(known))}")
    stop = len(result.log) if last is None else min(last + 1, len(result.log))
    if topic is not None and not topic.endswith("*") and topic != "bar":
        yield from (event for event in result.log.discrete_events(topic) if first <= event.seq < stop)
        return
    for event in result.log.between(first, stop):
        if topic is None or event.topic == topic or (topic.endswith("*") and event.topic.startswith(topic[:-1])):
            yield event


def _line(event: BaseEvent, document: dict[str, object]) -> str:
    envelope = {
        "event_id", "event_type", "event_version", "occurred_at", "source_service", "correlation_id", "causation_id",
    }  # fmt: skip
    payload = " ".join(f"{key}={value}" for key, value in document.items() if key not in envelope and value is not None)
    cause = f"<-{event.origin.cause}" if event.origin.cause >= 0 else ""
    return f"{event.seq:>8} {document['occurred_at']} {event.topic:<16} {cause:<9} {payload}"


@click.command()
@click.argument("run")
@runs_option
def verify(run: str, root: Path) -> None:
    """Run RUN again and say "same digest", or name the first event that differs."""
    click.echo(str(open_run(run, root, host=load_installed()).verify()))
