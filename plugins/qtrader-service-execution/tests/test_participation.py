"""No more fills in a bar than a share of its volume, over all orders of a symbol."""

from decimal import Decimal
from typing import Any

import pytest

from qtrader.events import OrderStatus
from qtrader.ports import Instrument


def filled(world: Any) -> list[tuple[str, Decimal]]:
    return [(one.source_order_id, one.quantity) for one in world.fills]


def test_two_orders_of_80_share_a_tenth_of_1000(kit: Any) -> None:
    world = kit.World(policy=kit.Rules(), max_participation="0.1")
    world.order(1, quantity=Decimal(80))
    world.order(2, quantity=Decimal(80))
    world.show(2, "10 12 9 11", volume="1000")

    assert filled(world) == [("o-1", 80), ("o-2", 20)]
    assert (world.last(2).status, world.last(2).leaves_quantity) == (OrderStatus.PARTIAL, 60)


def test_the_rest_fills_on_later_bars(kit: Any) -> None:
    world = kit.World(policy=kit.Rules(), max_participation="0.1")
    world.order(quantity=Decimal(250), time_in_force="GTC")
    for day in (2, 3, 4):
        world.show(day, "10 12 9 11", volume="1000")

    assert filled(world) == [("o-1", 100), ("o-1", 100), ("o-1", 50)]


def test_each_symbol_has_its_own_volume(kit: Any) -> None:
    world = kit.World(policy=kit.Rules(), max_participation="0.1")
    world.order(1)
    world.order(2, symbol="B")
    world.show(2, "10 12 9 11", volume="500")
    world.show(2, "10 12 9 11", symbol="B", volume="700")

    assert filled(world) == [("o-1", 50), ("o-2", 70)]


def test_only_whole_lots_fill(kit: Any) -> None:
    """A tenth of 999 is 99.9: 90 in lots of 10."""
    world = kit.World(policy=kit.Rules(), max_participation="0.1", instruments=(Instrument("A", lot=Decimal(10)),))
    world.order(quantity=Decimal(100))
    world.show(2, "10 12 9 11", volume="999")

    assert filled(world) == [("o-1", 90)]


@pytest.mark.parametrize("share", [None, "0.1"])
def test_unknown_volume_bounds_nothing(kit: Any, share: str | None) -> None:
    world = kit.World(policy=kit.Rules(), max_participation=share)
    world.order()
    world.show(2, "10 12 9 11", volume=None)

    assert filled(world) == [("o-1", 100)]


def test_a_stop_that_filled_in_part_goes_on_as_a_market_order(kit: Any) -> None:
    world = kit.World(policy=kit.Rules(), max_participation="0.05")
    world.order(side="sell", order_type="stop", stop_price=Decimal(9), time_in_force="GTC")
    world.show(2, "10 12 8 11")
    world.show(3, "12 13 11 13")

    assert [(one.quantity, one.price) for one in world.fills] == [(50, 9), (50, 12)]


def test_without_a_bound_an_order_takes_all_it_wants(market: Any) -> None:
    market.order(quantity=Decimal(5000))
    market.show(2, "10 12 9 11", volume="10")

    assert filled(market) == [("o-1", 5000)]
