"""The files: columns of the contracts, exact decimals, nothing that a spreadsheet would run."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qtrader_service_reporting.metrics import compute
from qtrader_service_reporting.writers import (
    equity_table,
    write_equity,
    write_fills,
    write_metrics,
    write_trades,
)

Build = Callable[..., Any]


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_equity_has_the_promised_columns(valuation: Build, tmp_path: Path) -> None:
    written = write_equity(tmp_path / "equity.parquet", [valuation("2024-01-02", "1000.5", currency="EUR")])

    table = pq.read_table(written)
    money = ["equity", "cash", "market_value", "receivables", "payables", "accruals"]
    assert table.column_names == ["session", "time", *money, "currency"]
    assert {table.schema.field(name).type for name in money} == {pa.decimal128(38, 8)}


def test_equity_row_holds_session_time_and_exact_money(valuation: Build, tmp_path: Path) -> None:
    written = write_equity(tmp_path / "equity.parquet", [valuation("2024-01-02", "1000.12345678")])

    row = pq.read_table(written).to_pylist()[0]
    assert (row["session"], row["time"]) == (date(2024, 1, 2), datetime(2024, 1, 2, 21, tzinfo=UTC))
    assert row["equity"] == Decimal("1000.12345678")


def test_equity_of_a_run_without_valuations_is_an_empty_table(tmp_path: Path) -> None:
    assert pq.read_table(write_equity(tmp_path / "equity.parquet", [])).num_rows == 0


def test_equity_from_a_table_is_the_same_as_from_events(valuation: Build, tmp_path: Path) -> None:
    days = [valuation("2024-01-02", "1000"), valuation("2024-01-03", "1001")]
    shuffled = equity_table(days).select(["currency", *equity_table(days).column_names[:-1]])

    from_table = write_equity(tmp_path / "table.parquet", shuffled)

    assert from_table.read_bytes() == write_equity(tmp_path / "events.parquet", days).read_bytes()


def test_fills_have_the_fields_of_their_contract_in_order(fill: Build, tmp_path: Path) -> None:
    written = write_fills(tmp_path / "fills.csv", [fill()])

    assert written.read_text().splitlines() == [
        "fill_id,source_order_id,intent_id,strategy_id,symbol,side,quantity,price,currency,commission,"
        "commission_currency,reference_price,slippage,executed_at,policy,optimistic",
        "fill-1,order-1,intent-1,trend,AAPL,buy,10,100.02,USD,1,USD,100,0.02,2024-01-02T14:30:00.000000Z,"
        "next-open,false",
    ]


def test_small_decimals_keep_every_digit_without_an_exponent(fill: Build, tmp_path: Path) -> None:
    tiny = fill(price=Decimal("1E-8"), reference_price=Decimal("1E-8"), slippage=Decimal(0), quantity=Decimal("1E+2"))

    row = rows(write_fills(tmp_path / "fills.csv", [tiny]))[0]

    assert (row["price"], row["quantity"]) == ("0.00000001", "100")


def test_trade_row_reads_back_to_the_event(trade: Build, tmp_path: Path) -> None:
    event = trade("a", "-3.5", symbol="BRK, B")

    row = rows(write_trades(tmp_path / "trades.csv", [event]))[0]

    assert (row["symbol"], row["net_pnl"], row["closes_round_trip"]) == ("BRK, B", "-3.5", "true")
    assert row["entry_time"] == "2024-01-02T14:30:00.000000Z"


@pytest.mark.parametrize("symbol", ["=HYPERLINK(1)", "+A1", "-A1", "@SUM(A1)"])
def test_text_that_looks_like_a_formula_is_guarded(fill: Build, tmp_path: Path, symbol: str) -> None:
    row = rows(write_fills(tmp_path / "fills.csv", [fill(symbol=symbol)]))[0]

    assert row["symbol"] == f"'{symbol}"


def test_negative_number_is_no_formula(trade: Build, tmp_path: Path) -> None:
    assert rows(write_trades(tmp_path / "trades.csv", [trade("a", "-3")]))[0]["net_pnl"] == "-3"


def test_fills_from_a_table_are_the_same_as_from_events(fill: Build, tmp_path: Path) -> None:
    event = fill()
    table = pa.Table.from_pylist([{**event.model_dump(), "seq": 7}])

    from_table = write_fills(tmp_path / "table.csv", table)

    assert from_table.read_text() == write_fills(tmp_path / "events.csv", [event]).read_text()


def test_metrics_file_writes_money_as_text_and_ratios_as_numbers(valuation: Build, tmp_path: Path) -> None:
    found = compute([valuation("2024-01-02", "1000"), valuation("2024-01-03", "1010.10")], [], [], [])

    document = json.loads(write_metrics(tmp_path / "metrics.json", found).read_text())

    assert (document["final_equity"], document["total_return"]) == ("1010.1", 0.0101)
    assert (document["win_rate"], document["reasons"]["win_rate"]) == (None, "no round trip was closed")
