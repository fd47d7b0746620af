"""What a person sees on a terminal and what a pipe gets; the help texts."""

import os
import pty
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

QTRADER = [sys.executable, "-c", "from qtrader.cli import main; main()"]
COMMANDS = [
    *((), ("backtest",), ("runs",), ("runs", "list"), ("runs", "show"), ("log",), ("verify",), ("plugins",)),
    *(("plugins", "list"), ("plugins", "show"), ("plugins", "check"), ("contracts",), ("contracts", "list")),
    *(("contracts", "show"), ("contracts", "validate")),
    *(("data",), ("data", "list"), ("data", "show"), ("data", "check"), ("data", "import")),
]
HEAVY = {"pyarrow", "pandas", "polars", "numpy", "pydantic", "talib", "jsonschema", "exchange_calendars"}


def on_a_terminal(*arguments: str, folder: Path) -> str:
    """Run ``qtrader`` in a folder on a terminal of 80 columns and give everything that it wrote there."""
    main, side = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(
        [*QTRADER, *arguments], stdin=side, stdout=side, stderr=side, cwd=folder, env=environment, close_fds=True
    )
    os.close(side)
    parts = []
    while True:
        try:
            part = os.read(main, 65536)
        except OSError:  # how Linux says that the other side has closed
            break
        if not part:
            break
        parts.append(part)
    os.close(main)
    assert process.wait() == 0
    return b"".join(parts).decode()


def test_a_terminal_shows_progress_and_then_the_result_alone(desk: Any) -> None:
    screen = on_a_terminal("backtest", "run.yaml", folder=desk.folder)

    progress, erased, result = screen.rpartition("\x1b[2K")
    assert "━" in progress
    assert "100%" in progress
    assert erased
    assert "initial equity" in result
    assert "━" not in result


def test_a_pipe_gets_the_result_without_progress_or_colour(desk: Any) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}

    done = subprocess.run(
        [*QTRADER, "backtest", "run.yaml"], capture_output=True, text=True, cwd=desk.folder, env=environment, check=True
    )

    assert done.stderr == ""
    assert "initial equity" in done.stdout
    assert "\x1b" not in done.stdout


def test_a_reader_that_stops_early_gets_no_traceback(desk: Any) -> None:
    desk.good("backtest", "run.yaml", "--quiet")

    process = subprocess.Popen(
        [*QTRADER, "log", "@last"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=desk.folder
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    said = process.stderr.read()
    process.wait()
    process.stderr.close()

    assert first.startswith("       0 ")
    assert said == ""


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_fits_80_columns_and_begins_with_a_sentence(desk: Any, command: Sequence[str]) -> None:
    lines = [line.rstrip() for line in desk.good(*command, "--help").splitlines()]

    usage, sentence = [line for line in lines if line][:2]
    assert usage.startswith(" ".join([" Usage: qtrader", *command]))
    assert sentence[1].isupper()
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("command", [("runs", "show"), ("log",), ("verify",)], ids=" ".join)
def test_help_says_what_run_can_be(desk: Any, command: Sequence[str]) -> None:
    text = " ".join(desk.good(*command, "--help").split())

    assert "RUN is a folder, an id, the beginning of one, @last, or @last~1 for the one before." in text


@pytest.mark.parametrize("command", [("backtest",), ("runs", "list"), ("log",), ("verify",)], ids=" ".join)
def test_help_imports_nothing_heavy(command: Sequence[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *QTRADER[1:], *command, "--help"],
        capture_output=True,
        text=True,
        check=True,
    )

    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines() if "|" in line}
    assert "rich_click" in imported
    assert imported & HEAVY == set()


@pytest.mark.parametrize("command", [(), ("data",), ("data", "check"), ("data", "import")], ids=" ".join)
def test_help_on_commands_of_plugins_imports_no_library_of_theirs(command: Sequence[str]) -> None:
    """Plugins are loaded for it, and with them pydantic; not what their commands work with."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *QTRADER[1:], *command, "--help"],
        capture_output=True,
        text=True,
        check=True,
    )

    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines() if "|" in line}
    assert "qtrader_service_data" in imported
    assert imported & HEAVY <= {"pydantic"}
