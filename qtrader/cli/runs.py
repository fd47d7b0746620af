"""``qtrader runs``, ``log`` and ``verify``: what they take; ``qtrader.cli.reading`` does it."""

from pathlib import Path

import rich_click as click

runs_option = click.option(
    "--runs", "root", type=click.Path(path_type=Path), help="Folder of run folders; default: runs."
)


@click.group()
def runs() -> None:
    """List stored runs and look at one."""


@runs.command("list")
@runs_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array of rows.")
def list_command(root: Path | None, as_json: bool) -> None:  # noqa: FBT001 - click hands options over by name
    """List stored runs, the latest first."""
    from qtrader.cli.reading import print_runs

    print_runs(root, as_json=as_json)


@runs.command("show")
@click.argument("run")
@runs_option
def show_command(run: str, root: Path | None) -> None:
    """Show one stored run: its figures, warnings and files.

    RUN is a folder, an id, the beginning of one, @last, or @last~1 for the one before.
    """
    from qtrader.cli.reading import print_run, stored

    print_run(stored(run, root))


@click.command("log")
@click.argument("run")
@click.option("--topic", metavar="T", help="Only this topic, or topics that begin with it when it ends in *.")
@click.option("--seq", "span", metavar="A..B", help="Only events A to B (inclusive); A.. and ..B do too.")
@click.option("--json", "as_json", is_flag=True, help="Print contract documents, one JSON object per line.")
@runs_option
def log_command(
    run: str,
    topic: str | None,
    span: str | None,
    as_json: bool,  # noqa: FBT001
    root: Path | None,
) -> None:
    """Print the events of RUN, bars expanded; with --json as documents that hold to their contracts.

    RUN is a folder, an id, the beginning of one, @last, or @last~1 for the one before.
    """
    from qtrader.cli.reading import print_log, stored

    print_log(stored(run, root), topic, span, as_json=as_json)


@click.command()
@click.argument("run")
@runs_option
def verify(run: str, root: Path | None) -> None:
    """Run RUN again and say "same digest", or name the first event that differs.

    RUN is a folder, an id, the beginning of one, @last, or @last~1 for the one before.
    """
    from qtrader.cli.reading import stored

    click.echo(str(stored(run, root, check=False).verify()))
