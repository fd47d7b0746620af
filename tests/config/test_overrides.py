"""``--set KEY=VALUE`` and its sugar."""

from datetime import date
from typing import Any

import pytest

from qtrader.config import Override

TOOL = "execution: {commission: {use: per-share, with: {rate: 1, minimum: 2}}}\n"


def test_option_of_a_listed_strategy_is_set(files: Any) -> None:
    loaded = files.add("", "strategies.0.with.fast=10")

    assert loaded.settings.strategies[0].with_ == {"fast": "10"}


@pytest.mark.parametrize("key", ["strategies.0.name", "strategies[0].name", 'strategies[0]."name"'])
def test_key_paths_are_written_either_way(files: Any, key: str) -> None:
    assert files.add("", f"{key}=other").settings.strategies[0].name == "other"


def test_quoted_name_may_hold_a_dot(files: Any) -> None:
    loaded = files.add("", 'data.instruments."BRK.B".lot=100')

    assert list(loaded.settings.data.instruments) == ["BRK.B"]


def test_item_of_a_list_is_replaced(files: Any) -> None:
    assert files.add("", "data.symbols.1=MSFT").settings.data.symbols == ["IBM", "MSFT"]


def test_list_is_replaced(files: Any) -> None:
    assert files.add("", "data.symbols=[MSFT]").settings.data.symbols == ["MSFT"]


def test_mapping_is_merged(files: Any) -> None:
    lots = files.add(
        "portfolio: {lots: {long: lifo, short: fifo}}\n", "portfolio.lots={long: fifo}"
    ).settings.portfolio.lots

    assert (lots.long, lots.short) == ("fifo", "fifo")


def test_value_may_hold_an_equals_sign(files: Any) -> None:
    loaded = files.add("", "strategies.0.with.rule=a=b")

    assert loaded.settings.strategies[0].with_ == {"rule": "a=b"}


def test_later_override_of_one_key_wins(files: Any) -> None:
    assert files.add("", "portfolio.cash=1", "portfolio.cash=2").settings.portfolio.cash == 2


@pytest.mark.parametrize("turn", [1, -1])
def test_tool_and_its_options_are_set_in_any_order(files: Any, turn: int) -> None:
    sets = ["execution.commission.use=percent", "execution.commission.with.rate=9"][::turn]
    commission = files.add(TOOL, *sets).settings.execution.commission

    assert (commission.use, commission.with_) == ("percent", {"rate": "9"})


def test_exchanged_tool_forgets_the_options_of_the_other(files: Any) -> None:
    assert files.add(TOOL, "execution.commission.use=none").settings.execution.commission.with_ == {}


def test_same_tool_keeps_its_options(files: Any) -> None:
    commission = files.add(TOOL, "execution.commission.use=per-share").settings.execution.commission

    assert commission.with_ == {"rate": "1", "minimum": "2"}


def test_override_lies_over_a_base(files: Any) -> None:
    files.write("portfolio: {cash: 1}\n", "base.yaml")

    assert files.add("base: [base.yaml]\n", "portfolio.cash=2").settings.portfolio.cash == 2


def test_labelled_override_sets_a_date(files: Any) -> None:
    assert files.add("", Override("data.start", "2001-02-03", "--start")).settings.data.start == date(2001, 2, 3)


def test_fault_names_the_label(files: Any) -> None:
    assert files.fault_of("", Override("data.start", "3.2.2001", "--start")) == (
        "--start: data.start: '3.2.2001' is not a date. Write it as YYYY-MM-DD, such as 2000-03-01."
    )


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("name", "--set: 'name' has no '='. Write KEY=VALUE, such as portfolio.cash=50000."),
        ("=1", "--set: '' is not a key path. Write it like strategies.0.with.fast."),
        ("a..b=1", "--set: 'a..b' is not a key path. Write it like strategies.0.with.fast."),
        ("a.=1", "--set: 'a.' is not a key path. Write it like strategies.0.with.fast."),
        ("a[x]=1", "--set: 'a[x]' is not a key path. Write it like strategies.0.with.fast."),
        ("nam=a", "--set: nam: unknown key 'nam'. Known here: data, data_sources, engine, execution, name, portfolio, "
                  "report, risk, runs, services, strategies. Did you mean 'name'?"),
        ("strategies.1.name=a", "--set: strategies.1: strategies is a list with item 0 alone. Give such a number."),
        ("strategies.first.name=a",
         "--set: strategies.first: strategies is a list with item 0 alone. Give such a number."),
        ("data.source.name=a", "--set: data.source.name: data.source is 'wiki', not a mapping. Set data.source."),
        ("base=[x.yaml]", "--set: base: cannot be set here. Write it in the run file."),
        ("name=a: b", "--set: name: 'a: b' is not one value. Put it in quotes."),
        ("data.symbols=[a",
         "--set: data.symbols: this is not YAML: while parsing a flow sequence, expected ',' or ']', "
         "but got '<stream end>'. Correct the line."),
        ("name=&a b", "--set: name: the anchor '&a' is set. Remove it; share files with base:."),
        ("data.symbols=[&a b]", "--set: data.symbols[0]: the anchor '&a' is set. Remove it; share files with base:."),
        ("data={start: 1, start: 2}",
         "--set: data.start: the key 'start' is here twice, first on line 1. Keep one of them."),
    ],
)  # fmt: skip
def test_wrong_override_is_refused(files: Any, override: str, message: str) -> None:
    assert files.fault_of("", override) == message


def test_deep_override_is_refused(files: Any) -> None:
    assert "is deeper than 50 levels" in files.fault_of("", ".".join(["a"] * 51) + "=1")
