"""``qtrader policy``: which risk policies there are, what they say, and a new one of your own."""

import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from qtrader.errors import ConfigError, UnknownComponent
from qtrader.suggest import did_you_mean

if TYPE_CHECKING:
    from qtrader.catalogue import Catalogue

FOLDER = Path("my_library/risk_policies")
"""Where a user's own policies are, unless told otherwise."""
TEMPLATE = "_template/policy/src/qtrader_kind_my_template/my_template.yaml"
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_PLACE: dict[str, Any] = {
    "type": click.Path(path_type=Path),
    "default": FOLDER,
    "help": f"Folder of your own; default: {FOLDER}.",
}


@click.group()
def policy() -> None:
    """List and show risk policies, and write one."""


@policy.command("list")
@click.option("--folder", **_PLACE)
def list_policies(folder: Path) -> None:
    """List the installed policies, and those in a folder of your own; exit 2 where one of these cannot be read."""
    rows, faults = [], []
    for entry in _catalogue().entries("risk-policy"):
        rows.append((entry.name, entry.plugin.distribution, entry.summary))
    for path in sorted(folder.glob("*.yaml")):
        try:
            _check(path)
        except ConfigError as error:
            faults.append(str(error))
        else:
            rows.append((path.stem, str(path), "your own"))
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    for name, place, about in rows:
        click.echo(f"{name.ljust(widths[0])}  {place.ljust(widths[1])}  {about}")
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise ConfigError(f"{len(faults)} of the policies in {folder} cannot be read: mend what is said above")


@policy.command("show")
@click.argument("name")
@click.option("--folder", **_PLACE)
def show_policy(name: str, folder: Path) -> None:
    """Print the document of policy NAME: an installed one, else the file NAME.yaml of your own."""
    installed, own = _catalogue().names("risk-policy"), sorted(path.stem for path in folder.glob("*.yaml"))
    if name in installed:
        import yaml

        document = _catalogue().provider("risk-policy", name).document
        click.echo(yaml.safe_dump(document, sort_keys=False), nl=False)
    elif name in own:
        path = folder / f"{name}.yaml"
        _check(path)
        click.echo(path.read_text(encoding="utf-8"), nl=False)
    else:
        known = sorted({*installed, *own})
        raise UnknownComponent(
            f"no policy is named {name!r}. There are: {', '.join(known) or 'none'}.{did_you_mean(name, known)}"
        )


@policy.command("new")
@click.argument("name")
@click.option("--into", "folder", **_PLACE)
def new_policy(name: str, folder: Path) -> None:
    """Write NAME.yaml, a policy that works as it stands, into a folder of your own."""
    if not NAME.fullmatch(name):
        rule = "small letters and digits, words joined by '-', beginning with a letter"
        raise ConfigError(f"{name!r} cannot be the name of a policy: {rule}")
    if name in _catalogue().names("risk-policy"):
        raise ConfigError(f"policy {name!r} is installed already, and would be found first: choose another name")
    path = folder / f"{name}.yaml"
    if path.exists():
        raise ConfigError(f"{path} is there already: choose another name, or another folder with --into")
    text = files("qtrader").joinpath(TEMPLATE).read_text(encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace("policy: my-template", f"policy: {name}", 1), encoding="utf-8")
    _check(path)
    click.echo(f"{path}\nuse it with risk: {{policy: {name}, policies: [{folder}]}}")


def _catalogue() -> "Catalogue":
    from qtrader.catalogue import Catalogue
    from qtrader.cli.extensions import load_installed

    return Catalogue.of(load_installed())


def _check(path: Path) -> None:
    """Read a policy as a run would. Raises ConfigError that names file, line and key."""
    from qtrader.config import read_settings
    from qtrader.ports.policy import Policy

    name = read_settings(path, Policy, str(path)).policy
    if name != path.stem:
        raise ConfigError(f"{path}: policy: {name!r} is not the file's name; write {path.stem!r}, or rename the file")
