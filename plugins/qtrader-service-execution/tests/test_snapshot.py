"""A service that was stopped and brought back is the same service."""

import json
from decimal import Decimal
from typing import Any

import pytest

from qtrader.ports import Instrument


def busy(kit: Any) -> Any:
    """A world with an order of every kind: filled, partly filled, resting, cancelled, rejected, sent twice."""
    world = kit.World(policy=kit.Policy(most=Decimal(100)), instruments=(Instrument("B", lot=Decimal("0.5")),))
    world.order(1)
    world.order(2, symbol="B", quantity=Decimal("150.5"), side="sell")
    world.bar(2, "10.25", "10.75")
    world.bar(2, "20", "21", symbol="B")
    world.order(3, time_in_force="GTC", signal_id="s-3")
    world.order(4)
    world.command(order_id="o-4")
    world.order(5, order_type="limit", limit_price=Decimal("-9.125"))
    world.order(1)
    return world


def test_a_snapshot_is_plain_json(kit: Any) -> None:
    snapshot = busy(kit).service.snapshot()

    assert json.loads(json.dumps(snapshot)) == snapshot


def test_a_snapshot_has_a_version(world: Any) -> None:
    assert world.service.snapshot()["version"] == 2


def test_the_restored_service_makes_the_same_snapshot(kit: Any) -> None:
    world = busy(kit)

    assert world.reborn().service.snapshot() == world.service.snapshot()


def test_the_restored_service_counts_on(kit: Any) -> None:
    assert busy(kit).reborn().service.duplicates == 1


def test_the_restored_service_watches_the_same_symbols(kit: Any) -> None:
    handlers = busy(kit).reborn().service.handlers()

    assert next(handler.symbols for handler in handlers if handler.topic == "bar") == {"A", "B"}


@pytest.mark.parametrize("restart", [False, True])
def test_a_run_goes_on_as_if_it_had_not_stopped(kit: Any, restart: object) -> None:
    world = busy(kit)
    if restart:
        world = world.reborn()
    world.bar(3, "11", "12")
    world.bar(3, "22", "23", symbol="B")
    world.service.stop()

    assert [(f.fill_id, f.quantity, f.price) for f in world.fills] == [
        ("o-1-F1", Decimal(100), Decimal("10.25")),
        ("o-2-F1", Decimal(100), Decimal(20)),
        ("o-3-F1", Decimal(100), Decimal(11)),
        ("o-2-F2", Decimal("50.5"), Decimal(22)),
    ]
    assert world.last(2).average_price == Decimal("20.67109635")  # (2000 + 50.5 x 22) / 150.5
    assert [world.last(n).status.value for n in range(1, 6)] == ["FILLED", "FILLED", "FILLED", "CANCELED", "REJECTED"]


def test_a_restored_order_fills_in_its_old_thread(kit: Any) -> None:
    world = kit.World()
    order = world.order()
    world.reborn().bar(2)

    assert world.fills[0].origin.corr == order.origin.seq


def test_a_restored_order_does_not_fill_on_an_old_bar(kit: Any) -> None:
    world = kit.World()
    world.bar(3)
    world.order()
    world.reborn().bar(3)

    assert world.fills == []


def test_restoring_forgets_what_was_there_before(kit: Any) -> None:
    empty = kit.World().service.snapshot()
    world = busy(kit)
    world.service.restore(empty)

    assert world.service.snapshot() == empty
