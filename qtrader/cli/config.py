"""``qtrader config``: look at a configuration without running it, and begin a new one."""

import json
import re
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from qtrader.cli.extensions import load_installed
from qtrader.errors import ConfigError

if TYPE_CHECKING:
    from qtrader.config.explaining import Row


@click.group()
def config() -> None:
    """Check and explain a configuration, begin one, and teach an editor its keys."""


@config.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Override one setting, as in backtest.")
def check(file: Path, settings: tuple[str, ...]) -> None:
    """Find everything that `qtrader backtest FILE` would refuse before its first bar; exit 2 where something is wrong.

    Each problem is one line: file:line: key: what is wrong.
    """
    from qtrader.config.checking import check_config

    found = check_config(file, settings, load_installed())
    for warning in found.warnings:
        click.echo(f"! {warning}")
    for problem in found.problems[:-1]:
        click.echo(problem, err=True)
    if found.problems:
        raise ConfigError(found.problems[-1])
    click.echo(f"{file}: no problem")


@config.command("explain")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Override one setting, as in backtest.")
@click.option("--all", "everything", is_flag=True, help="Show also keys that are not set and have no default.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array of rows, those that are not set included.")
def explain_file(file: Path, settings: tuple[str, ...], everything: bool, as_json: bool) -> None:  # noqa: FBT001
    """Show every value that `qtrader backtest FILE` goes by: where it came from, and which plugin reads it."""
    from qtrader.catalogue import Catalogue
    from qtrader.config import load_config
    from qtrader.config.explaining import explain
    from qtrader.defaults import default_document

    catalogue = Catalogue.of(load_installed())
    loaded = load_config(file, settings, None, default_document(catalogue))
    rows = explain(loaded, catalogue)
    if as_json:
        click.echo(json.dumps([row.as_json() for row in rows], indent=2))
        return
    for warning in loaded.warnings:
        click.echo(f"! {warning}")
    _print_rows([row for row in rows if everything or row.value is not None])


@config.command("new")
@click.argument("folder", type=click.Path(path_type=Path), default=Path("config"))
@click.option("--source", metavar="NAME", help="Installed data source; default: the first that needs no options.")
@click.option("--strategy", metavar="NAME", help="Installed strategy; default: the first that needs no options.")
@click.option("--one-file", is_flag=True, help="One file instead of four.")
def new(folder: Path, source: str | None, strategy: str | None, one_file: bool) -> None:  # noqa: FBT001
    """Write a first configuration into FOLDER (default: config), every key with its meaning; overwrites nothing."""
    from qtrader.catalogue import Catalogue
    from qtrader.config.starting import starter, write

    for path in write(folder, starter(Catalogue.of(load_installed()), source, strategy, one_file=one_file)):
        click.echo(path)
    click.echo(f"run it: qtrader backtest {folder / 'run.yaml'}")


@config.command("schema")
@click.option("--out", type=click.Path(path_type=Path), help="Write the schema to this file.")
def schema(out: Path | None) -> None:
    """Print a JSON Schema of configurations with the installed plugins, for completion and checks in an editor.

    An editor takes it from a first line such as: # yaml-language-server: $schema=qtrader.schema.json
    """
    from qtrader.catalogue import Catalogue
    from qtrader.config.editor_schema import editor_schema

    text = json.dumps(editor_schema(Catalogue.of(load_installed())), indent=1, ensure_ascii=False)
    if out is None:
        click.echo(text)
        return
    try:
        out.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{out}: cannot be written: {error.strerror or error}. Choose another --out") from error
    click.echo(f"{out}   first line of a YAML file beside it: # yaml-language-server: $schema={out.name}")


def _print_rows(rows: "Iterable[Row]") -> None:
    """Rows in columns below the name of their section; long values fold where the terminal is narrow."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("key", no_wrap=True)
    table.add_column("value", overflow="fold", min_width=10)
    table.add_column("from", no_wrap=True)
    table.add_column("read by", no_wrap=True)
    for section, group in groupby(rows, key=lambda row: _section(row.key)):
        inside = [(row.key[len(section) :].lstrip(".: "), row) for row in group]
        if all(name for name, _ in inside):
            table.add_row(Text(section, style="bold"))
        for name, row in inside:
            readers = ", ".join(one.removeprefix("service-") for one in row.readers) or "nothing in this run"
            cells = (f"  {name}" if name else section, row.value or "", row.origin, readers)
            table.add_row(*map(Text, cells))
    Console(highlight=False, emoji=False).print(table)


def _section(key: str) -> str:
    """The heading that a row stands under: ``execution``, ``policy naive``."""
    found = re.match(r"policy [^:]+|\w+", key)
    return found[0] if found else key
