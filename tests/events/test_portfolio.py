from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from event_samples import event, made
from qtrader.events import (
    BaseEvent,
    CashEvent,
    ConsolidatedPortfolioEvent,
    PositionEvent,
    TradeEvent,
    ValuationEvent,
    ValuationTriggerEvent,
)

pytestmark = pytest.mark.events


@pytest.mark.parametrize(
    ("event_class", "field", "wrong"),
    [
        (PositionEvent, "reason", "trade"),
        (PositionEvent, "commission", Decimal("-1")),
        (PositionEvent, "cost_basis", Decimal("0.000000001")),
        (CashEvent, "kind", "bonus"),
        (CashEvent, "currency", "usd"),
        (CashEvent, "amount", 25.0),
        (TradeEvent, "side", "buy"),
        (TradeEvent, "quantity", Decimal(0)),
        (TradeEvent, "commission", Decimal("-1")),
        (TradeEvent, "closes_round_trip", "yes"),
        (ValuationEvent, "open_positions", -1),
        (ValuationEvent, "equity", None),
        (ConsolidatedPortfolioEvent, "commission", Decimal("-1")),
        (ConsolidatedPortfolioEvent, "strategies", {"trend": []}),
        (ConsolidatedPortfolioEvent, "balances", [{"currency": "USD", "amount": 1.5}]),
        (ValuationTriggerEvent, "reason", "month_end"),
        (ValuationTriggerEvent, "session", "2024-02-30"),
    ],
)
def test_a_wrong_value_is_refused(event_class: type[BaseEvent], field: str, wrong: Any) -> None:
    with pytest.raises(ValidationError, match=field):
        made(event_class, **{field: wrong})


def test_a_position_may_be_short() -> None:
    assert event(PositionEvent, "short").quantity == Decimal("-7.5")


def test_a_flat_position_has_no_average_price() -> None:
    assert event(PositionEvent, "flat").average_price is None


def test_a_position_keeps_a_fraction_of_a_share() -> None:
    assert made(PositionEvent, quantity="7.5").model_dump(mode="json")["quantity"] == "7.5"


def test_a_dividend_entitlement_moves_no_cash() -> None:
    entitled = event(CashEvent, "entitlement")

    assert (entitled.amount, entitled.receivable) == (0, 25)


def test_a_trade_is_not_closed_before_it_is_opened() -> None:
    with pytest.raises(ValidationError, match="entry_time <= exit_time"):
        made(TradeEvent, entry_time="2024-07-01T13:30:00.000001Z")


def test_a_trade_may_be_closed_in_the_instant_in_which_it_was_opened() -> None:
    trade = made(TradeEvent, entry_time="2024-07-01T13:30:00.000000Z")

    assert trade.entry_time == trade.exit_time


def test_a_trades_net_is_gross_less_commission() -> None:
    with pytest.raises(ValidationError, match="net_pnl == gross_pnl - commission"):
        made(TradeEvent, net_pnl="7711.44000001")


@pytest.mark.parametrize("part", ["cash", "market_value", "receivables", "payables", "accruals"])
def test_equity_is_the_sum_of_its_parts(part: str) -> None:
    value = getattr(event(ValuationEvent, "with-debts"), part) + Decimal("0.00000001")

    with pytest.raises(ValidationError, match="equity == cash"):
        made(ValuationEvent, "with-debts", **{part: value})


def test_debts_lower_equity() -> None:
    # 4,972.26 + 98,104.96 + 8.25 - 5 - 5
    assert event(ValuationEvent, "with-debts").equity == Decimal("103075.47")


def test_a_portfolio_refuses_a_position_with_an_unknown_field() -> None:
    holding = event(ConsolidatedPortfolioEvent).strategies[0].positions[0].model_dump()

    with pytest.raises(ValidationError, match="lots"):
        made(
            ConsolidatedPortfolioEvent,
            strategies=[{"strategy_id": "trend", "positions": [{**holding, "lots": 1}]}],
        )
