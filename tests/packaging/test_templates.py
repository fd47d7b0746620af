"""The template of each kind, as a stranger meets it: written, built, installed beside the kernel alone, tested, run."""

import json
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from places import ROOT, Place
from qtrader.scaffold import TEMPLATES, distribution_name, template_files

KINDS = [*TEMPLATES]
NAMES = {kind: f"odd-{kind.replace('-', '')}" for kind in KINDS}
"""What the tools are called: a name of two words, other for each kind."""
BOILERPLATE = 40
RUN = """\
name: strangers
data: {source: mine, symbols: [AAA, BBB]}
data_sources:
  mine: {use: odd-datasource, with: {days: 90}}
strategies:
  - {name: mine, use: odd-strategy, with: {bars: 3}}
execution:
  fill: {use: odd-fillpolicy}
  commission: {use: odd-commission, with: {amount: 1.25}}
  slippage: {use: odd-slippage, with: {step: 0.05}}
risk:
  policy: POLICY
  policies: [policies]
  sizing: {use: odd-sizer, with: {share: 0.25}}
services:
  - {use: odd-service, with: {floor: 10}}
report:
  use: [json, csv, {use: odd-report, with: {trades: 2}}]
"""
LIMITED = """\
policy: limited
version: 1
sizing: {use: odd-sizer}
limits:
  - {use: odd-limit, with: {units: 50}}
"""


def package(kind: str) -> str:
    return distribution_name(kind, NAMES[kind])


@pytest.fixture(scope="module")
def written(stranger: Place) -> dict[str, Path]:
    """A plugin of each kind, written by the command line of the installed kernel and installed from its wheel."""
    stranger.qtrader_each([["plugins", "new", kind, name, "--into", "work"] for kind, name in NAMES.items()])
    folders = {kind: stranger.folder / "work" / package(kind) for kind in KINDS}
    stranger.install_built(*folders.values())
    return folders


@pytest.fixture(scope="module")
def listed(stranger: Place, written: dict[str, Path]) -> dict[str, Any]:
    """The rows of ``qtrader plugins list --json``, by distribution."""
    return {row["distribution"]: row for row in json.loads(stranger.said("plugins", "list", "--json"))}


@pytest.fixture(scope="module")
def backtest(stranger: Place, written: dict[str, Path], services: Sequence[str]) -> dict[str, Any]:
    """One run with every tool but the limit, by name: the fields of its manifest and the files of its folder."""
    return run_of(stranger, "odd-policy")


def run_of(stranger: Place, policy: str) -> dict[str, Any]:
    (stranger.folder / "policies").mkdir(exist_ok=True)
    (stranger.folder / "policies" / "limited.yaml").write_text(LIMITED)
    (stranger.folder / "run.yaml").write_text(RUN.replace("POLICY", policy))
    summary = json.loads(stranger.said("backtest", "run.yaml", "--json"))
    folder = Path(summary["run_dir"])
    manifest = json.loads((stranger.folder / folder / "manifest.json").read_text())
    files = {path.name for path in (stranger.folder / folder).iterdir()}
    return {**summary, **manifest, "files": files, "folder": stranger.folder / folder}


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_plugin_is_listed_with_its_tool(kind: str, listed: dict[str, Any]) -> None:
    row = listed[package(kind)]

    assert row["status"] == "active"
    assert [(one["kind"], one["name"]) for one in row["provides"]] == [(TEMPLATES[kind].offers, NAMES[kind])]


def test_no_plugin_of_ours_is_beside_them(listed: dict[str, Any]) -> None:
    ours = {folder.name for folder in ROOT.glob("plugins/qtrader-*")}

    assert "qtrader-costs" in ours
    assert ours & set(listed) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_plugin_passes_its_tests_with_the_kernel_alone(
    kind: str, stranger: Place, written: dict[str, Path]
) -> None:
    said = stranger.said("plugins", "test", written[kind])

    assert f"{TEMPLATES[kind].offers} '{NAMES[kind]}': held to " in said


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("limit", "report")])
def test_a_run_uses_the_tool_by_name(kind: str, backtest: dict[str, Any]) -> None:
    assert package(kind) in backtest["identity"]["distributions"]


