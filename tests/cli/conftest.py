"""A desk to work at: a folder of its own, a configuration that runs in a moment, and the command line in-process."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from qtrader import cli

CONFIG = """\
name: desk
data:
  source: wiki
  symbols: [AAPL, IBM]
  start: 2001-01-02
  end: 2001-03-30
data_sources:
  wiki: {use: samples, prices: raw, calendar: XNYS, currency: USD}
strategies:
  - name: trend
    use: sma-cross
    with: {fast: 2, slow: 5}
"""
"""A quarter of a year: 62 sessions of the New York Stock Exchange, so 124 bars."""


@dataclass(frozen=True)
class Outcome:
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


class Desk:
    """Runs commands in a folder of its own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def write(self, name: str, text: str) -> Path:
        """Write a file, with the folders that it needs."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def __call__(self, *arguments: str | Path) -> Outcome:
        """Run ``qtrader`` with arguments."""
        code = cli.run([str(one) for one in arguments])
        output = self._capsys.readouterr()
        return Outcome(code, output.out, output.err)

    def good(self, *arguments: str | Path) -> str:
        """Run a command that must succeed and give what it prints."""
        done = self(*arguments)
        assert (done.code, done.err) == (0, "")
        return done.out

    def backtest(self, *arguments: str | Path) -> dict[str, Any]:
        """Run a backtest that must succeed; the object that ``--json`` prints."""
        found: dict[str, Any] = json.loads(self.good("backtest", *(arguments or ("run.yaml",)), "--json"))
        return found


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    """An empty folder, which is the working folder, with ``run.yaml`` in it."""
    folder = tmp_path / "desk"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("QTRADER_PLUGINS", raising=False)
    desk = Desk(folder, capsys)
    desk.write("run.yaml", CONFIG)
    return desk


@pytest.fixture
def config() -> Callable[..., str]:
    """The configuration with parts of its text replaced, each of which must be there."""

    def changed(replacements: Mapping[str, str] | None = None, more: str = "") -> str:
        text = CONFIG
        for old, new in (replacements or {}).items():
            assert old in text
            text = text.replace(old, new)
        return text + more

    return changed


@pytest.fixture
def files_in() -> Callable[[Path], dict[str, bytes]]:
    """Every file of a folder, by its path in it."""

    def content(folder: Path) -> dict[str, bytes]:
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    return content
