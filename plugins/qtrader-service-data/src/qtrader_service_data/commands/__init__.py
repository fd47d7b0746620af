"""``qtrader data``: what sources there are, what is in a file, and clean files from dirty ones.

Imports nothing heavy: what a command does is imported when it runs.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click

INTERVALS = (
    *("1s", "5s", "10s", "15s", "30s", "1m", "2m", "3m", "5m", "10m", "15m", "30m"),
    *("1h", "2h", "4h", "6h", "8h", "12h", "1d", "1w", "1mo"),
)
PRICES = ("raw", "split-adjusted", "total-return")
STAMPS = ("session", "start", "end")
KINDS = ("csv", "parquet", "arrow")
FILE = click.Path(path_type=Path, dir_okay=False)

Command = TypeVar("Command", bound=Callable[..., Any])
DECLARATIONS: tuple[Callable[[Any], Any], ...] = (
    click.option("--source", type=click.Choice(KINDS), help="What the file is; guessed from its ending."),
    click.option("--column", "columns", multiple=True, metavar="KEY=NAME", help="A column by key: close=Last."),
    click.option("--with", "options", multiple=True, metavar="KEY=VALUE", help="An option of the source: delimiter=;."),
    click.option("--symbol", help="The symbol, where no column says it."),
    click.option("--calendar", help="Exchange calendar, such as XNYS, or 24/7."),
    click.option("--interval", type=click.Choice(INTERVALS), metavar="1m..1mo", help="Length of the bars."),
    click.option("--stamp", type=click.Choice(STAMPS), help="What a row's time is: a date, or its bar's start or end."),
    click.option("--zone", help="Zone of times that have none: America/New_York."),
    click.option("--prices", type=click.Choice(PRICES), help="What the prices are."),
    click.option("--decimals", type=click.IntRange(0, 18), help="Decimals of the prices."),
    click.option("--volume-decimals", type=click.IntRange(0, 18), help="Decimals of the volumes."),
    click.option("--currency", help="Currency of the prices, such as USD."),
    click.option(
        "--crossed-quotes", type=click.Choice(("refuse", "keep")), default="refuse", help="What a bid above its ask is."
    ),
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
EVERYTHING = click.option("--all", "everything", is_flag=True, help="Print long lists whole.")
CONFIG = click.option(
    "--config", type=FILE, help="File with data_sources; without it data_sources.yaml, here or in config/."
)


def declared(command: Command) -> Command:
    """Give a command the options that say what a file's rows are."""
    for option in reversed(DECLARATIONS):
        command = option(command)
    return command


@click.group()
def data() -> None:
    """List sources, check files of bars, and make clean ones."""


@data.command("list")
@CONFIG
@AS_JSON
@click.pass_obj
def list_sources(session: Any, config: Path | None, as_json: bool) -> None:  # noqa: FBT001 - a flag
    """List the installed sources, and the entries of a configuration."""
    from .sources import print_sources

    print_sources(session.catalogue(), config, as_json=as_json)


@data.command("show")
@click.argument("source")
@CONFIG
@EVERYTHING
@AS_JSON
@click.pass_obj
def show_source(session: Any, source: str, config: Path | None, everything: bool, as_json: bool) -> None:  # noqa: FBT001 - flags
    """Show what a source has: symbols, intervals, first and last bar.

    SOURCE is an entry of data_sources, or the name of an installed source that needs no options.
    """
    from .sources import print_source

    print_source(session.catalogue(), source, config, everything=everything, as_json=as_json)


@data.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@declared
@click.option("--actions", type=FILE, help="File of splits and dividends that are known.")
@EVERYTHING
@AS_JSON
@click.pass_context
def check(
    context: click.Context,
    /,
    file: Path,
    actions: Path | None,
    everything: bool,  # noqa: FBT001 - a flag
    as_json: bool,  # noqa: FBT001 - a flag
    **said: Any,
) -> None:
    """Check a file of bars: columns, times, bad rows, gaps, outliers, splits.

    Ends with an entry for data_sources. Exit code 2 when a run would refuse rows.
    """
    from .check import run_check

    build = context.obj.catalogue().build
    if not run_check(build, file, declarations(said), actions, everything=everything, as_json=as_json):
        context.exit(2)


def declarations(said: dict[str, Any]) -> Any:
    """What was said about a file on the command line."""
    from ..inspect.declared import Declarations

    columns, options = (_pairs(key, said.pop(key)) for key in ("columns", "options"))
    return Declarations(columns=columns, options=options, **said)


def _pairs(name: str, texts: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not (key and equals and value):
            raise click.UsageError(f"--{'column' if name == 'columns' else 'with'} {text!r}: write KEY=VALUE")
        found[key] = value
    return found


@data.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=FILE, help="The Parquet file to write.")
@declared
@click.option(
    "--on-bad-rows",
    type=click.Choice(("refuse", "drop")),
    default="refuse",
    show_default=True,
    help="What becomes of rows that cannot be bars.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@AS_JSON
@click.pass_obj
def import_(
    session: Any,
    /,
    file: Path,
    out: Path,
    on_bad_rows: str,
    force: bool,  # noqa: FBT001 - a flag
    as_json: bool,  # noqa: FBT001 - a flag
    **said: Any,
) -> None:
    """Write a clean Parquet file that knows what its rows are.

    Prices become exact decimals, times UTC. What a run needs to know must be said here, and travels in the file.
    """
    from .importing import run_import

    build = session.catalogue().build
    run_import(build, file, out, declarations(said), drop=on_bad_rows == "drop", force=force, as_json=as_json)
