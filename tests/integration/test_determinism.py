"""One event digest: over processes, hash seeds, time zones, plugin orders, YAML and Python, and supported Pythons."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from decimal import getcontext, localcontext
from pathlib import Path
from typing import Any

import qtrader as qt
from qtrader import BacktestEngine
from qtrader.plugins import load_plugins
from runs import ROOT, SAMPLE, RandomTrader

GOLDEN = json.loads((Path(__file__).parent / "golden_sma_cross.json").read_text(encoding="utf-8"))
ZONES = ("UTC", "America/New_York", "Asia/Kolkata")


def digest_in_a_new_process(out: Path, seed: int, zone: str) -> Any:
    environment = {**os.environ, "PYTHONHASHSEED": str(seed), "TZ": zone}
    command = [sys.executable, "-m", "qtrader.cli", "backtest", str(SAMPLE), "--json", "--out", str(out)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, cwd=ROOT)
    return json.loads(done.stdout)


def test_eight_hash_seeds_and_three_time_zones_give_one_digest(tmp_path: Path) -> None:
    found = [digest_in_a_new_process(tmp_path, seed, ZONES[seed % 3]) for seed in range(8)]

    assert {GOLDEN["digest"]} == {one["digest"] for one in found}
    assert len({one["run_dir"] for one in found}) == 1


def test_this_python_gives_the_golden_run() -> None:
    """tox runs this on every supported Python; the golden file is one, so the digest is the same on all."""
    result = BacktestEngine.from_config(SAMPLE).run()

    assert GOLDEN["counts"] == result.manifest["counts"]
    assert GOLDEN["digest"] == result.digest


def test_the_order_in_which_plugins_are_found_does_not_matter() -> None:
    host = load_plugins()
    turned = replace(host, plugins=tuple(reversed(host.plugins)))

    assert GOLDEN["digest"] == BacktestEngine.from_config(SAMPLE, host=turned).run().digest


def test_the_run_from_python_has_the_digest_of_the_run_from_yaml() -> None:
    data = qt.source("samples", symbols=["AAPL", "IBM", "MSFT", "GOOG"], prices="raw", calendar="XNYS", currency="USD")
    result = qt.backtest(
        {"trend": qt.use("sma-cross", fast=20, slow=100)},
        data,
        cash=100_000,
        start="2000-03-01",
        end="2013-03-01",
        commission=qt.use("per-share", rate="0.005", minimum="1.00"),
        slippage=qt.use("bps", bps=2),
    )

    assert GOLDEN["digest"] == result.digest


def test_a_strategy_object_can_be_run_twice_with_the_same_digest() -> None:
    from qtrader_strategy_sma_cross.sma_cross import SMADualCrossStrategy

    recipe = SMADualCrossStrategy(fast=5, slow=20)
    data = qt.source("samples", symbols="AAPL")
    digests = {qt.backtest(recipe, data, end="2002-01-02").digest for _ in range(2)}

    assert len(digests) == 1


class Careless(RandomTrader):
    """Leaves the thread with two digits for its decimals, on every bar."""

    def on_bar(self, bar: qt.Bar, context: qt.Context) -> None:
        getcontext().prec = 2
        super().on_bar(bar, context)


def test_a_strategy_that_spoils_the_decimal_context_spoils_no_book() -> None:
    data = qt.source("samples", symbols=["AAPL", "IBM"])
    with localcontext():
        spoilt = qt.backtest({"s": Careless()}, data, end="2001-01-02")

    assert spoilt.manifest["counts"]["trade"] > 10
    assert qt.backtest({"s": RandomTrader()}, data, end="2001-01-02").digest == spoilt.digest


def test_another_setting_gives_another_digest() -> None:
    assert GOLDEN["digest"] != BacktestEngine.from_config(SAMPLE, overrides=["strategies.0.with.fast=21"]).run().digest
