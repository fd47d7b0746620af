"""The Python face: frames of three libraries in, a result out that explains itself."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import qtrader as qt
from qtrader import Bar, Context, SignalIntention
from qtrader.errors import ConfigError, QTraderError
from qtrader_costs.commission import PerShare
from qtrader_strategy_buy_and_hold import BuyAndHoldStrategy
from small_frames import CLOSES, InAndOut, bars, data, frame


@pytest.fixture(scope="module")
def result() -> qt.Result:
    """10 units, bought on day 2 at 101.5, sold on day 5 at 104.5; a dollar for each fill."""
    costs = qt.use("per-share", rate="0.005", minimum="1.00")
    return qt.backtest(
        InAndOut(), data(X=CLOSES), cash=10_000, sizing=qt.use("fixed", quantity=10), commission=costs, name="inout"
    )


# frames


@pytest.mark.parametrize("library", [pa.Table.to_pandas, pl.from_arrow], ids=["pandas", "polars"])
def test_every_librarys_frame_gives_the_same_run(library: Any, result: qt.Result) -> None:
    other = qt.backtest(
        InAndOut(),
        {"X": bars(library(frame(CLOSES)))},
        cash=10_000,
        sizing=qt.use("fixed", quantity=10),
        commission=qt.use("per-share", rate="0.005", minimum="1.00"),
    )

    assert other.digest == result.digest


def test_dates_may_be_the_index_of_a_pandas_frame(result: qt.Result) -> None:
    indexed = frame(CLOSES).to_pandas().set_index("Date")
    indexed.index = pd.to_datetime(indexed.index)
    other = qt.backtest(BuyAndHoldStrategy(), {"X": bars(indexed)})

    assert other.equity["session"].to_pylist() == result.equity["session"].to_pylist()


def test_a_frame_must_be_described() -> None:
    with pytest.raises(ConfigError, match=r"data\['X'\]: wrap the frame: qtrader.bars"):
        qt.backtest(InAndOut(), {"X": frame(CLOSES)})


def test_no_frame_at_all_is_refused() -> None:
    with pytest.raises(ConfigError, match="data is an empty mapping; give it a frame"):
        qt.backtest(InAndOut(), {})


# tools


@pytest.mark.parametrize(
    "costs",
    [
        qt.use("per-share", rate=Decimal("0.005"), minimum=1),
        PerShare(rate=Decimal("0.005"), minimum=Decimal(1)),
        qt.use("qtrader_costs.commission:PerShare", rate="0.005", minimum="1"),
    ],
    ids=["by name", "as an object", "by module"],
)
def test_a_tool_is_named_or_handed_over(costs: Any, result: qt.Result) -> None:
    other = qt.backtest(InAndOut(), data(X=CLOSES), cash=10_000, sizing=qt.use("fixed", quantity=10), commission=costs)

    assert other.digest == result.digest


def test_a_wrong_option_is_named_with_the_right_one() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'quantity'"):
        qt.backtest(InAndOut(), data(X=CLOSES), sizing=qt.use("fixed", quantaty=10))


def test_a_tool_that_is_not_installed_is_named_with_a_near_one() -> None:
    with pytest.raises(QTraderError, match="Did you mean 'next-open'"):
        qt.backtest(InAndOut(), data(X=CLOSES), fill="nextopen")


def test_an_object_of_the_wrong_kind_is_refused() -> None:
    with pytest.raises(ConfigError, match="'PerShare' is not a sizer: it has no method size"):
        qt.backtest(InAndOut(), data(X=CLOSES), sizing=PerShare(rate=Decimal(1)))


def test_float_money_is_refused_with_the_exact_spelling() -> None:
    with pytest.raises(ConfigError, match=r"cash=100\.1: money is exact; write cash='100\.1'"):
        qt.backtest(InAndOut(), data(X=CLOSES), cash=100.1)  # type: ignore[arg-type]


# recipes


def test_a_class_stands_for_its_defaults() -> None:
    assert qt.backtest(InAndOut, data(X=CLOSES)).digest == qt.backtest(InAndOut(), data(X=CLOSES)).digest


class _Private(InAndOut):
    """A class with a private name."""


def test_a_private_class_is_called_by_its_plain_name() -> None:
    assert qt.backtest(_Private(), data(X=CLOSES)).config["strategies"][0]["name"] == "Private"


def test_none_is_no_strategy() -> None:
    with pytest.raises(ConfigError, match="None is no strategy"):
        qt.backtest(None, data(X=CLOSES))


def test_the_object_handed_over_is_left_as_it_was() -> None:
    recipe = InAndOut()
    qt.backtest(recipe, data(X=CLOSES))

    assert recipe == InAndOut()


def test_one_object_run_twice_gives_one_digest() -> None:
    recipe = InAndOut()
    digests = {qt.backtest(recipe, data(X=CLOSES)).digest for _ in range(2)}

    assert len(digests) == 1


def test_fields_are_the_options_in_the_config(result: qt.Result) -> None:
    [strategy] = result.config["strategies"]

    assert strategy["with"] == {"opening": "1", "closing": "4", "seen": []}


def test_defaults_are_listed_in_the_config(result: qt.Result) -> None:
    chosen = {kind: result.config["execution"][kind]["use"] for kind in ("fill", "commission", "slippage")}

    assert chosen == {"fill": "next-open", "commission": "per-share", "slippage": "none"}
    assert result.config["risk"]["policy"] == "naive"


# the notebook


@dataclass
class SmaCross:
    """The strategy of the first page."""

    fast: int = 20
    slow: int = 100

    def on_start(self, context: Context) -> None:
        from qtrader_indicators import crossing, sma

        self.turn = context.track(crossing(sma(self.fast), sma(self.slow)))

    def on_bar(self, bar: Bar, context: Context) -> None:
        if turn := self.turn[bar.symbol]:
            context.emit_signal(
                symbol=bar.symbol,
                price=bar.bar.close,
                confidence=0.85,
                intention=SignalIntention.OPEN_LONG if turn > 0 else SignalIntention.CLOSE_LONG,
            )


def test_a_notebook_runs_the_samples() -> None:
    data = qt.source("samples", symbols=["AAPL", "IBM", "MSFT", "GOOG"])
    result = qt.backtest(SmaCross(20, 100), data, cash=100_000, end="2005-06-30")

    assert result.trades.to_pandas()["net_pnl"].count() == result.metrics.trades > 0


def test_a_notebook_runs_a_csv_that_pandas_read(tmp_path: Path) -> None:
    """Dates are text, prices floats, names capitalised."""
    frame([100 + (number * 7) % 30 for number in range(90)]).to_pandas().to_csv(tmp_path / "aapl.csv", index=False)
    read = pd.read_csv(tmp_path / "aapl.csv")
    mine = qt.backtest(
        SmaCross(fast=3, slow=10),
        {"AAPL": qt.bars(read, calendar="24/7", prices="raw", decimals=4)},
        cash="100000",
        sizing=qt.use("equity", pct="0.55"),
        commission=qt.use("per-share", rate="0.005", minimum="1.00"),
        slippage=qt.use("bps", bps=5),
    )

    assert mine.metrics.trades > 0
    assert isinstance(mine.metrics.sharpe, float)
