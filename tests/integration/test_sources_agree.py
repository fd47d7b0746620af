"""The same bars from CSV, Parquet and Arrow: equal tables, equal runs."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

import qtrader as qt
from qtrader import BacktestEngine
from qtrader_data_arrow import ArrowSource

KINDS = ("parquet", "decimal parquet", "arrow file", "arrow folder")


def days() -> pa.Table:
    """Weekdays of a price that wanders by cents, with volumes; all worked out from the row's number."""
    start = date(2023, 1, 2)
    dates = [day for day in (start + timedelta(days=number) for number in range(365)) if day.weekday() < 5]
    cents = [10_000 + (number * 7919) % 997 - (number * 104_729) % 501 for number in range(len(dates))]
    rises = {"open": 0, "high": 50, "low": -50, "close": 25}
    prices = {name: [(cent + rise) / 100 for cent in cents] for name, rise in rises.items()}
    return pa.table({"date": dates, **prices, "volume": [number * 13 % 977 for number in range(len(dates))]})


def minutes() -> pa.Table:
    """The same rows as minutes of bid and ask in UTC."""
    rows = days()
    start = datetime(2024, 1, 1)  # noqa: DTZ001 - written without a zone, which is declared
    sides: dict[str, Any] = {"ts": [start + timedelta(minutes=number) for number in range(rows.num_rows)]}
    for name in ("open", "high", "low", "close"):
        cells = rows.column(name).to_pylist()
        sides |= {f"bid_{name}": cells, f"ask_{name}": [round(cell + 0.01, 2) for cell in cells]}
    return pa.table(sides)


def decimals(table: pa.Table) -> pa.Table:
    kinds = [pa.decimal128(20, 6) if pa.types.is_float64(field.type) else field.type for field in table.schema]
    texts = [column.cast(pa.string()) if pa.types.is_float64(column.type) else column for column in table.columns]
    return pa.table([text.cast(kind) for text, kind in zip(texts, kinds, strict=True)], names=table.column_names)


@pytest.fixture
def reference(tmp_path: Path) -> Callable[[str, pa.Table], dict[str, Any]]:
    """Write a table as a kind of file and say where it is."""

    def write(kind: str, table: pa.Table) -> dict[str, Any]:
        if kind == "csv":
            pyarrow.csv.write_csv(table, tmp_path / "x.csv")
            return {"use": "csv", "with": {"path": str(tmp_path / "x.csv"), "symbols": ["X"]}}
        if kind.endswith("parquet"):
            pq.write_table(decimals(table) if kind.startswith("decimal") else table, tmp_path / "x.parquet")
            return {"use": "parquet", "with": {"path": str(tmp_path / "x.parquet"), "symbols": ["X"]}}
        if kind == "arrow folder":
            for part in range(3):
                (tmp_path / "folder" / "symbol=X").mkdir(parents=True, exist_ok=True)
                pq.write_table(table.slice(part * 100, 100), tmp_path / "folder" / "symbol=X" / f"{part}.parquet")
            return {"use": "arrow", "with": {"path": str(tmp_path / "folder")}}
        with pa.OSFile(str(tmp_path / "x.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        return {"use": "arrow", "with": {"path": str(tmp_path / "x.arrow"), "symbols": ["X"]}}

    return write


def run(source: dict[str, Any], **declared: Any) -> tuple[str, str, int]:
    """Digest of the bars, digest of the events, and how many trades there were."""
    interval = declared.pop("interval", "1d")
    source = {**source, "with": {**source["with"], "interval": interval}, **declared}
    engine = BacktestEngine.from_config(
        {
            "data": {"source": "x", "symbols": ["X"], "interval": interval},
            "data_sources": {"x": source},
            "strategies": [{"name": "trend", "use": "sma-cross", "with": {"fast": 3, "slow": 8}}],
            "portfolio": {"cash": 100_000},
        }
    )
    result = engine.run()
    return engine.run_state.market.tables[0].digest, result.digest, result.trades.num_rows


DAILY = {"prices": "raw", "calendar": "24/7", "currency": "USD", "asset_class": "crypto"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("table", "declared"),
    [(days(), DAILY), (minutes(), {**DAILY, "interval": "1m", "stamp": "end", "zone": "UTC"})],
    ids=["days of trades", "minutes of quotes"],
)
def test_gives_the_bars_and_the_events_of_csv(
    reference: Callable[..., dict[str, Any]], kind: str, table: pa.Table, declared: dict[str, Any]
) -> None:
    expected = run(reference("csv", table), **declared)

    assert run(reference(kind, table), **declared) == expected
    assert expected[2] > 0


def test_a_table_in_memory_gives_the_fills_of_a_file(tmp_path: Path) -> None:
    said = {"symbols": ["X"], "prices": "raw", "stamp": "session", "calendar": "24/7", "currency": "USD"}
    with pa.OSFile(str(tmp_path / "x.arrow"), "wb") as sink, pa.ipc.new_file(sink, days().schema) as writer:
        writer.write_table(days())
    sources = ArrowSource(table=days(), **said), ArrowSource(str(tmp_path / "x.arrow"), **said)
    one, other = (qt.backtest(qt.use("sma-cross", fast=3, slow=8), source, cash=100_000) for source in sources)

    assert one.fills.num_rows > 0
    assert one.digest == other.digest
