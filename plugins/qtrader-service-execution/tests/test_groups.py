"""Orders that belong together: a parent with its stop and target, of which one fills for both."""

from decimal import Decimal
from typing import Any

import pytest

from qtrader.events import AmbiguityEvent

D = Decimal
TARGET = {"side": "sell", "order_type": "limit", "role": "take_profit"}
STOP = {"side": "sell", "order_type": "stop", "role": "stop_loss"}


def bracket(world: Any, *, stop: int = 8, target: int = 14, entry: dict[str, Any] | None = None) -> None:
    """Order 1 buys 100; order 2 takes a profit, order 3 stops a loss, when it has filled."""
    world.order(1, time_in_force="GTC", **(entry or {}))
    family = {"parent_order_id": "o-1", "group_id": "g", "time_in_force": "GTC"}
    world.order(2, limit_price=D(target), **TARGET, **family)
    world.order(3, stop_price=D(stop), **STOP, **family)


def fills(world: Any) -> list[tuple[str, Decimal, Decimal]]:
    return [(one.source_order_id, one.quantity, one.price) for one in world.fills]


def statuses(world: Any) -> list[str]:
    return [world.last(number).status.value for number in (1, 2, 3)]


def test_children_wait_for_their_parent(market: Any) -> None:
    bracket(market, entry={"order_type": "limit", "limit_price": D(7)})
    market.show(2, "20 20 7.5 7.5")

    assert (fills(market), statuses(market)) == ([], ["ACK", "ACK", "ACK"])


def test_the_target_cancels_the_stop(market: Any) -> None:
    bracket(market)
    market.show(2, "10 11 9 10")
    market.show(3, "12 15 11 14")

    assert fills(market) == [("o-1", D(100), D(10)), ("o-2", D(100), D(14))]
    assert statuses(market) == ["FILLED", "FILLED", "CANCELED"]
    assert market.last(3).reason == "oco: o-2 filled"


def test_the_stop_cancels_the_target(market: Any) -> None:
    bracket(market)
    market.show(2, "10 11 9 10")
    market.show(3, "9 9.5 7 7.5")

    assert fills(market)[-1] == ("o-3", D(100), D(8))
    assert statuses(market) == ["FILLED", "CANCELED", "FILLED"]


def test_of_both_in_one_bar_the_worse_one_happened(market: Any) -> None:
    bracket(market)
    market.show(2, "10 11 9 10")
    market.show(3, "10 15 7 12")

    assert fills(market)[-1] == ("o-3", D(100), D(8))


@pytest.mark.parametrize(
    ("prices", "filled"), [("15 16 7 12", ("o-2", D(100), D(15))), ("7 15 6 12", ("o-3", D(100), D(7)))]
)
def test_the_open_decides_where_it_can(market: Any, prices: str, filled: Any) -> None:
    bracket(market)
    market.show(2, "10 11 9 10")
    market.show(3, prices)

    assert fills(market)[-1] == filled


def test_after_an_entry_at_the_open_both_work_in_its_bar(market: Any) -> None:
    bracket(market)
    market.show(2, "10 15 9 14.5")

    assert fills(market) == [("o-1", D(100), D(10)), ("o-2", D(100), D(14))]


def test_after_an_entry_inside_a_bar_the_stop_may_fire_and_the_target_may_not(market: Any) -> None:
    entry = {"order_type": "limit", "limit_price": D("9.5")}
    bracket(market, entry=entry)
    market.show(2, "10 15 7 12")

    assert fills(market) == [("o-1", D(100), D("9.5")), ("o-3", D(100), D(8))]


def test_the_stop_of_an_entry_inside_a_bar_fills_at_its_price(market: Any) -> None:
    """Bought at 11 by a stop; the open of 10 is below the stop of 10.5, and was before the entry."""
    market.order(1, order_type="stop", stop_price=D(11), time_in_force="GTC")
    market.order(2, stop_price=D("10.5"), **STOP, parent_order_id="o-1", time_in_force="GTC")
    market.show(2, "10 12 9 11")

    assert fills(market) == [("o-1", D(100), D(11)), ("o-2", D(100), D("10.5"))]


def test_a_target_waits_for_the_bar_after_an_entry_inside_one(market: Any) -> None:
    bracket(market, entry={"order_type": "limit", "limit_price": D("9.5")})
    market.show(2, "10 15 9 12")
    before = len(market.fills)
    market.show(3, "12 15 11 12")

    assert (before, fills(market)[-1]) == (1, ("o-2", D(100), D(14)))


def test_children_follow_a_parent_that_fills_in_parts(kit: Any) -> None:
    """50 bought of 100: the target sells 50; the next 50 bought, it sells them, too."""
    world = kit.World(policy=kit.Rules(), max_participation="0.05")
    bracket(world)
    world.show(2, "10 11 9 10")
    world.show(3, "15 15 14.5 15", volume="0")
    world.show(4, "10 11 9 10")
    world.show(5, "15 15 14.5 15", volume="2000")

    assert fills(world) == [("o-1", D(50), D(10)), ("o-1", D(50), D(10)), ("o-2", D(100), D(15))]


