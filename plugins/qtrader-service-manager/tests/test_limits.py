"""Limits in written order, and the cash of a cash account."""

from decimal import Decimal
from typing import Any

import pytest

from qtrader.errors import HandlerError
from qtrader.ports import Instrument, Verdict

D = Decimal


def checks(event: Any) -> list[tuple[str, str, Any]]:
    """Name, outcome and quantity of each check."""
    return [(check.name, check.outcome, check.quantity) for check in event.checks]


def test_a_limit_that_passes_is_recorded(kit: Any) -> None:
    world = kit.World(limits={"ceiling": kit.Ceiling(D(500))})
    world.signal()

    assert checks(world.of("decision")[0]) == [("ceiling", "pass", None)]


def test_a_limit_can_shrink_the_order(kit: Any) -> None:
    world = kit.World(limits={"ceiling": kit.Ceiling(D(50))})
    world.signal()

    decision = world.of("decision")[0]
    assert (decision.outcome, decision.requested_quantity, decision.quantity) == ("shrunk", 200, 50)
    assert checks(decision) == [("ceiling", "shrink", 50)]
    assert world.orders[0].quantity == 50


def test_a_shrunk_quantity_is_floored_to_the_lot(kit: Any) -> None:
    world = kit.World(limits={"ceiling": kit.Ceiling(D(50))}, instruments=[Instrument("A", lot=D(20))])
    world.signal()

    assert world.orders[0].quantity == 40


def test_a_limit_can_refuse(kit: Any) -> None:
    world = kit.World(limits={"ceiling": kit.Ceiling(D(50))}, already_open="add")
    world.hold("50")
    world.signal()

    rejected = world.of("signal_rejected")[0]
    assert (rejected.code, rejected.reason) == ("limit", "ceiling: 50 units are held already")
    assert checks(rejected) == [("ceiling", "refuse", None)]


def test_limits_run_in_the_written_order(kit: Any) -> None:
    first, second = kit.Ceiling(D(150)), kit.Ceiling(D(120))
    world = kit.World(limits={"zz": first, "aa": second})
    world.signal()

    assert checks(world.of("decision")[0]) == [("zz", "shrink", 150), ("aa", "shrink", 120)]


def test_a_later_limit_sees_what_the_earlier_left(kit: Any) -> None:
    first, second = kit.Ceiling(D(150)), kit.Ceiling(D(500))
    world = kit.World(limits={"first": first, "second": second})
    world.signal()

    assert [intent.quantity for intent in (*first.seen, *second.seen)] == [200, 150]


def test_nothing_runs_after_a_refusal(kit: Any) -> None:
    second = kit.Ceiling()
    world = kit.World(limits={"no": kit.Answer(Verdict("refuse", None, "never")), "second": second})
    world.signal()

    assert second.seen == []


def test_a_limit_is_told_the_value_of_a_unit(kit: Any) -> None:
    ceiling = kit.Ceiling(D(500))
    world = kit.World(limits={"ceiling": ceiling}, instruments=[Instrument("A", multiplier=D(4))])
    world.signal()

    intent = ceiling.seen[0]
    assert (intent.strategy_id, intent.symbol, intent.side, intent.unit_value) == ("s", "A", "buy", 200)


def test_limits_count_what_works(kit: Any) -> None:
    world = kit.World(sizer=kit.Units(D(40)), limits={"ceiling": kit.Ceiling(D(50))})
    world.signal(number=1, strategy_id="s")
    world.signal(number=2, strategy_id="t")

    assert [order.quantity for order in world.orders] == [40, 10]  # 50 less 40 on their way


def test_limits_do_not_stop_an_exit(kit: Any) -> None:
    world = kit.World(limits={"no": kit.Answer(Verdict("refuse", None, "never"))})
    world.hold("40")
    world.signal("CLOSE_LONG")

    assert (world.orders[0].quantity, world.of("decision")[0].checks) == (40, ())


def test_a_shrink_below_one_lot_is_a_refusal(kit: Any) -> None:
    world = kit.World(limits={"tiny": kit.Answer(Verdict("shrink", D("0.5"), "hardly any"))})
    world.signal()

    assert world.of("signal_rejected")[0].reason == "tiny: hardly any; 0.5 units are no whole lot"


