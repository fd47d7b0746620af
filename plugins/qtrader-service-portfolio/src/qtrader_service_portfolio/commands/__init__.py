"""``qtrader ledger``: the books of a stored run.

Imports nothing heavy: what the command does is imported when it runs.
"""

from pathlib import Path
from typing import Any

import rich_click as click

FORMATS = ("table", "json", "csv", "beancount", "beancount-lots")


@click.command()
@click.argument("run")
@click.option("--account", metavar="A", help="Only this account and those below it: Assets:Cash, or Assets.")
@click.option("--symbol", metavar="S", help="Only transactions of this instrument.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", help="What to print; default: table.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json: one array of postings.")
@click.option("--csv", "as_csv", is_flag=True, help="The same as --format csv.")
@click.option("--runs", "root", type=click.Path(path_type=Path), help="Folder of run folders; default: runs.")
@click.pass_obj
def ledger(
    session: Any,
    run: str,
    account: str | None,
    symbol: str | None,
    form: str,
    as_json: bool,  # noqa: FBT001 - a flag
    as_csv: bool,  # noqa: FBT001 - a flag
    root: Path | None,
) -> None:
    """Print the ledger of RUN: every posting, with the balance of its account after it.

    It is made again from the run's events. RUN is a folder, an id, the beginning of one, @last, or @last~1 for the one
    before. ``beancount`` and ``beancount-lots`` make a file for the checker of that name.
    """
    from .printing import print_ledger

    forms = {*(["json"] if as_json else []), *(["csv"] if as_csv else []), *([form] if form != "table" else [])}
    if len(forms) > 1:
        raise click.UsageError(f"{' and '.join(sorted(forms))}: ask for one format")
    chosen = next(iter(forms), "table")
    if chosen.startswith("beancount") and (account or symbol):
        raise click.UsageError(
            f"--format {chosen}: a part of a ledger does not balance; leave --account and --symbol out"
        )
    print_ledger(session.stored(run, root), chosen, account, symbol)
