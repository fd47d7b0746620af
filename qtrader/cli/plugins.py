"""``qtrader plugins``: what is installed, what state it is in, what it offers; and a new one, written and tested."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import rich_click as click

from qtrader.cli.extensions import load_installed
from qtrader.install_hints import EVERYTHING
from qtrader.offers import KINDS, Offer
from qtrader.plugins import Host, Plugin

STATUS_COLOURS = {"active": "green", "disabled": "yellow", "incompatible": "red", "broken": "red"}


@click.group()
def plugins() -> None:
    """List, show and check what is installed; write and test a plugin of your own."""


@plugins.command("list")
@click.option("--kind", type=click.Choice(KINDS), help="Only what offers things of this kind.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array of rows.")
def list_plugins(kind: str | None, as_json: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """List the installed plugins, the state of each and what it offers."""
    host = load_installed()
    rows = [(plugin, offers) for plugin in host.plugins if (offers := _of_kind(plugin, kind)) or kind is None]
    if as_json:
        click.echo(json.dumps([_row(plugin, offers) for plugin, offers in rows], indent=2))
    else:
        _print_list(rows)
    if all(plugin.name == "kernel" for plugin in host.plugins):
        click.echo(f"No plugin is installed. Everything a backtest needs: pip install {EVERYTHING}", err=True)


def _of_kind(plugin: Plugin, kind: str | None) -> list[Offer]:
    return [offer for offer in plugin.offers if kind in (None, offer.kind)]


def _row(plugin: Plugin, offers: Iterable[Offer]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "plugin": plugin.name,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "status": plugin.status,
        "provides": [{"kind": one.kind, "name": one.name, "summary": one.summary} for one in offers],
    }
    return row if plugin.reason is None else {**row, "reason": plugin.reason}


def _print_list(rows: Sequence[tuple[Plugin, list[Offer]]]) -> None:
    for plugin, offers in rows:
        _print_head(plugin)
        _print_table([(f"  {one.kind}", one.name, one.summary) for one in offers])
        if plugin.defaults is not None and (not offers or len(offers) == len(plugin.offers)):
            chosen = ", ".join(f"{kind} {answer}" for kind, answer in plugin.defaults.items())
            click.echo(f"  defaults  {chosen}")


def _print_head(plugin: Plugin) -> None:
    status = click.style(plugin.status, fg=STATUS_COLOURS[plugin.status])
    click.echo(f"{click.style(plugin.name, bold=True)}  {plugin.distribution} {plugin.version}  {status}")
    if plugin.reason is not None:
        click.echo(f"  {plugin.reason}")


def _print_table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns as wide as their longest cell; the last column is left as it is."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths[:-1], strict=True)]
        click.echo("  ".join([*cells, row[-1]]).rstrip())


@plugins.command("show")
@click.argument("name")
def show_plugin(name: str) -> None:
    """Show a plugin, or a tool with its options: NAME is the name of either."""
    from qtrader.cli.components import print_entry, unknown_name

    host = load_installed()
    catalogue = _catalogue(host)
    found = [plugin for plugin in host.plugins if name in (plugin.name, plugin.distribution)]
    _print_list([(plugin, list(plugin.offers)) for plugin in found])
    entries = catalogue.named(name)
    for entry in entries:
        print_entry(entry)
    if not found and not entries:
        raise unknown_name(name, host)


@plugins.command("check")
@click.pass_context
def check_plugins(context: click.Context) -> None:
    """Load everything that is installed, say what is wrong, and exit 1 when anything is broken."""
    from qtrader.cli.components import problems_of

    host = load_installed()
    for plugin in host.plugins:
        if plugin.status != "active":
            _print_head(plugin)
    problems = problems_of(_catalogue(host))
    for problem in problems:
        click.echo(problem)
    counts = {status: sum(plugin.status == status for plugin in host.plugins) for status in STATUS_COLOURS}
    told = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    click.echo(f"{told}, {len(problems)} more {'problem' if len(problems) == 1 else 'problems'}")
    if counts["broken"] or problems:
        context.exit(1)


@plugins.command("new")
@click.argument("kind")
@click.argument("name")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="The folder that the plugin's folder goes into (default: here).",
)
def new_plugin(kind: str, name: str, into: Path) -> None:
    """Write a plugin to begin with: KIND is strategy, sizer, limit, policy, data-source, fill-policy, commission,
    slippage, service or report, NAME what configurations will call it, such as kelly.
    """
    from qtrader.scaffold import check_name, find_kind, write_plugin

    kind = find_kind(kind)
    check_name(kind, name, load_installed())
    folder = write_plugin(kind, name, into)
    module = name.replace("-", "_")
    click.echo(f"{folder}: a {kind.replace('-', ' ')} that works. Make it yours:")
    click.echo(f"  the idea  {folder / 'src' / folder.name.replace('-', '_') / module}.py")
    click.echo(f"  its test  {folder / 'tests' / f'test_{module}.py'}")
    click.echo(f"  try it    pip install pytest -e {folder} && qtrader plugins test {folder}")


@plugins.command("test", context_settings={"ignore_unknown_options": True})
@click.argument("path", type=click.Path(path_type=Path))
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def test_plugin(context: click.Context, path: Path, pytest_args: tuple[str, ...]) -> None:
    """Run the tests of the plugin in folder PATH and see that they hold all it offers to the rules of its kind.

    What follows -- goes to pytest.
    """
    from qtrader.cli.trial import try_plugin

    context.exit(try_plugin(path, pytest_args))


def _catalogue(host: Host) -> Any:
    from qtrader.catalogue import Catalogue

    return Catalogue.of(host)
