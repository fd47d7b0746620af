"""The shape of the tree, and what never goes into it."""

import re
from pathlib import Path
from typing import Any

import pytest

TREE = [
    "pyproject.toml", "requirements.txt", "constraints.txt", "tox.ini", "README.md", "LICENSE", "CONTRIBUTING.md",
    "changelog.d/README.md", ".ci/run",
    *(f"qtrader/{name}" for name in (
        "__init__.py", "py.typed", "hookspecs.py", "providers.py", "plugins.py", "catalogue.py", "columns.py",
        "contracts/__init__.py", "log.py", "market.py", "books.py", "emitter.py", "wiring.py", "errors.py",
        "testing/__init__.py", "metrics.py",
        "events/base.py", "events/market.py", "events/trading.py", "events/portfolio.py", "events/phases.py",
        "events/event_bus.py", "ports/data.py", "ports/fill.py", "ports/report.py", "ports/risk.py",
        "ports/service.py", "ports/strategy.py", "engine/backtest_engine.py", "cli/__init__.py",
    )),
    "contracts/src/qtrader_contracts/__init__.py",
    "config/sma_cross.yaml", "config/system.yaml", "config/portfolio.yaml", "config/data_sources.yaml",
    "docs/ARCHITECTURE.md", "docs/API_DESIGN.md", "docs/install.md", "docs/write-a-plugin.md",
    "examples/basic_run_example.py",
]  # fmt: skip
HEADINGS = ["## Install", "## Use in YAML", "## Options"]
HOSTS = [
    "pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".", "deb." + "debian", "index-" + "url", "extra-" + "index",
]  # fmt: skip
PLACES = re.compile(
    r"(?<![\w.$/}-])/(root|home|work|tmp|Users|private)/|[A-Z]:\\Users|\b(10|192\.168)(\.\d{1,3}){2,3}:\d"
)
LOCKS = {"uv.lock", "poetry.lock", "package-lock.json", "Pipfile.lock"}


@pytest.mark.parametrize("name", TREE)
def test_tree_has(root: Path, name: str) -> None:
    assert (root / name).is_file()


def test_kernel_configuration_is_a_module_of_its_own(root: Path) -> None:
    assert (root / "qtrader/config.py").is_file() or (root / "qtrader/config/__init__.py").is_file()


def test_plugins_have_the_same_few_files(root: Path, plugin_projects: dict[str, Any]) -> None:
    for folder in plugin_projects:
        package = f"src/{folder.removeprefix('plugins/').replace('-', '_')}"
        few = ["README.md", "pyproject.toml", f"{package}/__init__.py", f"{package}/plugin.py", f"{package}/py.typed"]

        assert [f"{folder}/{name}" for name in few if not (root / folder / name).is_file()] == []


def test_plugins_have_tests(root: Path, plugin_projects: dict[str, Any]) -> None:
    assert [folder for folder in plugin_projects if not list((root / folder / "tests").glob("test_*.py"))] == []


@pytest.mark.parametrize("heading", HEADINGS)
def test_plugin_pages_have(root: Path, plugin_projects: dict[str, Any], heading: str) -> None:
    pages = {folder: (root / folder / "README.md").read_text().splitlines() for folder in plugin_projects}

    assert [folder for folder, lines in pages.items() if heading not in lines] == []


def test_no_file_names_a_package_registry(root: Path, repository: list[Path]) -> None:
    assert [
        f"{path.relative_to(root)}: {host}" for path, text in _texts(repository) for host in HOSTS if host in text
    ] == []


def test_no_file_names_a_place_on_somebodys_machine(root: Path, repository: list[Path]) -> None:
    found = [(path, PLACES.search(text)) for path, text in _texts(repository) if path != Path(__file__)]

    assert [f"{path.relative_to(root)}: {place[0]}" for path, place in found if place] == []


def test_no_lock_file_is_kept(repository: list[Path]) -> None:
    assert [path for path in repository if path.name in LOCKS] == []


def test_no_test_folder_is_a_package(repository: list[Path]) -> None:
    assert [path for path in repository if path.name == "__init__.py" and "tests" in path.parts] == []


@pytest.mark.parametrize("text", ["see /work/x", "'/home/me/x'", "C:\\Users\\me", "in /tmp/x"])
def test_place_on_a_machine_is_recognised(text: str) -> None:
    assert PLACES.search(text)


def _texts(paths: list[Path]) -> list[tuple[Path, str]]:
    """The files that hold text."""
    return [
        (path, path.read_bytes().decode("utf-8", "replace")) for path in paths if b"\0" not in path.read_bytes()[:8192]
    ]
