"""``qtrader contracts``: which contracts there are, what they say, and whether documents hold to them."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from qtrader.errors import ContractError

if TYPE_CHECKING:
    from qtrader.contracts import Contracts
    from qtrader.contracts.evolution import Change

_STEP = re.compile(r"\.([^.\[]+)|\[([0-9]+)\]")


@click.group()
def contracts() -> None:
    """List, show, compare and validate against the contracts."""


@contracts.command("list")
def list_contracts() -> None:
    """List the contracts of the kernel and of the installed plugins."""
    known = _known()
    width = max(map(len, known.names()))
    for name in known.names():
        click.echo(f"{name.ljust(width)}  {known.schema(name)['description']}")


@contracts.command("show")
@click.argument("name")
def show_contract(name: str) -> None:
    """Print the JSON Schema of contract NAME, such as execution/fill.v1."""
    click.echo(json.dumps(_known().schema(name), indent=2))


@contracts.command("validate")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--contract", "name", help="Hold every document to this contract, whatever it says it is.")
def validate_file(file: Path, name: str | None) -> None:
    """Check the JSON document, array of documents or lines of documents in FILE; exit 2 where one is wrong.

    Each problem is printed with its line and JSON path. Events say themselves which contract is theirs; other values,
    such as instruments, need --contract.
    """
    from qtrader.cli.documents import read_documents
    from qtrader.contracts import validate_document

    known = _known()
    count = bad = 0
    for document in read_documents(file):
        problems = validate_document(document.value, name, known)
        for problem in problems:
            click.echo(f"{file}:{document.line_of(_steps(problem.path))}: {problem}", err=True)
        count += 1
        bad += bool(problems)
    if bad:
        raise ContractError(f"{bad} of {_counted(count)} {'breaks its' if bad == 1 else 'break their'} contract")
    click.echo(f"{_counted(count)}, no problem")


@contracts.command("diff")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def diff(context: click.Context, old: Path, new: Path, as_json: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Compare the schemas OLD and NEW, two files or two folders: what breaks a reader, and what does not.

    Exit 0: nothing breaks. Exit 1: something breaks, or cannot be proven not to. Exit 2: no schemas are there.
    """
    from qtrader.contracts.evolution import changes
    from qtrader.contracts.schema_files import read_schemas

    before, after = read_schemas(old), read_schemas(new)
    if old.is_dir() != new.is_dir():
        raise ContractError(f"{old} and {new}: one is a file, the other a folder. Give two of a kind")
    found = changes(before, after)
    breaking = any(change.breaking for change in found)
    if as_json:
        told = {"breaking": breaking, "compared": len(after.names()), "changes": [one.as_json() for one in found]}
        click.echo(json.dumps(told, indent=2))
    else:
        _print_changes(found, len(after.names()))
    if breaking:
        context.exit(1)


def _print_changes(found: "list[Change]", compared: int) -> None:
    for number, change in enumerate(found):
        if number == 0 or found[number - 1].contract != change.contract:
            click.echo(click.style(change.contract, bold=True))
        verdict = click.style("breaking", fg="red") if change.breaking else "harmless"
        click.echo(f"  {verdict}  {change.path}  {change.message}")
    broken = sum(change.breaking for change in found)
    contracts_compared = f"{compared} contract{'' if compared == 1 else 's'} compared"
    noun = "change" if broken == 1 else "changes"
    click.echo(f"{contracts_compared}: {broken} breaking {noun}, {len(found) - broken} harmless")


def _counted(count: int) -> str:
    return f"{count} document" if count == 1 else f"{count} documents"


def _known() -> "Contracts":
    """The contracts of the kernel and of every active plugin."""
    from qtrader.cli.extensions import load_installed
    from qtrader.contracts import Contracts

    return Contracts(offer.provider for plugin in load_installed().active for offer in plugin.offers)


def _steps(path: str) -> tuple[str | int, ...]:
    """The parts of a JSON path such as ``$.checks[0].name``."""
    return tuple(int(index) if index else key for key, index in _STEP.findall(path))
