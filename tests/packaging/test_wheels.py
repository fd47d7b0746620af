"""Distributions come and go: each as a wheel, in environments where nothing else is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from places import Place
from qtrader.install_hints import HINTS

SERVICES = ("data", "strategy", "manager", "execution", "portfolio", "reporting")
CHOSEN = {
    "qtrader-strategy-sma-cross": ("sma_cross.yaml", "use: sma-cross", "strategies[0].use: no strategy", "sma-cross"),
    "qtrader-data-samples": ("data_sources.yaml", "use: samples", "data_sources.wiki.use: no data-source", "samples"),
    "qtrader-fill-next-open": (
        "system.yaml",
        "fill: {use: next-open}",
        "execution.fill.use: no fill-policy",
        "next-open",
    ),
    "qtrader-costs": ("system.yaml", "use: bps", "execution.slippage.use: no slippage", "bps"),
    "qtrader-policy-naive": ("portfolio.yaml", "policy: naive", "risk.policy: no risk-policy", "naive"),
    "qtrader-risk-equity": (
        "portfolio.yaml",
        "policy: naive",
        "risk.policy: policy 'naive': sizing.use: no sizer",
        "equity",
    ),
}
"""What the sample configuration chooses: file, text of the line, key and kind, name."""


def offered(rows: dict[str, dict[str, Any]]) -> set[tuple[str, str]]:
    """Kind and name of everything on offer."""
    return {(one["kind"], one["name"]) for row in rows.values() for one in row["provides"]}


def test_every_distribution_builds_as_a_wheel(wheels: dict[str, Path], projects: dict[str, Any]) -> None:
    assert set(wheels) == set(projects)


class TestTheKernelAlone:
    """Nothing but ``qtrader`` and ``qtrader-contracts``."""

    def test_it_lists_itself_and_says_what_to_install(self, kernel: Place) -> None:
        done = kernel.qtrader("plugins", "list")

        assert (done.returncode, done.stdout.splitlines()[0]) == (0, "kernel  qtrader 0.1.0  active")
        assert done.stderr == "No plugin is installed. Everything a backtest needs: pip install 'qtrader[standard]'\n"

    def test_nothing_is_wrong_with_it(self, kernel: Place) -> None:
        done = kernel.qtrader("plugins", "check")

        assert (done.returncode, done.stdout) == (0, "1 active, 0 more problems\n")

    def test_a_backtest_says_what_to_install(self, kernel: Place) -> None:
        done = kernel.qtrader("backtest", "config/sma_cross.yaml")

        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.endswith("None is installed. Install it: pip install 'qtrader[standard]'\n")

    def test_contracts_are_listed(self, kernel: Place) -> None:
        done = kernel.qtrader("contracts", "list")

        assert done.returncode == 0
        assert "execution/fill.v1" in done.stdout


@pytest.fixture
def plugins(projects: dict[str, Any]) -> list[str]:
    """Every distribution with an entry point."""
    return sorted(name for name, project in projects.items() if "qtrader" in project.get("entry-points", {}))


@pytest.fixture
def growing(kernel: Place, plugins: list[str]) -> Iterator[Place]:
    """The kernel, which will be alone again."""
    yield kernel
    kernel.remove(*plugins)


def test_wheels_added_one_by_one_make_their_tools_appear(growing: Place, plugins: list[str]) -> None:
    expected = offered(growing.rows())

    for number, name in enumerate(plugins, 1):
        growing.install(name, alone=True)
        expected |= {tool for tool, distribution in HINTS.items() if distribution == name}

        rows = growing.rows()

        assert offered(rows) == expected
        assert {name for name, row in rows.items() if row["status"] == "active"} == {"qtrader", *plugins[:number]}


class TestTakenAway:
    """Everything is installed but one distribution that the sample configuration uses."""

    @pytest.fixture
    def without(self, complete: Place, request: pytest.FixtureRequest) -> Iterator[Place]:
        complete.remove(request.param)
        yield complete
        complete.install(request.param, alone=True)

    @pytest.mark.parametrize(("without", "name"), [(name, name) for name in CHOSEN], indirect=["without"])
    def test_a_tool_is_named_with_file_line_key_and_what_to_install(self, without: Place, name: str) -> None:
        file, text, key, tool = CHOSEN[name]
        lines = (without.folder / "config" / file).read_text(encoding="utf-8").splitlines()
        (line,) = (number for number, line in enumerate(lines, 1) if text in line.partition("#")[0])

        told = [one for one in without.refused() if one.startswith(f"config/{file}:{line}: {key} is named {tool!r}. ")]

        assert [one.rpartition(": ")[2] for one in told] == [f"pip install {name}"]

    @pytest.mark.parametrize("without", ["qtrader-costs"], indirect=True)
    def test_a_run_says_the_same_and_leaves_nothing(self, without: Place) -> None:
        done = without.backtest("--out", "refused")

        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("config/system.yaml:")
        assert done.stderr.endswith("Install it: pip install qtrader-costs\n")
        assert not (without.folder / "refused").exists()

    @pytest.mark.parametrize(
        ("without", "service"), [(f"qtrader-service-{name}", name) for name in SERVICES], indirect=["without"]
    )
    def test_a_service_is_named_with_what_to_install(self, without: Place, service: str) -> None:
        done = without.backtest()

        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"every run needs the service {service!r}: no service is named {service!r}. ")
        assert done.stderr.endswith(f"Install it: pip install qtrader-service-{service}\n")

    @pytest.mark.parametrize("without", ["qtrader-indicators"], indirect=True)
    def test_a_library_that_a_tool_needs_is_named(self, without: Place) -> None:
        done = without.backtest()

        assert (done.returncode, done.stdout) == (2, "")
        assert ": strategies[0].use: strategy 'sma-cross' of qtrader-strategy-sma-cross 0.1.0 cannot be" in done.stderr
        assert done.stderr.endswith("needs qtrader-indicators: pip install qtrader-indicators\n")

    @pytest.mark.parametrize("without", ["qtrader-strategy-buy-and-hold"], indirect=True)
    def test_what_the_configuration_does_not_use_is_not_missed(self, without: Place) -> None:
        assert without.backtest().returncode == 0
