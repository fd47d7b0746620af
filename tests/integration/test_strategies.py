"""Strategies in a run: a user's own file, whole instants at once, several with books of their own, warm-up."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import qtrader as qt
from qtrader import BacktestEngine, Bar, Context, SignalIntention
from qtrader.errors import ConfigError, RunError
from qtrader_indicators import sma
from small_frames import CLOSES, InAndOut, bars, close_of, data, day, frame

TEN = qt.use("fixed", quantity=10)

MINE = '''
from dataclasses import dataclass
from qtrader import Bar, Context, SignalIntention

@dataclass
class Mine:
    """Buys once, on one day of the month."""
    day: int = 2

    def on_bar(self, bar: Bar, context: Context) -> None:
        if bar.session.day == self.day:
            context.emit_signal(bar.symbol, SignalIntention.OPEN_LONG, price=bar.close)
'''

CONFIG = """
name: own
data: {source: files, symbols: [X]}
data_sources:
  files:
    use: parquet
    with: {path: "../data/{symbol}.parquet"}
    prices: raw
    stamp: session
    calendar: 24/7
    currency: USD
    asset_class: crypto
strategies:
  - name: mine
    use: ../strategies/mine.py:Mine
    with: {day: 3}
risk: {sizing: {use: fixed, with: {quantity: 10}}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A user's folder: config, a strategy in a file, prices. The run file comes back."""
    for name in ("config", "data", "strategies"):
        (tmp_path / name).mkdir()
    (tmp_path / "strategies" / "mine.py").write_text(MINE)
    (tmp_path / "config" / "own.yaml").write_text(CONFIG)
    pq.write_table(frame(CLOSES), tmp_path / "data" / "X.parquet")
    return tmp_path / "config" / "own.yaml"


# a user's own file


def test_a_strategy_in_a_users_file_runs_with_its_options(project: Path) -> None:
    """Day 3 of January is the third bar; the order fills at the open of the fourth, 102 + 0.5."""
    [fill] = BacktestEngine.from_config(project).run().fills.to_pylist()

    assert (fill["strategy_id"], fill["price"], fill["quantity"]) == ("mine", Decimal("102.5"), 10)


def test_the_file_may_be_named_from_python(project: Path) -> None:
    own = qt.use(str(project.parent.parent / "strategies" / "mine.py:Mine"), day=3)

    assert qt.backtest({"mine": own}, data(X=CLOSES), sizing=TEN).fills["price"].to_pylist() == [Decimal("102.5")]


def test_yaml_and_python_give_one_digest(project: Path) -> None:
    own = qt.use(str(project.parent.parent / "strategies" / "mine.py:Mine"), day=3)
    from_python = qt.backtest({"mine": own}, data(X=CLOSES), sizing=TEN)

    assert BacktestEngine.from_config(project).run().digest == from_python.digest


def test_the_source_of_the_file_is_part_of_the_run(project: Path) -> None:
    before = BacktestEngine.from_config(project).run()
    file = project.parent.parent / "strategies" / "mine.py"
    file.write_text(MINE + "# edited\n")
    after = BacktestEngine.from_config(project).run()

    assert before.digest == after.digest
    assert before.run_id != after.run_id


def test_an_option_that_the_class_has_not_got_is_named_with_its_line(project: Path) -> None:
    project.write_text(CONFIG.replace("{day: 3}", "{dya: 3}"))

    with pytest.raises(ConfigError, match=r"own\.yaml:16: strategies\[0\]\.with\.dya: .*Did you mean 'day'"):
        BacktestEngine.from_config(project)


# whole instants


@dataclass
class Ranks:
    """Sees all bars of an instant at once and buys the cheapest."""

    def on_bars(self, bars: Any, context: Context) -> None:
        context.record(symbols=" ".join(bars.symbols), known=context.time.isoformat())
        cheapest = min(bars.values(), key=lambda bar: bar.close)
        if cheapest.session == day(1):
            context.emit_signal(cheapest.symbol, SignalIntention.OPEN_LONG, price=cheapest.close)


@pytest.fixture(scope="module")
def ranked() -> qt.Result:
    """C has no bar on the third day."""
    gap = frame([30, 31, 32], days=[0, 1, 3])
    return qt.backtest(Ranks(), {**data(B=[20, 19, 22, 23], A=[10, 21, 12, 13]), "C": bars(gap)}, sizing=TEN)


def test_on_bars_gets_every_bar_of_an_instant_in_symbol_order(ranked: qt.Result) -> None:
    assert ranked.records["symbols"].to_pylist() == ["A B C", "A B C", "A B", "A B C"]


def test_on_bars_is_called_once_an_instant_when_its_bars_are_known(ranked: qt.Result) -> None:
    assert ranked.records["known"].to_pylist() == [close_of(number).isoformat() for number in range(4)]


def test_a_record_of_a_whole_instant_speaks_of_no_symbol(ranked: qt.Result) -> None:
    assert ranked.records["symbol"].to_pylist() == [None] * 4


def test_a_signal_from_on_bars_is_caused_by_the_bar_of_its_symbol(ranked: qt.Result) -> None:
    [signal] = [event for event in ranked.log if event.topic == "signal"]
    [bar] = [event for event in ranked.log if event.event_id == signal.causation_id]

    assert (bar.topic, bar.symbol) == ("bar", "B")  # type: ignore[attr-defined]


# several strategies


@pytest.fixture(scope="module")
def two() -> qt.Result:
    """One holds from day 2 at 101.5; the other is in from day 3 at 102.5 and out on day 5 at 104.5."""
    strategies = {"holder": InAndOut(opening=1, closing=99), "trader": InAndOut(opening=2, closing=4)}
    return qt.backtest(strategies, data(X=CLOSES), cash=10_000, sizing=TEN)


def books(result: qt.Result, strategy: str) -> list[Mapping[str, Any]]:
    """The position events of one strategy."""
    return [row for row in result.positions.to_pylist() if row["strategy_id"] == strategy]


def test_each_strategy_has_a_position_of_its_own(two: qt.Result) -> None:
    held = {name: [row["quantity"] for row in books(two, name)] for name in ("holder", "trader")}

    assert held == {"holder": [10], "trader": [10, 0]}


def test_each_strategy_sees_its_own_position(two: qt.Result) -> None:
    rows = two.records.to_pylist()
    seen = {name: [row["held"] for row in rows if row["strategy_id"] == name] for name in ("holder", "trader")}

    assert seen == {"holder": [0, 0, *[10] * 6], "trader": [0, 0, 0, 10, 10, 0, 0, 0]}


def test_each_strategy_has_a_profit_of_its_own(two: qt.Result) -> None:
    """The trader made 10 x 2; the holder has realised nothing."""
    realised = {name: books(two, name)[-1]["realised_pnl"] for name in ("holder", "trader")}

    assert realised == {"holder": 0, "trader": 20}


def test_a_trade_names_its_strategy(two: qt.Result) -> None:
    assert two.trades["strategy_id"].to_pylist() == ["trader"]


def test_the_account_is_the_sum_of_its_books(two: qt.Result) -> None:
    """10,000 + 20 realised + 10 x (101 - 101.5) unrealised."""
    assert two.equity["equity"].to_pylist()[-1] == Decimal(10_015)


def test_each_strategy_trades_as_it_would_alone(two: qt.Result) -> None:
    alone = qt.backtest({"trader": InAndOut(opening=2, closing=4)}, data(X=CLOSES), cash=10_000, sizing=TEN)
    names = ["strategy_id", "side", "price", "quantity", "executed_at"]
    together = [row for row in two.fills.select(names).to_pylist() if row["strategy_id"] == "trader"]

    assert together == alone.fills.select(names).to_pylist()


def test_a_strategy_gets_bars_of_its_own_symbols_only() -> None:
    document: dict[str, Any] = {
        "data": {"source": "wiki", "symbols": ["AAPL", "IBM"], "end": "2000-03-10"},
        "data_sources": {"wiki": {"use": "samples"}},
        "strategies": [
            {"name": "all", "use": "small_frames:InAndOut"},
            {"name": "one", "use": "small_frames:InAndOut", "symbols": ["IBM"]},
        ],
    }
    rows = BacktestEngine.from_config(document).run().records.to_pylist()

    assert {(row["strategy_id"], row["symbol"]) for row in rows} == {("all", "AAPL"), ("all", "IBM"), ("one", "IBM")}


def test_two_strategies_of_one_class_need_names() -> None:
    with pytest.raises(ConfigError, match="two strategies would be called 'InAndOut'"):
        qt.backtest([InAndOut(), InAndOut(opening=2)], data(X=CLOSES))


# warm-up


@dataclass
class Average:
    """Records the average of three closes."""

    def on_start(self, context: Context) -> None:
        self.mean = context.track(sma(3))

    def on_bar(self, bar: Bar, context: Context) -> None:
        context.record(mean=self.mean[bar.symbol], bars=len(context.history(bar.symbol, 100)))
        context.emit_signal(bar.symbol, SignalIntention.OPEN_LONG, price=bar.close)


@pytest.fixture(scope="module")
def warmed() -> qt.Result:
    """Eight days of prices, of which the first four are warm-up."""
    return qt.backtest(Average(), data(X=CLOSES), start=day(4), sizing=TEN)


def test_indicators_are_ready_at_the_first_live_bar(warmed: qt.Result) -> None:
    """102, 103 and 104: two of the three closes are warm-up."""
    [first, *_] = warmed.records.to_pylist()

    assert (first["time"], first["mean"]) == (close_of(4), 103.0)


def test_history_reaches_into_the_warm_up(warmed: qt.Result) -> None:
    assert warmed.records["bars"].to_pylist() == [5, 6, 7, 8]


def test_bars_of_the_warm_up_are_no_events(warmed: qt.Result) -> None:
    assert warmed.manifest["counts"]["bar"] == 4


def test_nothing_happens_before_the_first_live_session(warmed: qt.Result) -> None:
    """Its day begins with the midnight at which the last day of the warm-up ends."""
    assert min(event.occurred_at for event in warmed.log) == close_of(3)
    assert warmed.equity["session"].to_pylist() == [day(number) for number in range(4, 8)]


def test_without_warm_up_a_strategy_waits_until_its_indicators_are_ready() -> None:
    cold = qt.backtest(Average(), data(X=CLOSES), sizing=TEN)

    assert cold.records["time"].to_pylist() == [close_of(number) for number in range(2, 8)]


# failures


@dataclass
class Stumbles:
    """Fails on one day."""

    def on_bar(self, bar: Bar, context: Context) -> None:
        if bar.session == day(3):
            raise ZeroDivisionError("no such number")


def test_a_strategy_that_fails_stops_the_run_and_is_named() -> None:
    where = r"strategy 'Stumbles' \(Stumbles.on_bar\) failed on X at 2024-01-05T00:00:00\+00:00: ZeroDivisionError"
    with pytest.raises(RunError, match=where):
        qt.backtest(Stumbles(), data(X=CLOSES))
