from collections.abc import Callable, Iterator

import click
import pytest

from qtrader import hookimpl
from qtrader.cli import Root, extensions
from qtrader.errors import DuplicateName
from qtrader.plugins import Host


def adds(*names: str) -> Callable[..., None]:
    @hookimpl
    def qtrader_commands(cli: click.Group) -> None:
        for name in names:
            cli.add_command(click.Command(name))

    return qtrader_commands


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, host_of: Callable[..., Host]) -> Iterator[Callable[..., Root]]:
    """A command line that finds these plugins installed."""

    def make(**plugins: list[Callable[..., None]]) -> Root:
        host = host_of(**plugins)
        monkeypatch.setattr(extensions, "load_installed", lambda: host)
        extensions.commands_of_plugins.cache_clear()
        return Root(name="qtrader")

    yield make
    extensions.commands_of_plugins.cache_clear()


def test_qtrader_commands_stand_after_the_built_in_ones(installed: Callable[..., Root]) -> None:
    root = installed(acme=[adds("zip", "upload")])

    assert root.list_commands(click.Context(root))[-3:] == ["contracts", "upload", "zip"]


def test_qtrader_commands_are_found_by_name(installed: Callable[..., Root]) -> None:
    root = installed(acme=[adds("upload")])

    command = root.get_command(click.Context(root), "upload")

    assert command is not None
    assert command.name == "upload"


def test_qtrader_commands_cannot_replace_a_built_in_one(installed: Callable[..., Root]) -> None:
    root = installed(acme=[adds("backtest")])

    command = root.get_command(click.Context(root), "backtest")

    assert command is not None
    assert command.short_help == "Run a configuration."


def test_qtrader_commands_of_one_name_are_an_error_naming_both_owners(installed: Callable[..., Root]) -> None:
    root = installed(acme=[adds("upload")], other=[adds("upload")])

    with pytest.raises(DuplicateName, match="'upload' is offered by 'acme' and 'other'"):
        root.get_command(click.Context(root), "upload")


def test_qtrader_commands_that_raise_are_named_and_hide_no_other(
    installed: Callable[..., Root], capsys: pytest.CaptureFixture[str]
) -> None:
    @hookimpl
    def qtrader_commands(cli: click.Group) -> None:
        raise RuntimeError("not today")

    root = installed(acme=[qtrader_commands], other=[adds("upload")])

    assert "upload" in root.list_commands(click.Context(root))
    assert "plugin 'acme' (acme): qtrader_commands raised RuntimeError: not today" in capsys.readouterr().err
