"""``qtrader config check``: everything wrong at once, each with its place."""

from collections.abc import Callable
from typing import Any

import pytest

Config = Callable[..., str]


def test_a_good_configuration_has_no_problem(desk: Any) -> None:
    assert desk.good("config", "check", "run.yaml") == "run.yaml: no problem\n"


def test_nothing_is_run(desk: Any, files_in: Any) -> None:
    before = files_in(desk.folder)

    desk.good("config", "check", "run.yaml")

    assert files_in(desk.folder) == before


def test_all_problems_are_told_at_once(desk: Any, config: Config) -> None:
    changed = {
        "name: desk": "name: Desk",
        "start: 2001": "strat: 2001",
        "use: samples": "use: sampels",
        "fast: 2, slow: 5": "fats: 2, slow: five",
    }
    desk.write("run.yaml", config(changed, "risk: {policy: niave}\n"))

    done = desk("config", "check", "run.yaml")

    assert (done.code, done.out) == (2, "")
    places = [line.split(": ")[:2] for line in done.err.splitlines()]
    assert places == [
        ["run.yaml:5", "data.strat"],
        ["run.yaml:1", "name"],
        ["run.yaml:8", "data_sources.wiki.use"],
        ["run.yaml:12", "strategies[0].with.fats"],
        ["run.yaml:12", "strategies[0].with.slow"],
        ["run.yaml:13", "risk.policy"],
    ]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("use: samples", "use: sampels", "run.yaml:8: data_sources.wiki.use: no data-source is named 'sampels'"),
        ("fast: 2", "fats: 2", "unknown option of 'sma-cross'. It takes: fast (int), slow (int). Did you mean 'fast'?"),
        ("fast: 2", "fast: two", "run.yaml:12: strategies[0].with.fast: option 'fast' of 'sma-cross' takes int"),
        ("use: sma-cross", "use: mine.py:Mine", "strategies[0].use: 'mine.py' cannot be read"),
        ("source: wiki", "source: wikk", "run.yaml:3: data.source: no data source is named 'wikk'"),
        ("{use: samples,", '{use: parquet, with: {path: "{symbol}.parquet"},', "run.yaml:8: data_sources.wiki: "),
        ("[AAPL, IBM]", "[AAPL, XX]", "run.yaml:4: data.symbols: source 'samples' has no symbol 'XX'"),
        ("  - name: trend\n    use: sma-cross", "  - name: trend\n    usee: sma-cross", "unknown key 'usee'"),
    ],
)  # fmt: skip
def test_a_problem_is_one_line_with_its_place(desk: Any, config: Config, old: str, new: str, words: str) -> None:
    desk.write("run.yaml", config({old: new}))

    done = desk("config", "check", "run.yaml")

    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert words in done.err


def test_what_backtest_says_first_is_among_the_problems(desk: Any, config: Config) -> None:
    desk.write("run.yaml", config({"fast: 2": "fats: 2", "use: samples": "use: sampels"}))

    first = desk("backtest", "run.yaml").err.strip()

    assert first in desk("config", "check", "run.yaml").err.splitlines()


def test_a_tool_that_needs_an_option_says_which(desk: Any, config: Config) -> None:
    desk.write("run.yaml", config(more="execution: {commission: {use: percent}}\n"))

    done = desk("config", "check", "run.yaml")

    assert done.err.startswith("run.yaml:13: execution.commission.with: 'percent' needs ")


def test_a_service_that_is_not_installed_is_named(desk: Any, config: Config) -> None:
    desk.write("run.yaml", config(more="services:\n  - use: newsreader\n"))

    done = desk("config", "check", "run.yaml")

    assert done.err.startswith("run.yaml:14: services[0].use: no service is named 'newsreader'")


def test_a_section_that_is_not_read_is_a_warning(desk: Any, config: Config) -> None:
    desk.write("run.yaml", config(more="sweep: {fast: [2, 3]}\n"))

    done = desk("config", "check", "run.yaml")

    assert (done.code, done.err) == (0, "")
    assert done.out == "! run.yaml:13: sweep: a backtest does not read this section\nrun.yaml: no problem\n"


def test_overrides_are_checked_too(desk: Any) -> None:
    done = desk("config", "check", "run.yaml", "--set", "strategies.0.with.fast=x")

    assert done.code == 2
    assert done.err.startswith("--set: strategies[0].with.fast: ")


def test_a_missing_file_is_one_problem(desk: Any) -> None:
    done = desk("config", "check", "rum.yaml")

    assert (done.code, done.out) == (2, "")
    assert done.err == "rum.yaml: there is no such file. Give the path of a YAML file. Did you mean 'run.yaml'?\n"
