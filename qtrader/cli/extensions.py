"""What is installed, as the command line sees it: the plugins, and the commands that they add."""

import os
from functools import cache

import click

from qtrader.errors import DuplicateName, HandlerError
from qtrader.plugins import Host, Plugin, load_plugins

VARIABLE = "QTRADER_PLUGINS"
"""Names of plugins or distributions, with commas: nothing else is loaded. Empty: none; not set: all."""


def load_installed() -> Host:
    """Load the installed plugins, narrowed by the environment variable ``QTRADER_PLUGINS``."""
    text = os.environ.get(VARIABLE)
    names = None if text is None else [name for part in text.split(",") if (name := part.strip())]
    return load_plugins(only=names)


@cache
def commands_of_plugins() -> dict[str, tuple[tuple[Plugin, click.Command], ...]]:
    """Ask every active plugin for its commands; one that fails at it is named on standard error and left out."""
    host = load_installed()
    found: dict[str, tuple[tuple[Plugin, click.Command], ...]] = {}
    for plugin in host.active:
        group = click.Group(plugin.name)
        try:
            host.tell(plugin, "qtrader_commands", cli=group)
        except HandlerError as error:
            click.echo(f"its commands are left out: {error}", err=True)
            continue
        for name, command in group.commands.items():
            found[name] = (*found.get(name, ()), (plugin, command))
    return found


def command_of_plugin(name: str) -> click.Command | None:
    """Find a command among the plugins'; DuplicateName when two offer it."""
    owners = commands_of_plugins().get(name, ())
    if len(owners) > 1:
        names = " and ".join(repr(plugin.distribution) for plugin, _ in owners)
        raise DuplicateName(f"command {name!r} is offered by {names}: uninstall one, or leave one out with {VARIABLE}")
    return owners[0][1] if owners else None
