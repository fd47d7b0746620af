"""The command line: the only place that prints, and the only one that reads ``QTRADER_PLUGINS``.

Commands live in modules of their own, imported when a command runs: ``--help`` imports none of them. Plugins are loaded
for a name that is no built-in command, and for the list of commands; never to start a built-in one.
"""

import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import rich_click as click
from click.exceptions import NoArgsIsHelpError

from qtrader.errors import QTraderError, RunError, VerifyError
from qtrader.suggest import did_you_mean

if TYPE_CHECKING:
    from pathlib import Path

    from qtrader.catalogue import Catalogue
    from qtrader.result import Result

COMMANDS = {
    "backtest": ("qtrader.cli.backtest:backtest", "Run a configuration."),
    "runs": ("qtrader.cli.runs:runs", "List and show stored runs."),
    "log": ("qtrader.cli.runs:log_command", "Print the events of a run."),
    "verify": ("qtrader.cli.runs:verify", "Run again: same digest, or the first event that differs."),
    "config": ("qtrader.cli.config:config", "Check, explain and begin a configuration."),
    "plugins": ("qtrader.cli.plugins:plugins", "List, show and check what is installed; write a new one."),
    "policy": ("qtrader.cli.policy:policy", "List and show risk policies; write one."),
    "contracts": ("qtrader.cli.contracts:contracts", "List, show, compare and validate against the contracts."),
}
"""The built-in commands: where each is, and its line in the list."""


@dataclass
class Session:
    """What one call of the command line remembers beside its arguments."""

    debug: bool = False

    def catalogue(self) -> "Catalogue":
        """Everything that is installed; a plugin's command asks for it by ``click.get_current_context().obj``."""
        from qtrader.catalogue import Catalogue
        from qtrader.cli.extensions import load_installed

        return Catalogue.of(load_installed())

    def stored(self, run: str, root: "Path | None" = None) -> "Result":
        """The stored run that the user named, in ``root`` or else in ``runs``; a plugin's command asks for it here."""
        from qtrader.cli.reading import stored

        return stored(run, root)


class LazyCommand(click.RichCommand):
    """Stands for a command in lists and imports it when it is called."""

    def __init__(self, name: str, target: str, summary: str) -> None:
        super().__init__(name=name, help=summary, short_help=summary)
        self._target = target

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> Any:
        """Import the command that this one stands for and let it make its context."""
        module, _, name = self._target.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command.make_context(info_name, args, parent, **extra)


class Root(click.RichGroup):
    """The ``qtrader`` command: built-in commands from a table, then those of plugins."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click hands it over
        """Name the built-in commands in the order of the table, then the plugins' by name."""
        from qtrader.cli.extensions import commands_of_plugins

        try:
            more = commands_of_plugins()
        except QTraderError as error:
            click.echo(f"commands of plugins are left out: {error}", err=True)
            more = {}
        return [*COMMANDS, *sorted(set(more) - set(COMMANDS))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """Find a command: a built-in one without loading any plugin, else a plugin's."""
        if cmd_name in COMMANDS:
            return LazyCommand(cmd_name, *COMMANDS[cmd_name])
        from qtrader.cli.extensions import command_of_plugin

        return command_of_plugin(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments name, or say which there are."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            known = self.list_commands(ctx)
            raise click.UsageError(
                f"no command is named {name!r}. There are: {', '.join(known)}.{did_you_mean(name, known)}", ctx
            )
        return super().resolve_command(ctx, args)


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(package_name="qtrader")
@click.pass_obj
def root(session: Session, debug: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Event-driven backtesting and trading."""
    session.debug = debug


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave the process: 0 done, 2 the user's mistake, 1 a run that failed."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give the exit code; messages go to standard error, tracebacks only with ``--debug``."""
    session = Session()
    try:
        code = root.main(arguments, prog_name="qtrader", standalone_mode=False, obj=session)
        return code if isinstance(code, int) else 0
    except NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx is not None else "qtrader"
        click.echo(f"{_sentence(error.format_message())} See: {command} --help", err=True)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("stopped", err=True)
        return 130
    except QTraderError as error:
        _tell(str(error), error, session)
        return 1 if isinstance(error, RunError | VerifyError) else 2
    except Exception as error:  # noqa: BLE001 - the last line: whatever it is, the user gets one line and a code
        hint = "" if session.debug else ". See where with: qtrader --debug ..."
        _tell(f"unexpected {type(error).__name__}: {error}{hint}", error, session)
        return 1


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", ")")) else f"{text}."


def _tell(message: str, error: Exception, session: Session) -> None:
    if session.debug:
        traceback.print_exception(error)
    click.echo(message, err=True)
