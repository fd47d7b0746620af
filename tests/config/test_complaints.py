"""What the schema refuses: file, line, key path, the value, what to write instead."""

from pathlib import Path
from typing import Any

import pytest

from qtrader.config import read_settings
from qtrader.errors import ConfigError
from qtrader.ports.settings import ExecutionSettings

RUN = """\
name: demo
data:
  source: wiki
  symbols: [IBM, AAPL]
  start: 2000-03-01
  end: 2013-03-01
data_sources:
  wiki: {use: samples, prices: raw}
strategies:
  - name: trend
    use: sma-cross
    with: {fast: 20}
"""
ROOT_KEYS = "data, data_sources, engine, execution, name, portfolio, report, risk, runs, services, strategies"


def test_the_file_of_these_tests_is_right(files: Any) -> None:
    assert files.load(RUN).settings.name == "demo"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("name: demo", "nmae: demo", f"1: nmae: unknown key 'nmae'. Known here: {ROOT_KEYS}. Did you mean 'name'?"),
        ("strategies:", "strategys:",
         f"9: strategys: unknown key 'strategys'. Known here: {ROOT_KEYS}. Did you mean 'strategies'?"),
        ("name: demo", "participation: 1",
         f"1: participation: unknown key 'participation'. Known here: {ROOT_KEYS}."),
        ("  start:", "  strat:", "5: data.strat: unknown key 'strat'. "
         "Known here: end, instruments, interval, signal_view, source, start, symbols. Did you mean 'start'?"),
        ("    use: sma-cross", "    usee: sma-cross", "11: strategies[0].usee: unknown key 'usee'. "
         "Known here: budget, intervals, name, symbols, use, with. Did you mean 'use'?"),
        ("    with:", "    with_:", "12: strategies[0].with_: unknown key 'with_'. "
         "Known here: budget, intervals, name, symbols, use, with. Did you mean 'with'?"),
        ("    with: {fast: 20}", "    instance: x", "12: strategies[0].instance: unknown key 'instance'. "
         "Known here: budget, intervals, name, symbols, use, with."),
        ("prices: raw", "price: raw", "8: data_sources.wiki.price: unknown key 'price'. Known here: actions, "
         "asset_class, calendar, crossed_quotes, currency, decimals, on_bad_rows, prices, stamp, use, "
         "volume_decimals, with, zone. Did you mean 'prices'?"),
        ("name: demo", "report: {benchmark: IBM}", "1: report.benchmark: unknown key 'benchmark'. Known here: use."),
        (
            "name: demo",
            "report: {use: [{usee: pdf}]}",
            "1: report.use[0].usee: unknown key 'usee'. Known here: use, with. Did you mean 'use'?",
        ),
        ("name: demo", "display: {}", f"1: display: unknown key 'display'. Known here: {ROOT_KEYS}."),
    ],
)  # fmt: skip
def test_unknown_key_lists_the_known_and_suggests(files: Any, old: str, new: str, message: str) -> None:
    assert files.fault(RUN.replace(old, new, 1)) == f"run.yaml:{message}"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  source: wiki\n", "", "3: data.source: is missing. Add 'source' to data."),
        ("    use: sma-cross\n", "", "10: strategies[0].use: is missing. Add 'use' to strategies[0]."),
        ("wiki: {use: samples, prices: raw}", "wiki: {prices: raw}",
         "8: data_sources.wiki.use: is missing. Add 'use' to data_sources.wiki."),
        (RUN[RUN.index("strategies"):], "", "1: strategies: is missing. Add 'strategies' to the file."),
    ],
)  # fmt: skip
def test_missing_key_is_named(files: Any, old: str, new: str, message: str) -> None:
    assert files.fault(RUN.replace(old, new, 1)) == f"run.yaml:{message}"


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("data.start", "01.03.2000", "'01.03.2000' is not a date. Write it as YYYY-MM-DD, such as 2000-03-01."),
        ("data.start", "951868800", "'951868800' is not a date. Write it as YYYY-MM-DD, such as 2000-03-01."),
        ("data.start", "2000-02-30", "'2000-02-30' is not a date. Write it as YYYY-MM-DD, such as 2000-03-01."),
        ("data.start", "2000-03-01T00:00:00",
         "'2000-03-01T00:00:00' is not a date. Write it as YYYY-MM-DD, such as 2000-03-01."),
        ("data.symbols", "IBM", "'IBM' is not a list. Write [one, two]."),
        ("data.symbols", "[]", "an empty list has too few items. Write at least 1."),
        ("data.symbols[0]", "null",
         "null (nothing) is not text. Write text; what YAML or Python reads otherwise goes in quotes."),
        ("data.symbols[0]", "[IBM]",
         "a list is not text. Write text; what YAML or Python reads otherwise goes in quotes."),
        ("data.symbols[0]", "''", "'' is not a symbol. Write 1 to 64 characters without spaces around them."),
        ("data.symbols[1]", "IBM", "'IBM' is listed twice. List each symbol once."),
        ("data", "3", "'3' is not a mapping. Write {key: value}."),
        ("data.instruments", "[]", "an empty list is not a mapping. Write {key: value}."),
        ("data.instruments.IBM.price_decimals", "2.0", "'2.0' is not a whole number. Write digits only, such as 4."),
        ("data.instruments.IBM.price_decimals", "19",
         "'19' is not allowed. The value should be less than or equal to 18."),
        ("data.instruments.IBM.lot", "0", "'0' is not allowed. The value should be greater than 0."),
        ("portfolio.cash", "lots", "'lots' is not a number. Write it with digits, such as 0.005."),
        ("portfolio.cash", "1_000", "'1_000' is not a number. Write it with digits, such as 0.005."),
        ("portfolio.cash", "NaN", "'NaN' is not a number. Write it with digits, such as 0.005."),
        ("portfolio.cash", ".inf", "'.inf' is not a number. Write it with digits, such as 0.005."),
        ("portfolio.cash", "-1", "'-1' is not allowed. The value should be greater than or equal to 0."),
        ("portfolio.cash", "1e999999999",
         "'1E+999999999' is too large, too small or too long. Write at most 38 digits, below 10^20."),
        ("portfolio.cash", "[1]", "a list is not a number. Write it with digits, such as 0.005."),
        ("portfolio.currency", "usd", "'usd' is not a currency code. Write three capital letters, such as USD."),
        ("portfolio.account", "csh", "'csh' is not allowed. Write 'cash' or 'margin'. Did you mean 'cash'?"),
        ("engine.mode", "sparse", "'sparse' is not allowed. Write 'auto' or 'dense'."),
        ("name", "Demo!", "'Demo!' is not a run name. Write 1 to 48 small letters, digits, '_' or '-', "
         "beginning with a letter or digit."),
        ("name", "../../evil", "'../../evil' is not a run name. Write 1 to 48 small letters, digits, '_' or '-', "
         "beginning with a letter or digit."),
        ("strategies[0].name", "a b", "'a b' is not a strategy name. Write 1 to 64 letters, digits, '_', '.' or '-', "
         "beginning with a letter or digit."),
        ("strategies[0].name", "", "null (nothing) is not text. "
         "Write text; what YAML or Python reads otherwise goes in quotes."),
        ("data.source", "wik", "no data source is named 'wik'. data_sources has: wiki. Did you mean 'wiki'?"),
        ("data.source", "wiki'", 'no data source is named "wiki\'". data_sources has: wiki. Did you mean \'wiki\'?'),
        ("data.instruments.IBM.source", "wik",
         "no data source is named 'wik'. data_sources has: wiki. Did you mean 'wiki'?"),
        ("data.start", "2014-01-01", "'2014-01-01' is after data.end '2013-03-01'. Swap the two."),
    ],
)  # fmt: skip
def test_wrong_value_is_quoted(files: Any, key: str, value: str, message: str) -> None:
    assert files.fault(RUN, f"{key}={value}") == f"--set: {key}: {message}"


