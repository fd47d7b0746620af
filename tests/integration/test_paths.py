"""How much of a result is a guess: runs along the adverse and the favourable path, on bars worked out by hand."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qtrader as qt
from qtrader import BacktestEngine, Bar, Context, SignalIntention, cli
from qtrader.cli.path_lines import paths_lines
from qtrader.errors import RunError
from qtrader.plugins import Host
from qtrader.ports import BarValue, FillDecision, WorkingOrder
from qtrader.sensitivity import Paths, PathTrade
from small_frames import day

D = Decimal
QUIET = (10, 10.5, 9.5, 10)
"""Open, high, low and close of a day on which nothing is reached."""
WIDE = (10, 13, 7, 10)
"""A day that reaches stop and target."""


@dataclass
class Bracket:
    """Opens on the first day; stop at 8, target at 12."""

    def on_bar(self, bar: Bar, context: Context) -> None:
        if bar.session == day(0):
            levels = {"stop_loss": D(8), "take_profit": D(12)}
            context.emit_signal("X", SignalIntention.OPEN_LONG, price=bar.close, **levels)


@dataclass
class AtOpen:
    """A fill policy without a path: market orders at the open, others never."""

    same_bar: bool = False

    def decide(self, order: WorkingOrder, bar: BarValue) -> FillDecision | None:
        return FillDecision(order.quantity, bar.open) if order.order_type == "market" else None


def table(*days: Sequence[float]) -> pa.Table:
    """Daily bars."""
    columns = dict(zip(("Open", "High", "Low", "Close"), zip(*days, strict=True), strict=True))
    dates = [day(number) for number in range(len(days))]
    prices = {name: pa.array(map(float, one), pa.float64()) for name, one in columns.items()}
    return pa.table({"Date": dates, **prices, "Volume": [1000] * len(days)})


def run(*days: Sequence[float], fill: Any = None) -> Any:
    """100 units bought at the open of the second day, at 10, without costs, of 100,000 USD."""
    feed = {"X": qt.bars(table(*days), calendar="24/7", prices="raw", asset_class="equity")}
    free = {"commission": qt.use("none"), "slippage": qt.use("none")}
    return qt.backtest(Bracket(), feed, cash=100_000, sizing=qt.use("fixed", quantity=100), fill=fill, **free)


def test_a_bar_that_reaches_both_leaves_two_results() -> None:
    result = run(QUIET, QUIET, WIDE, QUIET)
    found = result.paths()
    (trade,) = found.trades

    assert result.metrics.final_equity == 99_800
    assert (found.final_equity_low, found.final_equity_high, found.chooses) == (99_800, 100_200, True)
    assert (trade.symbol, trade.booked, trade.adverse, trade.favourable) == ("X", -200, -200, 200)


@pytest.mark.parametrize(
    ("fill", "booked"),
    [
        (qt.use("next-open", path="favourable"), 200),
        (qt.use("ohlc-path", path="high-first"), 200),
        (qt.use("ohlc-path", path="low-first"), -200),
        (qt.use("ohlc-path"), -200),
    ],
)
def test_the_extremes_are_the_same_whatever_was_booked(fill: Any, booked: int) -> None:
    result = run(QUIET, QUIET, WIDE, QUIET, fill=fill)
    found = result.paths()

    assert result.metrics.final_equity == 100_000 + booked
    assert (found.final_equity_low, found.final_equity_high) == (99_800, 100_200)
    assert [one.booked for one in found.trades] == [booked]


@pytest.mark.parametrize(("wide", "gain"), [((10, 13, 9, 12), 200), ((10, 11, 7, 9), -200), ((7, 13, 7, 9), -300)])
def test_nothing_hangs_on_a_bar_that_is_plain(wide: Sequence[float], gain: int) -> None:
    found = run(QUIET, QUIET, wide, QUIET).paths()

    assert (found.final_equity_low, found.final_equity_high, found.trades) == (100_000 + gain, 100_000 + gain, ())


def test_a_policy_without_a_path_has_none_to_choose() -> None:
    result = run(QUIET, QUIET, WIDE, QUIET, fill=AtOpen())
    found = result.paths()

    assert not found.chooses
    assert (found.final_equity_low, found.final_equity_high) == (result.metrics.final_equity,) * 2


def test_the_better_outcome_is_optimistic_and_that_is_said() -> None:
    adverse, favourable = (
        run(QUIET, QUIET, WIDE, QUIET, fill=qt.use("next-open", path=path)) for path in ("adverse", "favourable")
    )

    assert [one.fills.column("optimistic").to_pylist() for one in (adverse, favourable)] == [[False] * 2, [False, True]]
    assert (adverse.ambiguous_bars, favourable.ambiguous_bars) == (1, 1)
    for result, told in ((adverse, "the adverse outcome is booked"), (favourable, "the better outcome is booked")):
        assert [told in one for one in result.warnings if "ambiguous" in one] == [True]
        assert not [one for one in result.warnings if "bar of the decision" in one]


class Undeclared:
    """A fill policy that is no dataclass: its path is no option, and nothing chooses it."""

    same_bar, path = False, "adverse"

    def decide(self, order: WorkingOrder, bar: BarValue) -> FillDecision | None:
        return FillDecision(order.quantity, bar.open) if order.order_type == "market" else None


def test_a_path_that_is_no_option_is_not_chosen() -> None:
    assert not run(QUIET, QUIET, WIDE, QUIET, fill=Undeclared()).paths().chooses


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(5, 15), min_size=4, max_size=4))
def test_the_extremes_are_those_of_stop_and_target(prices: list[int]) -> None:
    """A stop at 8 is touched, a target at 12 traded through; an open that fills either decides."""
    high, low, opened, close = max(prices), min(prices), *prices[:2]
    if opened <= 8 or opened > 12:
        ends = {opened}
    else:
        ends = ({8} if low <= 8 else set()) | ({12} if high > 12 else set()) or {close}
    found = run(QUIET, QUIET, (opened, high, low, close)).paths()

    low_end, high_end = (100_000 + 100 * (one - 10) for one in (min(ends), max(ends)))
    assert (found.final_equity_low, found.final_equity_high) == (low_end, high_end)


CONFIG = """
data: {source: files, symbols: [X]}
data_sources:
  files: {use: csv, with: {path: "{symbol}.csv"}, prices: raw, stamp: session, calendar: 24/7, currency: USD,
          asset_class: equity}
