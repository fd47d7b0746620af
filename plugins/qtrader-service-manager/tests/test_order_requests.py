"""Orders by hand: through the limits, never through the sizer; cancels and replaces handed on."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from qtrader.ports import Instrument

D = Decimal


def test_a_hand_order_is_ordered_as_it_is(world: Any) -> None:
    world.request("buy", "7")

    order = world.orders[0]
    assert (order.side, order.quantity, order.order_type, order.role) == ("buy", 7, "market", "entry")


def test_its_intent_is_the_request(world: Any) -> None:
    world.request(number=4)

    order = world.orders[0]
    assert (order.intent_id, order.signal_id, order.order_id) == ("r-4", None, "r-4-1")


def test_the_sizer_is_not_asked(world: Any) -> None:
    world.request()

    assert (world.sizer.seen, world.of("decision")[0].sizer) == ([], None)


def test_it_passes_through_the_limits(kit: Any) -> None:
    world = kit.World(limits={"ceiling": kit.Ceiling(D(50))})
    world.request("buy", "80")

    decision = world.of("decision")[0]
    assert (decision.outcome, decision.requested_quantity, decision.quantity) == ("shrunk", 80, 50)


def test_cash_limits_it_too(kit: Any) -> None:
    world = kit.World(account="cash")
    world.request("buy", "3000")

    assert world.orders[0].quantity == 2000


def test_it_keeps_its_type_and_prices(world: Any) -> None:
    world.request(order_type="stop_limit", limit_price=D(48), stop_price=D(49), time_in_force="GTC")

    order = world.orders[0]
    assert (order.order_type, order.limit_price, order.stop_price, order.time_in_force) == ("stop_limit", 48, 49, "GTC")


def test_without_a_time_in_force_the_policys_counts(world: Any) -> None:
    world.request()

    assert world.orders[0].time_in_force == "DAY"


def test_selling_what_is_held_is_an_exit(world: Any) -> None:
    world.hold("40")
    world.request("sell", "30")

    assert (world.orders[0].quantity, world.orders[0].role) == (30, "exit")


def test_selling_more_than_is_held_needs_shorts(world: Any) -> None:
    world.hold("40")
    world.request("sell", "50")

    assert world.refused == ["shorts-off"]


def test_selling_more_than_is_held_is_an_entry_where_shorts_are_allowed(kit: Any) -> None:
    world = kit.World(shorts=True)
    world.hold("40")
    world.request("sell", "50")

    assert (world.orders[0].quantity, world.orders[0].role) == (50, "entry")


def test_several_hand_orders_may_work_at_once(world: Any) -> None:
    world.request(number=1)
    world.request(number=2)

    assert len(world.orders) == 2


def test_what_works_counts_against_selling(world: Any) -> None:
    world.hold("40")
    world.request("sell", "30", number=1)
    world.request("sell", "30", number=2)

    assert world.refused == ["shorts-off"]  # 40 - 30 leaves 10


def test_the_same_request_again_is_refused(world: Any) -> None:
    world.request()
    world.request()

    assert (len(world.orders), world.refused) == (1, ["duplicate-intent"])


def test_a_refusal_of_a_request_has_no_intention(world: Any) -> None:
    world.request("sell", "50")

    rejected = world.of("signal_rejected")[0]
    assert (rejected.intent_id, rejected.intention) == ("r-1", None)


def test_a_trail_and_a_date_go_with_it(world: Any) -> None:
    until = datetime(2024, 2, 1, tzinfo=UTC)
    world.request(order_type="trailing_stop", trail_percent=D(5), time_in_force="GTD", expire_at=until)

    order = world.orders[0]
    assert (order.order_type, order.trail_percent, order.expire_at) == ("trailing_stop", 5, until)


@pytest.mark.parametrize("name", ["limit_price", "stop_price"])
@pytest.mark.parametrize("price", ["0", "-1"])
def test_a_price_of_zero_or_below_is_refused(world: Any, name: str, price: str) -> None:
    prices = {"limit_price": D(48), "stop_price": D(49), name: D(price)}
    world.request(order_type="stop_limit", **prices)

    assert (world.orders, world.refused) == ([], ["price"])
    assert f"{name} {price} is no price" in world.of("signal_rejected")[0].reason


def test_it_may_be_negative_where_the_instruments_prices_are(kit: Any) -> None:
    world = kit.World(instruments=[Instrument("A", negative_prices=True)])
    world.request(order_type="limit", limit_price=D(-1))

    assert world.orders[0].limit_price == -1


def test_parts_of_a_lot_are_refused(kit: Any) -> None:
    world = kit.World(instruments=[Instrument("A", lot=D("0.5"))])
    world.request("buy", "1.25")

    assert world.of("signal_rejected")[0].reason == "1.25 units are not whole lots of 0.5"


def test_without_any_price_it_is_refused(kit: Any) -> None:
    world = kit.World(price=None)
    world.request()

    assert world.refused == ["no-price"]


def test_a_cancel_is_handed_on_as_a_command(world: Any) -> None:
    world.signal()
    world.request(None, None, action="cancel", order_id="s-1-1", order_type=None, reason="enough")

    command = world.of("order_command")[0]
    assert (command.command_id, command.order_id, command.command) == ("r-1-C", "s-1-1", "cancel")
    assert (command.strategy_id, command.symbol, command.reason) == ("s", "A", "enough")


def test_a_replace_is_handed_on_with_its_numbers(world: Any) -> None:
    world.signal()
    world.request(None, "50", action="replace", order_id="s-1-1", order_type=None, limit_price=D(49))

    command = world.of("order_command")[0]
    assert (command.command, command.quantity, command.limit_price) == ("replace", 50, 49)


def test_only_what_works_can_be_cancelled(world: Any) -> None:
    world.signal()
    world.update(world.orders[0], "FILLED", "200")
    world.request(None, None, action="cancel", order_id="s-1-1", order_type=None)

    assert (world.of("order_command"), world.refused) == ([], ["not-working"])


def test_a_strategy_cancels_its_own_orders_only(world: Any) -> None:
    world.signal()
    world.request(None, None, action="cancel", order_id="s-1-1", order_type=None, strategy_id="t")

    assert world.refused == ["not-working"]
