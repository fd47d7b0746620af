"""Wheels, and places to install them: what a user's machine looks like, far from this checkout."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
KERNEL = ("qtrader", "qtrader-contracts")
PROGRAMS = "Scripts" if os.name == "nt" else "bin"
QUARTER = ("--set", "data.symbols=[AAPL, IBM]", "--end", "2000-09-01")
PROJECT = """\
[project]
name = "{distribution}"
version = "1.0"
requires-python = ">=3.11"
dependencies = {requires}

[project.entry-points.qtrader]
{name} = "{module}"

[build-system]
requires = ["uv_build>=0.13,<0.14"]
build-backend = "uv_build"
"""


def uv(*command: str | Path) -> None:
    """Run uv, which must succeed; it installs what is tested, as links to what it has fetched before."""
    program = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    assert program, "these tests build and install wheels with uv: pip install uv"
    settings = {"UV_CONSTRAINT": str(ROOT / "constraints.txt"), "UV_LINK_MODE": "hardlink"}
    line = [program, *map(str, command), "--quiet"]
    done = subprocess.run(line, cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{line}\n{done.stderr}"


def build(source: Path, into: Path, *options: str) -> dict[str, Path]:
    """Build the wheel of a folder, with ``--all-packages`` those of a workspace; by name."""
    uv("build", "--wheel", "--out-dir", into, *options, source)
    return {file.name.partition("-")[0].replace("_", "-"): file for file in into.glob("*.whl")}


def build_toys(folder: Path, toys: dict[str, tuple[str, Sequence[str]]]) -> list[Path]:
    """Build a wheel ``acme-<name>`` of each source and what it requires: one module, which is plugin ``<name>``."""
    for name, (source, requires) in toys.items():
        module = f"acme_{name.replace('-', '_')}"
        package = folder / name / "src" / module
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(source, encoding="utf-8")
        text = PROJECT.format(distribution=f"acme-{name}", requires=json.dumps(requires), name=name, module=module)
        (folder / name / "pyproject.toml").write_text(text, encoding="utf-8")
    (folder / "pyproject.toml").write_text('[tool.uv.workspace]\nmembers = ["*"]\n', encoding="utf-8")
    return [*build(folder, folder.with_name(f"{folder.name}-wheels"), "--all-packages").values()]


class Place:
    """A fresh environment in a folder where commands run; ``wheels`` are those of the workspace, by name."""

    def __init__(self, folder: Path, wheels: dict[str, Path], *things: str) -> None:
        self.folder = folder
        self.wheels = wheels
        self.programs = folder / "env" / PROGRAMS
        uv("venv", "--python", sys.executable, folder / "env")
        self.install(*things)
        shutil.copytree(ROOT / "config", folder / "config")

    def install(self, *things: str | Path, alone: bool = False) -> None:
        """Install distributions of the workspace by name, others by name, or wheels; ``alone`` without what they need.

        What is there already in the same version is installed again.
        """
        files = [self.wheels.get(thing, thing) if isinstance(thing, str) else thing for thing in things]
        options = ["--no-deps"] if alone else []
        again = [f"--reinstall-package={file.name.partition('-')[0]}" for file in files if isinstance(file, Path)]
        uv("pip", "install", "--python", self.programs / "python", *options, *again, *files)

    def install_built(self, *sources: Path) -> None:
        """Build the wheel of each folder and install it with what it needs."""
        dist = self.folder / "dist"
        self.install(*(wheel for one in sources for wheel in build(one, dist / one.name).values()))

    def remove(self, *names: str) -> None:
        """Uninstall distributions."""
        uv("pip", "uninstall", "--python", self.programs / "python", *names)

    def call(self, *command: str | Path, plugins: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment; ``plugins`` is what QTRADER_PLUGINS says."""
        clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "QTRADER_PLUGINS")}
        environment = {**clean, "NO_COLOR": "1", "COLUMNS": "120"}
        if plugins is not None:
            environment["QTRADER_PLUGINS"] = plugins
        program, *arguments = map(str, command)
        line = [str(self.programs / program), *arguments]
        return subprocess.run(line, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)

    def qtrader(self, *arguments: str | Path, plugins: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run the installed ``qtrader``."""
        return self.call("qtrader", *arguments, plugins=plugins)

    def said(self, *arguments: str | Path, expect: int = 0) -> str:
        """What ``qtrader`` printed and complained; it must end with an exit code."""
        done = self.qtrader(*arguments)
        output = done.stdout + done.stderr
        assert done.returncode == expect, f"{arguments} ended with {done.returncode}\n{output}"
        return output

    def qtrader_each(self, commands: Sequence[Sequence[str]]) -> None:
        """Run several commands of ``qtrader``, each of which must succeed, in one process."""
        program = f"import sys; from qtrader.cli import run; sys.exit(max(run(one) for one in {list(commands)!r}))"
        done = self.call("python", "-c", program)
        assert done.returncode == 0, done.stdout + done.stderr

    def rows(self, plugins: str | None = None) -> dict[str, dict[str, Any]]:
        """What ``plugins list --json`` says, by distribution."""
        done = self.qtrader("plugins", "list", "--json", plugins=plugins)
        assert done.returncode == 0, done.stderr
        return {row["distribution"]: row for row in json.loads(done.stdout)}

    def backtest(self, *arguments: str, plugins: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run the sample configuration with two of its symbols, to the middle of its first year."""
        command = ("backtest", "config/sma_cross.yaml", "--out", "runs", "--json", *QUARTER, *arguments)
        return self.qtrader(*command, plugins=plugins)

    def refused(self, *arguments: str, plugins: str | None = None) -> list[str]:
        """What a backtest of the sample configuration would be refused for, a line each, found without any data."""
        done = self.qtrader("config", "check", "config/sma_cross.yaml", *arguments, plugins=plugins)
        assert done.returncode == 2, done.stdout + done.stderr
        return done.stderr.splitlines()
