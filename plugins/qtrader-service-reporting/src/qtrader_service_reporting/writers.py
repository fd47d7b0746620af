"""The files of a run: figures, equity curve, trades and fills, from events or from PyArrow tables.

CSV columns are the fields of the contracts; decimals are plain text with all their digits, times ISO 8601 in UTC.
A text that a spreadsheet would take for a formula is written with an apostrophe before it.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from qtrader import Metrics
from qtrader.events import BaseEvent, FillEvent, TradeEvent, ValuationEvent
from qtrader.ports import plain

MONEY = pa.decimal128(38, 8)
_EQUITY_COLUMNS: dict[str, pa.DataType] = {
    "session": pa.date32(),
    "time": pa.timestamp("us", tz="UTC"),
    **dict.fromkeys(("equity", "cash", "market_value", "receivables", "payables", "accruals"), MONEY),
    "currency": pa.string(),
}
EQUITY = pa.schema(_EQUITY_COLUMNS)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_metrics(path: Path, metrics: Metrics) -> Path:
    """Write the figures as JSON."""
    path.write_text(metrics.to_json(), encoding="utf-8")
    return path


def equity_table(valuations: Iterable[ValuationEvent]) -> pa.Table:
    """The equity curve as a table, one row a valuation."""
    rows = [{"time": one.occurred_at, **_payload(one)} for one in valuations]
    columns = [pa.array([row[column.name] for row in rows], column.type) for column in EQUITY]
    return pa.Table.from_arrays(columns, schema=EQUITY)


def write_equity(path: Path, valuations: Iterable[ValuationEvent] | pa.Table) -> Path:
    """Write the equity curve as Parquet."""
    table = (
        valuations.select(EQUITY.names).cast(EQUITY) if isinstance(valuations, pa.Table) else equity_table(valuations)
    )
    pq.write_table(table, path, compression="zstd")
    return path


def write_trades(path: Path, trades: Iterable[TradeEvent] | pa.Table) -> Path:
    """Write the trades as CSV, one row per closing fill and lot."""
    return _write_csv(path, columns(TradeEvent), trades)


def write_fills(path: Path, fills: Iterable[FillEvent] | pa.Table) -> Path:
    """Write the fills as CSV."""
    return _write_csv(path, columns(FillEvent), fills)


def columns(kind: type[BaseEvent]) -> list[str]:
    """The payload fields of an event's contract, in its order."""
    return [name for name in kind.model_fields if name != "origin"]


def _write_csv(path: Path, names: Sequence[str], source: Iterable[BaseEvent] | pa.Table) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([_cell(row[name]) for name in names] for row in _rows(source))
    return path


def _rows(source: Iterable[BaseEvent] | pa.Table) -> Iterator[Mapping[str, Any]]:
    if isinstance(source, pa.Table):
        yield from source.to_pylist()
    else:
        yield from map(_payload, source)


def _payload(event: BaseEvent) -> dict[str, Any]:
    return {name: getattr(event, name) for name in columns(type(event))}


def _cell(value: Any) -> str:
    """One value as CSV text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