strategies: [{name: b, use: "mine.py:Bracket"}]
risk: {sizing: {use: fixed, with: {quantity: 100}}}
execution: {commission: {use: none}, slippage: {use: none}}
"""
MINE = """
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

@dataclass
class Bracket:
    def on_bar(self, bar, context):
        if str(bar.session) == "2024-01-01":
            context.emit_signal("X", "OPEN_LONG", price=bar.close, stop_loss=Decimal(8), take_profit=Decimal(12))
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration, bars and a strategy."""
    rows = [f"{day(number)},{','.join(map(str, one))},1000" for number, one in enumerate((QUIET, QUIET, WIDE, QUIET))]
    (tmp_path / "X.csv").write_text("date,open,high,low,close,volume\n" + "\n".join(rows) + "\n")
    (tmp_path / "run.yaml").write_text(CONFIG)
    (tmp_path / "mine.py").write_text(MINE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_prints_the_extremes_and_the_trades(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["backtest", "run.yaml", "--paths"]) == 0

    out = capsys.readouterr().out
    assert "! 1 bar is ambiguous" in out
    assert "paths: final equity 99,800.00 to 100,200.00, as prices went inside bars; 1 trade hangs on it" in out
    assert "b X since 2024-01-02 00:00 UTC: -200.00 at worst, 200.00 at best, -200.00 booked (USD)" in out
    assert len(list((project / "runs").glob("run-*"))) == 1


def test_json_has_them_all(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["backtest", "run.yaml", "--paths", "--json"]) == 0
    with_paths = json.loads(capsys.readouterr().out)
    assert cli.run(["backtest", "run.yaml", "--json"]) == 0
    without = json.loads(capsys.readouterr().out)

    assert (with_paths["paths"]["final_equity_low"], with_paths["paths"]["final_equity_high"]) == ("99800", "100200")
    assert [one["favourable"] for one in with_paths["paths"]["trades"]] == ["200"]
    assert "paths" not in without
    assert with_paths["digest"] == without["digest"]
    assert project.is_dir()


def test_a_stored_run_can_be_asked_later(project: Path) -> None:
    assert cli.run(["backtest", "run.yaml", "--quiet"]) == 0
    (folder,) = (project / "runs").glob("run-*")

    assert qt.open_run(folder).paths().final_equity_high == 100_200


def test_more_trades_than_a_screen_has_are_counted() -> None:
    trade = PathTrade("b", "X", datetime(2024, 1, 2, tzinfo=UTC), "USD", D(-2), D(-2), None)
    lines = paths_lines(Paths(D(1), D(2), (trade,) * 7)).splitlines()

    assert lines[1] == "  b X since 2024-01-02 00:00 UTC: -2.00 at worst, not closed at best, -2.00 booked (USD)"
    assert (len(lines), lines[-1]) == (7, "  and 2 more: --json lists all")


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (Paths(D(5), D(5)), "paths: final equity 5.00 along the worst and the best path inside bars alike"),
        (Paths(D(5), D(5), chooses=False), "paths: the fill policy has no path inside bars to choose"),
    ],
)
def test_where_nothing_hangs_on_it_that_is_said(found: Paths, told: str) -> None:
    assert paths_lines(found).startswith(told)


def test_the_further_runs_use_no_plugin_that_was_left_out(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A strategy that looks which plugins its run has."""
    seen: list[Host] = []
    wired = BacktestEngine.from_config.__func__  # type: ignore[attr-defined]
    monkeypatch.setattr(
        BacktestEngine, "from_config", classmethod(lambda cls, *a, **k: seen.append(k["host"]) or wired(cls, *a, **k))
    )
    assert cli.run(["backtest", "run.yaml", "--paths", "--json"]) == 0

    assert len(seen) == 2
    assert len({id(one) for one in seen}) == 1
    assert json.loads(capsys.readouterr().out)["ambiguous_bars"] == 1
    assert project.is_dir()


def test_a_path_that_fails_says_that_the_run_is_kept(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object) -> Paths:
        raise RunError("not along this one")

    monkeypatch.setattr("qtrader.cli.running.paths_of", fails)
    assert cli.run(["backtest", "run.yaml", "--paths", "--quiet"]) == 0
    assert cli.run(["backtest", "run.yaml", "--paths", "--json"]) == 1

    told = capsys.readouterr().err
    assert "--paths: not along this one" in told
    assert "the run itself is kept in runs/run-" in told
    assert len(list((project / "runs").glob("run-*"))) == 1
