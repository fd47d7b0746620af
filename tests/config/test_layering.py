"""Files over files: mappings merge, everything else replaces, and each fault names its own file."""

from pathlib import Path
from typing import Any

import pytest

from qtrader.config import load_config

SOURCE = "data: {source: wiki, symbols: [IBM]}\ndata_sources: {wiki: {use: samples}}\nstrategies: [{name: t, use: x}]\n"


def test_run_file_overrides_its_bases_key_by_key(files: Any) -> None:
    files.write("portfolio: {cash: 1, currency: EUR}\n", "base.yaml")

    portfolio = files.add("base: [base.yaml]\nportfolio: {cash: 2}\n").settings.portfolio

    assert (portfolio.cash, portfolio.currency) == (2, "EUR")


def test_later_base_overrides_an_earlier_one(files: Any) -> None:
    files.write("portfolio: {cash: 1, currency: EUR}\n", "one.yaml")
    files.write("portfolio: {cash: 2}\n", "two.yaml")

    portfolio = files.add("base: [one.yaml, two.yaml]\n").settings.portfolio

    assert (portfolio.cash, portfolio.currency) == (2, "EUR")


def test_options_merge_while_the_tool_stays(files: Any) -> None:
    files.write("execution: {commission: {use: per-share, with: {rate: 1, minimum: 2}}}\n", "base.yaml")

    loaded = files.add("base: [base.yaml]\nexecution: {commission: {use: per-share, with: {rate: 3}}}\n")

    assert loaded.settings.execution.commission.with_ == {"rate": "3", "minimum": "2"}


def test_options_go_with_the_tool_that_is_exchanged(files: Any) -> None:
    files.write("execution: {commission: {use: per-share, with: {rate: 1}}}\n", "base.yaml")

    loaded = files.add("base: [base.yaml]\nexecution: {commission: {use: none}}\n")

    assert loaded.settings.execution.commission.with_ == {}


def test_list_replaces_a_list(files: Any) -> None:
    files.write("report: {use: [json, csv]}\n", "base.yaml")

    assert files.add("base: [base.yaml]\nreport: {use: [html]}\n").settings.report.use == ["html"]


def test_mapping_replaced_by_nothing_is_refused(files: Any) -> None:
    files.write("portfolio: {cash: 1}\n", "base.yaml")

    assert files.fault(SOURCE + "base: [base.yaml]\nportfolio:\n") == (
        "run.yaml:5: portfolio: null (nothing) is not a mapping. Write {key: value}."
    )


def test_defaults_lie_under_everything(files: Any) -> None:
    files.write(SOURCE + "portfolio: {cash: 7}\n")
    defaults = {"portfolio": {"cash": 1, "currency": "EUR"}}

    loaded = load_config("run.yaml", (), files.folder, defaults)

    assert (loaded.effective["portfolio"]["cash"], loaded.origin("portfolio.currency")) == ("7", "default")


def test_base_is_found_relative_to_the_run_file(files: Any) -> None:
    files.write("name: below\n", "shared/base.yaml")
    files.write(SOURCE + "base: [../shared/base.yaml]\n", "config/run.yaml")

    assert files.open("config/run.yaml").settings.name == "below"


def test_fault_in_a_base_names_the_base(files: Any) -> None:
    files.write("portfolio:\n  csh: 1\n", "shared/base.yaml")
    files.write(SOURCE + "base: [../shared/base.yaml]\n", "config/run.yaml")
    with pytest.raises(files.error) as refused:
        files.open("config/run.yaml")

    assert str(refused.value) == (
        "shared/base.yaml:2: portfolio.csh: unknown key 'csh'. "
        "Known here: account, borrow, cash, conversion, currency, lots, margin_interest, "
        "rates, rates_max_age. Did you mean 'cash'?"
    )


@pytest.mark.parametrize(
    ("base", "line", "problem"),
    [
        ("base: system.yaml\n", 4, "base: 'system.yaml' is not a list. Write base: [system.yaml]."),
        ("base:\n  - base.yaml\n  - bas.yaml\n", 6,
         "base[1]: there is no file 'bas.yaml'. Correct the path. Did you mean 'base.yaml'?"),
        ("base: [null]\n", 4,
         "base[0]: null (nothing) is not a file. Write paths of YAML files, relative to this one."),
        ("base: ['']\n", 4, "base[0]: '' is not a file. Write paths of YAML files, relative to this one."),
        ("base: [.]\n", 4, "base[0]: there is no file '.'. Correct the path."),
        ("base: [[base.yaml]]\n", 4,
         "base[0]: a list is not a file. Write paths of YAML files, relative to this one."),
    ],
)  # fmt: skip
def test_wrong_base_is_refused(files: Any, base: str, line: int, problem: str) -> None:
    files.write("name: below\n", "base.yaml")

    assert files.fault(SOURCE + base) == f"run.yaml:{line}: {problem}"


def test_base_has_no_bases(files: Any) -> None:
    files.write("name: lowest\n", "lowest.yaml")
    files.write("name: below\nbase: [lowest.yaml]\n", "base.yaml")

    assert files.fault(SOURCE + "base: [base.yaml]\n") == (
        "base.yaml:2: base: a base has no bases. List all files in the run file."
    )


def test_file_cannot_be_its_own_base(files: Any) -> None:
    assert files.fault(SOURCE + "base: [run.yaml]\n") == (
        "run.yaml:4: base: a base has no bases. List all files in the run file."
    )


def test_base_that_is_no_mapping_is_refused(files: Any) -> None:
    files.write("- a\n", "base.yaml")

    assert files.fault(SOURCE + "base: [base.yaml]\n") == (
        "base.yaml:1: the file holds a list, not a mapping. Write sections such as 'data:'."
    )


def test_sweep_is_left_unread_with_a_warning(files: Any) -> None:
    loaded = files.load(SOURCE + "sweep: {fast: [1, 2]}\n")

    assert (loaded.warnings, "sweep" in loaded.effective) == (
        ("run.yaml:4: sweep: a backtest does not read this section",),
        False,
    )


def test_what_is_read_gives_no_warning(files: Any) -> None:
    assert files.load(SOURCE).warnings == ()


def test_source_that_the_run_does_not_use_is_allowed(files: Any) -> None:
    assert set(files.add("", "data_sources.other={use: csv}").settings.data_sources) == {"wiki", "other"}


def test_folder_is_that_of_the_run_file(files: Any, tmp_path: Path) -> None:
    files.write(SOURCE, "config/run.yaml")

    assert files.open("config/run.yaml").folder == tmp_path / "config"
