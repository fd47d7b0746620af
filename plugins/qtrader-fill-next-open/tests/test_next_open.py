from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from qtrader.ports import FillDecision, FillPolicy, WorkingOrder
from qtrader.testing import FillPolicyConformance, bar
from qtrader_fill_next_open.next_open import NextOpen


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


def test_it_is_a_fill_policy() -> None:
    assert isinstance(NextOpen(), FillPolicy)


def test_it_never_fills_in_the_bar_of_the_decision() -> None:
    assert NextOpen().same_bar is False


def test_a_market_order_fills_whole_at_the_open() -> None:
    assert NextOpen().decide(order(quantity="7.5"), OneBar()) == FillDecision(
        Decimal("7.5"), Decimal(10), "open", False
    )


@pytest.mark.parametrize(
    ("order_type", "prices", "price"),
    [
        ("limit", {"limit_price": Decimal("9.5")}, "9.5"),
        ("limit", {"limit_price": Decimal(9)}, None),
        ("stop", {"stop_price": Decimal("11.5")}, "11.5"),
        ("stop_limit", {"stop_price": Decimal("10.5"), "limit_price": Decimal("11.5")}, "11.5"),
        ("trailing_stop", {"stop_price": Decimal(12), "trail_amount": Decimal(5)}, "12"),
    ],
)
def test_other_order_types_fill_where_they_are_reached(order_type: str, prices: Any, price: str | None) -> None:
    decision = NextOpen().decide(order(order_type)._replace(**prices), OneBar())
    assert (None if decision is None else decision.price) == (None if price is None else Decimal(price))


def test_a_limit_that_is_touched_fills_where_the_option_says_so() -> None:
    decision = NextOpen(touch=True).decide(order("limit")._replace(limit_price=Decimal(9)), OneBar())
    assert decision is not None


def test_nothing_fills_where_nothing_traded() -> None:
    assert NextOpen().decide(order(), bar(volume="0")) is None


class TestConformance(FillPolicyConformance):
    tool = NextOpen()
