"""Limits, stops, trailing stops and orders on open and close, from order to fill."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from qtrader.events import OrderStatus
from qtrader.ports import Instrument

D = Decimal


def fills(world: Any) -> list[tuple[str, Decimal, Decimal]]:
    return [(one.source_order_id, one.quantity, one.price) for one in world.fills]


def test_a_limit_waits_until_it_is_reached(market: Any) -> None:
    market.order(order_type="limit", limit_price=D(9), time_in_force="GTC")
    market.show(2, "10 12 9 11")
    market.show(3, "10 12 8.5 11")

    assert fills(market) == [("o-1", D(100), D(9))]
    assert market.triggers() == ["received", "sent", "ack", "fill"]


def test_a_fill_inside_a_bar_is_dated_at_its_end(market: Any) -> None:
    market.order(order_type="limit", limit_price=D(9))
    market.show(2, "10 12 8 11")

    assert market.fills[0].executed_at == datetime(2024, 1, 2, 21, tzinfo=UTC)


def test_a_stop_says_that_it_was_triggered_then_fills(market: Any) -> None:
    market.order(side="sell", order_type="stop", stop_price=D(100))
    market.show(2, "90 95 88 91")

    assert market.triggers() == ["received", "sent", "ack", "triggered", "fill"]
    assert [one.triggered for one in market.updates()][-2:] == [True, True]
    assert market.fills[0].price == 90


def test_a_stop_limit_that_is_triggered_waits_as_a_limit(market: Any) -> None:
    market.order(order_type="stop_limit", stop_price=D(11), limit_price=D(10), time_in_force="GTC")
    market.show(2, "10 12 9 11")
    waiting = (market.last().status, market.last().triggered)
    market.show(3, "12 12 11 11")
    market.show(4, "11 11 9 10")

    assert waiting == (OrderStatus.ACK, True)
    assert fills(market) == [("o-1", D(100), D(10))]
    assert market.triggers().count("triggered") == 1


def test_a_trailing_stop_begins_at_the_last_price_and_follows(market: Any) -> None:
    """11 - 2 = 9; then the high of 14 moves it to 12; the open of 11.5 is below."""
    market.show(2, "10 12 9 11")
    market.order(side="sell", order_type="trailing_stop", trail_amount=D(2), time_in_force="GTC")
    market.show(3, "11 14 10 13")
    market.show(4, "11.5 12 11 12")

    assert fills(market) == [("o-1", D(100), D("11.5"))]


def test_the_trail_survives_a_restart(market: Any) -> None:
    market.show(2, "10 12 9 11")
    market.order(side="sell", order_type="trailing_stop", trail_percent=D(10), time_in_force="GTC")
    market.show(3, "11 20 10.5 19")  # 20 less a tenth: 18
    market = market.reborn()
    market.show(4, "19 19 17 18")

    assert fills(market) == [("o-1", D(100), D(18))]


def test_slippage_never_takes_more_than_the_limit_leaves(kit: Any) -> None:
    """9 and 0.5 of slippage would be 9.5; at the open of 8.75 there is a quarter to lose."""
    world = kit.World(policy=kit.Rules(), slippage=kit.Slip(D("0.5")))
    world.order(1, order_type="limit", limit_price=D(9))
    world.show(2, "10 12 8 11")
    world.order(2, order_type="limit", limit_price=D(9))
    world.show(3, "8.75 12 8 11")

    assert [(one.price, one.slippage) for one in world.fills] == [(D(9), D(0)), (D(9), D("0.25"))]


def test_stops_pay_slippage(kit: Any) -> None:
    world = kit.World(policy=kit.Rules(), slippage=kit.Slip(D("0.5")))
    world.order(side="sell", order_type="stop", stop_price=D(9))
    world.show(2, "10 12 8 11")

    assert world.fills[0].price == D("8.5")


def test_what_the_open_fills_comes_first_whoever_was_there_first(market: Any) -> None:
    """Fills are in the order of their time: nothing is sold inside a bar before it is bought at the open."""
    market.order(1, order_type="limit", limit_price=D(11), side="sell", time_in_force="GTC")
    market.order(2)
    market.order(3, order_type="market_on_close", side="sell")
    market.order(4, order_type="stop", stop_price=D(9), side="sell")
    market.show(2, "10 12 9 10.5")

    assert [name for name, _, _ in fills(market)] == ["o-2", "o-1", "o-4", "o-3"]
    times = [one.executed_at for one in market.fills]
    assert times == sorted(times)


def test_an_order_on_open_waits_for_the_first_bar_of_a_session(market: Any) -> None:
    market.minute(2, 14, "10 10 10 10")
    market.order(order_type="market_on_open", time_in_force="GTC")
    market.minute(2, 14, "11 11 11 11", number=1)
    market.minute(3, 14, "12 13 12 13")

    assert fills(market) == [("o-1", D(100), D(12))]


def test_an_order_on_close_fills_at_the_close_of_a_daily_bar(market: Any) -> None:
    market.order(order_type="market_on_close")
    market.show(2, "10 12 9 11")

    assert fills(market) == [("o-1", D(100), D(11))]


def test_an_order_on_close_waits_for_the_last_bar_of_a_session(market: Any) -> None:
    market.view.ends_session = lambda bar: bar.timestamp.hour == 21
    market.order(order_type="market_on_close")
    market.minute(2, 15, "10 10 10 10")
    early = fills(market)
    market.minute(2, 21, "11 12 11 12")

    assert (early, fills(market)) == ([], [("o-1", D(100), D(12))])


def test_limits_do_not_fill_on_the_bar_that_they_were_decided_on(kit: Any) -> None:
    world = kit.World(policy=kit.Rules(moment="close", same_bar=True))
    world.show(2, "10 12 8 11")
    world.order(1, order_type="limit", limit_price=D(9))
    world.order(2)

    assert fills(world) == [("o-2", D(100), D(11))]


def test_an_order_for_a_delisted_instrument_is_rejected(kit: Any) -> None:
    world = kit.World(policy=kit.Rules(), instruments=(Instrument("A", delisted=date(2024, 1, 2)),))
    world.show(3, "10 12 8 11")
    world.order()

    assert (world.last().status, world.last().reason) == (OrderStatus.REJECTED, "A was delisted on 2024-01-02")


def test_a_negative_limit_is_a_price_where_the_instrument_says_so(kit: Any) -> None:
    world = kit.World(policy=kit.Rules(), instruments=(Instrument("A", negative_prices=True),))
    world.order(order_type="limit", limit_price=D(-2))
    world.show(2, "-1 0 -3 -2")

    assert fills(world) == [("o-1", D(100), D(-2))]


@pytest.mark.parametrize("volume", ["0"])
def test_a_bar_without_volume_neither_triggers_nor_moves_anything(market: Any, volume: str) -> None:
    market.order(side="sell", order_type="stop", stop_price=D(100), time_in_force="GTC")
    market.show(2, "90 95 88 91", volume=volume)

    assert market.triggers() == ["received", "sent", "ack"]
