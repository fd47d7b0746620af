"""Builders of the events that the reporting service listens to; every field can be set, the rest is plausible."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from qtrader.events import FillEvent, TradeEvent, ValuationEvent


@pytest.fixture
def valuation() -> Callable[..., ValuationEvent]:
    """Build ``valuation(day, equity)``: all in cash unless ``open_positions`` is given."""

    def build(day: date | str, equity: str, **fields: Any) -> ValuationEvent:
        session = date.fromisoformat(day) if isinstance(day, str) else day
        zero = Decimal(0)
        values = {
            "session": session,
            "currency": "USD",
            "equity": Decimal(equity),
            "cash": Decimal(equity),
            **dict.fromkeys(("market_value", "receivables", "payables", "accruals"), zero),
            **dict.fromkeys(("realised_pnl", "unrealised_pnl"), zero),
            "open_positions": 0,
            "occurred_at": datetime(session.year, session.month, session.day, 21, tzinfo=UTC),
        }
        return ValuationEvent(**{**values, **fields})

    return build


@pytest.fixture
def trade() -> Callable[..., TradeEvent]:
    """Build ``trade(round_trip, net)``; it closes its round trip unless told otherwise."""

    def build(round_trip: str, net: str, **fields: Any) -> TradeEvent:
        values = {
            "trade_id": f"{round_trip}-1",
            "round_trip_id": round_trip,
            "closes_round_trip": True,
            "strategy_id": "trend",
            "symbol": "AAPL",
            "currency": "USD",
            "side": "long",
            "quantity": Decimal(10),
            "entry_time": datetime(2024, 1, 2, 14, 30, tzinfo=UTC),
            "exit_time": datetime(2024, 1, 5, 14, 30, tzinfo=UTC),
            "entry_price": Decimal(100),
            "exit_price": Decimal(101),
            "gross_pnl": Decimal(net) + 2,
            "commission": Decimal(2),
            "net_pnl": Decimal(net),
            "lot_id": "lot-1",
            "entry_fill_id": "fill-1",
            "exit_fill_id": "fill-2",
        }
        return TradeEvent(**{**values, **fields})

    return build


@pytest.fixture
def fill() -> Callable[..., FillEvent]:
    """Build ``fill()``: 10 AAPL bought at 100.02, reference price 100, commission 1."""

    def build(**fields: Any) -> FillEvent:
        values = {
            "fill_id": "fill-1",
            "source_order_id": "order-1",
            "intent_id": "intent-1",
            "strategy_id": "trend",
            "symbol": "AAPL",
            "side": "buy",
            "quantity": Decimal(10),
            "price": Decimal("100.02"),
            "currency": "USD",
            "commission": Decimal(1),
            "commission_currency": "USD",
            "reference_price": Decimal(100),
            "slippage": Decimal("0.02"),
            "executed_at": datetime(2024, 1, 2, 14, 30, tzinfo=UTC),
            "policy": "next-open",
        }
        return FillEvent(**{**values, **fields})

    return build
