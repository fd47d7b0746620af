"""Figures and files of the sample run, against its events and against numpy."""

import csv
import json
import math
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from qtrader import BacktestEngine, EventBus, Result
from qtrader.ports.settings import ReportSettings
from qtrader_service_reporting.service import ReportingService
from runs import SAMPLE

CONSUMED = ("valuation", "cash", "trade", "fill")


def sample(folder: Path, *symbols: str) -> Result:
    """The sample run on some symbols, its files written."""
    overrides = [f"data.symbols=[{', '.join(symbols)}]"]
    engine = BacktestEngine.from_config(SAMPLE, overrides=overrides)
    engine.run()
    engine.write_reports(folder)
    return engine.get_results()


@pytest.fixture(scope="module", params=["AAPL", "AAPL IBM MSFT GOOG"], ids=["one symbol", "four symbols"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    folder = tmp_path_factory.mktemp("run")
    return sample(folder, *request.param.split()), folder


def test_equity_curve_has_one_point_per_session(run: tuple[Result, Path]) -> None:
    result, folder = run
    sessions = pq.read_table(folder / "equity.parquet").column("session").to_pylist()

    assert sessions == sorted(set(sessions))
    assert len(sessions) == len({event.session for event in result.log if event.topic == "bar"})


def test_equity_curve_is_what_the_portfolio_said(run: tuple[Result, Path]) -> None:
    result, folder = run
    rows = pq.read_table(folder / "equity.parquet").to_pylist()
    said = list(result.log.discrete_events("valuation"))

    assert [row["equity"] for row in rows] == [event.equity for event in said]
    assert [row["time"] for row in rows] == [event.occurred_at for event in said]


def test_ratios_equal_numpys(run: tuple[Result, Path]) -> None:
    result, folder = run
    equity = np.array([100_000.0, *map(float, pq.read_table(folder / "equity.parquet").column("equity").to_pylist())])
    returns, years = np.diff(equity) / equity[:-1], (len(equity) - 1) / 252
    peaks = np.maximum.accumulate(equity)
    found = result.metrics

    assert found.total_return == pytest.approx(equity[-1] / equity[0] - 1, rel=1e-10)
    assert found.cagr == pytest.approx((equity[-1] / equity[0]) ** (1 / years) - 1, rel=1e-10)
    assert found.volatility == pytest.approx(returns.std(ddof=1) * math.sqrt(252), rel=1e-10)
    assert found.sharpe == pytest.approx(returns.mean() / returns.std(ddof=1) * math.sqrt(252), rel=1e-10)
    downside = math.sqrt((np.minimum(returns, 0) ** 2).mean())
    assert found.sortino == pytest.approx(returns.mean() / downside * math.sqrt(252), rel=1e-10)
    assert found.max_drawdown == pytest.approx(((peaks - equity) / peaks).max(), rel=1e-10)


def test_round_trips_equal_sums_over_the_trades_file(run: tuple[Result, Path]) -> None:
    result, folder = run
    with (folder / "trades.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    profits: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        profits[row["round_trip_id"]] += Decimal(row["net_pnl"])
    closed = [profits[row["round_trip_id"]] for row in rows if row["closes_round_trip"] == "true"]
    won = [profit for profit in closed if profit > 0]

    found = result.metrics
    assert found.trades == len(closed)
    assert found.win_rate == pytest.approx(len(won) / len(closed), rel=1e-11)
    assert found.expectancy == (sum(closed) / len(closed)).quantize(Decimal("1e-8"))


def test_costs_equal_sums_over_the_fills_file(run: tuple[Result, Path]) -> None:
    result, folder = run
    with (folder / "fills.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))

    assert result.metrics.commission == sum(Decimal(row["commission"]) for row in rows)
    assert result.metrics.slippage == sum(Decimal(row["slippage"]) * Decimal(row["quantity"]) for row in rows)
    assert len(rows) == result.fills.num_rows > 0


def test_report_from_the_log_equals_the_report_of_the_live_run(run: tuple[Result, Path], tmp_path: Path) -> None:
    result, folder = run
    bus = EventBus()
    alone = ReportingService(bus, ReportSettings())
    for event in result.log.discrete_events():
        if event.topic in CONSUMED:
            bus.publish(event)

    written = alone.write(tmp_path)

    assert {path.name: path.read_bytes() for path in written} == {
        path.name: (folder / path.name).read_bytes() for path in written
    }


def test_metrics_file_holds_the_results_metrics(run: tuple[Result, Path]) -> None:
    result, folder = run

    assert json.loads((folder / "metrics.json").read_text()) == result.metrics.as_dict()
