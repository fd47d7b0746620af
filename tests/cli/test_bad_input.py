"""The user's mistakes: exit code 2 and one message that says where, which value, and what to do."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

SOURCE = "{use: samples, prices: raw, calendar: XNYS, currency: USD}"
PARQUET = SOURCE.replace("samples,", "parquet, with: {path: 'bars/{symbol}.parquet'}, stamp: session,")
STRATEGY = "use: sma-cross\n    with: {fast: 2, slow: 5}"
DATES = "  start: 2001-01-02\n  end: 2001-03-30\n"
LAST = 13
"""The line that follows the configuration."""


@dataclass(frozen=True)
class Case:
    """One mistake: what of the configuration is replaced, what is added, the options, and parts of the message."""

    says: Iterable[str]
    instead: dict[str, str] = field(default_factory=dict)
    more: str = ""
    options: tuple[str, ...] = ()
    config: str = "run.yaml"


def own(use: str) -> dict[str, str]:
    """A strategy of one's own in place of the installed one."""
    return {STRATEGY: f"use: {use}"}


def bars(symbol: str) -> dict[str, str]:
    """Bars from a Parquet file of one's own."""
    return {SOURCE: PARQUET, "[AAPL, IBM]": f"[{symbol}]", DATES: ""}


CASES = {
    # files
    "missing config": Case(
        ["rnu.yaml: there is no such file. Give the path of a YAML file. Did you mean 'run.yaml'?"], config="rnu.yaml"
    ),
    "a folder": Case([".: this is a folder. Give the path of a YAML file."], config="."),
    "missing base": Case(
        ["run.yaml:13: base[0]: there is no file 'rum.yaml'. Correct the path. Did you mean 'run.yaml'?"],
        more="base: [rum.yaml]\n",
    ),
    # data
    "source not described": Case(
        ["run.yaml:3: data.source: no data source is named 'wkii'. data_sources has: wiki. Did you mean 'wiki'?"],
        {"source: wiki": "source: wkii"},
    ),
    "source not installed": Case(
        ["run.yaml:8: data_sources.wiki.use: no data-source is named 'sample'. Installed: ", "Did you mean 'samples'?"],
        {"use: samples": "use: sample"},
    ),
    "missing bars file": Case(
        ["run.yaml:6: data_sources.wiki: ", "nowhere/{symbol}.parquet: no such files; check the path"],
        {**bars("ACME"), SOURCE: PARQUET.replace("bars/", "nowhere/")},
    ),
    "missing column": Case(
        ["run.yaml:6: data_sources.wiki: ", "NOCLOSE.parquet: no column for close", "it has date, open, high, low"],
        bars("NOCLOSE"),
    ),
    "a bar that cannot be": Case(
        [
            "run.yaml:6: data_sources.wiki: WILD: ",
            "WILD.parquet row 2 (2001-01-03): high (",
            "high 9.0",
            "mend or remove",
        ],
        bars("WILD"),
    ),
    "missing symbol": Case(
        ["run.yaml:4: data.symbols: source 'samples' has no symbol 'IBN'; it has AAPL, GOOG, IBM, MSFT.", "'IBM'?"],
        {"IBM]": "IBN]"},
    ),
    "a ticker that YAML would take for a truth value": Case(
        ["run.yaml:4: data.symbols: source 'samples' has no symbol 'NO'; it has AAPL, "], {"[AAPL, IBM]": "[ON, NO]"}
    ),
    "undeclared prices": Case(
        ["run.yaml:6: data_sources.wiki.prices: it is not declared what the prices are; say prices: raw"],
        {**bars("ACME"), SOURCE: PARQUET.replace("prices: raw, ", "")},
    ),
    "unknown calendar": Case(
        ["run.yaml:8: data_sources.wiki: no exchange calendar is called 'XNYZ'; did you mean"], {"XNYS": "XNYZ"}
    ),
    "interval that the source has not got": Case(
        ["run.yaml:8: data_sources.wiki: AAPL: the source has 1d bars; 1m bars cannot be made of them"],
        options=("--set", "data.interval=1m"),
    ),
    # strategies and tools
    "strategy not installed": Case(
        [
            "run.yaml:11: strategies[0].use: no strategy is named 'sma-cros'. Installed: buy-and-hold, sma-cross. "
            "Did you mean 'sma-cross'?"
        ],
        {"use: sma-cross": "use: sma-cros"},
    ),
    "missing strategy file": Case(
        ["run.yaml:11: strategies[0].use: 'mien.py' cannot be read (No such file or directory): looked for '/"],
        own("mien.py:Mine"),
    ),
    "missing strategy class": Case(
        ["run.yaml:11: strategies[0].use: 'mine.py' has no class 'Mien'. It defines: Mine. Did you mean 'Mine'?"],
        own("mine.py:Mien"),
    ),
    "a file without a class": Case(
        ["run.yaml:11: strategies[0].use: 'mine.py' names a file but no class: write 'mine.py:ClassName'", "Mine"],
        own("mine.py"),
    ),
    "a file that is not Python": Case(
        ["run.yaml:11: strategies[0].use: ", "torn.py:1: SyntaxError: ", "Correct the file"], own("torn.py:Mine")
    ),
    "a file that raises": Case(
        ["run.yaml:11: strategies[0].use: ", "raises.py:2: ValueError: boom. Correct the file"], own("raises.py:Mine")
    ),
    "a class that is no strategy": Case(
        ["run.yaml:11: strategies[0].use: 'idle.py:Idle' is not a strategy: it has no method on_bar or on_bars"],
        own("idle.py:Idle"),
    ),
    "a module that is not installed": Case(
        ["run.yaml:11: strategies[0].use: module 'nosuch.one' cannot be imported: ModuleNotFoundError: ", "install"],
        own("nosuch.one:Mine"),
    ),
    "policy not installed": Case(
        ["run.yaml:13: risk.policy: no risk-policy is named 'naiv'. Installed: naive, prudent. Did you mean 'naive'?"],
        more="risk: {policy: naiv}\n",
    ),
    "policy in no folder": Case(
        ["run.yaml:13: risk.policy: no risk-policy is named 'mine'.", "Looked for mine.yaml in 'nowhere' (no such fol"],
        more="risk: {policy: mine, policies: [nowhere]}\n",
    ),
    "sizer not installed": Case(
        [
            "run.yaml:13: risk.sizing.use: no sizer is named 'equty'. Installed: equity, fixed, ",
            "Did you mean 'equity'?",
        ],
        more="risk: {sizing: {use: equty}}\n",
    ),
    "fill policy not installed": Case(
        ["run.yaml:13: execution.fill.use: no fill-policy is named 'next-opn'. Installed: ", "'next-open'?"],
        more="execution: {fill: {use: next-opn}}\n",
    ),
    "commission not installed": Case(
        ["run.yaml:13: execution.commission.use: no commission is named 'per-shar'. Installed: ", "'per-share'?"],
        more="execution: {commission: {use: per-shar}}\n",
    ),
    "report not installed": Case(
        ["run.yaml:13: report.use: no report is named 'jsn'. None is installed. Always there: json, csv"],
        more="report: {use: [jsn]}\n",
    ),
    "service not installed": Case(
        ["run.yaml:13: services[0].use: no service is named 'traker'. Installed: data, execution, "],
        more="services: [{use: traker}]\n",
    ),
    # options of tools
    "misspelt option": Case(
        [
            "run.yaml:12: strategies[0].with.fats: unknown option of 'sma-cross'. It takes: fast (int), slow (int). "
            "Did you mean 'fast'?"
        ],
        {"fast: 2": "fats: 2"},
    ),
    "option of the wrong type": Case(
        ["run.yaml:12: strategies[0].with.fast: option 'fast' of 'sma-cross' takes int, not 'two': write digits"],
        {"fast: 2": "fast: two"},
    ),
    "options that do not go together": Case(
        ["run.yaml:12: strategies[0].with: 'sma-cross' refuses these options: fast=9 must be at least 1 and less than"],
        {"fast: 2": "fast: 9"},
    ),
    # keys and values
    "unknown key": Case(
        ["run.yaml:13: colour: unknown key 'colour'. Known here: data, data_sources, engine, execution, "],
        more="colour: red\n",
    ),
    "misspelt key": Case(
        ["run.yaml:13: exection: unknown key 'exection'.", "Did you mean 'execution'?"], more="exection: {}\n"
    ),
    "misspelt inner key": Case(
        ["run.yaml:4: data.symbol: unknown key 'symbol'. Known here: end, ", "Did you mean 'symbols'?"],
        {"symbols:": "symbol:"},
    ),
    "duplicate key": Case(
        ["run.yaml:13: name: the key 'name' is here twice, first on line 1. Keep one of them."], more="name: other\n"
    ),
    "text for a number": Case(
        ["run.yaml:13: portfolio.cash: 'lots' is not a number. Write it with digits, such as 0.005."],
        more="portfolio: {cash: lots}\n",
    ),
    "one value for a list": Case(
        ["run.yaml:4: data.symbols: 'IBM' is not a list. Write [one, two]."], {"[AAPL, IBM]": "IBM"}
    ),
    "nothing for a symbol": Case(
        ["run.yaml:4: data.symbols[1]: null (nothing) is not text."], {"[AAPL, IBM]": "[AAPL, null]"}
    ),
    "a choice that there is not": Case(
        ["run.yaml:13: engine.valuation: 'sesion' is not allowed. Write 'session' or 'bar'. Did you mean 'session'?"],
        more="engine: {valuation: sesion}\n",
    ),
    "missing section": Case(
        ["run.yaml:1: strategies: is missing. Add 'strategies' to the file."],
        {f"strategies:\n  - name: trend\n    {STRATEGY}\n": ""},
    ),
    # YAML
    "empty file": Case(["empty.yaml:1: the file is empty. Write sections such as 'data:'."], config="empty.yaml"),
    "too large": Case(
        ["large.yaml: the file is larger than 1,000,000 bytes. A configuration is small: split it."],
        config="large.yaml",
    ),
    "too deep": Case(
        ["run.yaml:13: deep[0][0]: this lies deeper than 50 levels. No setting lies that deep."],
        more=f"deep: {'[' * 60}{']' * 60}\n",
    ),
    "tag": Case(
        ["run.yaml:13: engine: the tag 'tag:yaml.org,2002:python/object:os.system' is used. Remove it"],
        more="engine: !!python/object:os.system {}\n",
    ),
    "anchor": Case(
        ["run.yaml:13: engine: the anchor '&a' is set. Remove it; share files with base:."], more="engine: &a {}\n"
    ),
    "alias": Case(
        ["run.yaml:13: engine: the alias '*a' is used. Write the value out; share files with base:."],
        more="engine: *a\n",
    ),
    "not YAML": Case(
        ["run.yaml:14: this is not YAML: while parsing a flow sequence, expected ',' or ']'", "Correct the line."],
        more="engine: [1, 2\n",
    ),
    # dates
    "dates reversed": Case(
        ["run.yaml:5: data.start: '2002-01-02' is after data.end '2001-03-30'. Swap the two."],
        {"2001-01-02": "2002-01-02"},
    ),
    "dates reversed by an option": Case(
        ["--start: data.start: '2003-01-01' is after data.end '2001-03-30'. Swap the two."],
        options=("--start", "2003-01-01"),
    ),
    "a day that there is not": Case(
        ["run.yaml:5: data.start: '2001-02-30' is not a date. Write it as YYYY-MM-DD, such as 2000-03-01."],
        {"2001-01-02": "2001-02-30"},
    ),
    "a day written otherwise": Case(
        ["--end: data.end: '01/02/2003' is not a date. Write it as YYYY-MM-DD"], options=("--end", "01/02/2003")
    ),
    "start before the data": Case(
        ["run.yaml:5: data.start 1990-01-02 is before the first bar, 2000-03-01 (AAPL); start later"],
        {"2001-01-02": "1990-01-02"},
    ),
    "end after the data": Case(
        ["run.yaml:6: data.end 2033-01-03 is after the last bar, 2013-03-01 (AAPL); end earlier"],
        {"2001-03-30": "2033-01-03"},
    ),
    "all after the data": Case(
        [
            "AAPL: no 1d bars in the range (from 2020-01-02 until 2033-01-03); "
            "its bars run from 2000-03-01 to 2013-03-01; choose another start or end"
        ],
        {"2001-01-02": "2020-01-02", "2001-03-30": "2033-01-03"},
    ),
    "all before the data": Case(
        ["run.yaml:8: data_sources.wiki: AAPL: the source has no bars until 1993-01-04; choose a later end"],
        {"2001-01-02": "1990-01-02", "2001-03-30": "1993-01-04"},
    ),
    "no bars in the range": Case(
        ["run.yaml:8: data_sources.wiki: AAPL: no 1d bars in the range (from 2001-01-06 until 2001-01-07); "],
        {"2001-01-02": "2001-01-06", "2001-03-30": "2001-01-07"},
    ),
    # overrides
    "an override of a misspelt option": Case(
        ["--set: strategies[0].with.fats: unknown option of 'sma-cross'.", "Did you mean 'fast'?"],
        options=("--set", "strategies.0.with.fats=3"),
    ),
    "an override without a value": Case(
        ["--set: 'name' has no '='. Write KEY=VALUE, such as portfolio.cash=50000."], options=("--set", "name")
    ),
    "an override of what is not there": Case(
        ["--set: strategies.3: strategies is a list with item 0 alone. Give such a number."],
        options=("--set", "strategies.3.with.fast=3"),
    ),
}


