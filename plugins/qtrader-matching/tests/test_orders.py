"""Each order type against bars worked out by hand: not reached, touched, gapped; both sides."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrader.ports import FillDecision, WorkingOrder
from qtrader_matching import Prices, decide, first_stop

HUNDRED = Decimal(100)


def order(side: Any, kind: str, **prices: Any) -> WorkingOrder:
    exact = {name: Decimal(str(one)) if isinstance(one, int | float) and name != "triggered" else one
             for name, one in prices.items()}  # fmt: skip
    return WorkingOrder("o-1", "A", side, HUNDRED, order_type=kind)._replace(**exact)


def bar(text: str) -> Prices:
    """Open, high, low, close."""
    return Prices(*map(Decimal, text.split()))


def shown(decision: FillDecision | None) -> tuple[str, str] | None:
    """Price and moment of a fill of all."""
    if decision is None or not decision.quantity:
        return None
    assert decision.quantity == HUNDRED
    return f"{decision.price.normalize():f}", decision.moment


@pytest.mark.parametrize(("at", "found"), [("open", ("10", "open")), ("close", ("11", "close"))])
def test_a_market_order_fills_at_the_moment(at: Any, found: Any) -> None:
    assert shown(decide(order("buy", "market"), bar("10 12 9 11"), at=at)) == found


@pytest.mark.parametrize(("kind", "found"), [("market_on_open", ("10", "open")), ("market_on_close", ("11", "close"))])
@pytest.mark.parametrize("at", ["open", "close"])
def test_orders_on_open_and_close_have_their_own_moment(kind: str, at: Any, found: Any) -> None:
    assert shown(decide(order("sell", kind), bar("10 12 9 11"), at=at)) == found


@pytest.mark.parametrize(
    ("side", "limit", "prices", "found"),
    [
        ("buy", 8, "10 12 9 11", None),  # not reached
        ("buy", 9, "10 12 9 11", None),  # touched
        ("buy", 9.01, "10 12 9 11", ("9.01", "inside")),
        ("buy", 10, "10 12 9 11", ("10", "inside")),  # the open is no better, and it traded through
        ("buy", 10.5, "10 12 9 11", ("10", "open")),  # gapped: never worse than the market
        ("sell", 13, "10 12 9 11", None),
        ("sell", 12, "10 12 9 11", None),
        ("sell", 11.99, "10 12 9 11", ("11.99", "inside")),
        ("sell", 10, "10 12 9 11", ("10", "inside")),
        ("sell", 9.5, "10 12 9 11", ("10", "open")),
    ],
)
def test_limits(side: str, limit: float, prices: str, found: Any) -> None:
    assert shown(decide(order(side, "limit", limit_price=limit), bar(prices))) == found


@pytest.mark.parametrize(
    ("side", "limit", "found"),
    [("buy", 9, ("9", "inside")), ("sell", 12, ("12", "inside")), ("buy", 10, ("10", "open")), ("buy", 8.99, None)],
)
def test_limits_that_fill_on_a_touch(side: str, limit: float, found: Any) -> None:
    assert shown(decide(order(side, "limit", limit_price=limit), bar("10 12 9 11"), touch=True)) == found


@pytest.mark.parametrize(
    ("side", "stop", "prices", "found"),
    [
        ("sell", 8.99, "10 12 9 11", None),
        ("sell", 9, "10 12 9 11", ("9", "inside")),  # touched
        ("sell", 9.5, "10 12 9 11", ("9.5", "inside")),
        ("sell", 100, "90 95 88 91", ("90", "open")),  # 105 the day before, open 90
        ("sell", 10, "10 12 9 11", ("10", "open")),
        ("buy", 12.01, "10 12 9 11", None),
        ("buy", 12, "10 12 9 11", ("12", "inside")),
        ("buy", 9, "10 12 9 11", ("10", "open")),
    ],
)
def test_stops(side: str, stop: float, prices: str, found: Any) -> None:
    assert shown(decide(order(side, "stop", stop_price=stop), bar(prices))) == found


def test_a_stop_that_filled_says_that_it_was_triggered() -> None:
    decision = decide(order("sell", "stop", stop_price=9), bar("10 12 9 11"))
    assert decision is not None
    assert decision.triggered


def test_a_stop_that_was_triggered_before_is_a_market_order() -> None:
    assert shown(decide(order("sell", "stop", stop_price=9, triggered=True), bar("10 12 9.5 11"))) == ("10", "open")


@pytest.mark.parametrize(
    ("side", "stop", "limit", "prices", "found"),
    [
        ("buy", 13, 14, "10 12 9 11", None),  # not triggered
        ("buy", 11, 11.5, "10 12 9 11", ("11.5", "inside")),  # triggered inside, the close allows
        ("buy", 11, 12.5, "10 12 9 11", ("12", "inside")),  # no more than the bar's high
        ("buy", 9.5, 10.5, "10 12 9 11", ("10", "open")),  # triggered by the open
        ("buy", 9.5, 9.2, "10 12 9 11", ("9.2", "inside")),  # by the open, then the limit is reached
        ("sell", 9.5, 9.2, "10 12 9 9.4", ("9.2", "inside")),
        ("sell", 9.5, 8, "10 12 9 9.4", ("9", "inside")),
        ("sell", 10, 9, "9.8 12 9 9.4", ("9.8", "open")),
    ],
)
def test_stop_limits(side: str, stop: float, limit: float, prices: str, found: Any) -> None:
    assert shown(decide(order(side, "stop_limit", stop_price=stop, limit_price=limit), bar(prices))) == found


def test_a_stop_limit_whose_close_is_away_is_triggered_and_waits() -> None:
    decision = decide(order("buy", "stop_limit", stop_price=11, limit_price=10), bar("10 12 9 11"))
    assert decision is not None
    assert (decision.quantity, decision.triggered) == (0, True)


def test_a_triggered_stop_limit_is_a_limit_order() -> None:
    waiting = order("buy", "stop_limit", stop_price=11, limit_price=10, triggered=True)
    assert shown(decide(waiting, bar("10.5 12 9 11"))) == ("10", "inside")
    assert decide(waiting, bar("10.5 12 10.1 11")) is None


@pytest.mark.parametrize(
    ("side", "stop", "prices", "found"),
    [
        ("sell", 9, "10 12 9 11", ("9", "inside")),
        ("sell", 8, "10 12 9 11", None),
        ("sell", 10.5, "10 12 9 11", ("10", "open")),
        ("buy", 12, "10 12 9 11", ("12", "inside")),
        ("buy", 13, "10 12 9 11", None),
    ],
)
def test_trailing_stops_fill_like_stops(side: str, stop: float, prices: str, found: Any) -> None:
    trailing = order(side, "trailing_stop", stop_price=stop, trail_amount=2)
    assert shown(decide(trailing, bar(prices))) == found


@pytest.mark.parametrize(
    ("side", "stop", "trail", "moved"),
    [
        ("sell", 8, {"trail_amount": 2}, "10"),  # 12 - 2
        ("sell", 8, {"trail_percent": 25}, "9"),  # 12 less a quarter of it
        ("buy", 13, {"trail_amount": 2}, "11"),  # 9 + 2
        ("buy", 13, {"trail_percent": 10}, "9.9"),
        ("sell", 8, {"trail_amount": 5}, None),  # 7 is no better than 8
    ],
)
def test_the_stop_follows_the_best_price_and_never_goes_back(side: str, stop: float, trail: Any, moved: Any) -> None:
    decision = decide(order(side, "trailing_stop", stop_price=stop, **trail), bar("10 12 9 11"))
    if moved is None:
        assert decision is None
    else:
        assert decision == FillDecision(Decimal(0), Decimal(moved), "inside", stop_price=Decimal(moved))


@pytest.mark.parametrize(
    ("side", "amount", "percent", "stop"),
    [("sell", 2, None, "98"), ("buy", 2, None, "102"), ("sell", None, 5, "95"), ("buy", None, "0.123456789", None)],
)
def test_where_a_trailing_stop_begins(side: Any, amount: Any, percent: Any, stop: Any) -> None:
    found = first_stop(side, HUNDRED, *(None if one is None else Decimal(one) for one in (amount, percent)))
    assert found == Decimal(stop or "100.12345679")  # away from the price


def test_a_trailing_stop_needs_a_distance() -> None:
    with pytest.raises(ValueError, match="needs trail_amount or trail_percent"):
        first_stop("buy", HUNDRED, None, None)


@pytest.mark.parametrize("force", ["IOC", "FOK"])
@pytest.mark.parametrize(
    ("kind", "price", "at", "found"),
    [
        ("limit", {"limit_price": 9.5}, "open", None),  # reached later, and at once it is not
        ("limit", {"limit_price": 10.5}, "open", ("10", "open")),
        ("limit", {"limit_price": 11.5}, "close", ("11", "close")),
        ("stop", {"stop_price": 11}, "open", None),
        ("market", {}, "close", ("11", "close")),
    ],
)
def test_what_wants_all_at_once_sees_one_price(force: str, kind: str, price: Any, at: Any, found: Any) -> None:
    assert shown(decide(order("buy", kind, time_in_force=force, **price), bar("10 12 9 11"), at=at)) == found


@pytest.mark.parametrize(
    ("kind", "given", "missing"),
    [
        ("limit", {}, "limit_price"),
        ("stop", {}, "stop_price"),
        ("stop_limit", {"limit_price": 1}, "stop_price"),
        ("stop_limit", {"stop_price": 1}, "limit_price"),
        ("trailing_stop", {"trail_amount": 1}, "stop_price"),
    ],
)
def test_an_order_without_its_price_is_an_error(kind: str, given: Any, missing: str) -> None:
    with pytest.raises(ValueError, match=f"a {kind} order needs a {missing}"):
        decide(order("buy", kind, **given), bar("10 12 9 11"))


def test_an_unknown_type_is_an_error() -> None:
    with pytest.raises(ValueError, match="type 'iceberg' is none of market,"):
        decide(order("buy", "iceberg"), bar("10 12 9 11"))


PRICES = st.integers(80, 120)
BARS = st.tuples(PRICES, PRICES, PRICES, PRICES).map(
    lambda p: Prices(Decimal(p[0]), Decimal(max(p)), Decimal(min(p)), Decimal(p[3]))
)
KINDS = st.sampled_from(["limit", "stop", "stop_limit", "trailing_stop"])


@given(BARS, KINDS, PRICES, PRICES, st.booleans(), st.booleans())
def test_a_seller_sees_the_mirror_of_a_buyer(
    prices: Prices,
    kind: str,
    limit: int,
    stop: int,
    touch: bool,  # noqa: FBT001 - drawn
    triggered: bool,  # noqa: FBT001 - drawn
) -> None:
    buying = order("buy", kind, limit_price=limit, stop_price=stop, trail_amount=3)._replace(triggered=triggered)
    selling = buying._replace(side="sell", limit_price=Decimal(-limit), stop_price=Decimal(-stop))
    bought, sold = decide(buying, prices, touch=touch), decide(selling, prices.mirrored(), touch=touch)

    if bought is None or sold is None:
        assert bought is sold is None
    else:
        assert (bought.quantity, bought.price, bought.moment) == (sold.quantity, -sold.price, sold.moment)


@given(BARS, st.sampled_from(["buy", "sell"]), st.sampled_from(["limit", "stop_limit"]), PRICES, PRICES)
def test_a_limit_never_fills_worse_and_nothing_fills_outside_the_bar(
    prices: Prices, side: Any, kind: str, limit: int, stop: int
) -> None:
    decision = decide(order(side, kind, limit_price=limit, stop_price=stop), prices)
    if decision is not None and decision.quantity:
        assert prices.low <= decision.price <= prices.high
        assert decision.price <= limit if side == "buy" else decision.price >= limit


@given(BARS, st.sampled_from(["buy", "sell"]), PRICES)
def test_a_stop_never_fills_better_than_its_stop(prices: Prices, side: Any, stop: int) -> None:
    decision = decide(order(side, "stop", stop_price=stop), prices)
    if decision is not None:
        assert decision.price >= stop if side == "buy" else decision.price <= stop
