"""A user's CSV files as the pages show them: from YAML to a result, or to exit code 2 and the very cell."""

import subprocess
import sys
from pathlib import Path

import pytest

import qtrader as qt
from qtrader.errors import ConfigError
from qtrader_strategy_buy_and_hold import BuyAndHoldStrategy

CONFIG = """
data_sources:
  my-csv:
    use: csv
    with: {path: "../data/{symbol}.csv", columns: {time: Date, close: Last}}   # unnamed columns by their usual names
    prices: raw
    actions: ../data/actions.csv    # splits and dividends; without it a raw source warns in the report
    calendar: XNYS                  # a date is a session; a time needs zone:
    currency: USD
data: {source: my-csv, symbols: [AAPL]}
strategies: [{name: hold, use: buy-and-hold}]
"""
GOOD = "Date,Open,High,Low,Last,Volume\n" + "".join(
    f"2024-01-{day:02},{100 + day},{102 + day},{99 + day},{101 + day},5000\n" for day in (2, 3, 4, 5, 8, 9)
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a configuration and data beside each other."""
    for folder in ("config", "data"):
        (tmp_path / folder).mkdir()
    (tmp_path / "config" / "run.yaml").write_text(CONFIG)
    (tmp_path / "data" / "actions.csv").write_text("symbol,action_type,ex_date,amount,currency\n")
    (tmp_path / "data" / "AAPL.csv").write_text(GOOD)
    return tmp_path


def backtest(project: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "qtrader.cli", "backtest", "config/run.yaml", "--out", "runs"]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def test_runs(project: Path) -> None:
    done = backtest(project)

    assert done.returncode == 0, done.stderr


def test_stops_with_file_line_column_value_and_fix(project: Path) -> None:
    (project / "data" / "AAPL.csv").write_text(GOOD.replace("105,107,104,106", "105,107,104,n/a"))

    done = backtest(project)

    assert done.returncode == 2
    for part in (
        "run.yaml:4: data_sources.my-csv: AAPL:",
        "AAPL.csv line 5 (2024-01-05)",
        "Last 'n/a' is not a number",
    ):
        assert part in " ".join(done.stderr.split()), done.stderr


def test_drops_what_is_bad_when_told_and_says_so(project: Path) -> None:
    (project / "data" / "AAPL.csv").write_text(GOOD.replace("105,107,104,106", "105,107,104,n/a"))
    (project / "config" / "run.yaml").write_text(CONFIG.replace("use: csv", "use: csv\n    on_bad_rows: drop"))

    done = backtest(project)

    assert done.returncode == 0
    assert "AAPL: 1 row dropped: Last is not a number" in " ".join((done.stdout + done.stderr).split())


def test_one_file_without_a_symbol_column_is_the_symbol_that_python_asks_for(project: Path) -> None:
    data = qt.source(
        "csv", path=str(project / "data" / "AAPL.csv"), symbols="AAPL", columns={"close": "Last"}, prices="raw",
        calendar="XNYS", currency="USD",
    )  # fmt: skip

    assert qt.backtest(BuyAndHoldStrategy(), data).manifest["counts"]["bar"] == 6


def test_one_file_without_a_symbol_column_is_not_two_symbols(project: Path) -> None:
    data = qt.source(
        "csv", path=str(project / "data" / "AAPL.csv"), symbols=["AAPL", "IBM"], columns={"close": "Last"},
        prices="raw", calendar="XNYS", currency="USD",
    )  # fmt: skip

    with pytest.raises(ConfigError, match="no symbol column, so its rows cannot be those of AAPL and IBM"):
        qt.backtest(BuyAndHoldStrategy(), data)


def warnings_of(project: Path, more: str = "") -> list[str]:
    """What a run of the configuration warns of."""
    path = project / "config" / "run.yaml"
    path.write_text(CONFIG.replace("symbols: [AAPL]", f"symbols: [AAPL]{more}"))
    return list(qt.BacktestEngine.from_config(path).run().manifest["warnings"])


def test_a_file_of_actions_without_a_row_of_the_symbol_warns(project: Path) -> None:
    (project / "data" / "actions.csv").write_text(
        "symbol,action_type,ex_date,numerator,denominator\nAPPL,split,2024-01-04,4,1\n"
    )

    assert (
        "AAPL: the file of actions has no row of it, but rows of APPL, which the source does not have: no split or "
        "dividend of it is booked" in warnings_of(project)
    )


def test_an_ex_date_that_is_no_session_is_told(project: Path) -> None:
    (project / "data" / "actions.csv").write_text(
        "symbol,action_type,ex_date,numerator,denominator\nAAPL,split,2024-01-06,4,1\n"
    )

    assert "AAPL-2024-01-06-split: its ex-date is no session; it takes effect on 2024-01-08" in warnings_of(project)


def test_nothing_trades_before_it_is_listed_and_after_it_is_delisted(project: Path) -> None:
    listing = ", instruments: {AAPL: {listed: 2024-01-03, delisted: 2024-01-05}}"
    path = project / "config" / "run.yaml"
    path.write_text(CONFIG.replace("symbols: [AAPL]", f"symbols: [AAPL]{listing}"))
    result = qt.BacktestEngine.from_config(path).run()

    assert result.manifest["counts"]["bar"] == 3
    assert {
        "AAPL: 1 row before it was listed (2024-01-03) left out",
        "AAPL: 2 rows after it was delisted (2024-01-05) left out",
    } <= set(result.manifest["warnings"])


def test_a_source_of_files_is_told_only_what_it_takes(tmp_path: Path) -> None:
    own = tmp_path / "mine.py"
    own.write_text(
        "from dataclasses import dataclass\n\n@dataclass\nclass Mine:\n    path: str\n\n"
        "    def bars(self, symbol, interval, start, end): ...\n"
    )

    mine = qt.source(f"{own}:Mine", path="a.dat", symbols="A", interval="1m")
    minutes = qt.source("csv", path="a.csv", symbols="A", interval=["1h", "1d"], file_interval="1m")

    assert mine.source.with_ == {"path": "a.dat"}
    assert minutes.source.with_ == {"path": "a.csv", "symbols": ["A"], "interval": "1m"}


def test_intervals_of_files_that_cannot_be_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"interval=\[\]: name at least one"):
        qt.source("csv", path="a.csv", symbols="A", interval=[])
    with pytest.raises(ConfigError, match="file_interval='1m': source 'samples' reads no files of it"):
        qt.source("samples", symbols="AAPL", file_interval="1m")
