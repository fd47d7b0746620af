from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from qtrader.errors import RunError
from qtrader.events import PriceBarEvent
from qtrader.testing import FillPolicyConformance, bar, order
from qtrader_fill_quote.quote import Quote


def quoted(bids: str = "10 12 9 11", asks: str = "10.2 12.3 9.1 11.1", **values: Any) -> PriceBarEvent:
    """A bar whose bids and asks are open, high, low and close."""
    names = [f"{side}_{price}" for side in ("bid", "ask") for price in ("open", "high", "low", "close")]
    prices = map(Decimal, f"{bids} {asks}".split())
    return bar(**values).model_copy(update=dict(zip(names, prices, strict=True)))


@pytest.mark.parametrize(
    ("at", "side", "price"),
    [("open", "buy", "10.2"), ("open", "sell", "10"), ("close", "buy", "11.1"), ("close", "sell", "11")],
)
def test_market_orders_pay_the_spread(at: Any, side: str, price: str) -> None:
    decision = Quote(at=at).decide(order(side), quoted())
    assert decision is not None
    assert (decision.quantity, decision.price, decision.moment) == (100, Decimal(price), at)


@pytest.mark.parametrize(
    ("side", "limit", "price"),
    [("buy", "9.1", None), ("buy", "9.2", "9.2"), ("sell", "12", None), ("sell", "11.9", "11.9")],
)
def test_a_limit_waits_for_the_quote_of_its_side(side: str, limit: str, price: str | None) -> None:
    """The bids went down to 9, and that helps no buyer; the asks up to 12.3, and that helps no seller."""
    decision = Quote().decide(order(side, order_type="limit", limit_price=Decimal(limit)), quoted())
    assert (None if decision is None else decision.price) == (None if price is None else Decimal(price))


@pytest.mark.parametrize(
    ("side", "stop", "price"), [("buy", "12.3", "12.3"), ("sell", "9", "9"), ("sell", "10.1", "10")]
)
def test_a_stop_is_reached_by_the_quote_of_its_side(side: str, stop: str, price: str) -> None:
    decision = Quote().decide(order(side, order_type="stop", stop_price=Decimal(stop)), quoted())
    assert decision is not None
    assert decision.price == Decimal(price)


def test_stops_may_meet_the_trades_instead() -> None:
    """Trades reach 12, the asks 12.3."""
    asked = order(order_type="stop", stop_price=Decimal("12.2"))
    by_quotes, by_trades = (Quote(resting=one).decide(asked, quoted()) for one in ("quotes", "trades"))  # type: ignore[arg-type]
    assert by_quotes is not None
    assert by_trades is None


def test_touching_is_enough_where_the_option_says_so() -> None:
    decision = Quote(touch=True).decide(order(order_type="limit", limit_price=Decimal("9.1")), quoted())
    assert decision is not None


@pytest.mark.parametrize(("side", "missing"), [("buy", "ask"), ("sell", "bid")])
def test_a_bar_without_quotes_is_an_error_that_says_what_to_do(side: str, missing: str) -> None:
    with pytest.raises(RunError, match=f"AAPL at 2020-01-02T21:00:00.* has no {missing} prices.*Use a source with bid"):
        Quote().decide(order(side), bar())


@pytest.mark.parametrize(("side", "price"), [("buy", "11.1"), ("sell", "11")])
def test_in_the_bar_of_the_decision_the_last_quote_fills_and_is_optimistic(side: str, price: str) -> None:
    decision = Quote(same_bar=True).decide(order(side), quoted())
    assert decision is not None
    assert (decision.price, decision.moment, decision.optimistic) == (Decimal(price), "close", True)


def test_it_waits_for_the_next_bar_unless_told_otherwise() -> None:
    assert Quote().same_bar is False


class TestConformance(FillPolicyConformance):
    tool = Quote()
    bars: ClassVar[Sequence[PriceBarEvent]] = (
        quoted(),
        quoted("1 1 1 1", "1 1 1 1"),
        quoted("-2 3 -3 -2", "-1 4 -2 -1"),
    )
