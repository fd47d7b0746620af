"""What corporate actions do to resting orders."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from qtrader.events import CorporateActionEvent, OrderStatus
from qtrader.ports import Instrument


def act(world: Any, action_type: str, symbol: str = "A", **fields: Any) -> None:
    """Publish a corporate action."""
    world.bus.publish(
        CorporateActionEvent(
            action_id="ca-1", symbol=symbol, action_type=action_type, ex_date=date(2024, 1, 3), **fields
        )
    )


def test_a_split_multiplies_what_rests(world: Any) -> None:
    world.order(quantity=Decimal(100))
    act(world, "split", numerator=2, denominator=1)

    last = world.last()
    assert (last.status, last.quantity, last.leaves_quantity) == (OrderStatus.ACK, 200, 200)


def test_a_split_is_reported_as_a_replacement(world: Any) -> None:
    world.order()
    act(world, "split", numerator=7, denominator=1)

    last = world.last()
    assert (last.trigger, last.revision, last.pending, last.reason) == ("replace", 1, "NONE", "split 7:1")


def test_the_new_quantity_fills(world: Any) -> None:
    world.order()
    act(world, "split", numerator=2, denominator=1)
    world.bar(3, "5")

    assert [(fill.quantity, fill.price) for fill in world.fills] == [(200, 5)]


def test_a_quantity_is_floored_to_the_lot(world: Any) -> None:
    world.order(quantity=Decimal(33))
    act(world, "split", numerator=3, denominator=2)

    assert world.last().quantity == 49  # 49.5


def test_lots_may_be_fractions(kit: Any) -> None:
    world = kit.World(instruments=[Instrument("A", lot=Decimal("0.5"))])
    world.order(quantity=Decimal("33.5"))
    act(world, "split", numerator=3, denominator=2)

    assert world.last().quantity == Decimal("50.0")  # 50.25


def test_a_reverse_split_divides(world: Any) -> None:
    world.order(quantity=Decimal(105))
    act(world, "reverse_split", numerator=1, denominator=10)

    assert (world.last().quantity, world.last().reason) == (10, "reverse_split 1:10")


def test_a_stock_dividend_is_a_split(world: Any) -> None:
    world.order(quantity=Decimal(150))
    act(world, "stock_dividend", numerator=21, denominator=20)

    assert world.last().quantity == 157  # 157.5


def test_an_order_of_which_nothing_is_left_is_cancelled(world: Any) -> None:
    world.order(quantity=Decimal(9))
    act(world, "reverse_split", numerator=1, denominator=10)

    last = world.last()
    assert (last.status, last.reason, last.leaves_quantity) == (OrderStatus.CANCELED, "reverse_split", 0)


def test_only_the_rest_of_a_partly_filled_order_is_multiplied(kit: Any) -> None:
    world = kit.World(policy=kit.Policy(most=Decimal(30)))
    world.order()
    world.bar(2)
    act(world, "split", numerator=2, denominator=1)

    last = world.last()
    assert (last.status, last.quantity, last.filled_quantity, last.leaves_quantity) == ("PARTIAL", 170, 30, 140)


def test_a_split_of_another_symbol_changes_nothing(world: Any) -> None:
    world.order()
    act(world, "split", symbol="B", numerator=2, denominator=1)

    assert world.triggers() == ["received", "sent", "ack"]


def test_an_ended_order_is_left_alone(world: Any) -> None:
    world.order()
    world.bar(2)
    act(world, "split", numerator=2, denominator=1)

    assert world.last().status is OrderStatus.FILLED


def test_a_cash_dividend_changes_nothing(world: Any) -> None:
    world.order()
    act(world, "cash_dividend", amount=Decimal("0.82"), currency="USD")

    assert world.last().trigger == "ack"


@pytest.mark.parametrize(
    ("action_type", "fields"),
    [
        ("delisting", {"value": Decimal(0)}),
        ("merger", {"cash_amount": Decimal(35)}),
        ("symbol_change", {"new_symbol": "B"}),
    ],
)
def test_orders_of_a_symbol_that_stops_trading_are_cancelled(
    world: Any, action_type: str, fields: dict[str, Any]
) -> None:
    world.order()
    act(world, action_type, **fields)

    last = world.last()
    assert (last.status, last.trigger, last.reason) == (OrderStatus.CANCELED, "cancel", action_type)
