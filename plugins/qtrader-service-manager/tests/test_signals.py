"""From a signal to one order, or to a refusal that says why."""

import threading
from decimal import Decimal
from typing import Any

import pytest

from qtrader.errors import HandlerError, RunError
from qtrader.events import OrderStatus
from qtrader.ports import Instrument, Service, Size

D = Decimal


def test_it_is_a_service(world: Any) -> None:
    assert isinstance(world.service, Service)


def test_it_listens_to_what_is_asked_and_to_what_comes_of_it(world: Any) -> None:
    assert [handler.topic for handler in world.service.handlers()] == [
        "signal",
        "target",
        "order_request",
        "position",
        "order_update",
        "trade",
        "valuation",
    ]


def test_a_signal_becomes_a_decision_and_an_order(world: Any) -> None:
    world.signal()

    assert world.bus.topics()[-3:] == ["signal", "decision", "order"]


def test_a_tenth_of_equity_is_ordered(world: Any) -> None:
    world.signal()

    assert world.orders[0].quantity == 200  # 0.10 x 100000 / 50


def test_the_size_follows_equity(world: Any) -> None:
    world.hold("1000", symbol="B", cash="100000")
    world.bar("30", symbol="B")
    world.signal()

    assert world.orders[0].quantity == 260  # 0.10 x (100000 + 1000 x 30) / 50


def test_a_fixed_quantity_is_ordered(kit: Any) -> None:
    world = kit.World(sizer=kit.Units())
    world.signal()

    assert world.orders[0].quantity == 100


def test_the_case_lean_01_sizes_697_shares(kit: Any) -> None:
    world = kit.World(sizer=kit.Share(D("0.9975")), price="143.078409768")
    world.signal(price=D("143.078409768"))

    assert world.orders[0].quantity == 697  # floor(0.9975 x 100000 / 143.078409768) = floor(697.17)


def test_quantities_are_floored_to_the_lot(kit: Any) -> None:
    world = kit.World(instruments=[Instrument("A", lot=D(30))])
    world.signal()

    assert world.orders[0].quantity == 180  # 200 is 6 lots of 30 and a rest


def test_lots_may_be_fractions(kit: Any) -> None:
    world = kit.World(price="30000", instruments=[Instrument("A", lot=D("0.001"))])
    world.signal()

    assert world.orders[0].quantity == D("0.333")  # 10000 / 30000


def test_the_multiplier_counts(kit: Any) -> None:
    world = kit.World(instruments=[Instrument("A", multiplier=D(20))])
    world.signal()

    assert world.orders[0].quantity == 10  # 10000 / (50 x 20)


def test_less_than_a_lot_is_refused_with_the_numbers(kit: Any) -> None:
    world = kit.World(price="20000")
    world.signal()

    rejected = world.of("signal_rejected")[0]
    assert (rejected.code, world.orders) == ("size-zero", [])
    assert "wants 0.5 units at 20000 each: no whole lot of 1" in rejected.reason


def test_the_price_is_the_last_close_not_the_signals(world: Any) -> None:
    world.signal(price=D(49))

    assert world.of("decision")[0].price == 50


def test_without_a_bar_the_signals_price_counts(kit: Any) -> None:
    world = kit.World(price=None)
    world.signal(price=D(40))

    assert world.orders[0].quantity == 250  # 10000 / 40


def test_a_price_below_zero_is_refused(kit: Any) -> None:
    world = kit.World(price="-37")
    world.signal()

    assert world.refused == ["no-price"]


def test_an_instrument_in_another_currency_without_a_rate_stops_the_run(kit: Any) -> None:
    world = kit.World(instruments=[Instrument("A", currency="EUR")])

    with pytest.raises(RunError, match="no rate of EUR/USD"):
        world.signal()


def test_a_symbol_outside_the_run_is_refused(world: Any) -> None:
    from qtrader.errors import DataError

    def outside(symbol: str) -> Instrument:
        raise DataError(f"no instrument {symbol!r} in this run")

    world.view.instrument = outside
    world.signal(symbol="ZZZ")

    assert (world.refused, world.of("signal_rejected")[0].reason) == (
        ["unknown-symbol"],
        "no instrument 'ZZZ' in this run",
    )


