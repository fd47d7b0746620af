"""An environment as a stranger has it: kernel and contracts from wheels, pytest, and nothing of this checkout."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = "Scripts" if os.name == "nt" else "bin"


def uv() -> str:
    """The program that builds and installs; it is a part of the development dependencies."""
    found = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    assert found, "these tests build and install wheels with uv: pip install uv"
    return found


class Stranger:
    """A folder with an environment of its own; ``folder`` is where commands run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._python = folder / "env" / PROGRAMS / "python"
        self.call(uv(), "venv", "--quiet", "--python", sys.executable, folder / "env")

    def call(self, *command: str | Path, expect: int = 0) -> str:
        """Run a command that must end with an exit code, and give what it printed and complained."""
        clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "QTRADER_PLUGINS")}
        done = subprocess.run(
            [str(part) for part in command],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            env={**clean, "NO_COLOR": "1", "COLUMNS": "120"},
        )
        output = done.stdout + done.stderr
        assert done.returncode == expect, f"{command} ended with {done.returncode}\n{output}"
        return output

    def qtrader(self, *arguments: str | Path, expect: int = 0) -> str:
        """Run ``qtrader`` of the environment."""
        return self.call(self._python, "-m", "qtrader.cli", *arguments, expect=expect)

    def qtrader_each(self, commands: Sequence[Sequence[str]]) -> None:
        """Run several commands of ``qtrader``, each of which must succeed, in one process."""
        program = f"import sys; from qtrader.cli import run; sys.exit(max(run(one) for one in {list(commands)!r}))"
        self.call(self._python, "-c", program)

    def build(self, *folders: Path) -> list[Path]:
        """Build a wheel of each folder."""
        before = set(self.folder.glob("dist/*.whl"))
        for folder in folders:
            self.call(uv(), "build", "--quiet", "--wheel", "--out-dir", self.folder / "dist", folder)
        return sorted(set(self.folder.glob("dist/*.whl")) - before)

    def install(self, *things: str | Path) -> None:
        """Install wheels, and what they need in the versions that are tested."""
        tested = ("--constraint", ROOT / "constraints.txt")
        self.call(uv(), "pip", "install", "--quiet", "--python", self._python, *tested, *things)


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Stranger:
    """The kernel alone, from wheels, and pytest."""
    made = Stranger(tmp_path_factory.mktemp("stranger"))
    made.install(*made.build(ROOT, ROOT / "contracts"), "pytest")
    return made


@pytest.fixture(scope="session")
def services(stranger: Stranger) -> Sequence[str]:
    """The distributions that a backtest needs beside tools, installed into the stranger's environment."""
    names = [f"service-{one}" for one in ("data", "strategy", "manager", "execution", "portfolio", "reporting")]
    folders = [ROOT / "plugins" / f"qtrader-{name}" for name in (*names, "risk-equity")]
    stranger.install(*stranger.build(*folders))
    return names
