"""``qtrader data import``: write a clean file and say what became of the rows."""

import json
from pathlib import Path
from typing import Any

import rich_click as click

from ..bad_rows import counted
from ..inspect.declared import Declarations
from ..inspect.importing import Imported, import_file


def run_import(
    build: Any, path: Path, out: Path, said: Declarations, *, drop: bool, force: bool, as_json: bool
) -> None:
    """Import a file and print what was written."""
    done = import_file(path, out, said, build, drop=drop, force=force)
    if as_json:
        click.echo(json.dumps({"out": str(done.out), "symbols": list(done.symbols), **done.metadata}, indent=2))
        return
    click.echo(f"{click.style(str(out), bold=True)}  {done.rows:,} rows of {', '.join(done.symbols)}")
    for key, value in done.metadata.items():
        click.echo(f"  {key:<14} {value}")
    _print_dropped(done)
    kept = ", crossed_quotes: keep" if said.crossed_quotes == "keep" else ""
    click.echo(f"The parquet source reads all this from the file: use: parquet, with: {{path: {out.name}}}{kept}")


def _print_dropped(done: Imported) -> None:
    firsts = {fault.reason: next(iter(fault)) for fault in reversed(done.faults)}
    for reason, count in counted(done.faults).items():
        first = firsts[reason]
        click.secho(f"  dropped {count:,}: {reason}, first {first.unit} {first.number} ({first.time})", fg="yellow")
