"""Broken, incompatible, disabled and doubled plugins, really installed: told apart, and in the way of nobody else."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from places import Place, build_toys

GOOD = """
from dataclasses import dataclass
from decimal import Decimal
from qtrader import hookimpl
from qtrader.ports import Size
from qtrader.providers import ToolProvider

@dataclass
class Ten:
    def size(self, request):
        return Size(Decimal(10))

@hookimpl
def qtrader_sizers():
    return [ToolProvider("NAME", "Ten units", f"{__name__}:Ten")]
"""
RANGE = "qtrader>=0.1,<0.2"
TOYS = {
    "ten-one": (GOOD.replace("NAME", "ten"), RANGE),
    "ten-two": (GOOD.replace("NAME", "ten"), RANGE),
    "eleven": (GOOD.replace("NAME", "eleven"), RANGE),
    "future": (GOOD.replace("NAME", "future"), "qtrader>=9"),
    "silent": (GOOD.replace("NAME", "silent"), "click"),
    "raising": ("raise RuntimeError('no licence')", RANGE),
    "misspelt": ("def qtrader_sizers(:", RANGE),
    "leaving": ("import sys\nsys.exit(0)", RANGE),
    "lacking": ("import acme_engine", f"{RANGE}|acme-engine>=1"),
    "garbage": (GOOD.replace("[ToolProvider", "[7, ToolProvider"), RANGE),
    "endless": (GOOD.replace("return [", "while True: yield from ["), RANGE),
}
"""Name -> source of the plugin and what its distribution requires."""
STATES = {
    "ten-one": ("active", ""),
    "ten-two": ("active", ""),
    "eleven": ("active", ""),
    "future": ("incompatible", "it needs qtrader>=9, this is qtrader 0.1.0"),
    "silent": ("incompatible", "it does not say which versions of qtrader it works with"),
    "raising": ("broken", "RuntimeError: no licence"),
    "misspelt": ("broken", "SyntaxError: invalid syntax"),
    "leaving": ("broken", "SystemExit: 0"),
    "lacking": ("broken", "acme-lacking needs acme-engine: pip install acme-engine"),
    "garbage": ("broken", "qtrader_sizers() gave 7 where a ToolProvider belongs"),
    "endless": ("broken", "qtrader_sizers() gave more than 1000 records and did not end"),
}
OUT = {name: told for name, told in STATES.items() if told[0] != "active"}


@pytest.fixture(scope="module")
def before(complete: Place) -> dict[str, Any]:
    """The sample run before any of the toys is there."""
    found: dict[str, Any] = json.loads(complete.backtest("--out", "before").stdout)
    return found


@pytest.fixture(scope="module")
def crowded(complete: Place, before: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Every toy beside every first-party distribution."""
    toys = {name: (source, requires.split("|")) for name, (source, requires) in TOYS.items()}
    complete.install(*build_toys(tmp_path_factory.mktemp("toys"), toys), alone=True)
    yield complete
    complete.remove(*(f"acme-{name}" for name in TOYS))


@pytest.fixture(scope="module")
def rows(crowded: Place) -> dict[str, Any]:
    """What is listed, by distribution."""
    return crowded.rows()


def test_each_state_is_listed_with_its_reason(rows: dict[str, Any]) -> None:
    for name, (status, reason) in STATES.items():
        row = rows[f"acme-{name}"]
        assert (name, row["status"]) == (name, status)
        assert reason in row.get("reason", "")


def test_the_others_stay_as_they_were(rows: dict[str, Any]) -> None:
    assert {row["status"] for name, row in rows.items() if not name.startswith("acme-")} == {"active"}


def test_check_names_every_one_and_exits_1(crowded: Place) -> None:
    done = crowded.qtrader("plugins", "check")

    assert done.returncode == 1
    for name, (status, reason) in OUT.items():
        assert f"{name}  acme-{name} 1.0  {status}\n" in done.stdout
        assert reason in done.stdout
    assert "sizer 'ten' is offered by 'acme-ten-one' and 'acme-ten-two'" in done.stdout


def test_a_run_that_uses_none_of_them_is_the_same(crowded: Place, before: dict[str, Any]) -> None:
    done = crowded.backtest()

    assert (done.returncode, json.loads(done.stdout)["digest"]) == (0, before["digest"])


@pytest.mark.parametrize("name", ["future", "leaving", "lacking"])
def test_a_run_that_uses_one_says_what_is_wrong_with_it(crowded: Place, name: str) -> None:
    status, reason = OUT[name]

    (told,) = crowded.refused("--set", f"risk.sizing.use={name}")

    assert f"risk.sizing.use: no sizer is named {name!r}. " in told
    assert f" Plugin {name!r} (acme-{name}) is {status}: " in told
    assert reason in told
    assert told.count("Plugin '") == 1


def test_a_disabled_one_is_named_as_such(crowded: Place, rows: dict[str, Any]) -> None:
    left = without(rows, "ten-one", "ten-two", *OUT)

    (told,) = crowded.refused("--set", "risk.sizing.use=ten", plugins=left)

    for name in ("ten-one", "ten-two"):
        assert f"Plugin {name!r} (acme-{name}) is disabled: left out by QTRADER_PLUGINS." in told


def test_a_disabled_one_of_another_name_is_hinted_at(crowded: Place, rows: dict[str, Any]) -> None:
    (told,) = crowded.refused("--set", "risk.sizing.use=dozen", plugins=without(rows, "eleven", *OUT))

    assert f"QTRADER_PLUGINS leaves out {1 + len(OUT)} of the installed plugins; one of them may have it." in told


def test_a_first_party_one_that_is_disabled_needs_no_installing(crowded: Place, rows: dict[str, Any]) -> None:
    told = crowded.refused(plugins=without(rows, "qtrader-costs"))

    assert [line.split(": ")[1] for line in told] == ["execution.commission.use", "execution.slippage.use"]
    for line in told:
        assert "Plugin 'costs' (qtrader-costs) is disabled: left out by QTRADER_PLUGINS." in line
        assert "pip install" not in line


def test_two_of_one_name_stop_a_run_that_uses_it_and_both_are_named(crowded: Place) -> None:
    done = crowded.backtest("--set", "risk.sizing.use=ten")

    assert (done.returncode, done.stdout) == (2, "")
    assert "sizer 'ten' is offered by 'acme-ten-one' and 'acme-ten-two': uninstall one" in done.stderr


def test_one_of_the_two_left_out_the_other_is_used(crowded: Place, rows: dict[str, Any]) -> None:
    done = crowded.backtest("--set", "risk.sizing.use=ten", plugins=without(rows, "ten-two"))

    assert done.returncode == 0, done.stderr


def without(rows: dict[str, Any], *names: str) -> str:
    """``QTRADER_PLUGINS`` with everything but a few distributions or toys."""
    out = {*names, *(f"acme-{name}" for name in names)}
    return ",".join(name for name in rows if name not in out | {"qtrader"})
