"""What can be borrowed to be sold short, with A at 50."""

from decimal import Decimal
from typing import Any

import pytest

D = Decimal


def short(kit: Any, wanted: int, available: str = "300") -> Any:
    """A world in which 300 of A can be borrowed and so many are wanted short."""
    return kit.World(sizer=kit.Units(D(wanted)), available={"A": D(available)}, shorts=True, already_open="add")


@pytest.mark.parametrize(("wanted", "sent", "outcome"), [(299, 299, "pass"), (300, 300, "pass"), (301, 300, "shrink")])
def test_no_more_is_sold_short_than_can_be_borrowed(kit: Any, wanted: int, sent: int, outcome: str) -> None:
    world = short(kit, wanted)
    world.signal("OPEN_SHORT")

    assert world.orders[0].quantity == sent
    assert [(one.name, one.outcome) for one in world.of("decision")[0].checks] == [("borrow", outcome)]


def test_what_is_short_or_on_its_way_is_borrowed_already(kit: Any) -> None:
    world = short(kit, 200)
    world.hold("-50", cash="102500")
    world.signal("OPEN_SHORT", number=1)
    world.update(world.orders[0], "FILLED", "200")
    world.hold("-250", cash="112500")
    world.signal("OPEN_SHORT", number=2)

    assert [one.quantity for one in world.orders] == [200, 50]


def test_nothing_left_is_a_refusal_with_the_numbers(kit: Any) -> None:
    world = short(kit, 10, available="0")
    world.signal("OPEN_SHORT")

    (refusal,) = world.of("signal_rejected")
    told = "borrow: 10 units would be short and 0 can be borrowed (portfolio.borrow.available)"
    assert (refusal.code, refusal.reason) == ("limit", told)


def test_what_another_strategy_holds_need_not_be_borrowed(kit: Any) -> None:
    world = short(kit, 400)
    world.hold("100", strategy="t", cash="95000")
    world.signal("OPEN_SHORT")

    assert world.orders[0].quantity == 400


def test_longs_and_other_symbols_borrow_nothing(kit: Any) -> None:
    world = short(kit, 500)
    world.bar("50", symbol="B")
    world.signal("OPEN_LONG", number=1)
    world.signal("OPEN_SHORT", number=2, symbol="B")

    assert [one.quantity for one in world.orders] == [500, 500]


def test_a_purchase_that_may_never_fill_gives_nothing_back(kit: Any) -> None:
    """150 held short, 100 of another strategy on their way in: 300 - 150 are left, not 250."""
    world = short(kit, 250)
    world.hold("-150", cash="107500")
    world.request("buy", "100", strategy_id="t", order_type="limit", limit_price=D(1))
    world.signal("OPEN_SHORT")

    assert [(one.side, one.quantity) for one in world.orders] == [("buy", 100), ("sell", 150)]


def test_what_is_short_of_more_already_stays_and_nothing_is_added(kit: Any) -> None:
    world = short(kit, 10)
    world.hold("-400", cash="120000")
    world.signal("OPEN_SHORT", number=1)
    world.signal("CLOSE_SHORT", number=2)

    assert world.refused == ["limit"]
    assert [(one.side, one.quantity) for one in world.orders] == [("buy", 400)]
