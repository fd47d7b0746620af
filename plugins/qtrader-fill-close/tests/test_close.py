from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from qtrader.ports import FillDecision, FillPolicy, WorkingOrder
from qtrader.testing import FillPolicyConformance, bar
from qtrader_fill_close.close import Close


@dataclass(frozen=True)
class OneBar:
    """A bar with made-up prices: open 10, high 12, low 9, close 11."""

    symbol: str = "A"
    time_ns: int = 2
    time: datetime = datetime(2024, 1, 2, tzinfo=UTC)
    session: date | None = None
    open: Decimal = Decimal(10)
    high: Decimal = Decimal(12)
    low: Decimal = Decimal(9)
    close: Decimal = Decimal(11)
    volume: Decimal | None = None


def order(order_type: str = "market", quantity: str = "7") -> WorkingOrder:
    return WorkingOrder("o-1", "A", "buy", Decimal(quantity), order_type=order_type)


@pytest.mark.parametrize("policy", [Close(), Close(same_bar=True)])
def test_it_is_a_fill_policy(policy: object) -> None:
    assert isinstance(policy, FillPolicy)


def test_it_waits_for_the_next_bar_unless_told_otherwise() -> None:
    assert Close().same_bar is False


def test_a_market_order_fills_whole_at_the_close() -> None:
    assert Close().decide(order(quantity="7.5"), OneBar()) == FillDecision(Decimal("7.5"), Decimal(11), "close", False)


def test_a_fill_at_the_price_of_the_decision_is_optimistic() -> None:
    assert Close(same_bar=True).decide(order(), OneBar()) == FillDecision(Decimal(7), Decimal(11), "close", True)


@pytest.mark.parametrize("order_type", ["limit", "stop", "stop_limit", "trailing_stop"])
def test_other_order_types_are_left_alone(order_type: str) -> None:
    assert Close().decide(order(order_type), OneBar()) is None


def test_nothing_fills_where_nothing_traded() -> None:
    assert Close().decide(order(), bar(volume="0")) is None


class TestNextBar(FillPolicyConformance):
    tool = Close()


class TestSameBar(FillPolicyConformance):
    tool = Close(same_bar=True)
