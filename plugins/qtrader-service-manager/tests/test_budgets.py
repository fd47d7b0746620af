"""Budgets: what a strategy is sized from, and what it may hold, of an account of 100,000 USD with A at 50."""

from decimal import Decimal
from typing import Any

import pytest

from qtrader.events import SignalEvent

D = Decimal
SIXTY_FORTY = {"s": D("0.6"), "t": D("0.4")}


def budget_checks(event: Any) -> list[tuple[str, Any]]:
    """Outcome and quantity of the check that the budget made."""
    return [(check.outcome, check.quantity) for check in event.checks if check.name == "budget"]


def test_a_strategy_is_sized_from_its_share(kit: Any) -> None:
    world = kit.World(sizer=kit.Share(D("0.5")), budgets=SIXTY_FORTY)
    world.signal(number=1)
    world.signal(number=2, strategy_id="t")

    assert [(one.strategy_id, one.quantity) for one in world.orders] == [("s", 600), ("t", 400)]
    assert [one.inputs["equity"] for one in world.of("decision")] == ["60000", "40000"]


def test_without_budgets_there_is_no_such_check(kit: Any) -> None:
    world = kit.World(sizer=kit.Units(D(2000)))
    world.signal()

    assert world.orders[0].quantity == 2000
    assert budget_checks(world.of("decision")[0]) == []


@pytest.mark.parametrize(
    ("wanted", "sent", "check"),
    [(1199, 1199, ("pass", None)), (1200, 1200, ("pass", None)), (1201, 1200, ("shrink", 1200))],
)
def test_an_order_keeps_within_the_budget_to_the_lot(kit: Any, wanted: int, sent: int, check: tuple[str, Any]) -> None:
    world = kit.World(sizer=kit.Units(D(wanted)), budgets=SIXTY_FORTY)
    world.signal()

    assert world.orders[0].quantity == sent
    assert budget_checks(world.of("decision")[0]) == [check]


def test_other_symbols_of_the_strategy_use_its_budget_and_other_strategies_do_not(kit: Any) -> None:
    world = kit.World(sizer=kit.Units(D(2000)), budgets=SIXTY_FORTY)
    world.bar("50", symbol="B")
    world.hold("400", symbol="B", cash="80000")
    world.hold("200", symbol="A", strategy="t", cash="70000")
    world.signal()

    assert world.orders[0].quantity == (60_000 - 400 * 50) // 50


def test_a_short_uses_it_as_a_long_does(kit: Any) -> None:
    world = kit.World(sizer=kit.Units(D(2000)), budgets=SIXTY_FORTY, shorts=True)
    world.bar("50", symbol="B")
    world.hold("-400", symbol="B", cash="120000")
    world.signal("OPEN_SHORT")

    assert (world.orders[0].side, world.orders[0].quantity) == ("sell", (60_000 - 400 * 50) // 50)


def test_what_works_uses_it_too_and_nothing_left_refuses(kit: Any) -> None:
    world = kit.World(sizer=kit.Units(D(1200)), budgets=SIXTY_FORTY)
    world.bar("50", symbol="B")
    world.signal(number=1)
    world.signal(number=2, symbol="B")

    rejected = world.of("signal_rejected")[0]
    assert (rejected.code, budget_checks(rejected)) == ("limit", [("refuse", None)])
    assert rejected.reason == ("budget: 1200 units at 50 are more than the 0 that 's' has left of its budget of 60000")


def test_a_flip_may_end_what_is_held_and_fill_the_budget_the_other_way(kit: Any) -> None:
    world = kit.World(sizer=kit.Units(D(2000)), budgets=SIXTY_FORTY, shorts=True, opposite_open="flip")
    world.hold("-100", cash="105000")
    world.signal()

    assert world.orders[0].quantity == 100 + 1200


def test_what_closes_is_not_held_up(kit: Any) -> None:
    world = kit.World(budgets=SIXTY_FORTY)
    world.hold("2000", cash="0")
    world.signal("CLOSE_LONG")

    assert world.orders[0].quantity == 2000


def test_hand_orders_keep_within_it(kit: Any) -> None:
    world = kit.World(budgets=SIXTY_FORTY)
    world.request(quantity="5000")

    assert world.orders[0].quantity == 1200


def test_strategies_against_each_other_are_no_exposure_of_the_account(kit: Any) -> None:
    seen: list[Any] = []

    class Look(kit.Answer):  # type: ignore[misc, name-defined]
        def check(self, intent: Any, books: Any) -> Any:
            seen.append(dict(books.exposures()))
            return self.verdict

    from qtrader.ports import Verdict

    world = kit.World(limits={"look": Look(Verdict("pass"))}, budgets=SIXTY_FORTY)
    world.hold("300", strategy="s", cash="85000")
    world.hold("-300", strategy="t", cash="100000")
    world.bar("50", symbol="B")
    signal: SignalEvent = world.signal(symbol="B")

    assert (signal.symbol, seen) == ("B", [{}])
