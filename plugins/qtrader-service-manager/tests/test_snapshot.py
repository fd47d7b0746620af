"""A manager that was stopped and brought back is the same manager."""

import json
from decimal import Decimal
from typing import Any

import pytest


def busy(kit: Any) -> Any:
    """A world with a position, a working entry, a partly filled exit, and refusals."""
    world = kit.World(sizer=kit.Units(Decimal(1000)), account="cash")
    world.bar("20", symbol="B")
    world.hold("50.5", symbol="B", cash="98990")
    world.hold("-3", symbol="C", cash="98990")
    world.hold("0", symbol="C", cash="98990")
    world.signal("CLOSE_LONG", 1, symbol="B")
    world.update(world.orders[0], "PARTIAL", "20")
    world.signal("OPEN_LONG", 2)
    world.signal("OPEN_LONG", 3)
    return world


def test_a_snapshot_is_plain_json(kit: Any) -> None:
    snapshot = busy(kit).service.snapshot()

    assert json.loads(json.dumps(snapshot)) == snapshot


def test_a_snapshot_has_a_version(world: Any) -> None:
    assert world.service.snapshot()["version"] == 2


def test_the_restored_service_makes_the_same_snapshot(kit: Any) -> None:
    world = busy(kit)
    before = world.service.snapshot()
    world.reborn()

    assert world.service.snapshot() == before


def test_a_snapshot_holds_positions_and_what_works(kit: Any) -> None:
    projection = busy(kit).service.snapshot()["projection"]

    assert projection == {
        "held": [["s", "B", "50.5"]],
        "working": [
            ["s-1-1", "s", "B", "sell", "exit", "50.5", "30.5", "1010"],
            ["s-2-1", "s", "A", "buy", "entry", "1000", "1000", "50000"],
        ],
    }


@pytest.mark.parametrize("restart", [False, True])
def test_it_goes_on_as_if_it_had_not_stopped(kit: Any, restart: object) -> None:
    world = busy(kit)
    if restart:
        world.reborn()
    world.signal("CLOSE_LONG", 4, symbol="B")  # an exit works
    world.signal("OPEN_LONG", 5)  # an entry works
    world.signal("OPEN_LONG", 2)  # decided before
    world.signal("OPEN_LONG", 6, strategy_id="t")
    world.update(world.orders[1], "FILLED", "1000")
    world.hold("1000", cash="48990")
    world.signal("OPEN_LONG", 7)

    assert world.refused == ["order-pending", "order-pending", "order-pending", "duplicate-intent", "already-open"]
    assert world.orders[-1].quantity == 979  # cash 98990 less 50000 on its way, at 50
