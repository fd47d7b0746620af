"""From receipt to the end of an order."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from qtrader.errors import ConfigError, HandlerError, RunError
from qtrader.events import EventBus, OrderEvent, OrderStatus
from qtrader.ports import Instrument, Service
from qtrader.ports.settings import ExecutionSettings, Reference
from qtrader_service_execution.service import ExecutionService

ACK, FILLED, PARTIAL = OrderStatus.ACK, OrderStatus.FILLED, OrderStatus.PARTIAL
CANCELED, EXPIRED, REJECTED = OrderStatus.CANCELED, OrderStatus.EXPIRED, OrderStatus.REJECTED


def test_it_is_a_service(world: Any) -> None:
    assert isinstance(world.service, Service)


def test_it_listens_to_orders_commands_actions_session_ends_and_early_bars(world: Any) -> None:
    table = {(handler.topic, handler.phase) for handler in world.service.handlers()}

    assert table == {
        ("bar", "market"),
        ("order", "decide"),
        ("order_command", "decide"),
        ("corporate_action", "decide"),
        ("valuation_trigger", "decide"),
    }


def test_a_received_order_is_new_then_submitted_then_acknowledged(world: Any) -> None:
    world.order()

    assert [(u.previous, u.status, u.trigger) for u in world.updates()] == [
        (None, "NEW", "received"),
        ("NEW", "SUBMITTED", "sent"),
        ("SUBMITTED", "ACK", "ack"),
    ]


def test_every_update_carries_the_idempotency_key(world: Any) -> None:
    world.order()
    world.bar(2)

    assert [u.idempotency_key for u in world.updates()] == ["k-1"] * 4


def test_every_update_belongs_to_its_strategy_and_symbol(world: Any) -> None:
    world.order(strategy_id="trend")

    assert {(u.strategy_id, u.symbol) for u in world.updates()} == {("trend", "A")}


def test_a_resting_order_has_everything_left(world: Any) -> None:
    world.order(quantity=Decimal(25))

    assert (world.last().quantity, world.last().filled_quantity, world.last().leaves_quantity) == (25, 0, 25)


def test_an_order_does_not_fill_on_the_bar_it_was_decided_on(world: Any) -> None:
    world.bar(2)
    world.order()

    assert world.fills == []


def test_the_same_bar_again_does_not_fill_it_either(world: Any) -> None:
    world.bar(2)
    world.order()
    world.bar(2)

    assert world.last().status is ACK


def test_it_fills_at_the_open_of_the_next_bar(world: Any) -> None:
    world.bar(2, "10", "11")
    world.order()
    world.bar(3, "12.5", "13")

    assert [(f.quantity, f.price) for f in world.fills] == [(Decimal(100), Decimal("12.5"))]


def test_the_fill_is_published_before_the_update(world: Any) -> None:
    world.order()
    world.bar(2)

    assert world.bus.topics()[-2:] == ["fill", "order_update"]


def test_a_filled_order_has_nothing_left(world: Any) -> None:
    world.order()
    world.bar(2, "10")

    last = world.last()
    assert (last.status, last.filled_quantity, last.leaves_quantity, last.average_price) == (FILLED, 100, 0, 10)


def test_a_filled_order_does_not_fill_again(world: Any) -> None:
    world.order()
    world.bar(2)
    world.bar(3)

    assert len(world.fills) == 1


def test_bars_of_other_symbols_do_not_fill_it(world: Any) -> None:
    world.order()
    world.bar(2, symbol="B")

    assert world.fills == []


def test_the_fill_names_its_order_and_intent(world: Any) -> None:
    world.order(7)
    world.bar(2)

    fill = world.fills[0]
    assert (fill.fill_id, fill.source_order_id, fill.intent_id, fill.strategy_id) == ("o-7-F1", "o-7", "i-7", "s")


def test_the_fill_names_its_policy(world: Any) -> None:
    world.order()
    world.bar(2)

    assert world.fills[0].policy == "of-the-test"


def test_a_sell_fills_as_a_sell(world: Any) -> None:
    world.order(side="sell")
    world.bar(2)

    assert world.fills[0].side == "sell"


def test_the_fill_belongs_to_the_thread_of_its_order(world: Any) -> None:
    order = world.order()
    world.bar(2)

    assert world.fills[0].origin.corr == order.origin.seq


def test_a_bar_without_volume_fills_nothing(world: Any) -> None:
    world.order()
    world.bar(2, volume="0")

    assert world.last().status is ACK


def test_an_order_waits_for_the_first_bar_with_volume(world: Any) -> None:
    world.order()
    world.bar(2, "10", volume="0")
    world.bar(3, "14")

    assert world.fills[0].price == 14


def test_unknown_volume_fills(world: Any) -> None:
    world.order()
    world.bar(2, volume=None)

    assert world.last().status is FILLED


def test_orders_of_one_symbol_fill_in_order_of_receipt(world: Any) -> None:
    world.order(2)
    world.order(1)
    world.bar(2)

    assert [fill.source_order_id for fill in world.fills] == ["o-2", "o-1"]


def test_legs_ordered_together_fill_at_their_own_next_bars(world: Any) -> None:
    world.bar(2, symbol="A")
    world.bar(2, symbol="B")
    world.order(1, symbol="B")
    world.order(2, symbol="A")
    world.bar(3, symbol="A")
    world.bar(3, symbol="B")

    assert {fill.executed_at for fill in world.fills} == {datetime(2024, 1, 3, 21, tzinfo=UTC)}


def test_only_symbols_with_resting_orders_get_bars(world: Any) -> None:
    symbols = next(handler.symbols for handler in world.service.handlers() if handler.topic == "bar")
    before = set(symbols)
    world.order()
    during = set(symbols)
    world.bar(2)

    assert (before, during, set(symbols)) == (set(), {"A"}, set())


def test_a_symbol_keeps_its_attention_while_another_order_rests(kit: Any) -> None:
    world = kit.World(policy=kit.Policy(most=Decimal(100)))
    symbols = next(handler.symbols for handler in world.service.handlers() if handler.topic == "bar")
    world.order(1)
    world.order(2, quantity=Decimal(150))
    world.bar(2)

    assert (world.last(1).status, world.last(2).status, set(symbols)) == (FILLED, PARTIAL, {"A"})


def test_a_partial_fill_leaves_the_rest_working(kit: Any) -> None:
    world = kit.World(policy=kit.Policy(most=Decimal(30)))
    world.order()
    world.bar(2, "10")

    last = world.last()
    assert (last.status, last.trigger, last.filled_quantity, last.leaves_quantity) == (PARTIAL, "fill", 30, 70)


def test_the_rest_fills_later_under_the_next_fill_id(kit: Any) -> None:
    world = kit.World(policy=kit.Policy(most=Decimal(60)))
    world.order()
    world.bar(2, "10")
    world.bar(3, "13")

    assert [(f.fill_id, f.quantity) for f in world.fills] == [("o-1-F1", 60), ("o-1-F2", 40)]


def test_the_average_price_weighs_the_fills(kit: Any) -> None:
    world = kit.World(policy=kit.Policy(most=Decimal(60)))
    world.order()
    world.bar(2, "10")
    world.bar(3, "13")

    assert world.last().average_price == Decimal("11.2")  # (60 x 10 + 40 x 13) / 100


def test_an_average_without_end_is_cut_to_eight_decimals(kit: Any) -> None:
    world = kit.World(policy=kit.Policy(most=Decimal(2)))
    world.order(quantity=Decimal(3))
    world.bar(2, "10")
    world.bar(3, "11")

    assert world.last().average_price == Decimal("10.33333333")  # 31 / 3


def test_the_policy_is_shown_what_is_left(kit: Any) -> None:
    world = kit.World(policy=kit.Policy(most=Decimal(60)))
    world.order()
    world.bar(2)
    world.bar(3)

    assert [order.quantity for order in world.policy.seen] == [100, 40]


def test_a_decision_of_nothing_changes_nothing(kit: Any) -> None:
    world = kit.World(policy=kit.Shy())
    world.order()
    world.bar(2)

    assert (world.fills, world.last().status) == ([], ACK)


def test_a_policy_that_fills_too_much_stops_the_run(kit: Any) -> None:
    world = kit.World(policy=kit.Overfilling())
    world.order()

    with pytest.raises(HandlerError, match=r"fills 101 of order 'o-1', which has 100 left"):
        world.bar(2)


def test_the_last_bar_leaves_orders_expired(world: Any) -> None:
    world.order()
    world.service.stop()

    last = world.last()
    assert (last.previous, last.status, last.trigger, last.reason) == (ACK, EXPIRED, "expire", "end_of_data")


def test_what_was_filled_stays_filled_at_the_end(kit: Any) -> None:
    world = kit.World(policy=kit.Policy(most=Decimal(30)))
    world.order()
    world.bar(2)
    world.service.stop()

    assert (world.last().previous, world.last().filled_quantity, world.last().leaves_quantity) == (PARTIAL, 30, 0)


def test_orders_expire_in_order_of_receipt(world: Any) -> None:
    world.order(2, symbol="A")
    world.order(1, symbol="B")
    world.service.stop()

    expired = [update.order_id for update in world.bus.of("order_update") if update.status is EXPIRED]
    assert expired == ["o-2", "o-1"]


def test_an_ended_order_does_not_expire(world: Any) -> None:
    world.order()
    world.bar(2)
    world.service.stop()

    assert world.last().status is FILLED


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"order_type": "limit", "limit_price": Decimal(-9)}, "limit_price -9 is no price: it must be above zero"),
        ({"order_type": "stop", "stop_price": Decimal(0)}, "stop_price 0 is no price"),
        ({"limit_price": Decimal(9)}, "limit_price 9 means nothing for a market order"),
        ({"order_type": "limit", "limit_price": Decimal(9), "stop_price": Decimal(8)}, "stop_price 8 means nothing"),
        ({"trail_amount": Decimal(1)}, "trail_amount 1 means nothing for a market order"),
        ({"order_type": "trailing_stop", "trail_amount": Decimal(1)}, "A has no price yet that a stop could trail"),
        ({"quantity": Decimal("2.5")}, "2.5 units are no whole number of lots of 1"),
        ({"quantity": Decimal("0.5")}, "0.5 units are no whole number of lots of 1"),
        ({"time_in_force": "GTD", "expire_at": datetime(1969, 2, 1, tzinfo=UTC)}, "good-till date 1969.* is not after"),
        ({"expire_at": datetime(2024, 2, 1, tzinfo=UTC)}, "expire_at belongs to time in force GTD"),
        ({"parent_order_id": "o-0"}, "its parent 'o-0' was never sent"),
        ({"reduce_only": True}, "reduce_only"),
    ],
)
def test_what_does_not_execute_is_rejected_with_the_reason(world: Any, changes: dict[str, Any], said: str) -> None:
    world.order(**changes)

    last = world.last()
    assert (last.previous, last.status, last.trigger, last.origin_of_reject) == ("NEW", REJECTED, "reject", "ENGINE")
    assert last.leaves_quantity == 0
    with pytest.raises(AssertionError, match=said):
        raise AssertionError(last.reason)


def test_a_rejected_order_never_fills(world: Any) -> None:
    world.order(order_type="limit", limit_price=Decimal(-1))
    world.bar(2, "0.5", "0.5")

    assert world.fills == []


def test_an_order_for_a_symbol_outside_the_run_is_rejected(kit: Any) -> None:
    world = kit.World()
    world.view.instrument = _outside
    world.order(symbol="ZZZ")

    assert (world.last().status, world.last().reason) == (REJECTED, "no instrument 'ZZZ' in this run")


def _outside(symbol: str) -> Instrument:
    from qtrader.errors import DataError

    raise DataError(f"no instrument {symbol!r} in this run")


def test_a_good_till_cancelled_order_rests_until_it_fills(world: Any) -> None:
    world.order(time_in_force="GTC")
    world.bar(2, volume="0")
    world.bar(3)

    assert world.last().status is FILLED


def test_a_resting_order_can_be_cancelled(world: Any) -> None:
    world.order()
    world.command(reason="changed my mind")

    assert [(u.status, u.trigger, u.pending) for u in world.updates()[-2:]] == [
        (ACK, "cancel_request", "CANCEL"),
        (CANCELED, "cancel", "NONE"),
    ]
    assert world.last().reason == "changed my mind"


def test_a_cancelled_order_does_not_fill(world: Any) -> None:
    world.order()
    world.command()
    world.bar(2)

    assert world.fills == []


def test_cancelling_keeps_what_was_filled(kit: Any) -> None:
    world = kit.World(policy=kit.Policy(most=Decimal(30)))
    world.order()
    world.bar(2)
    world.command()

    assert (world.last().status, world.last().filled_quantity, world.last().leaves_quantity) == (CANCELED, 30, 0)


def test_cancelling_too_late_is_refused(world: Any) -> None:
    world.order()
    world.bar(2)
    world.command()

    last = world.last()
    assert (last.previous, last.status, last.trigger) == (FILLED, FILLED, "cancel_refused")
    assert last.reason == "too late: the order is FILLED"


def test_replacing_too_late_is_refused_as_late(world: Any) -> None:
    world.order()
    world.command()
    world.command("replace", quantity=Decimal(50))

    assert (world.last().trigger, world.last().reason) == ("replace_refused", "too late: the order is CANCELED")


def test_a_command_for_an_order_that_never_was_stops_the_run(world: Any) -> None:
    with pytest.raises(HandlerError, match=r"order 'o-9', which was never sent"):
        world.command(order_id="o-9")


def test_a_market_that_nobody_chose_is_a_config_error(world: Any) -> None:
    with pytest.raises(ConfigError, match=r"execution\.fill"):
        ExecutionService(world.bus, ExecutionSettings(), world.service._wiring)


def test_alone_it_wires_and_subscribes_itself(kit: Any) -> None:
    bus, tools = EventBus(), ExecutionSettings(
        fill=Reference(use="p", instance=kit.Policy()),
        slippage=Reference(use="s", instance=kit.Slip()),
        commission=Reference(use="c", instance=kit.Fee()),
    )  # fmt: skip
    ExecutionService(bus, tools)
    bus.publish(
        OrderEvent(
            **{"order_id": "o", "intent_id": "i", "idempotency_key": "k", "strategy_id": "s", "symbol": "A"},
            **{"side": "buy", "quantity": 1, "order_type": "market", "time_in_force": "DAY"},
        )
    )

    assert [event.topic for event in bus.history] == ["order", "order_update", "order_update", "order_update"]


def test_a_snapshot_of_another_version_is_refused(world: Any) -> None:
    with pytest.raises(RunError, match="snapshot version 99"):
        world.service.restore({"version": 99})
