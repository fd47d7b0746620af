"""Step by step is the same as at once, and what was stored is the same as what was run."""

import json
import subprocess
import sys
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

import qtrader as qt
from qtrader import BacktestEngine, Bar, Context
from qtrader.contracts import to_contract
from qtrader.engine.backtest_engine import Step
from qtrader.errors import RunError
from qtrader.store import save
from runs import ROOT
from small_frames import CLOSES, InAndOut, close_of, data

TABLES = ("equity", "fills", "trades", "orders", "positions", "records")


def fresh() -> BacktestEngine:
    """An engine that has not moved: two symbols, in on day 2 and out on day 5."""
    prices = data(A=CLOSES, B=[close / 2 for close in CLOSES])
    recipe = qt.backtest(InAndOut(), prices, sizing=qt.use("fixed", quantity=10)).recipe
    assert recipe is not None
    return BacktestEngine.from_config(recipe)


def step_through(engine: BacktestEngine) -> None:
    """Play all steps."""
    while engine.process_bar():
        pass


@pytest.fixture(scope="module")
def at_once() -> qt.Result:
    """The run played by ``run()``."""
    return fresh().run()


@pytest.fixture(scope="module")
def stepped() -> tuple[list[Step], list[Decimal], qt.Result]:
    """Every step, the equity that was read after each, and the result."""
    engine = fresh()
    steps, equity = [], []
    while step := engine.process_bar():
        steps.append(step)
        equity.append(step.portfolio.equity)
    return steps, equity, engine.get_results()


# stepping


def test_stepping_gives_the_run(at_once: qt.Result, stepped: Any) -> None:
    assert stepped[2].digest == at_once.digest
    assert stepped[2].metrics == at_once.metrics


def test_a_step_is_one_instant_with_all_its_bars(stepped: Any) -> None:
    steps = stepped[0]

    assert [step.time for step in steps] == [close_of(number) for number in range(8)]
    assert {tuple(bar.symbol for bar in step.bars) for step in steps} == {("A", "B")}


def test_a_step_holds_all_that_follows_from_its_bars(stepped: Any) -> None:
    """Signals and orders on days 2 and 5, fills on the days after them, two symbols each."""
    found = [(len(step.signals), len(step.orders), len(step.fills)) for step in stepped[0]]

    assert found == [(0, 0, 0), (2, 2, 0), (0, 0, 2), (0, 0, 0), (2, 2, 0), (0, 0, 2), (0, 0, 0), (0, 0, 0)]


def test_the_steps_are_the_log_but_for_what_the_end_adds(at_once: qt.Result, stepped: Any) -> None:
    events = list(chain.from_iterable(step.events for step in stepped[0]))
    rest = {event.topic for event in list(at_once.log)[len(events) :]}

    assert list(map(to_contract, events)) == list(map(to_contract, at_once.log))[: len(events)]
    assert rest == {"consolidated_portfolio"}


def test_equity_after_a_step_is_that_of_the_curve(at_once: qt.Result, stepped: Any) -> None:
    assert stepped[1] == at_once.equity["equity"].to_pylist()


def test_a_step_that_was_kept_shows_the_account_as_it_was(stepped: Any) -> None:
    steps, equity, _ = stepped

    assert [step.portfolio.equity for step in steps] == equity
    assert [step.portfolio.quantity("A") for step in steps] == [0, 0, 10, 10, 10, 0, 0, 0]
    assert [step.portfolio.quantity("A", "InAndOut") for step in steps] == [0, 0, 10, 10, 10, 0, 0, 0]


@dataclass
class Stumbles:
    """Fails on its third bar."""

    def on_start(self, context: Context) -> None:
        self.bars = 0

    def on_bar(self, bar: Bar, context: Context) -> None:
        self.bars += 1
        if self.bars == 3:
            raise ZeroDivisionError("no such number")


@pytest.mark.parametrize("method", ["run", "process_bar", "get_results"])
def test_a_run_that_failed_does_not_go_on(method: str) -> None:
    engine = BacktestEngine.from_config(
        {
            "data": {"source": "wiki", "symbols": ["IBM"], "end": "2000-03-31"},
            "data_sources": {"wiki": {"use": "samples"}},
            "strategies": [{"name": "one", "use": "Stumbles", "instance": Stumbles()}],
        }
    )
    with pytest.raises(RunError, match="no such number"):
        step_through(engine)

    with pytest.raises(RunError, match=r"this run failed before \(.*no such number|the run has not ended"):
        getattr(engine, method)()


