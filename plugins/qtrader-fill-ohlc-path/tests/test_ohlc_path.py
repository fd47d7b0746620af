from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from qtrader.testing import FillPolicyConformance, bar, order
from qtrader_fill_ohlc_path.ohlc_path import OhlcPath


@pytest.mark.parametrize("path", ["adverse", "favourable", "high-first", "low-first"])
@pytest.mark.parametrize("side", ["buy", "sell"])
def test_market_orders_fill_at_the_open(path: Any, side: str) -> None:
    decision = OhlcPath(path).decide(order(side), bar(prices="10 12 9 11"))
    assert decision is not None
    assert (decision.price, decision.moment) == (10, "open")


@pytest.mark.parametrize(("path", "low_last"), [("adverse", False), ("low-first", False), ("favourable", True)])
def test_a_trailing_sell_is_met_on_the_way_down(path: Any, *, low_last: bool) -> None:
    """Up to 14 the stop goes to 12: met by a close of 11 in any case, by the low of 9 where that comes last."""
    trailing = order("sell", order_type="trailing_stop", stop_price=Decimal(7), trail_amount=Decimal(2))
    found, other = (OhlcPath(path).decide(trailing, bar(prices=f"10 14 9 {close}")) for close in (11, 13))
    assert found is not None
    assert other is not None
    assert (found.quantity, found.price) == (100, 12)
    assert bool(other.quantity) is low_last


@pytest.mark.parametrize(("path", "price"), [("high-first", "9.5"), ("low-first", None)])
def test_a_stop_limit_fills_only_after_its_trigger(path: Any, price: str | None) -> None:
    asked = order(order_type="stop_limit", stop_price=Decimal(11), limit_price=Decimal("9.5"))
    decision = OhlcPath(path).decide(asked, bar(prices="10 12 9 11"))
    assert decision is not None
    assert (decision.price if decision.quantity else None) == (None if price is None else Decimal(price))
    assert decision.triggered


def test_an_unknown_path_is_refused() -> None:
    with pytest.raises(ValidationError, match="adverse"):
        TypeAdapter(OhlcPath).validate_python({"path": "sideways"})


class TestAdverse(FillPolicyConformance):
    tool = OhlcPath()


class TestFavourable(FillPolicyConformance):
    tool = OhlcPath("favourable", touch=True)
