"""``qtrader plugins`` as a user runs it: a process of its own, with distributions that are really installed."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

TOOL = '''
from dataclasses import dataclass
from qtrader import hookimpl
from qtrader.providers import ToolProvider

@dataclass
class Kelly:
    """Stake the edge."""
    fraction: float = 0.5  # share of the full stake

    def size(self, request):
        return self.fraction

@hookimpl
def qtrader_sizers():
    return [ToolProvider("kelly", "Stake the edge", f"{__name__}:Kelly")]
'''

COMMAND = """
import click
from qtrader import hookimpl

@hookimpl
def qtrader_commands(cli):
    @cli.command()
    @click.argument("word")
    def shout(word):
        '''Say it loud.'''
        click.echo(word.upper())
"""


@pytest.fixture
def qtrader(site: Any) -> Run:
    """Run ``qtrader`` with the distributions of ``site`` beside the installed ones."""

    def run(*arguments: str, plugins: str | None = None) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(site.path), "NO_COLOR": "1"}
        environment.pop("QTRADER_PLUGINS", None)
        if plugins is not None:
            environment["QTRADER_PLUGINS"] = plugins
        command = [sys.executable, "-c", "from qtrader.cli import main; main()", *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)

    return run


def row_of(output: str, name: str) -> dict[str, Any]:
    (row,) = (row for row in json.loads(output) if row["plugin"] == name)
    return dict(row)


def test_list_as_json_has_a_row_for_a_plugin_and_what_it_provides(site: Any, qtrader: Run) -> None:
    site.install("kelly", TOOL)

    done = qtrader("plugins", "list", "--json")

    assert row_of(done.stdout, "kelly") == {
        "plugin": "kelly",
        "distribution": "acme-kelly",
        "version": "1.0",
        "status": "active",
        "provides": [{"kind": "sizer", "name": "kelly", "summary": "Stake the edge"}],
    }


def test_list_tells_the_four_states_apart_with_reasons(site: Any, qtrader: Run) -> None:
    site.install("good", TOOL)
    site.install("bad", "1 / 0")
    site.install("old", TOOL, requires=["qtrader<0.1"])
    site.install("other", TOOL)

    done = qtrader("plugins", "list", "--json", plugins="good, bad, old")

    found = {name: row_of(done.stdout, name) for name in ("good", "bad", "old", "other")}
    assert {name: (row["status"], row.get("reason")) for name, row in found.items()} == {
        "good": ("active", None),
        "bad": ("broken", "ZeroDivisionError: division by zero"),
        "old": ("incompatible", "it needs qtrader<0.1, this is qtrader 0.1.0"),
        "other": ("disabled", "left out by QTRADER_PLUGINS"),
    }


def test_list_by_kind_leaves_out_everything_else(site: Any, qtrader: Run) -> None:
    site.install("kelly", TOOL)

    done = qtrader("plugins", "list", "--kind", "sizer", "--json", plugins="kelly")

    assert [row["plugin"] for row in json.loads(done.stdout)] == ["kelly"]


def test_list_for_people_names_plugin_distribution_state_and_tools(site: Any, qtrader: Run) -> None:
    site.install("kelly", TOOL)

    done = qtrader("plugins", "list", plugins="kelly")

    assert "kelly  acme-kelly 1.0  active\n  sizer  kelly  Stake the edge\n" in done.stdout


def test_an_unknown_kind_is_the_users_mistake(qtrader: Run) -> None:
    done = qtrader("plugins", "list", "--kind", "sizers")

    assert done.returncode == 2
    assert "'sizers' is not one of" in done.stderr


def test_an_empty_variable_leaves_the_kernel_alone(qtrader: Run) -> None:
    done = qtrader("plugins", "list", "--json", plugins="")

    assert [row["plugin"] for row in json.loads(done.stdout) if row["status"] == "active"] == ["kernel"]


def test_a_variable_with_an_unknown_name_is_the_users_mistake(site: Any, qtrader: Run) -> None:
    site.install("kelly", TOOL)

    done = qtrader("plugins", "list", plugins="kely")

    assert (done.returncode, done.stdout) == (2, "")
    assert "QTRADER_PLUGINS: no plugin is named 'kely'." in done.stderr
    assert "Did you mean 'kelly'?" in done.stderr


def test_show_prints_a_tool_with_its_options(site: Any, qtrader: Run) -> None:
    module = site.install("risk", TOOL)

    done = qtrader("plugins", "show", "kelly", plugins="risk")

    assert done.stdout.splitlines() == [
        "sizer kelly  Stake the edge",
        "  from      acme-risk 1.0",
        f"  class     {module}:Kelly",
        "",
        "  Stake the edge.",
        "",
        "  fraction  float  default 0.5  share of the full stake",
    ]


def test_show_prints_a_plugin_by_its_distribution(site: Any, qtrader: Run) -> None:
    site.install("risk", TOOL)

    done = qtrader("plugins", "show", "acme-risk")

    assert done.stdout == "risk  acme-risk 1.0  active\n  sizer  kelly  Stake the edge\n"


def test_show_of_an_unknown_name_suggests_and_exits_2(site: Any, qtrader: Run) -> None:
    site.install("kelly", TOOL)

    done = qtrader("plugins", "show", "kely")

    assert done.returncode == 2
    assert done.stderr == "no plugin or tool is named 'kely'. Did you mean 'kelly'? See: qtrader plugins list\n"


def test_check_is_content_with_good_plugins(site: Any, qtrader: Run) -> None:
    site.install("kelly", TOOL)

    done = qtrader("plugins", "check", plugins="kelly")

    assert done.returncode == 0
    assert "2 active" in done.stdout


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        (TOOL.replace(":Kelly", ":Kely"), "sizer 'kelly' of acme-kelly 1.0 cannot be imported"),
    ],
)
def test_check_exits_1_when_something_is_broken(site: Any, qtrader: Run, source: str, problem: str) -> None:
    site.install("kelly", source)

    done = qtrader("plugins", "check", plugins="kelly")

    assert done.returncode == 1
    assert problem in done.stdout


def test_check_exits_1_when_two_plugins_offer_one_name(site: Any, qtrader: Run) -> None:
    site.install("one", TOOL)
    site.install("two", TOOL)

    done = qtrader("plugins", "check", plugins="one,two")

    assert done.returncode == 1
    assert "sizer 'kelly' is offered by 'acme-one' and 'acme-two'" in done.stdout


def test_an_incompatible_plugin_is_no_broken_one(site: Any, qtrader: Run) -> None:
    site.install("old", TOOL, requires=["qtrader<0.1"])

    done = qtrader("plugins", "check", plugins="old")

    assert done.returncode == 0
    assert "1 incompatible" in done.stdout


def test_a_plugin_adds_a_command(site: Any, qtrader: Run) -> None:
    site.install("shout", COMMAND)

    done = qtrader("shout", "hello")

    assert (done.returncode, done.stdout) == (0, "HELLO\n")


def test_help_lists_the_commands_of_plugins(site: Any, qtrader: Run) -> None:
    site.install("shout", COMMAND)

    done = qtrader("--help")

    assert "Say it loud." in done.stdout


def test_an_unknown_command_is_the_users_mistake(qtrader: Run) -> None:
    done = qtrader("plugnis")

    assert done.returncode == 2
    assert "no command is named 'plugnis'." in done.stderr
    assert "Did you mean 'plugins'?" in done.stderr