@pytest.mark.parametrize("quantity", [D(200), D(300), D(-1), None])
def test_a_limit_that_shrinks_to_more_stops_the_run(kit: Any, quantity: Decimal | None) -> None:
    world = kit.World(limits={"odd": kit.Answer(Verdict("shrink", quantity, "odd"))})

    with pytest.raises(HandlerError):
        world.signal()


# cash


def test_a_margin_account_may_spend_more_than_its_cash(kit: Any) -> None:
    world = kit.World(sizer=kit.Share(D("1.5")))
    world.signal()

    assert world.orders[0].quantity == 3000


def test_a_cash_account_spends_what_it_has(kit: Any) -> None:
    world = kit.World(sizer=kit.Share(D("1.5")), account="cash")
    world.signal()

    assert checks(world.of("decision")[0]) == [("cash", "shrink", 2000)]  # 100000 / 50
    assert world.orders[0].quantity == 2000


def test_a_cash_account_notes_that_its_cash_was_enough(kit: Any) -> None:
    world = kit.World(account="cash")
    world.signal()

    assert checks(world.of("decision")[0]) == [("cash", "pass", None)]


def test_cash_that_working_orders_will_take_is_not_there(kit: Any) -> None:
    world = kit.World(sizer=kit.Units(D(1500)), account="cash")
    world.bar("50", symbol="B")
    world.signal(number=1, symbol="A")
    world.signal(number=2, symbol="B")

    assert [order.quantity for order in world.orders] == [1500, 500]  # 75000 of 100000 are spoken for


def test_cash_is_free_again_when_the_order_ends(kit: Any) -> None:
    world = kit.World(sizer=kit.Units(D(1500)), account="cash")
    world.bar("50", symbol="B")
    world.signal(number=1, symbol="A")
    world.update(world.orders[0], "CANCELED", trigger="cancel")
    world.signal(number=2, symbol="B")

    assert world.orders[1].quantity == 1500


def test_a_part_that_filled_is_not_reserved_any_more(kit: Any) -> None:
    world = kit.World(sizer=kit.Units(D(1000)), account="cash")
    world.bar("50", symbol="B")
    world.signal(number=1, symbol="A")
    world.update(world.orders[0], "PARTIAL", "600")
    world.hold("600", cash="70000")
    world.signal(number=2, symbol="B")

    assert world.orders[1].quantity == 1000  # 70000 less 400 x 50 is 50000


def test_a_split_of_a_working_order_reserves_the_same_money(kit: Any) -> None:
    world = kit.World(sizer=kit.Units(D(1500)), account="cash")
    world.bar("50", symbol="B")
    world.signal(number=1, symbol="A")
    split = {"quantity": D(3000), "leaves_quantity": D(3000), "revision": 1}
    world.update(world.orders[0], "ACK", trigger="replace", **split)
    world.signal(number=2, symbol="B")

    assert world.orders[1].quantity == 500  # 75000 of 100000 are spoken for, as before


def test_no_cash_at_all_is_a_refusal(kit: Any) -> None:
    world = kit.World(sizer=kit.Units(), account="cash")
    world.cash("49")
    world.signal()

    rejected = world.of("signal_rejected")[0]
    assert (rejected.code, checks(rejected)) == ("cash", [("cash", "refuse", None)])
    assert "100 units at 50 cost more than the cash of 49" in rejected.reason


def test_selling_needs_no_cash(kit: Any) -> None:
    world = kit.World(account="cash")
    world.hold("40", cash="0")
    world.signal("CLOSE_LONG")

    assert world.orders[0].quantity == 40


def test_cash_comes_after_the_limits(kit: Any) -> None:
    world = kit.World(sizer=kit.Units(D(5000)), account="cash", limits={"ceiling": kit.Ceiling(D(3000))})
    world.signal()

    assert checks(world.of("decision")[0]) == [("ceiling", "shrink", 3000), ("cash", "shrink", 2000)]