def test_strategy_sees_only_loaded_symbols(files: Any) -> None:
    assert files.fault(RUN + "    symbols: [IBM, MSFT]\n") == (
        "run.yaml:13: strategies[0].symbols[1]: 'MSFT' is not in data.symbols. Add it there, or leave it out here."
    )


def test_reversed_dates_are_refused_at_their_line(files: Any) -> None:
    assert files.fault(RUN.replace("2013-03-01", "1999-12-31")) == (
        "run.yaml:5: data.start: '2000-03-01' is after data.end '1999-12-31'. Swap the two."
    )


def test_one_day_is_a_range(files: Any) -> None:
    assert files.load(RUN.replace("2013-03-01", "2000-03-01")).settings.data.start is not None


def test_two_strategies_of_one_name_are_refused_at_the_second(files: Any) -> None:
    assert files.fault(RUN + "  - {name: trend, use: buy-and-hold}\n") == (
        "run.yaml:13: strategies[1].name: 'trend' is the name of two strategies. Give each a name of its own."
    )


def test_no_sources_at_all_are_named(files: Any) -> None:
    text = RUN.replace("data_sources:\n  wiki: {use: samples, prices: raw}\n", "")

    assert files.fault(text) == "run.yaml:3: data.source: no data source is named 'wiki'. data_sources is empty."


def test_long_value_is_shortened(files: Any) -> None:
    assert len(files.fault(RUN, "engine.mode=" + "x" * 10_000)) < 200


def test_a_fault_is_one_line(files: Any) -> None:
    assert "\n" not in files.fault(RUN, 'engine.mode="a\\nb"')


def test_other_models_are_read_the_same_way(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("fill:\n  use: close\n  wth: {}\n")
    with pytest.raises(ConfigError) as refused:
        read_settings(path, ExecutionSettings, "policy.yaml")

    assert str(refused.value) == (
        "policy.yaml:3: fill.wth: unknown key 'wth'. Known here: use, with. Did you mean 'with'?"
    )


def test_other_models_know_their_places(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("fill:\n  use: close\n")

    fill = read_settings(path, ExecutionSettings, "policy.yaml").fill

    assert fill is not None
    assert fill.place().where == "policy.yaml:2"
