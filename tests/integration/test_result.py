"""What a run leaves behind: tables, figures, log, words, and the power to be run again."""

import json
from dataclasses import dataclass, field
from decimal import Decimal

import pyarrow as pa
import pytest

import qtrader as qt
from qtrader import Bar, Context, SignalIntention
from qtrader.errors import RunError, VerifyError
from small_frames import CLOSES, InAndOut, close_of, data, day, frame


@pytest.fixture(scope="module")
def result() -> qt.Result:
    """10 units, bought on day 2 at 101.5, sold on day 5 at 104.5; a dollar for each fill."""
    costs = qt.use("per-share", rate="0.005", minimum="1.00")
    return qt.backtest(
        InAndOut(), data(X=CLOSES), cash=10_000, sizing=qt.use("fixed", quantity=10), commission=costs, name="inout"
    )


# the result


def test_equity_has_a_row_for_every_session(result: qt.Result) -> None:
    """Cash 10,000; 10 units bought at 101.5 and sold at 104.5 with two fees of 1: 28 more."""
    marks = [Decimal(10_000) + 10 * (Decimal(close) - Decimal("101.5")) - 1 for close in CLOSES[2:5]]

    assert result.equity["session"].to_pylist() == [day(number) for number in range(8)]
    assert result.equity["equity"].to_pylist() == [10_000, 10_000, *marks, 10_028, 10_028, 10_028]


def test_equity_is_cash_and_market_value(result: qt.Result) -> None:
    rows = result.equity.to_pylist()

    assert all(row["equity"] == row["cash"] + row["market_value"] for row in rows)
    assert {row["currency"] for row in rows} == {"USD"}


def test_fills_say_price_quantity_and_fee(result: qt.Result) -> None:
    rows = [(row["side"], row["price"], row["quantity"], row["commission"]) for row in result.fills.to_pylist()]

    assert rows == [("buy", Decimal("101.5"), 10, 1), ("sell", Decimal("104.5"), 10, 1)]


def test_trades_say_what_was_earned(result: qt.Result) -> None:
    [trade] = result.trades.to_pylist()

    assert (trade["gross_pnl"], trade["commission"], trade["net_pnl"]) == (30, 2, 28)


def test_orders_and_positions_follow_the_fills(result: qt.Result) -> None:
    assert result.orders["side"].to_pylist() == ["buy", "sell"]
    assert result.positions["quantity"].to_pylist() == [10, 0]


@pytest.mark.parametrize("name", ["equity", "fills", "trades", "orders", "positions", "records"])
def test_every_table_is_an_arrow_table_with_utc_times(result: qt.Result, name: str) -> None:
    table = getattr(result, name)

    assert isinstance(table, pa.Table)
    assert table.schema.field("time").type == pa.timestamp("us", tz="UTC")


@pytest.mark.parametrize("name", ["equity", "fills", "trades", "orders", "positions", "records"])
def test_tables_of_a_run_without_trades_have_their_columns(result: qt.Result, name: str) -> None:
    empty = qt.backtest(qt.use("sma-cross", fast=2, slow=50), data(X=CLOSES))
    columns = set(getattr(result, name).column_names) - {"close", "days", "held", "late"}

    assert columns == set(getattr(empty, name).column_names)


def test_money_is_decimal(result: qt.Result) -> None:
    kinds = {result.equity.schema.field(name).type for name in ("equity", "cash", "market_value")}

    assert kinds == {pa.decimal128(38, 8)}


def test_records_have_a_column_for_every_name(result: qt.Result) -> None:
    """Decimals are text, everything else is what it was."""
    [first, *_] = result.records.to_pylist()

    assert first == {
        "seq": 2,
        "time": close_of(0),
        "strategy_id": "InAndOut",
        "symbol": "X",
        "close": "100",
        "days": 1,
        "held": 0,
        "late": False,
    }


def test_a_record_cannot_hide_the_columns_that_every_record_has() -> None:
    @dataclass
    class Hides:
        def on_bar(self, bar: Bar, context: Context) -> None:
            context.record(time=bar.time.isoformat())

    with pytest.raises(RunError, match="every record has its time; record it under another name"):
        qt.backtest(Hides(), data(X=CLOSES))