# what the order says


def test_the_intent_is_the_signal(world: Any) -> None:
    world.signal(number=7)

    order = world.orders[0]
    assert (order.intent_id, order.signal_id, order.order_id) == ("s-7", "s-7", "s-7-1")


def test_the_order_is_what_the_policy_says(kit: Any) -> None:
    document = {**kit.naive, "orders": {"type": "market", "time_in_force": "GTC", "honour": []}}
    world = kit.World(document=document)
    world.signal()

    order = world.orders[0]
    assert (order.order_type, order.time_in_force, order.side, order.role) == ("market", "GTC", "buy", "entry")


def test_keys_are_the_same_in_every_run(kit: Any) -> None:
    worlds = [kit.World(), kit.World()]
    for world in worlds:
        world.signal()

    assert worlds[0].orders[0].idempotency_key == worlds[1].orders[0].idempotency_key


def test_keys_differ_by_intent(kit: Any) -> None:
    world = kit.World(already_open="add")
    world.signal(number=1)
    world.update(world.orders[0], "FILLED", "200")
    world.signal(number=2)

    assert len({order.idempotency_key for order in world.orders}) == 2


def test_keys_differ_by_strategy(world: Any) -> None:
    world.signal(strategy_id="s")
    world.signal(strategy_id="t")

    assert len({order.idempotency_key for order in world.orders}) == 2


def test_the_same_signal_again_is_refused(world: Any) -> None:
    world.signal()
    world.signal()

    assert (len(world.orders), world.refused) == (1, ["duplicate-intent"])


def test_the_order_is_caused_by_its_signal(world: Any) -> None:
    signal = world.signal()

    assert world.orders[0].origin.cause == signal.origin.seq


# what the decision says


def test_the_decision_names_policy_and_sizer(world: Any) -> None:
    world.signal()

    decision = world.of("decision")[0]
    assert (decision.policy, decision.policy_version, decision.sizer) == ("naive", 3, "of-the-test")


def test_the_decision_says_what_it_counted_with(world: Any) -> None:
    world.signal()

    assert world.of("decision")[0].inputs == {
        "price": "50",
        "unit_value": "50",
        "position": "0",
        "pct": "0.1",
        "equity": "100000",
        "cash": "100000",
        "wanted": "200",
    }


def test_a_full_size_is_approved(world: Any) -> None:
    world.signal()

    decision = world.of("decision")[0]
    assert (decision.outcome, decision.requested_quantity, decision.quantity) == ("approved", 200, 200)


def test_numbers_without_end_are_written_to_eighteen_decimals(kit: Any) -> None:
    world = kit.World(price="30")
    world.signal()

    assert world.of("decision")[0].inputs["wanted"] == "333.333333333333333333"


def test_a_refusal_carries_its_inputs_too(world: Any) -> None:
    world.hold("10")
    world.signal()

    assert world.of("signal_rejected")[0].inputs == {"price": "50", "unit_value": "50", "position": "10"}


def test_a_refusal_names_intention_and_policy(world: Any) -> None:
    world.signal("CLOSE_LONG")

    rejected = world.of("signal_rejected")[0]
    assert (rejected.intention, rejected.policy, rejected.policy_version) == ("CLOSE_LONG", "naive", 3)


@pytest.mark.parametrize("wish", ["stop_loss", "take_profit"])
def test_a_wish_that_is_not_honoured_is_noted(world: Any, wish: str) -> None:
    world.signal(**{wish: D("45.50")})

    check = world.of("decision")[0].checks[0]
    assert (check.name, check.outcome, check.reason) == (wish, "pass", "45.5 is not honoured by this policy")


def test_a_wish_is_noted_on_a_refusal_too(world: Any) -> None:
    world.signal("CLOSE_LONG", stop_loss=D(45))

    assert [check.name for check in world.of("signal_rejected")[0].checks] == ["stop_loss"]


# the sizer