def test_a_target_that_fills_in_parts_leaves_the_stop_the_rest(kit: Any) -> None:
    world = kit.World(policy=kit.Rules(), max_participation="0.1")
    bracket(world)
    world.show(2, "10 11 9 10")
    world.show(3, "15 15 14.5 15", volume="300")
    middle = (world.last(3).quantity, world.last(3).leaves_quantity, world.last(3).reason)
    world.show(4, "7 7.5 6 7", volume="5000")

    assert middle == (70, 70, "oco: o-2 filled 30")
    assert fills(world)[1:] == [("o-2", D(30), D(15)), ("o-3", D(70), D(7))]
    assert statuses(world) == ["FILLED", "CANCELED", "FILLED"]


def test_a_parent_that_ends_empty_ends_its_children(market: Any) -> None:
    bracket(market, entry={"order_type": "limit", "limit_price": D(1)})
    market.command("cancel")

    assert statuses(market) == ["CANCELED", "CANCELED", "CANCELED"]
    assert market.last(2).reason == "parent o-1 is CANCELED"


def test_a_parent_that_ends_in_part_leaves_children_for_what_it_filled(kit: Any) -> None:
    world = kit.World(policy=kit.Rules(), max_participation="0.05")
    bracket(world)
    world.show(2, "10 11 9 10")
    world.command("cancel")

    assert [world.last(number).leaves_quantity for number in (1, 2, 3)] == [0, 50, 50]


def test_an_order_sent_after_its_parent_has_filled_works_at_once(market: Any) -> None:
    market.order(1)
    market.show(2, "10 11 9 10")
    market.order(2, limit_price=D(14), **TARGET, parent_order_id="o-1", time_in_force="GTC")
    market.show(3, "12 15 11 14")

    assert fills(market)[-1] == ("o-2", D(100), D(14))


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"symbol": "B"}, "its parent 'o-1' is of A, and it is of B"), ({"parent_order_id": "o-9"}, "was never sent")],
)
def test_a_child_of_another_is_rejected(market: Any, changes: dict[str, Any], said: str) -> None:
    market.order(1)
    market.order(2, **{"parent_order_id": "o-1", **changes})

    assert said in market.last(2).reason


def test_a_child_of_a_dead_parent_is_rejected(market: Any) -> None:
    market.order(1)
    market.command("cancel")
    market.order(2, parent_order_id="o-1")

    assert market.last(2).reason == "its parent 'o-1' is CANCELED"


def test_a_bracket_survives_a_restart_in_the_middle(market: Any) -> None:
    bracket(market)
    market.show(2, "10 11 9 10")
    market = market.reborn()
    market.show(3, "12 15 11 14")

    assert fills(market)[-1] == ("o-2", D(100), D(14))
    assert statuses(market) == ["FILLED", "FILLED", "CANCELED"]


def test_two_groups_do_not_touch_each_other(market: Any) -> None:
    for number, group in ((1, "g"), (2, "g"), (3, "h")):
        market.order(number, limit_price=D(14), **TARGET, group_id=group, time_in_force="GTC")
    market.show(2, "12 15 11 14")

    assert statuses(market) == ["FILLED", "CANCELED", "FILLED"]


def test_a_split_restates_the_whole_bracket(market: Any, act: Any) -> None:
    """2 for 1 after the entry: 200 units, target 7, stop 4."""
    bracket(market)
    market.show(2, "10 11 9 10")
    act(market, "split", numerator=2, denominator=1)
    market.show(3, "5 7.5 4.5 7")

    assert fills(market)[-1] == ("o-2", D(200), D(7))


def test_a_stop_beyond_its_entry_goes_off_after_it(market: Any) -> None:
    """Bought inside the bar at 9.5; the stop to sell at 9.8 is through the market already: it fills, and not before."""
    market.order(1, order_type="limit", limit_price=D("9.5"), time_in_force="GTC")
    market.order(2, stop_price=D("9.8"), **STOP, parent_order_id="o-1", time_in_force="GTC")
    market.show(2, "10 11 9 10.5")

    assert fills(market) == [("o-1", D(100), D("9.5")), ("o-2", D(100), D("9.5"))]
    assert market.fills[0].executed_at <= market.fills[1].executed_at


def guesses(world: Any) -> list[AmbiguityEvent]:
    return [event for event in world.bus.history if isinstance(event, AmbiguityEvent)]


def test_a_bar_that_reaches_both_is_ambiguous(market: Any) -> None:
    """The stop sells 100 at 8; the target would have sold them at 14: 100 x 6 more."""
    bracket(market)
    market.show(2, "10 11 9 10")
    market.show(3, "10 15 7 12")

    [told] = guesses(market)
    assert (told.order_id, told.price, told.other_order_id, told.other_price) == ("o-3", D(8), "o-2", D(14))
    assert (told.quantity, told.difference) == (D(100), D(600))
    assert told.fill_id == market.fills[-1].fill_id
    assert not market.fills[-1].optimistic


@pytest.mark.parametrize("prices", ["15 16 7 12", "7 15 6 12", "10 15 9 12", "10 11 7 9"])
def test_where_the_open_or_the_range_decides_nothing_is_ambiguous(market: Any, prices: str) -> None:
    bracket(market)
    market.show(2, "10 11 9 10")
    market.show(3, prices)

    assert len(market.fills) == 2
    assert guesses(market) == []
