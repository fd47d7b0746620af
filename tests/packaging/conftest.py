"""Every wheel, built once, and three places: the kernel alone, the kernel of an author of plugins, everything."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from places import KERNEL, ROOT, Place, build

SERVICES = ("data", "strategy", "manager", "execution", "portfolio", "reporting")


@pytest.fixture(scope="session")
def projects() -> dict[str, dict[str, Any]]:
    """The ``project`` table of every distribution of the workspace, by name."""
    files = [ROOT / "pyproject.toml", ROOT / "contracts/pyproject.toml", *ROOT.glob("plugins/qtrader-*/pyproject.toml")]
    tables = [tomllib.loads(file.read_text(encoding="utf-8"))["project"] for file in files]
    return {table["name"]: table for table in tables}


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A wheel of every distribution of the workspace, by its name."""
    return build(ROOT, tmp_path_factory.mktemp("dist"), "--all-packages")


@pytest.fixture(scope="session")
def kernel(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The kernel alone; whoever adds to it takes it away again."""
    return Place(tmp_path_factory.mktemp("kernel"), wheels, *KERNEL)


@pytest.fixture(scope="session")
def complete(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Every distribution of the workspace; whoever changes it puts it right again."""
    return Place(tmp_path_factory.mktemp("complete"), wheels, *wheels)


@pytest.fixture(scope="session")
def stranger(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The kernel and pytest, and then the plugins of somebody who never saw this checkout."""
    return Place(tmp_path_factory.mktemp("stranger"), wheels, *KERNEL, "pytest")


@pytest.fixture(scope="session")
def services(stranger: Place) -> tuple[str, ...]:
    """The distributions that a backtest needs beside tools, installed into the stranger's environment."""
    names = (*(f"qtrader-service-{one}" for one in SERVICES), "qtrader-matching", "qtrader-risk-equity")
    stranger.install(*names)
    return names