def test_the_sizer_is_asked_with_everything_it_may_need(kit: Any) -> None:
    world = kit.World(instruments=[Instrument("A", multiplier=D(2), lot=D(5))])
    world.signal(confidence=D("0.85"), stop_loss=D(45))

    asked = world.sizer.seen[0]
    assert (asked.strategy_id, asked.symbol, asked.side) == ("s", "A", "buy")
    assert (asked.price, asked.unit_value, asked.equity, asked.cash) == (50, 100, 100000, 100000)
    assert (asked.confidence, asked.stop_loss, asked.lot) == (D("0.85"), 45, 5)


@pytest.mark.parametrize("quantity", ["-1", "NaN", "Infinity", "1E+20"])
def test_a_senseless_size_stops_the_run(kit: Any, quantity: str) -> None:
    world = kit.World(sizer=kit.Units(D(quantity)))

    with pytest.raises(HandlerError, match=r"wants .* units: sizes are finite, never negative"):
        world.signal()


def test_sizing_runs_in_the_ledgers_context_whatever_the_thread(kit: Any) -> None:
    class Long:
        def size(self, request: Any) -> Size:
            return Size(D("1234567890123456789012345678901234567890") - D("1234567890123456789012345678901234567790"))

    world = kit.World(sizer=Long())
    thread = threading.Thread(target=world.signal)
    thread.start()
    thread.join()

    assert world.orders[0].quantity == 100  # with 28 digits the difference would be 0


# what is held already


def test_a_second_open_long_is_ignored(world: Any) -> None:
    world.hold("200")
    world.signal()

    assert (world.orders, world.refused) == ([], ["already-open"])


def test_a_second_open_long_may_add(kit: Any) -> None:
    world = kit.World(already_open="add")
    world.hold("200", cash="90000")
    world.signal()

    assert world.orders[0].quantity == 200  # a tenth of 90000 + 200 x 50


def test_positions_of_other_strategies_do_not_count(world: Any) -> None:
    world.hold("200", strategy="t")
    world.signal()

    assert len(world.orders) == 1


def test_closing_sells_the_whole_position_of_the_strategy(world: Any) -> None:
    world.hold("123.5")
    world.hold("50", strategy="t")
    world.signal("CLOSE_LONG")

    order = world.orders[0]
    assert (order.side, order.quantity, order.role) == ("sell", D("123.5"), "exit")


def test_closing_needs_no_sizer(world: Any) -> None:
    world.hold("123")
    world.signal("CLOSE_LONG")

    assert (world.of("decision")[0].sizer, world.sizer.seen) == (None, [])


@pytest.mark.parametrize(("held", "intention"), [("0", "CLOSE_LONG"), ("-5", "CLOSE_LONG"), ("5", "CLOSE_SHORT")])
def test_there_must_be_something_to_close(world: Any, held: str, intention: str) -> None:
    world.hold(held)
    world.signal(intention)

    assert world.refused == ["nothing-to-close"]


def test_closing_a_short_buys_it_back(world: Any) -> None:
    world.hold("-40")
    world.signal("CLOSE_SHORT")

    order = world.orders[0]
    assert (order.side, order.quantity, order.role) == ("buy", 40, "exit")


def test_shorts_are_refused_where_the_policy_says_so(world: Any) -> None:
    world.signal("OPEN_SHORT")

    assert world.refused == ["shorts-off"]


def test_a_short_is_sold_where_the_policy_allows(kit: Any) -> None:
    world = kit.World(shorts=True)
    world.signal("OPEN_SHORT")

    order = world.orders[0]
    assert (order.side, order.quantity, order.role) == ("sell", 200, "entry")


def test_a_cash_account_does_not_short(kit: Any) -> None:
    world = kit.World(shorts=True, account="cash")
    world.signal("OPEN_SHORT")

    assert world.refused == ["cash-account"]


def test_what_cannot_be_borrowed_is_not_shorted(kit: Any) -> None:
    world = kit.World(shorts=True, instruments=[Instrument("A", shortable=False)])
    world.signal("OPEN_SHORT")

    assert world.refused == ["not-shortable"]


