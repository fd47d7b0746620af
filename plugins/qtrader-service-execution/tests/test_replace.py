"""Changing an order that works: quantity and prices, what is refused, and what a split does to it."""

from decimal import Decimal
from typing import Any

import pytest

from qtrader.events import OrderStatus

D = Decimal
LIMIT = {"order_type": "limit", "limit_price": D(1), "time_in_force": "GTC"}


def test_a_new_limit_works_from_the_next_bar(market: Any) -> None:
    market.order(**LIMIT)
    market.command("replace", limit_price=D("10.5"))
    market.show(2, "10 12 9 11")

    assert market.triggers() == ["received", "sent", "ack", "replace_request", "replace", "fill"]
    assert (market.fills[0].price, market.last().revision) == (10, 1)


def test_while_it_is_asked_for_it_is_pending(market: Any) -> None:
    market.order(**LIMIT)
    market.command("replace", limit_price=D(2))

    assert [one.pending for one in market.updates()][-2:] == ["REPLACE", "NONE"]


def test_a_new_quantity_counts_what_has_filled(kit: Any) -> None:
    """50 of 100 filled; of 80, 30 are left."""
    world = kit.World(policy=kit.Rules(), max_participation="0.05")
    world.order(time_in_force="GTC")
    world.show(2, "10 12 9 11")
    world.command("replace", quantity=D(80))

    last = world.last()
    assert (last.status, last.quantity, last.filled_quantity, last.leaves_quantity) == ("PARTIAL", 80, 50, 30)


@pytest.mark.parametrize("quantity", [50, 20])
def test_no_more_than_has_filled_ends_it(kit: Any, quantity: int) -> None:
    world = kit.World(policy=kit.Rules(), max_participation="0.05")
    world.order(time_in_force="GTC")
    world.show(2, "10 12 9 11")
    world.command("replace", quantity=D(quantity))
    world.show(3, "10 12 9 11")

    last = world.last()
    assert (last.status, last.quantity, last.leaves_quantity) == (OrderStatus.FILLED, 50, 0)
    assert len(world.fills) == 1


def test_a_new_stop_works(market: Any) -> None:
    market.order(side="sell", order_type="stop", stop_price=D(1), time_in_force="GTC")
    market.command("replace", stop_price=D("9.5"))
    market.show(2, "10 12 9 11")

    assert market.fills[0].price == D("9.5")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "nothing is to change"),
        ({"quantity": D("0.5")}, "0.5 units are no whole number of lots of 1"),
        ({"limit_price": D(0)}, "limit_price 0 is no price"),
        ({"stop_price": D(5)}, "stop_price 5 means nothing for a limit order"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(market: Any, changes: dict[str, Any], said: str) -> None:
    market.order(**LIMIT)
    market.command("replace", **changes)

    last = market.last()
    assert (last.status, last.trigger, last.pending, last.quantity) == ("ACK", "replace_refused", "NONE", 100)
    assert said in last.reason


def test_a_stop_that_has_gone_off_is_not_moved(market: Any) -> None:
    market.order(order_type="stop_limit", stop_price=D(11), limit_price=D(10), time_in_force="GTC")
    market.show(2, "10 12 9 11")
    market.command("replace", stop_price=D(13))

    assert market.last().reason == "its stop has gone off already"


def test_a_change_survives_a_restart(market: Any) -> None:
    market.order(**LIMIT)
    market.command("replace", limit_price=D("10.5"), quantity=D(60))
    market = market.reborn()
    market.show(2, "10 12 9 11")

    assert [(one.quantity, one.price) for one in market.fills] == [(60, 10)]


def test_the_same_key_gives_the_order_as_it_was_sent(market: Any) -> None:
    order = market.order(**LIMIT)
    market.command("replace", limit_price=D(2))

    assert market.service.submit(order).duplicate
