"""What a signal wishes for: order types, prices, a stop and a target; and what the policy does not honour."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

D = Decimal
BRACKET = {"stop_loss": D(45), "take_profit": D(60)}


def honouring(kit: Any, *honoured: str, **changes: Any) -> Any:
    """A world whose policy honours these wishes, 10 units each."""
    orders = {"type": "market", "time_in_force": "DAY", "honour": [*honoured], **changes}
    document = {
        **kit.naive,
        "orders": orders,
        "signals": {**kit.naive["signals"], "opposite_open": "flip", "shorts": True},
    }
    return kit.World(sizer=kit.Units(D(10)), document=document)


def shown(order: Any) -> tuple[Any, ...]:
    return order.role, order.side, order.quantity, order.order_type, order.limit_price or order.stop_price


def test_a_stop_and_a_target_become_orders_of_which_one_fills(kit: Any) -> None:
    world = honouring(kit, "stop_loss", "take_profit")
    world.signal(**BRACKET)
    entry, target, stop = world.orders

    assert [shown(one) for one in (entry, target, stop)] == [
        ("entry", "buy", 10, "market", None),
        ("take_profit", "sell", 10, "limit", 60),
        ("stop_loss", "sell", 10, "stop", 45),
    ]
    assert {target.parent_order_id, stop.parent_order_id} == {entry.order_id}
    assert target.group_id == stop.group_id is not None
    assert (target.time_in_force, stop.time_in_force) == ("GTC", "GTC")


def test_each_leg_has_an_id_and_a_key_of_its_own(kit: Any) -> None:
    world = honouring(kit, "stop_loss", "take_profit")
    world.signal(**BRACKET)

    assert len({one.order_id for one in world.orders}) == len({one.idempotency_key for one in world.orders}) == 3


def test_a_short_is_protected_the_other_way_round(kit: Any) -> None:
    world = honouring(kit, "stop_loss", "take_profit")
    world.signal("OPEN_SHORT", stop_loss=D(55), take_profit=D(40))

    assert [shown(one) for one in world.orders[1:]] == [
        ("take_profit", "buy", 10, "limit", 40),
        ("stop_loss", "buy", 10, "stop", 55),
    ]


@pytest.mark.parametrize(("honoured", "roles"), [("stop_loss", ["stop_loss"]), ("take_profit", ["take_profit"])])
def test_only_what_is_honoured_is_sent_alone_it_needs_no_group(kit: Any, honoured: str, roles: list[str]) -> None:
    world = honouring(kit, honoured)
    world.signal(**BRACKET)

    assert [(one.role, one.group_id) for one in world.orders[1:]] == [(role, None) for role in roles]


@pytest.mark.parametrize(
    ("intention", "wish", "said"),
    [
        ("OPEN_LONG", {"stop_loss": D(50)}, "stop_loss 50 is on the wrong side of a buy at 50: it must be below it"),
        ("OPEN_LONG", {"stop_loss": D(51)}, "must be below it"),
        ("OPEN_LONG", {"take_profit": D(49)}, "take_profit 49 is on the wrong side .* must be above it"),
        ("OPEN_SHORT", {"stop_loss": D(49)}, "must be above it"),
        ("OPEN_SHORT", {"take_profit": D(51)}, "must be below it"),
    ],
)
def test_a_bracket_on_the_wrong_side_is_refused(kit: Any, intention: str, wish: dict[str, Any], said: str) -> None:
    world = honouring(kit, "stop_loss", "take_profit")
    world.signal(intention, **wish)

    assert (world.orders, world.refused) == ([], ["bracket"])
    with pytest.raises(AssertionError, match=said):
        raise AssertionError(world.of("signal_rejected")[0].reason)


def test_the_side_is_seen_from_the_limit_where_there_is_one(kit: Any) -> None:
    world = honouring(kit, "stop_loss", "order")
    world.signal(stop_loss=D(47), order_type="limit", limit_price=D(46))

    assert world.refused == ["bracket"]


def test_a_bracket_that_is_not_honoured_is_not_judged(kit: Any) -> None:
    world = honouring(kit)
    world.signal(stop_loss=D(51))

    assert [one.reason for one in world.of("decision")[0].checks] == ["51 is not honoured by this policy"]


def test_protecting_orders_are_no_entries_and_take_no_cash(kit: Any) -> None:
    """A second signal while the bracket rests is ignored for the position, not for the orders."""
    world = honouring(kit, "stop_loss", "take_profit")
    world.signal(**BRACKET)
    world.update(world.orders[0], "FILLED", "10")
    world.hold("10")
    world.signal(number=2)

    assert world.refused == ["already-open"]


def test_what_protects_a_position_ends_before_it_is_closed(kit: Any) -> None:
    world = honouring(kit, "stop_loss", "take_profit")
    world.signal(**BRACKET)
    world.update(world.orders[0], "FILLED", "10")
    world.hold("10")
    world.signal("CLOSE_LONG", 2)

    commands = world.of("order_command")
    assert [(one.command, one.order_id) for one in commands] == [
        ("cancel", world.orders[1].order_id),
        ("cancel", world.orders[2].order_id),
    ]
    assert shown(world.orders[3])[:3] == ("exit", "sell", 10)
    history = [event.topic for event in world.bus.history]
    assert history.index("order_command") < len(history) - 1 - history[::-1].index("order")


def test_a_flip_protects_only_what_it_opens(kit: Any) -> None:
    """10 long are sold, and 10 more: the stop is for the 10 that are short then."""
    world = honouring(kit, "stop_loss")
    world.hold("10")
    world.signal("OPEN_SHORT", stop_loss=D(55))

    assert [(one.role, one.quantity) for one in world.orders] == [("entry", 20), ("stop_loss", 10)]


def test_an_exit_is_not_protected(kit: Any) -> None:
    world = honouring(kit, "stop_loss", "take_profit")
    world.hold("10")
    world.signal("CLOSE_LONG", **BRACKET)

    assert [one.role for one in world.orders] == ["exit"]


def test_an_order_wished_for_is_sent_where_the_policy_honours_it(kit: Any) -> None:
    until = datetime(2024, 2, 1, tzinfo=UTC)
    world = honouring(kit, "order")
    world.signal(order_type="stop_limit", limit_price=D(52), stop_price=D(51), time_in_force="GTD", expire_at=until)

    order = world.orders[0]
    assert (order.order_type, order.limit_price, order.stop_price) == ("stop_limit", 52, 51)
    assert (order.time_in_force, order.expire_at) == ("GTD", until)


def test_a_trail_wished_for_goes_with_it(kit: Any) -> None:
    world = honouring(kit, "order")
    world.hold("10")
    world.signal("CLOSE_LONG", order_type="trailing_stop", trail_amount=D("1.5"))

    assert (world.orders[0].order_type, world.orders[0].trail_amount) == ("trailing_stop", D("1.5"))


def test_a_time_in_force_may_be_wished_for_alone(kit: Any) -> None:
    world = honouring(kit, "order")
    world.signal(time_in_force="GTC")

    assert (world.orders[0].order_type, world.orders[0].time_in_force) == ("market", "GTC")


def test_an_order_that_is_not_honoured_is_noted_and_the_policys_is_sent(kit: Any) -> None:
    world = honouring(kit)
    world.signal(order_type="limit", limit_price=D(49))

    assert world.orders[0].order_type == "market"
    assert world.of("decision")[0].checks[0].reason == "order_type limit, limit_price 49 is not honoured by this policy"


def test_a_policy_may_ask_for_limits_at_the_signals_price(kit: Any) -> None:
    world = honouring(kit, type="limit", time_in_force="GTC")
    world.signal(price=D("49.5"))

    order = world.orders[0]
    assert (order.order_type, order.limit_price, order.time_in_force) == ("limit", D("49.5"), "GTC")


@pytest.mark.parametrize("kind", ["market_on_open", "market_on_close"])
def test_a_policy_may_ask_for_orders_on_open_or_close(kit: Any, kind: str) -> None:
    world = honouring(kit, type=kind)
    world.signal()

    assert world.orders[0].order_type == kind


def test_a_wished_price_of_zero_is_refused(kit: Any) -> None:
    world = honouring(kit, "order")
    world.signal(order_type="limit", limit_price=D(0))

    assert world.refused == ["price"]


def test_brackets_survive_a_restart(kit: Any) -> None:
    world = honouring(kit, "stop_loss", "take_profit")
    world.signal(**BRACKET)
    world.update(world.orders[0], "FILLED", "10")
    world.hold("10")
    world.reborn()
    world.signal("CLOSE_LONG", 2)

    assert len(world.of("order_command")) == 2


def test_a_time_in_force_that_is_not_honoured_is_noted(kit: Any) -> None:
    world = honouring(kit)
    world.signal(time_in_force="GTC")

    assert [one.reason for one in world.of("decision")[0].checks] == [
        "time_in_force GTC is not honoured by this policy"
    ]


def test_a_price_without_its_type_is_not_dropped(kit: Any) -> None:
    """It goes to the market as it was wished for, where a market order with a limit is rejected with the reason."""
    world = honouring(kit, "order")
    world.signal(limit_price=D(49))

    assert (world.orders[0].order_type, world.orders[0].limit_price) == ("market", 49)


def test_a_wish_for_time_alone_keeps_the_policys_type(kit: Any) -> None:
    world = honouring(kit, "order", type="limit")
    world.signal(price=D("49.5"), time_in_force="GTC")

    order = world.orders[0]
    assert (order.order_type, order.limit_price, order.time_in_force) == ("limit", D("49.5"), "GTC")


@pytest.mark.parametrize(("side", "commands"), [("buy", 0), ("sell", 2)])
def test_a_hand_order_releases_a_bracket_only_where_it_closes(kit: Any, side: str, commands: int) -> None:
    world = honouring(kit, "stop_loss", "take_profit")
    world.signal(**BRACKET)
    world.update(world.orders[0], "FILLED", "10")
    world.hold("10")
    world.request(side, "10")

    assert len(world.of("order_command")) == commands
