"""Wheels built once, environments of their own, and toy distributions: what a user's machine looks like."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
KERNEL = ("qtrader", "qtrader-contracts")
QUARTER = ("--set", "data.symbols=[AAPL, IBM]", "--end", "2000-09-01")
PROJECT = """\
[project]
name = "{name}"
version = "1.0"
requires-python = ">=3.11"
dependencies = [{requires}]

[project.entry-points.qtrader]
{plugin} = "{module}"

[build-system]
requires = ["uv_build>=0.13,<0.14"]
build-backend = "uv_build"
"""


def call(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run uv, which must succeed."""
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    settings = {**os.environ, "UV_CONSTRAINT": str(ROOT / "constraints.txt"), **environment}
    done = subprocess.run([uv, *map(str, command)], cwd=ROOT, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


def declared() -> dict[str, dict[str, Any]]:
    """The ``project`` table of every distribution of the workspace, by name."""
    files = [ROOT / "pyproject.toml", ROOT / "contracts/pyproject.toml", *ROOT.glob("plugins/qtrader-*/pyproject.toml")]
    tables = [tomllib.loads(file.read_text(encoding="utf-8"))["project"] for file in files]
    return {table["name"]: table for table in tables}


@dataclass(frozen=True)
class Place:
    """A fresh environment with the sample configuration beside it; ``wheels`` are those of the workspace, by name."""

    folder: Path
    wheels: dict[str, Path]

    @property
    def _python(self) -> Path:
        return self.folder / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"

    def make(self, *names: str) -> None:
        """Make the environment and install distributions of the workspace with all that they depend on."""
        call("venv", "--quiet", "--python", sys.executable, self.folder / "env")
        call("pip", "install", "--quiet", "--python", self._python, *(self.wheels[name] for name in names))
        shutil.copytree(ROOT / "config", self.folder / "config")

    def add(self, *wheels: str | Path) -> None:
        """Install wheels, or distributions of the workspace by name, and nothing else."""
        files = [self.wheels[one] if isinstance(one, str) else one for one in wheels]
        call("pip", "install", "--quiet", "--no-deps", "--python", self._python, *files)

    def remove(self, *names: str) -> None:
        """Uninstall distributions."""
        call("pip", "uninstall", "--quiet", "--python", self._python, *names)

    def qtrader(self, *arguments: str, plugins: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run the installed ``qtrader`` beside the configuration, far from the checkout."""
        environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "QTRADER_PLUGINS")}
        environment |= {"NO_COLOR": "1"} if plugins is None else {"NO_COLOR": "1", "QTRADER_PLUGINS": plugins}
        command = [str(self._python.with_name("qtrader")), *arguments]
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)

    def rows(self, *arguments: str, **options: Any) -> dict[str, dict[str, Any]]:
        """What ``plugins list --json`` says, by distribution."""
        done = self.qtrader("plugins", "list", "--json", *arguments, **options)
        assert done.returncode == 0, done.stderr
        return {row["distribution"]: row for row in json.loads(done.stdout)}

    def backtest(self, *arguments: str, plugins: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run the sample configuration with two of its symbols, to the middle of its first year."""
        command = ("backtest", "config/sma_cross.yaml", "--out", "runs", "--json", *QUARTER, *arguments)
        return self.qtrader(*command, plugins=plugins)


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A wheel of every distribution of the workspace, by its name."""
    folder = tmp_path_factory.mktemp("dist")
    call("build", "--quiet", "--all-packages", "--wheel", "--out-dir", folder)
    return {file.name.partition("-")[0].replace("_", "-"): file for file in folder.glob("*.whl")}


@pytest.fixture(scope="module")
def kernel(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An environment with the kernel alone."""
    place = Place(tmp_path_factory.mktemp("kernel"), wheels)
    place.make(*KERNEL)
    return place


@pytest.fixture(scope="module")
def complete(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An environment with every distribution of the workspace."""
    place = Place(tmp_path_factory.mktemp("complete"), wheels)
    place.make(*wheels)
    return place


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Build a wheel ``acme-<name>`` with one module, which is plugin ``<name>``."""

    def build(name: str, source: str, *requires: str) -> Path:
        folder = tmp_path_factory.mktemp(name)
        module = f"acme_{name.replace('-', '_')}"
        quoted = ", ".join(f'"{one}"' for one in requires)
        text = PROJECT.format(name=f"acme-{name}", requires=quoted, plugin=name, module=module)
        (folder / "pyproject.toml").write_text(text, encoding="utf-8")
        (folder / "src" / module).mkdir(parents=True)
        (folder / "src" / module / "__init__.py").write_text(source, encoding="utf-8")
        call("build", "--quiet", "--wheel", "--out-dir", folder / "dist", folder)
        (wheel,) = (folder / "dist").glob("*.whl")
        return wheel

    return build


@pytest.fixture(scope="session")
def projects() -> dict[str, dict[str, Any]]:
    """What every ``pyproject.toml`` of the workspace declares."""
    return declared()
