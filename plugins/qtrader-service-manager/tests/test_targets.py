"""Targets: units of a share of equity, the order that leads there, and why there is none."""

from decimal import Decimal
from typing import Any

import pytest

from qtrader.events import TargetEvent


def aim(world: Any, value: str, kind: str = "quantity", number: int = 1) -> None:
    target: dict[str, Any] = {"target_id": f"s-{number}", "strategy_id": "s", "symbol": "A", "kind": kind}
    world.bus.publish(TargetEvent(**target, value=Decimal(value)))


def last(world: Any) -> tuple[str, Decimal, str]:
    order = world.orders[-1]
    return order.side, order.quantity, order.role


def test_a_share_of_equity_in_whole_units(world: Any) -> None:
    """0.3333 x 100,000 / 50 = 666.6."""
    aim(world, "0.3333", "percent")

    assert last(world) == ("buy", Decimal(666), "entry")
    assert world.of("decision")[0].inputs["target"] == "666"
    assert world.of("decision")[0].sizer is None


@pytest.mark.parametrize(
    ("held", "target", "expected"),
    [
        ("100", "40", ("sell", Decimal(60), "exit")),
        ("100", "0", ("sell", Decimal(100), "exit")),
        ("10.5", "0", ("sell", Decimal("10.5"), "exit")),
        ("100", "-40", ("sell", Decimal(140), "entry")),
        ("-100", "-40", ("buy", Decimal(60), "exit")),
        ("-100", "40", ("buy", Decimal(140), "entry")),
    ],
)
def test_the_difference_is_ordered(kit: Any, held: str, target: str, expected: tuple[str, Decimal, str]) -> None:
    world = kit.World(shorts=True)
    world.hold(held)
    aim(world, target)

    assert last(world) == expected


def test_what_makes_a_position_larger_meets_the_limits_and_what_makes_it_smaller_does_not(kit: Any) -> None:
    world = kit.World(limits={"ceiling": kit.Ceiling()})
    aim(world, "80")
    assert last(world)[1] == 50

    world.update(world.orders[0], "FILLED", "50")
    world.hold("50")
    aim(world, "20", number=2)

    assert last(world) == ("sell", Decimal(30), "exit")
    assert len(world.limits["ceiling"].seen) == 1


def test_what_is_on_its_way_counts(world: Any) -> None:
    aim(world, "80")
    aim(world, "80", number=2)
    aim(world, "100", number=3)

    assert (world.refused, last(world)) == (["at-target"], ("buy", Decimal(20), "entry"))


def test_what_is_not_held_yet_is_not_sold(world: Any) -> None:
    aim(world, "80")
    aim(world, "0", number=2)

    assert (world.refused, len(world.orders)) == (["order-pending"], 1)


def test_an_intent_is_decided_once(world: Any) -> None:
    aim(world, "80")
    aim(world, "90")

    assert world.refused == ["duplicate-intent"]


@pytest.mark.parametrize(("value", "kind"), [("0.0004", "percent"), ("-0.0004", "percent"), ("0.9", "quantity")])
def test_less_than_a_lot_of_what_is_not_held_is_said(kit: Any, value: str, kind: str) -> None:
    """0.0004 x 100,000 / 50 = 0.8 of a unit, and so is nothing held what was asked for."""
    world = kit.World(shorts=True)
    aim(world, value, kind)

    assert [event.code for event in world.of("signal_rejected")] == ["size-zero"]
    assert world.orders == []


def test_less_than_a_lot_more_than_what_is_held_is_at_the_target(world: Any) -> None:
    world.hold("100")
    aim(world, "100.9")

    assert [event.code for event in world.of("signal_rejected")] == ["at-target"]