def test_after_the_end_there_is_no_step() -> None:
    engine = fresh()
    step_through(engine)

    assert engine.process_bar() is None


def test_a_run_may_be_stepped_and_then_finished(at_once: qt.Result) -> None:
    engine = fresh()
    engine.process_bar()

    assert engine.run().digest == at_once.digest


def test_the_engine_keeps_the_result_of_its_run() -> None:
    engine = fresh()

    assert engine.run() is engine.get_results()


def test_there_are_no_results_before_the_end() -> None:
    engine = fresh()
    engine.process_bar()

    with pytest.raises(RunError, match=r"the run has not ended: call run\(\), or process_bar\(\) until"):
        engine.get_results()


# stored


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[qt.Result, qt.Result]:
    """A run of the samples, live and read from its folder."""
    document: dict[str, Any] = {
        "name": "stored",
        "data": {"source": "wiki", "symbols": ["AAPL", "IBM"], "end": "2001-12-31"},
        "data_sources": {"wiki": {"use": "samples", "prices": "raw"}},
        "strategies": [{"name": "trend", "use": "sma-cross", "with": {"fast": 5, "slow": 30}}],
        "execution": {"commission": {"use": "per-share", "with": {"rate": "0.005"}}},
    }
    engine = BacktestEngine.from_config(document)
    live = engine.run()
    root = tmp_path_factory.mktemp("runs")
    saved = save(live, root, config=engine.config, write_reports=engine.write_reports)
    return live, qt.open_run(saved.folder)


@pytest.mark.parametrize("name", TABLES)
def test_a_stored_run_has_the_tables_of_the_live_one(played: Any, name: str) -> None:
    live, stored = played

    assert getattr(stored, name).equals(getattr(live, name))


def test_the_stored_run_of_this_test_trades(played: Any) -> None:
    """Otherwise empty tables would agree."""
    assert played[0].trades.num_rows > 5


def test_a_stored_run_has_the_metrics_of_the_live_one(played: Any) -> None:
    live, stored = played

    assert stored.metrics == live.metrics


def test_a_stored_run_has_the_log_of_the_live_one(played: Any) -> None:
    live, stored = played

    assert list(map(to_contract, stored.log)) == list(map(to_contract, live.log))


def test_a_stored_run_shows_as_the_live_one_does(played: Any) -> None:
    live, stored = played

    assert repr(stored) == repr(live)
    assert (stored.config, stored.warnings, stored.run_id) == (live.config, live.warnings, live.run_id)


def test_a_stored_run_verifies(played: Any) -> None:
    live, stored = played

    assert (stored.verify().digest, stored.verify().changed) == (live.digest, ())


def test_a_stored_run_is_found_by_prefix_and_place(played: Any) -> None:
    live, stored = played
    root = stored.folder.parent
    handles = [live.run_id, live.run_id[:8], "@last", str(stored.folder)]

    assert [qt.open_run(handle, root).run_id for handle in handles] == [live.run_id] * 4
    assert qt.open_run("@last", str(root)).run_id == live.run_id


# examples


def example(name: str, folder: Path) -> str:
    """What an example prints, run by itself, away from the repository."""
    script = str(ROOT / "examples" / name)
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True, cwd=folder)
    return done.stdout


def test_the_basic_example_prints_its_results(tmp_path: Path) -> None:
    golden = json.loads((Path(__file__).parent / "golden_sma_cross.json").read_text(encoding="utf-8"))
    printed = example("basic_run_example.py", tmp_path)

    assert f"digest {golden['digest'][:16]}" in printed
    assert "Equity, last five sessions:\n  2013-02-25" in printed
    assert "Trades, first five:" in printed


def test_the_own_strategy_example_prints_its_results(tmp_path: Path) -> None:
    printed = example("own_strategy.py", tmp_path)

    assert printed.startswith("dip-")
    assert len(printed.split("Bought at a strength of:\n")[1].splitlines()) == 5


def test_the_example_of_two_intervals_prints_its_results(tmp_path: Path) -> None:
    printed = example("two_intervals.py", tmp_path)

    assert printed.startswith("weeks-")
    assert len(printed.split("Bought while the week was above its mean:\n")[1].splitlines()) == 5
