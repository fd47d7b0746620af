"""The command line's last line: every kind of error becomes a message, a code, and no traceback unless asked for."""

from collections.abc import Callable

import pytest
import rich_click as click

from qtrader import cli, errors


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Replace ``qtrader verify`` by a command that raises the error."""

    def make(error: BaseException) -> None:
        @click.command()
        def command() -> None:
            raise error

        monkeypatch.setattr(cli, "raising_command", command, raising=False)
        monkeypatch.setitem(cli.COMMANDS, "verify", ("qtrader.cli:raising_command", ""))

    return make


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.ConfigError, 2),
        (errors.PluginError, 2),
        (errors.PluginBroken, 2),
        (errors.DuplicateName, 2),
        (errors.UnknownComponent, 2),
        (errors.ContractError, 2),
        (errors.DataError, 2),
        (errors.WiringError, 2),
        (errors.StoreError, 2),
        (errors.RunError, 1),
        (errors.HandlerError, 1),
        (errors.LedgerError, 1),
        (errors.VerifyError, 1),
    ],
)
def test_an_error_is_one_message_and_a_code(
    raising: Callable[[BaseException], None], capsys: pytest.CaptureFixture[str], kind: type[Exception], code: int
) -> None:
    raising(kind("run.yaml:3: this is wrong"))

    result = cli.run(["verify"])

    output = capsys.readouterr()
    assert (result, output.out, output.err) == (code, "", "run.yaml:3: this is wrong\n")


def test_an_unforeseen_error_is_one_line_with_a_hint(
    raising: Callable[[BaseException], None], capsys: pytest.CaptureFixture[str]
) -> None:
    raising(ZeroDivisionError("division by zero"))

    result = cli.run(["verify"])

    message = "unexpected ZeroDivisionError: division by zero. See where with: qtrader --debug ...\n"
    assert (result, capsys.readouterr().err) == (1, message)


def test_debug_shows_the_traceback_before_the_message(
    raising: Callable[[BaseException], None], capsys: pytest.CaptureFixture[str]
) -> None:
    raising(errors.ConfigError("this is wrong"))

    result = cli.run(["--debug", "verify"])

    text = capsys.readouterr().err
    assert result == 2
    assert text.startswith("Traceback (most recent call last):\n")
    assert text.endswith("\nthis is wrong\n")


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_an_interrupt_exits_with_130(raising: Callable[[BaseException], None], error: BaseException) -> None:
    raising(error)

    assert cli.run(["verify"]) == 130


def test_a_command_may_leave_with_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    @click.pass_context
    def command(context: click.Context) -> None:
        context.exit(1)

    monkeypatch.setattr(cli, "leaving_command", command, raising=False)
    monkeypatch.setitem(cli.COMMANDS, "verify", ("qtrader.cli:leaving_command", ""))

    assert cli.run(["verify"]) == 1


def test_a_wrong_option_is_the_users_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    result = cli.run(["plugins", "list", "--knid", "sizer"])

    assert result == 2
    assert "No such option" in capsys.readouterr().err


def test_success_is_zero(capsys: pytest.CaptureFixture[str]) -> None:
    result = cli.run(["--version"])

    assert (result, capsys.readouterr().out) == (0, "qtrader, version 0.1.0\n")
