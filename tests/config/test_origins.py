"""Where each value came from, where its paths start, and what is kept of both."""

from pathlib import Path
from typing import Any

import pytest

from qtrader.config import Override, load_config
from qtrader.ports.settings import Reference

RUN = """\
name: demo
base: [../shared/system.yaml]
data:
  source: wiki
  symbols: [IBM, AAPL]
strategies:
  - name: trend
    use: ../strategies/mine.py:Mine
    with: {fast: 20}
"""
SYSTEM = """\
data_sources:
  wiki:
    use: csv
    with: {path: "../data/{symbol}.csv"}
    actions: actions.csv
execution:
  commission:
    use: per-share
    with:
      rate: 0.005
runs: {dir: ../runs}
"""


@pytest.fixture
def layered(files: Any) -> Any:
    """A run file in one folder over a base in another, with two overrides."""
    files.write(RUN, "config/run.yaml")
    files.write(SYSTEM, "shared/system.yaml")
    return files


def load(files: Any, *overrides: str | Override) -> Any:
    return load_config("config/run.yaml", overrides, base_dir=files.folder)


@pytest.mark.parametrize(
    ("key", "origin"),
    [
        ("name", "run.yaml:1"),
        ("data.symbols", "run.yaml:5"),
        ("data.symbols[1]", "run.yaml:5"),
        ("strategies[0].use", "run.yaml:8"),
        ("strategies.0.with.fast", "run.yaml:9"),
        ("runs.dir", "../shared/system.yaml:11"),
        ("execution.commission.with.rate", "../shared/system.yaml:10"),
        ("portfolio.cash", "--set"),
        ("data.start", "--start"),
        ("data.interval", "default"),
        ("engine.mode", "default"),
    ],
)
def test_origin_names_file_and_line(layered: Any, key: str, origin: str) -> None:
    loaded = load(layered, "portfolio.cash=5", Override("data.start", "2001-02-03", "--start"))

    assert loaded.origin(key) == origin


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("runs.dir", "runs"),
        ("data_sources.wiki.actions", "shared/actions.csv"),
        ("data_sources.wiki.with.path", "data/{symbol}.csv"),
        ("strategies[0].use", "strategies/mine.py:Mine"),
    ],
)
def test_path_starts_at_the_file_that_says_it(layered: Any, key: str, path: str) -> None:
    assert load(layered).resolve(key) == layered.folder / path


def test_default_path_starts_at_the_working_folder(files: Any) -> None:
    files.write(files.smallest, "config/run.yaml")

    assert load(files).resolve("runs.dir") == files.folder / "runs"


def test_overridden_path_starts_at_the_working_folder(layered: Any) -> None:
    assert load(layered, "runs.dir=out").resolve("runs.dir") == layered.folder / "out"


def test_absolute_path_stays(layered: Any, tmp_path: Path) -> None:
    assert load(layered, f"runs.dir={tmp_path}/out").resolve("runs.dir") == tmp_path / "out"


def test_value_that_is_no_path_cannot_be_resolved(layered: Any) -> None:
    with pytest.raises(layered.error) as refused:
        load(layered).resolve("data.symbols")

    assert str(refused.value) == "config/run.yaml:5: data.symbols: a list is not a path. Write one."


def test_reference_knows_the_place_of_its_name_and_options(layered: Any) -> None:
    strategy = load(layered, "strategies.0.with.slow=5").settings.strategies[0]

    assert [
        (place.where, place.key, place.folder) for place in map(strategy.place, ["use", "with.fast", "with.slow"])
    ] == [
        ("config/run.yaml:8", "strategies[0].use", layered.folder / "config"),
        ("config/run.yaml:9", "strategies[0].with.fast", layered.folder / "config"),
        ("--set", "strategies[0].with.slow", layered.folder),
    ]


def test_source_knows_the_place_of_its_declarations(layered: Any) -> None:
    place = load(layered).settings.data_sources["wiki"].place("actions")

    assert (place.where, place.folder) == ("shared/system.yaml:5", layered.folder / "shared")


def test_place_of_what_is_missing_is_the_place_around_it(layered: Any) -> None:
    settings = load(layered).settings

    assert str(settings.data_sources["wiki"].place("prices").error("it is not declared")) == (
        "shared/system.yaml:3: data_sources.wiki.prices: it is not declared"
    )


def test_reference_from_nowhere_says_only_its_key() -> None:
    assert str(Reference(use="x").place("with.y").error("unknown option")) == "with.y: unknown option"


def test_effective_configuration_is_written_with_origins(layered: Any) -> None:
    lines = load(layered, "portfolio.cash=5").to_yaml().splitlines()

    assert {
        "name: demo  # run.yaml:1",
        "  symbols: [IBM, AAPL]  # run.yaml:5",
        "      rate: 0.005  # ../shared/system.yaml:10",
        "  cash: 5  # --set",
        "  mode: auto  # default",
        '      path: "../data/{symbol}.csv"  # ../shared/system.yaml:4',
    } <= set(lines)


def test_list_of_several_origins_is_written_line_by_line(layered: Any) -> None:
    text = load(layered, "data.symbols.1=MSFT").to_yaml()

    assert "  symbols:\n    - IBM  # run.yaml:5\n    - MSFT  # --set\n" in text


def test_effective_configuration_reads_back_the_same(layered: Any) -> None:
    loaded = load(layered, 'data.instruments={"a: #b": {sector: "x\\ny"}, ON: {lot: 1}, "null": {sector: "null"}}')

    assert layered.load(loaded.to_yaml()).effective == loaded.effective


def test_nothing_of_the_machine_is_kept(layered: Any) -> None:
    layered.write(RUN.replace("../shared/system.yaml", str(layered.folder / "shared/system.yaml")), "config/run.yaml")

    assert str(layered.folder) not in load(layered, "portfolio.cash=1").to_yaml()
