"""The code as data: every production module parsed, and the files of the repository."""

import ast
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Source:
    """One Python module of a distribution: where it is, which package it belongs to, its text and its tree."""

    path: str
    package: str
    text: str

    @property
    def tree(self) -> ast.Module:
        """The module's syntax tree."""
        return ast.parse(self.text)

    def nodes(self) -> Iterator[ast.AST]:
        """Every node of the tree."""
        return ast.walk(self.tree)

    def imports(self) -> Iterator[tuple[str, list[str], int]]:
        """Each import, wherever it stands: module, names taken from it, line."""
        for node in self.nodes():
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield alias.name, [], node.lineno
            elif isinstance(node, ast.ImportFrom):
                module = f"{self.package}.{node.module}" if node.level else node.module or ""
                yield module, [alias.name for alias in node.names], node.lineno


def _sources(folder: Path, root: Path, package: str) -> list[Source]:
    files = sorted(folder.rglob("*.py"))
    return [Source(str(file.relative_to(root)), package, file.read_text(encoding="utf-8")) for file in files]


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def kernel(root: Path) -> list[Source]:
    """The modules of the kernel; the template in it is a plugin's, and checked when it is rendered."""
    found = _sources(root / "qtrader", root, "qtrader")
    return [source for source in found if not source.path.startswith("qtrader/_template/")]


@pytest.fixture(scope="session")
def contracts(root: Path) -> list[Source]:
    """The modules of the contracts."""
    return _sources(root / "contracts/src/qtrader_contracts", root, "qtrader_contracts")


@pytest.fixture(scope="session")
def plugins(root: Path) -> list[Source]:
    """The modules of every distribution under plugins/."""
    folders = [folder for folder in sorted(root.glob("plugins/qtrader-*/src/*")) if folder.is_dir()]
    return [source for folder in folders for source in _sources(folder, root, folder.name)]


@pytest.fixture(scope="session")
def production(kernel: list[Source], contracts: list[Source], plugins: list[Source]) -> list[Source]:
    """Every module that is installed."""
    return [*kernel, *contracts, *plugins]


@pytest.fixture(scope="session")
def snippet() -> Callable[..., list[Source]]:
    """Build a module from text, to show that a rule catches what it should: ``snippet(text, path=, package=)``."""

    def build(text: str, path: str = "qtrader/made_up.py", package: str = "qtrader") -> list[Source]:
        return [Source(path, package, text)]

    return build


@pytest.fixture(scope="session")
def projects(root: Path) -> dict[str, dict[str, Any]]:
    """The parsed pyproject.toml of every distribution, by its folder."""
    files = [root / "pyproject.toml", root / "contracts/pyproject.toml", *root.glob("plugins/qtrader-*/pyproject.toml")]
    return {str(file.parent.relative_to(root)): tomllib.loads(file.read_text()) for file in sorted(files)}


@pytest.fixture(scope="session")
def plugin_projects(projects: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Those that are plugins: they have an entry point."""
    return {folder: one for folder, one in projects.items() if "qtrader" in one["project"].get("entry-points", {})}


@pytest.fixture(scope="session")
def repository(root: Path) -> list[Path]:
    """Every file that git has, or would have: tracked, and new ones that are not ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    return [root / name for name in sorted(listed.split("\0")) if name and (root / name).is_file()]
