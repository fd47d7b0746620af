"""One key, one order, whatever is sent again."""

from decimal import Decimal
from typing import Any

import pytest

from qtrader.errors import HandlerError, IdempotencyConflict
from qtrader.events import OrderStatus


def test_the_answer_to_an_order_is_its_first_result(world: Any) -> None:
    order = world.order()

    assert world.service.result(order.idempotency_key).first is OrderStatus.ACK


def test_nothing_is_known_of_a_key_that_never_came(world: Any) -> None:
    assert world.service.result("k-9") is None


def test_the_same_order_again_publishes_nothing(world: Any) -> None:
    world.order()
    before = len(world.bus.of("order_update"))
    world.order()

    assert len(world.bus.of("order_update")) == before


def test_the_same_order_again_is_counted(world: Any) -> None:
    world.order()
    world.order()
    world.order()

    assert world.service.duplicates == 2


def test_the_same_order_again_fills_once(world: Any) -> None:
    world.order()
    world.order()
    world.bar(2)

    assert len(world.fills) == 1


def test_the_same_order_after_its_fill_does_not_fill_again(world: Any) -> None:
    world.order()
    world.bar(2)
    world.order()
    world.bar(3)

    assert len(world.fills) == 1


def test_the_answer_says_the_first_result_and_the_present_status(world: Any) -> None:
    order = world.order()
    world.bar(2)
    answer = world.service.submit(order)

    assert (answer.first, answer.status, answer.duplicate) == (OrderStatus.ACK, OrderStatus.FILLED, True)


def test_a_first_answer_is_no_duplicate(world: Any) -> None:
    order = world.order(1).model_copy(update={"order_id": "o-2", "idempotency_key": "k-2"})

    assert world.service.submit(order).duplicate is False


def test_the_same_amounts_written_differently_are_the_same_payload(world: Any) -> None:
    world.order(quantity=Decimal("100"))
    world.order(quantity=Decimal("100.00"))

    assert world.service.duplicates == 1


def test_a_rejection_sticks(world: Any) -> None:
    order = world.order(order_type="limit", limit_price=Decimal(-9))
    before = len(world.bus.of("order_update"))
    answer = world.service.submit(order)

    assert (answer.first, answer.status, answer.reason) == (
        OrderStatus.REJECTED,
        OrderStatus.REJECTED,
        world.last().reason,
    )
    assert len(world.bus.of("order_update")) == before


def test_another_payload_under_the_key_is_a_conflict_that_names_the_fields(world: Any) -> None:
    order = world.order()
    changed = order.model_copy(update={"quantity": Decimal(200), "side": "sell"})

    with pytest.raises(IdempotencyConflict, match=r"'k-1' .* fields that differ: side, quantity\."):
        world.service.submit(changed)


def test_a_conflict_changes_nothing(world: Any) -> None:
    order = world.order()
    before = world.service.snapshot()
    with pytest.raises(IdempotencyConflict):
        world.service.submit(order.model_copy(update={"quantity": Decimal(200)}))

    assert world.service.snapshot() == before


def test_a_conflict_on_the_bus_stops_the_run(world: Any) -> None:
    world.order()

    with pytest.raises(HandlerError, match="fields that differ: quantity"):
        world.order(quantity=Decimal(200))


def test_another_key_for_a_known_order_id_is_a_conflict(world: Any) -> None:
    order = world.order()

    with pytest.raises(
        IdempotencyConflict, match=r"order id 'o-1' came before under idempotency_key 'k-1'; now under 'k-2'"
    ):
        world.service.submit(order.model_copy(update={"idempotency_key": "k-2"}))


def test_a_key_is_remembered_after_a_restart(world: Any) -> None:
    order = world.order()
    world.bar(2)
    answer = world.reborn().service.submit(order)

    assert (answer.status, answer.duplicate) == (OrderStatus.FILLED, True)


def test_a_conflict_is_seen_after_a_restart(world: Any) -> None:
    order = world.order()
    world.bar(2)
    reborn = world.reborn()

    with pytest.raises(IdempotencyConflict, match="fields that differ: symbol"):
        reborn.service.submit(order.model_copy(update={"symbol": "B"}))