@pytest.fixture
def prepared(desk: Any) -> Any:
    """A desk with files that the mistakes need."""
    desk.write("mine.py", "class Mine:\n    def on_bar(self, bar, context):\n        pass\n")
    desk.write("torn.py", "class Mine(:\n    pass\n")
    desk.write("raises.py", "x = 1\nraise ValueError('boom')\n")
    desk.write("idle.py", "class Idle:\n    pass\n")
    desk.write("empty.yaml", "")
    desk.write("large.yaml", "#" * 1_000_001)
    days = pa.array([date(2001, 1, 2), date(2001, 1, 3)])
    good: dict[str, Any] = {"date": days, "open": [10.0, 10.0], "high": [12.0, 9.0], "low": [9.0, 8.0]}
    (desk.folder / "bars").mkdir()
    pq.write_table(pa.table(good), desk.folder / "bars" / "NOCLOSE.parquet")
    pq.write_table(pa.table({**good, "close": [11.0, 11.0]}), desk.folder / "bars" / "WILD.parquet")
    for symbol in ("ACME", "ON", "NO"):
        table = pa.table({**good, "high": [12.0, 12.0], "close": [11.0, 11.0]})
        pq.write_table(table, desk.folder / "bars" / f"{symbol}.parquet")
    return desk


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_mistake_is_one_message_that_says_where_what_and_how(
    prepared: Any, config: Callable[..., str], case: Case
) -> None:
    prepared.write("run.yaml", config(case.instead, case.more))

    done = prepared("backtest", case.config, *case.options)

    assert (done.code, done.out) == (2, "")
    for part in case.says:
        assert part in done.err
    assert done.err.count("\n") == 1
    assert "Traceback" not in done.err
    assert not (Path(prepared.folder) / "runs").exists()


def test_the_line_after_the_configuration_is_the_one_that_the_cases_name(config: Callable[..., str]) -> None:
    assert config().count("\n") + 1 == LAST


def test_tickers_that_yaml_would_take_for_truth_values_stay_text(prepared: Any, config: Callable[..., str]) -> None:
    prepared.write("run.yaml", config({**bars("ON, NO")}))

    found = prepared.backtest()

    assert found["bars"] == 4
    assert "symbols: [ON, NO]  # run.yaml:4" in (Path(found["run_dir"]) / "config.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["backtest"], "Missing argument 'CONFIG'. See: qtrader backtest --help"),
        (["backtest", "run.yaml", "--mode", "spars"], "'spars' is not one of 'auto', 'dense'. See: qtrader backtest"),
        (["backtest", "run.yaml", "--moed", "auto"], "No such option '--moed'."),
        (["backtets", "run.yaml"], "no command is named 'backtets'."),
        (["runs", "sohw"], "No such command 'sohw'. Did you mean 'show'? See: qtrader runs --help"),
    ],
)
def test_a_command_that_cannot_be_meant_is_the_users_mistake(desk: Any, arguments: list[str], says: str) -> None:
    done = desk(*arguments)

    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert done.err.count("\n") == 1
