"""``qtrader config new``: what it writes passes ``check`` and runs."""

import re
from typing import Any

import pytest

from qtrader.ports.settings import RunSettings

FOUR = ["data_sources.yaml", "portfolio.yaml", "run.yaml", "system.yaml"]


def test_four_files_are_written_and_named(desk: Any) -> None:
    told = desk.good("config", "new")

    assert sorted(path.name for path in (desk.folder / "config").iterdir()) == FOUR
    assert told.splitlines()[-1] == "run it: qtrader backtest config/run.yaml"


@pytest.mark.parametrize("options", [[], ["--one-file"], ["--strategy", "sma-cross"], ["--source", "samples"]])
def test_what_is_written_passes_and_runs(desk: Any, options: list[str]) -> None:
    desk.good("config", "new", "config", *options)

    assert desk.good("config", "check", "config/run.yaml") == "config/run.yaml: no problem\n"
    assert desk.backtest("config/run.yaml")["bars"] > 1000


def test_the_strategy_asked_for_is_the_one_that_runs(desk: Any) -> None:
    desk.good("config", "new", "config", "--strategy", "sma-cross")

    assert "with: {fast: 20, slow: 100}" in (desk.folder / "config" / "run.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("options", [[], ["--one-file"]])
def test_every_section_is_there_once(desk: Any, options: list[str]) -> None:
    desk.good("config", "new", "config", *options)

    texts = [path.read_text(encoding="utf-8") for path in (desk.folder / "config").iterdir()]
    sections = re.findall(r"^(?:# )?(\w+):", "\n".join(texts), re.MULTILINE)
    assert sorted(name for name in sections if name != "base") == sorted(RunSettings.model_fields)


def test_every_key_says_what_it_means(desk: Any) -> None:
    desk.good("config", "new", "config")

    for path in (desk.folder / "config").iterdir():
        keys = [line for line in path.read_text(encoding="utf-8").splitlines() if re.match(r" +[\w# -]+: ?\S", line)]
        assert [line for line in keys if "  # " not in line] == []


def test_nothing_is_overwritten(desk: Any, files_in: Any) -> None:
    desk.write("config/system.yaml", "mine")
    before = files_in(desk.folder)

    done = desk("config", "new", "config")

    assert (done.code, done.out, files_in(desk.folder)) == (2, "", before)
    assert done.err.startswith("config/system.yaml: is there already")


def test_an_unknown_strategy_is_the_users_mistake(desk: Any) -> None:
    done = desk("config", "new", "config", "--strategy", "sma-cros")

    assert (done.code, (desk.folder / "config").exists()) == (2, False)
    assert "Did you mean 'sma-cross'?" in done.err


def test_without_plugins_it_says_what_to_install(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QTRADER_PLUGINS", "")

    done = desk("config", "new", "config")

    assert done.code == 2
    assert "pip install 'qtrader[standard]'" in done.err
