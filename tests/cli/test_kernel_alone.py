"""The command line where nothing but the kernel is installed."""

from collections.abc import Callable
from typing import Any

import pytest

from qtrader import cli, hookimpl
from qtrader.cli import plugins
from qtrader.plugins import Host


def test_list_says_what_to_install(
    host_of: Callable[..., Host], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(plugins, "load_installed", host_of)

    code = cli.run(["plugins", "list"])

    message = "No plugin is installed. Everything a backtest needs: pip install 'qtrader[standard]'\n"
    assert (code, capsys.readouterr().err) == (0, message)


def test_list_says_nothing_of_the_kind_beside_a_plugin(
    host_of: Callable[..., Host], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @hookimpl
    def qtrader_run_wired(run: Any) -> None:
        pass

    monkeypatch.setattr(plugins, "load_installed", lambda: host_of(acme=[qtrader_run_wired]))

    cli.run(["plugins", "list"])

    assert capsys.readouterr().err == ""
