"""A market on disk: bars, instruments, actions and sessions of a run, so that it can be read and verified for ever."""

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from qtrader.bar_table import BarTable
from qtrader.errors import StoreError
from qtrader.market import Market, ScheduledAction, Session
from qtrader.ports.data import CorporateAction, Instrument
from qtrader.ports.decimals import plain
from qtrader.quotes import Quotes

_COLUMNS = ("time_ns", "open_ns", "session", "open", "high", "low", "close", "volume", "volume_known")
_DATES = {"ex_date", "record_date", "pay_date", "listed", "delisted"}
_DECIMALS = {
    "tick", "lot", "multiplier", "reference_price", "amount", "withholding", "ratio", "cash_amount", "cost_share",
    "subscription_price", "value",
}  # fmt: skip


def market_size(market: Market) -> int:
    """Bytes of all bar columns."""
    return sum(int(column.nbytes) for table in market.all_tables for column in _columns(table).values())


def _columns(table: BarTable) -> dict[str, NDArray[Any]]:
    """Every column that a table has, bid and ask included."""
    columns = {name: column for name in _COLUMNS if (column := getattr(table, name)) is not None}
    return columns | (dict(table.quotes.columns()) if table.quotes is not None else {})


def write_market(market: Market, folder: Path) -> None:
    """Write ``market.json`` and one Arrow file per table, numbered in the order of the timeline."""
    folder.mkdir(parents=True)
    for index, table in enumerate(market.all_tables):
        batch = pa.table({name: pa.array(column) for name, column in _columns(table).items()})
        with pa.OSFile(str(folder / f"{index:04d}.arrow"), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
            writer.write_table(batch)
    (folder / "market.json").write_text(json.dumps(_describe(market), indent=1) + "\n", encoding="utf-8")


def _describe(market: Market) -> dict[str, Any]:
    return {
        "version": 1,
        "tables": [_describe_table(table) for table in market.all_tables],
        "coarser": len(market.coarser),
        "actions": describe_actions(market),
        "sessions": describe_sessions(market),
        "sessions_per_year": market.sessions_per_year,
        **describe_calendar(market),
        "signal_view": market.signal_view,
        "warnings": list(market.warnings),
    }


def _describe_table(table: BarTable) -> dict[str, Any]:
    return {
        "instrument": describe_instrument(table.instrument),
        "interval": table.interval,
        "price_scale": table.price_scale,
        "volume_scale": table.volume_scale,
        "live_from": table.live_from,
        "basis": table.basis,
        **({"size_scale": table.quotes.size_scale} if table.quotes is not None else {}),
        "digest": table.digest,
    }


def describe_instrument(instrument: Instrument) -> dict[str, Any]:
    """Every fact of an instrument that is known, in plain JSON values, decimals as text."""
    return _plain(asdict(instrument))


def describe_sessions(market: Market) -> list[list[Any]]:
    """Date, open and close (ns UTC) of every session."""
    return [[session.day.isoformat(), session.open_ns, session.close_ns] for session in market.sessions]


def describe_calendar(market: Market) -> dict[str, Any]:
    """What is known of the calendar besides the sessions: those before and after them, and its zone."""
    around = [None if day is None else day.isoformat() for day in market.around]
    return {"around": around, "zone": market.zone}


def describe_actions(market: Market) -> list[dict[str, Any]]:
    """Every scheduled action in plain JSON values, decimals as text."""
    return [{"time_ns": a.time_ns, "action_id": a.action_id, **_plain(asdict(a.action))} for a in market.actions]


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    def text(value: Any) -> Any:
        if isinstance(value, Decimal):
            return plain(value)
        return value.isoformat() if isinstance(value, date) else value

    return {name: text(value) for name, value in values.items() if value is not None}


def _typed(kind: type, values: dict[str, Any]) -> dict[str, Any]:
    known = {one.name for one in fields(kind)}
    typed: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            continue
        typed[name] = date.fromisoformat(value) if name in _DATES else Decimal(value) if name in _DECIMALS else value
    return typed


def read_market(folder: Path) -> Market:
    """Read a market back and check each table against its digest. Raises StoreError."""
    try:
        facts = json.loads((folder / "market.json").read_text(encoding="utf-8"))
        tables = tuple(_read_table(folder / f"{index:04d}.arrow", one) for index, one in enumerate(facts["tables"]))
    except (OSError, pa.ArrowInvalid, KeyError, ValueError) as error:
        raise StoreError(f"{folder}: the archived bars cannot be read: {error}. Run the backtest again") from error
    trading = len(tables) - facts.get("coarser", 0)
    return Market(
        tables=tables[:trading],
        coarser=tables[trading:],
        actions=tuple(
            ScheduledAction(one["time_ns"], one["action_id"], CorporateAction(**_typed(CorporateAction, one)))
            for one in facts["actions"]
        ),
        sessions=tuple(Session(date.fromisoformat(day), opens, closes) for day, opens, closes in facts["sessions"]),
        sessions_per_year=facts["sessions_per_year"],
        around=_around(facts.get("around", (None, None))),
        zone=facts.get("zone", "UTC"),
        signal_view=facts["signal_view"],
        warnings=tuple(facts["warnings"]),
    )


def _around(days: Sequence[str | None]) -> tuple[date | None, date | None]:
    before, after = (None if day is None else date.fromisoformat(day) for day in days)
    return before, after


def _read_table(path: Path, facts: dict[str, Any]) -> BarTable:
    with pa.memory_map(str(path)) as source:
        table = pa.ipc.open_file(source).read_all()
    columns = {name: np.array(table.column(name).to_numpy()) for name in table.column_names}
    bars = BarTable(
        instrument=Instrument(**_typed(Instrument, facts["instrument"])),
        interval=facts["interval"],
        price_scale=facts["price_scale"],
        volume_scale=facts["volume_scale"],
        live_from=facts["live_from"],
        basis=facts["basis"],
        quotes=Quotes.of(columns, facts.get("size_scale", 0)),
        **{name: column for name, column in columns.items() if name in _COLUMNS},
    )
    if bars.digest != facts["digest"]:
        raise StoreError(f"{path}: the bars of {bars.symbol} are not those that were archived; restore the file")
    return bars
