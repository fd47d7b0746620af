"""Every distribution is made alike, and says what it needs."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [".", "contracts", *sorted(str(one.relative_to(ROOT)) for one in ROOT.glob("plugins/qtrader-*"))]
KERNEL = "qtrader>=0.1,<0.2"
SAME = ("version", "license", "requires-python", "readme")

Projects = dict[str, dict[str, Any]]


def name_of(requirement: str) -> str:
    """The distribution that a requirement names."""
    return re.split(r"[\s\[<>=!~;]", requirement)[0].lower()


@pytest.mark.parametrize("key", SAME)
def test_distributions_agree_on(projects: Projects, key: str) -> None:
    assert {str(one["project"][key]) for one in projects.values()} == {str(projects["."]["project"][key])}


def test_distributions_have_the_same_classifiers(projects: Projects) -> None:
    assert len({tuple(one["project"].get("classifiers", ())) for one in projects.values()}) == 1


def test_distributions_are_built_the_same_way(projects: Projects) -> None:
    assert len({str(one["build-system"]) for one in projects.values()}) == 1


def test_folder_is_named_for_its_distribution(projects: Projects) -> None:
    names = {folder: one["project"]["name"] for folder, one in projects.items() if folder.startswith("plugins/")}

    assert {folder: f"plugins/{name}" for folder, name in names.items()} == {folder: folder for folder in names}


def test_plugins_say_which_kernel_they_work_with(plugin_projects: Projects) -> None:
    assert [folder for folder, one in plugin_projects.items() if KERNEL not in one["project"]["dependencies"]] == []


def test_entry_point_is_named_for_its_distribution(plugin_projects: Projects) -> None:
    for folder, one in plugin_projects.items():
        name = folder.removeprefix("plugins/")
        expected = {name.removeprefix("qtrader-"): f"{name.replace('-', '_')}.plugin"}

        assert one["project"]["entry-points"]["qtrader"] == expected


def test_plain_pip_installs_every_distribution(root: Path, projects: Projects) -> None:
    lines = set((root / "requirements.txt").read_text().splitlines())

    assert {f"-e ./{folder}" if folder != "." else "-e ." for folder in projects} <= lines


def test_standard_brings_every_other_plugin(projects: Projects) -> None:
    standard = {name_of(one) for one in projects["plugins/qtrader-standard"]["project"]["dependencies"]}
    others = {one["project"]["name"] for folder, one in projects.items() if folder.startswith("plugins/")}

    assert others - standard == {"qtrader-standard"}


def test_every_requirement_has_a_tested_version(root: Path, projects: Projects) -> None:
    lines = [line for line in (root / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    ours = {one["project"]["name"] for one in projects.values()}
    wanted = {name_of(need) for one in projects.values() for need in one["project"].get("dependencies", ())}

    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[\w.]+( ; .+)?", line)] == []
    assert wanted - ours - {name_of(line) for line in lines} == set()


@pytest.mark.parametrize("folder", FOLDERS)
def test_distribution_declares_what_it_imports_and_imports_what_it_declares(folder: str) -> None:
    package = "qtrader" if folder == "." else "src"
    deptry = [str(Path(sys.executable).with_name("deptry")), "--no-ansi", package]

    done = subprocess.run(deptry, cwd=ROOT / folder, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