@pytest.mark.parametrize(("held", "intention"), [("-40", "OPEN_LONG"), ("40", "OPEN_SHORT")])
def test_the_opposite_of_what_is_open_is_rejected(kit: Any, held: str, intention: str) -> None:
    world = kit.World(shorts=True)
    world.hold(held)
    world.signal(intention)

    assert world.refused == ["opposite-open"]


@pytest.mark.parametrize(("held", "intention", "side"), [("-40", "OPEN_LONG", "buy"), ("40", "OPEN_SHORT", "sell")])
def test_the_opposite_may_close(kit: Any, held: str, intention: str, side: str) -> None:
    world = kit.World(opposite_open="close")
    world.hold(held)
    world.signal(intention)

    order = world.orders[0]
    assert (order.side, order.quantity, order.role) == (side, 40, "exit")


def test_the_opposite_may_flip_in_one_order(kit: Any) -> None:
    world = kit.World(opposite_open="flip", shorts=True)
    world.hold("40", cash="98000")
    world.signal("OPEN_SHORT")

    order = world.orders[0]
    assert (order.side, order.quantity, order.role) == ("sell", 240, "entry")  # 40 + 0.10 x (98000 + 40 x 50) / 50


def test_a_flip_into_a_short_needs_shorts(kit: Any) -> None:
    world = kit.World(opposite_open="flip")
    world.hold("40")
    world.signal("OPEN_SHORT")

    assert world.refused == ["shorts-off"]


# what works already


def test_a_second_open_while_the_first_works_is_refused(kit: Any) -> None:
    world = kit.World(already_open="add")
    world.signal(number=1)
    world.signal(number=2)

    assert (len(world.orders), world.refused) == (1, ["order-pending"])


def test_the_refusal_names_the_order_that_works(world: Any) -> None:
    world.signal(number=1)
    world.signal(number=2)

    assert world.of("signal_rejected")[0].reason == "entry order 's-1-1' is still working"


def test_a_second_close_while_the_first_works_is_refused(world: Any) -> None:
    world.hold("40")
    world.signal("CLOSE_LONG", 1)
    world.signal("CLOSE_LONG", 2)

    assert (len(world.orders), world.refused) == (1, ["order-pending"])


def test_closing_what_is_not_bought_yet_is_refused(world: Any) -> None:
    world.signal("OPEN_LONG", 1)
    world.signal("CLOSE_LONG", 2)

    assert world.refused == ["order-pending"]


def test_other_symbols_and_strategies_are_not_blocked(world: Any) -> None:
    world.bar("50", symbol="B")
    world.signal(number=1)
    world.signal(number=2, symbol="B")
    world.signal(number=3, strategy_id="t")

    assert len(world.orders) == 3


def test_close_and_reverse_in_one_step_count_what_works(kit: Any) -> None:
    world = kit.World(shorts=True)
    world.hold("40", cash="98000")
    world.signal("CLOSE_LONG", 1)
    world.signal("OPEN_SHORT", 2)

    assert [(order.side, order.quantity, order.role) for order in world.orders] == [
        ("sell", 40, "exit"),
        ("sell", 200, "entry"),
    ]


@pytest.mark.parametrize("status", ["FILLED", "CANCELED", "REJECTED", "EXPIRED"])
def test_an_order_that_ended_blocks_nothing(world: Any, status: str) -> None:
    world.signal(number=1)
    world.update(world.orders[0], status, "200" if status == "FILLED" else "0")
    world.signal(number=2)

    assert len(world.orders) == 2


def test_an_order_that_is_only_acknowledged_still_blocks(world: Any) -> None:
    world.signal(number=1)
    world.update(world.orders[0], "ACK", trigger="ack")
    world.signal(number=2)

    assert world.refused == ["order-pending"]


def test_updates_of_unknown_orders_are_nothing_to_it(world: Any) -> None:
    world.signal()
    world.update(world.orders[0].model_copy(update={"order_id": "x"}), OrderStatus.FILLED, "200")

    assert world.service.snapshot()["projection"]["working"][0][0] == "s-1-1"


def test_a_snapshot_of_another_version_is_refused(world: Any) -> None:
    with pytest.raises(RunError, match="snapshot version 99"):
        world.service.restore({"version": 99})
