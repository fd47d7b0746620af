"""Lots that strategies name: which orders may name some, how many units they are, and what is refused."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from qtrader.events import OpenLot
from qtrader.ports.settings import LotSettings

D = Decimal
SPECIFIC = LotSettings(long="specific", short="specific")


def open_lots(**units: int) -> tuple[OpenLot, ...]:
    """Lots of these units, bought at 10 each."""
    at = datetime(2024, 1, 2, 15, tzinfo=UTC)
    return tuple(
        OpenLot(lot_id=name, quantity=D(n), cost=D(10 * n), price=D(10), opened=at) for name, n in units.items()
    )


@pytest.fixture
def three(kit: Any) -> Any:
    """A world that holds lots of 100, 50 and 30 units of A, which strategies may choose."""
    world = kit.World(lots=SPECIFIC)
    world.hold("180", lots=open_lots(first=100, second=50, third=30))
    return world


def told(world: Any) -> str:
    """Why the last refusal was."""
    return str(world.of("signal_rejected")[-1].reason)


def test_a_closing_signal_closes_the_lots_that_it_names(three: Any) -> None:
    three.signal("CLOSE_LONG", lots=("third", "first"))

    (order,) = three.orders
    assert (order.side, order.quantity, order.role, order.lots) == ("sell", 130, "exit", ("third", "first"))
    assert three.of("decision")[0].requested_quantity == 130


def test_without_names_it_closes_all(three: Any) -> None:
    three.signal("CLOSE_LONG")

    assert (three.orders[0].quantity, three.orders[0].lots) == (180, ())


def test_shorts_too(kit: Any) -> None:
    world = kit.World(lots=SPECIFIC, shorts=True)
    world.hold("-80", lots=open_lots(first=30, second=50))
    world.signal("CLOSE_SHORT", lots=("second",))

    assert (world.orders[0].side, world.orders[0].quantity, world.orders[0].lots) == ("buy", 50, ("second",))


def test_a_hand_order_may_close_a_part_of_the_lots_that_it_names(three: Any) -> None:
    three.request("sell", "120", lots=("second", "first"))

    assert (three.orders[0].quantity, three.orders[0].lots) == (120, ("second", "first"))


def test_a_hand_order_that_closes_a_part_must_name_lots(three: Any) -> None:
    three.request("sell", "179")

    assert three.refused == ["lots"]
    assert told(three) == "179 of 180 units are to be closed, and portfolio.lots.long is specific: name the lots"


@pytest.mark.parametrize("quantity", ["180", "200"])
def test_a_hand_order_that_closes_all_need_not(kit: Any, quantity: str) -> None:
    world = kit.World(lots=SPECIFIC, shorts=True)
    world.hold("180", lots=open_lots(first=100, second=80))
    world.request("sell", quantity)

    assert (world.orders[0].quantity, world.orders[0].lots) == (D(quantity), ())


def test_a_purchase_need_not(three: Any) -> None:
    three.request("buy", "10")

    assert three.orders[0].lots == ()


@pytest.mark.parametrize(
    ("named", "why"),
    [
        (("fourth",), "lot 'fourth' is not open; open are first, second, third"),
        (("second", "second"), "lot 'second' is named twice; open are first, second, third"),
    ],
)
@pytest.mark.parametrize("by_hand", [False, True])
def test_lots_that_cannot_be_named_are_refused(three: Any, named: tuple[str, ...], why: str, *, by_hand: bool) -> None:
    if by_hand:
        three.request("sell", "10", lots=named)
    else:
        three.signal("CLOSE_LONG", lots=named)

    assert (three.refused, three.orders, told(three)) == (["lots"], [], why)


def test_too_few_units_for_a_hand_order_are_refused(three: Any) -> None:
    three.request("sell", "51", lots=("second",))

    assert (three.refused, three.orders) == (["lots"], [])
    assert told(three) == "lots second have 50 units, and 51 are to be closed"


@pytest.mark.parametrize("by_hand", [False, True])
def test_an_opening_names_no_lots(three: Any, *, by_hand: bool) -> None:
    if by_hand:
        three.request("buy", "10", lots=("first",))
    else:
        three.hold("0")
        three.signal("OPEN_LONG", lots=("first",))

    assert (three.refused, three.orders) == (["lots"], [])
    assert told(three) == "lots first are named, and the order does more than close a position"


@pytest.mark.parametrize("by_hand", [False, True])
def test_lots_are_named_where_they_are_specific_alone(kit: Any, *, by_hand: bool) -> None:
    world = kit.World(lots=LotSettings(long="hifo", short="specific"))
    world.hold("100")
    if by_hand:
        world.request("sell", "10", lots=("first",))
    else:
        world.signal("CLOSE_LONG", lots=("first",))

    assert (world.refused, world.orders) == (["lots"], [])
    assert told(world) == "lots first are named, and portfolio.lots.long is hifo, not specific"


def test_lots_of_another_strategy_are_not_open(three: Any) -> None:
    three.hold("10", strategy="other", lots=open_lots(mine=10))
    three.signal("CLOSE_LONG", lots=("mine",))

    assert told(three) == "lot 'mine' is not open; open are first, second, third"