def test_the_run_traded(backtest: dict[str, Any]) -> None:
    assert backtest["bars"] == 180
    assert backtest["fills"] > 2


def test_a_run_has_the_report_that_it_asked_for(backtest: dict[str, Any]) -> None:
    page = (backtest["folder"] / "odd-report.txt").read_text()

    assert f"events {backtest['event_digest']}" in page
    assert len(page.splitlines()) == 3 + 2  # two trades, as its option says


def test_a_report_is_no_part_of_what_a_run_is(backtest: dict[str, Any]) -> None:
    assert package("report") not in backtest["identity"]["distributions"]


def test_a_run_uses_the_limit_by_name(stranger: Place, backtest: dict[str, Any]) -> None:
    limited = run_of(stranger, "limited")

    assert package("limit") in limited["identity"]["distributions"]
    assert limited["fills"] > 2
    assert limited["digest"] != backtest["digest"]


@pytest.mark.parametrize("kind", KINDS)
def test_boilerplate_of_a_tool_is_short(kind: str, written: dict[str, Path]) -> None:
    """Everything that is neither the idea, nor its test, nor the page."""
    source = written[kind] / "src" / package(kind).replace("-", "_")
    files = [written[kind] / "pyproject.toml", source / "plugin.py", source / "__init__.py"]
    lines = [line for file in files for line in file.read_text().splitlines() if line.strip()]

    assert len(lines) < BOILERPLATE


@pytest.mark.parametrize("kind", KINDS)
def test_a_plugin_has_the_same_few_files(kind: str) -> None:
    names = {place.replace("kind_my_template", "").replace("my_template", "X") for place in template_files(kind)}
    more = {"src/qtrader_/X.yaml"} if kind == "policy" else set()

    assert names - more == {
        "README.md",
        "pyproject.toml",
        "src/qtrader_/X.py",
        "src/qtrader_/__init__.py",
        "src/qtrader_/plugin.py",
        "src/qtrader_/py.typed",
        "tests/test_X.py",
    }


@pytest.mark.parametrize("kind", KINDS)
def test_no_name_of_the_template_is_left(kind: str, written: dict[str, Path]) -> None:
    for path in written[kind].rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts and ".pytest_cache" not in path.parts:
            assert "template" not in (path.read_text() + path.name).lower(), path


@pytest.mark.parametrize("kind", KINDS)
def test_a_plugin_says_which_kernel_it_works_with(kind: str, written: dict[str, Path]) -> None:
    project = tomllib.loads((written[kind] / "pyproject.toml").read_text())["project"]

    assert project["dependencies"] == ["qtrader>=0.1,<0.2", *TEMPLATES[kind].needs]
    assert project["entry-points"]["qtrader"] == {
        package(kind).removeprefix("qtrader-"): f"{package(kind).replace('-', '_')}.plugin"
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_has_the_headings_of_every_plugin_and_the_options(kind: str, written: dict[str, Path]) -> None:
    page = (written[kind] / "README.md").read_text()

    assert [line for line in page.splitlines() if line.startswith("## ")] == [
        "## Install",
        "## Use in YAML",
        "## Options",
    ]


def test_what_is_written_passes_the_checks_of_this_repository(written: dict[str, Path]) -> None:
    """Style and types, as strict as the framework's own."""
    programs = Path(sys.executable).parent
    root = ROOT
    sources = [str(folder / "src" / package(kind).replace("-", "_")) for kind, folder in written.items()]
    style = [programs / "ruff", "check", "--config", root / "pyproject.toml", *sources]
    types = [programs / "mypy", "--config-file", root / "pyproject.toml", *sources]

    for command in (style, types):
        done = subprocess.run([str(one) for one in command], cwd=root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
