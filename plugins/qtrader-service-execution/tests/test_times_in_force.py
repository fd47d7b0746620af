"""How long orders live: DAY, GTC, GTD, IOC, FOK."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from qtrader.events import OrderStatus

D = Decimal
FAR = {"order_type": "limit", "limit_price": D(1)}


def test_a_day_order_expires_at_the_end_of_the_session_in_which_it_could_trade(market: Any) -> None:
    market.order(**FAR)
    market.show(2, "10 12 9 11")
    market.end(2)

    assert (market.last().status, market.last().reason) == (OrderStatus.EXPIRED, "end of the session")


def test_a_day_order_of_the_close_lives_through_the_next_session(market: Any) -> None:
    market.show(2, "10 12 9 11")
    market.order(**FAR)
    market.end(2)
    alive = market.last().status
    market.show(3, "10 12 9 11")
    market.end(3)

    assert (alive, market.last().status) == (OrderStatus.ACK, OrderStatus.EXPIRED)


def test_it_expires_at_the_early_close_of_a_half_day(market: Any) -> None:
    market.order(**FAR)
    market.minute(2, 17, "10 12 9 11")
    market.end(2, hour=18)

    assert market.last().origin.time_ns == int(datetime(2024, 1, 2, 18, tzinfo=UTC).timestamp()) * 1_000_000_000


@pytest.mark.parametrize("volume", ["0", None])
def test_a_session_in_which_it_could_not_trade_does_not_count(market: Any, volume: str | None) -> None:
    market.order()
    if volume is not None:
        market.show(2, "10 12 9 11", volume=volume)
    market.end(2)
    market.show(3, "10 12 9 11")

    assert market.last().status is OrderStatus.FILLED


def test_a_good_till_cancelled_order_does_not_expire(market: Any) -> None:
    market.order(**FAR, time_in_force="GTC")
    for day in (2, 3, 4):
        market.show(day, "10 12 9 11")
        market.end(day)

    assert market.last().status is OrderStatus.ACK


def test_a_good_till_date_order_expires_when_a_session_ends_after_it(market: Any) -> None:
    market.order(**FAR, time_in_force="GTD", expire_at=datetime(2024, 1, 3, 21, tzinfo=UTC))
    market.show(2, "10 12 9 11")
    market.end(2)
    alive = market.last().status
    market.end(3)

    assert (alive, market.last().status) == (OrderStatus.ACK, OrderStatus.EXPIRED)
    assert market.last().reason == "good till 2024-01-03T21:00:00+00:00"


def test_it_may_fill_on_the_bar_that_ends_at_its_date(market: Any) -> None:
    market.order(time_in_force="GTD", expire_at=datetime(2024, 1, 2, 21, tzinfo=UTC))
    market.show(2, "10 12 9 11")

    assert market.last().status is OrderStatus.FILLED


def test_it_does_not_fill_on_a_bar_that_ends_later(market: Any) -> None:
    market.order(time_in_force="GTD", expire_at=datetime(2024, 1, 2, 20, tzinfo=UTC))
    market.show(2, "10 12 9 11")

    assert (market.last().status, market.fills) == (OrderStatus.EXPIRED, [])


def test_immediate_or_cancel_takes_what_there_is_and_cancels_the_rest(kit: Any) -> None:
    world = kit.World(policy=kit.Rules(), max_participation="0.05")
    world.order(time_in_force="IOC")
    world.show(2, "10 12 9 11")

    assert [one.quantity for one in world.fills] == [50]
    assert (world.last().status, world.last().reason) == (OrderStatus.CANCELED, "IOC: 50 did not fill")


def test_fill_or_kill_takes_all_or_nothing(kit: Any) -> None:
    world = kit.World(policy=kit.Rules(), max_participation="0.05")
    world.order(1, time_in_force="FOK")
    world.order(2, time_in_force="FOK", quantity=D(50))
    world.show(2, "10 12 9 11")

    assert [(one.source_order_id, one.quantity) for one in world.fills] == [("o-2", 50)]
    assert (world.last(1).status, world.last(1).reason) == (OrderStatus.CANCELED, "FOK: 100 did not fill")


def test_what_wants_all_at_once_does_not_wait_for_a_better_price(market: Any) -> None:
    market.order(order_type="limit", limit_price=D("9.5"), time_in_force="IOC")
    market.show(2, "10 12 9 11")

    assert (market.last().status, market.fills) == (OrderStatus.CANCELED, [])


def test_at_the_end_of_the_data_everything_expires(market: Any) -> None:
    market.order(**FAR, time_in_force="GTC")
    market.service.stop()

    assert (market.last().status, market.last().reason) == (OrderStatus.EXPIRED, "end_of_data")