def test_a_recorded_number_that_no_column_holds_is_text() -> None:
    @dataclass
    class Counts:
        def on_bar(self, bar: Bar, context: Context) -> None:
            context.record(grains=2 ** (60 + bar.session.day))

    recorded = qt.backtest(Counts(), data(X=CLOSES)).records["grains"].to_pylist()

    assert recorded == [str(2 ** (60 + number)) for number in range(1, 9)]


def test_records_are_in_the_log(result: qt.Result) -> None:
    recorded = [event.values for event in result.log if event.topic == "record"]  # type: ignore[attr-defined]

    assert [values["close"] for values in recorded] == [str(close) for close in CLOSES]


def test_the_log_is_complete_and_numbered(result: qt.Result) -> None:
    assert [event.seq for event in result.log] == list(range(len(result.log)))
    assert len(result.log) == sum(result.manifest["counts"].values())


def test_metrics_are_typed(result: qt.Result) -> None:
    assert result.metrics.total_return == pytest.approx(0.0028)
    assert (result.metrics.trades, result.metrics.commission) == (1, Decimal(2))


def test_a_figure_that_is_not_defined_says_why() -> None:
    flat = qt.backtest(qt.use("sma-cross", fast=2, slow=50), data(X=CLOSES))

    assert flat.metrics.sharpe is None
    assert flat.metrics.why("sharpe")


def test_the_repr_shows_the_run_at_a_glance(result: qt.Result) -> None:
    told = repr(result)
    figures = result.metrics
    wanted = [
        "inout-",
        "8 bars   2 signals   2 orders   2 fills   1 trade   dense",
        "return 0.3 %",
        f"drawdown {(figures.max_drawdown or 0) * 100:.1f} %",
        f"Sharpe {figures.sharpe:.2f}",
        f"digest {result.digest[:16]}",
    ]

    assert [part for part in wanted if part not in told] == []


def test_the_repr_shows_warnings() -> None:
    shares = qt.bars(frame(CLOSES), calendar="24/7", prices="raw")
    told = repr(qt.backtest(InAndOut(), {"X": shares}))

    assert "! X: prices are raw and no corporate actions are given" in told


def test_config_and_manifest_are_plain_json(result: qt.Result) -> None:
    assert json.loads(json.dumps([result.config, result.manifest])) == [result.config, result.manifest]


# run again


def test_a_result_verifies(result: qt.Result) -> None:
    verdict = result.verify()

    assert (verdict.digest, verdict.changed) == (result.digest, ())


def test_a_result_of_a_class_inside_a_function_verifies() -> None:
    """Such a class has no name to find it by; the object that was handed over is run again."""

    @dataclass
    class Inner(InAndOut):
        more: dict[str, str] = field(default_factory=dict)

    result = qt.backtest(Inner(opening=2, more={"a": "b"}), data(X=CLOSES))

    assert str(result.verify()) == f"same digest {result.digest}"


class Forgetful:
    """Trades in its first run only: what it knows is kept outside of the run."""

    runs = 0

    def on_start(self, context: Context) -> None:
        Forgetful.runs += 1

    def on_bar(self, bar: Bar, context: Context) -> None:
        if Forgetful.runs == 1 and bar.session == day(3):
            context.emit_signal(bar.symbol, SignalIntention.OPEN_LONG, price=bar.close)


def test_a_result_that_does_not_reproduce_names_the_first_event_that_differs() -> None:
    """Events 0 to 9 are the cash, and bar, trigger and valuation of three days; 10 is the fourth bar."""
    result = qt.backtest(Forgetful(), data(X=CLOSES))

    with pytest.raises(VerifyError, match="event 11 was signal and is valuation_trigger"):
        result.verify()


def test_strategies_that_differ_in_a_list_are_different_runs() -> None:
    runs = [qt.backtest(InAndOut(seen=seen), data(X=CLOSES)) for seen in ([], [1])]

    assert runs[0].run_id != runs[1].run_id
