"""Lots that orders name, and how fills of such an order take them."""

import json
from decimal import Decimal
from typing import Any

import pytest

from qtrader.errors import LedgerError
from qtrader.events import OrderEvent, PositionEvent, TradeEvent
from qtrader.ports.settings import LotSettings

D = Decimal
FIRST, SECOND, THIRD = (f"trend-AAPL-L00000{number}" for number in (1, 2, 3))


@pytest.fixture
def desk(desk_with: Any) -> Any:
    """Holds lots of 100 at 10, 50 at 12 and 30 at 11, long, which strategies may choose."""
    desk = desk_with(lots=LotSettings(long="specific", short="specific"))
    for number, (units, price) in enumerate(((100, 10), (50, 12), (30, 11))):
        desk.price("AAPL", price, number)
        desk.buy(units, price, 1)
    return desk


def order(desk: Any, *lots: str, side: str = "sell", order_id: str = "chosen") -> str:
    """An order that names lots, heard by the service; its id."""
    facts = dict.fromkeys(("order_id", "intent_id", "idempotency_key"), order_id)
    desk.service.on_order(
        OrderEvent(
            **facts,
            strategy_id="trend",
            symbol="AAPL",
            side=side,
            quantity=D(10),
            order_type="market",
            time_in_force="DAY",
            lots=lots,
        )
    )
    return order_id


def left(desk: Any) -> dict[str, Decimal]:
    """Units of each open lot, as the last position tells them."""
    return {one.lot_id: one.quantity for one in desk.last(PositionEvent).lots}


def test_positions_tell_their_lots_oldest_first(desk: Any) -> None:
    lots = desk.last(PositionEvent).lots

    assert [(one.lot_id, one.quantity, one.cost, one.price) for one in lots] == [
        (FIRST, 100, 1_000, 10),
        (SECOND, 50, 600, 12),
        (THIRD, 30, 330, 11),
    ]
    assert lots[0].opened < lots[1].opened < lots[2].opened


def test_positions_tell_no_lots_where_nobody_may_choose(desk_with: Any) -> None:
    desk = desk_with(lots=LotSettings(short="specific"))
    desk.buy(10, 10)
    assert desk.last(PositionEvent).lots == ()
    desk.sell(30, 10)
    assert left(desk) == {SECOND: 20}


def test_the_named_lot_leaves_whatever_its_age(desk: Any) -> None:
    """50 at 12 sold at 15: 150."""
    desk.sell(50, 15, source_order_id=order(desk, SECOND))

    (trade,) = desk.of(TradeEvent)
    assert (trade.lot_id, trade.gross_pnl) == (SECOND, 150)
    assert left(desk) == {FIRST: 100, THIRD: 30}


def test_lots_leave_in_the_order_in_which_they_are_named(desk: Any) -> None:
    """30 at 11 and 20 of 100 at 10, at 15: 120 and 100."""
    desk.sell(50, 15, source_order_id=order(desk, THIRD, FIRST))

    assert [(one.lot_id, one.quantity, one.gross_pnl) for one in desk.of(TradeEvent)] == [
        (THIRD, 30, 120),
        (FIRST, 20, 100),
    ]
    assert left(desk) == {FIRST: 80, SECOND: 50}


def test_an_order_that_fills_in_parts_goes_on_where_it_was(desk: Any) -> None:
    named = order(desk, SECOND, FIRST)
    for units in (20, 40, 60):
        desk.sell(units, 15, source_order_id=named)

    assert [(one.lot_id, one.quantity) for one in desk.of(TradeEvent)] == [
        (SECOND, 20),
        (SECOND, 30),
        (FIRST, 10),
        (FIRST, 60),
    ]
    assert left(desk) == {FIRST: 30, THIRD: 30}


def test_an_order_that_names_none_closes_the_oldest_first(desk: Any) -> None:
    """It closes all, in parts."""
    for units in (90, 40, 50):
        desk.sell(units, 15, source_order_id="all")

    assert [(one.lot_id, one.quantity) for one in desk.of(TradeEvent)] == [
        (FIRST, 90),
        (FIRST, 10),
        (SECOND, 30),
        (SECOND, 20),
        (THIRD, 30),
    ]
    assert left(desk) == {}


def test_the_oldest_is_the_one_acquired_first_not_the_one_heard_of_first(desk_with: Any) -> None:
    desk = desk_with(lots=LotSettings(long="specific"))
    desk.price("AAPL", 10, 3)
    late, early = desk.market.time, desk.market.time.replace(hour=15)
    desk.buy(10, 10, executed_at=late)
    desk.buy(10, 9, executed_at=early)

    assert [*left(desk)] == [SECOND, FIRST]
    desk.sell(5, 12)
    assert left(desk) == {SECOND: 5, FIRST: 10}


def test_a_purchase_chooses_among_shorts(desk_with: Any) -> None:
    desk = desk_with(lots=LotSettings(short="specific"))
    desk.sell(10, 10)
    desk.sell(10, 12)
    desk.buy(10, 11, source_order_id=order(desk, SECOND, side="buy"))

    assert desk.of(TradeEvent)[0].gross_pnl == 10
    assert left(desk) == {FIRST: 10}


def test_more_than_is_held_closes_all_and_turns_the_position(desk: Any) -> None:
    desk.sell(200, 15)

    assert sum(one.quantity for one in desk.of(TradeEvent)) == 180
    assert left(desk) == {"trend-AAPL-L000004": 20}


def test_a_split_between_order_and_fill_keeps_the_names(desk: Any) -> None:
    named = order(desk, SECOND)
    desk.now += 1
    desk.split(2, 1)
    assert left(desk) == {FIRST: 200, SECOND: 100, THIRD: 60}
    desk.sell(100, 7, source_order_id=named)

    assert left(desk) == {FIRST: 200, THIRD: 60}


def test_named_lots_with_too_few_units_stop_the_run_and_change_nothing(desk: Any) -> None:
    before = json.dumps(desk.service.get_snapshot())
    named = order(desk, SECOND)

    with pytest.raises(LedgerError, match=r"lots \[2\] hold 50 units and the fill closes 51"):
        desk.sell(51, 15, source_order_id=named)
    after = desk.service.get_snapshot()
    assert after["account"].pop("chosen") == {"chosen": [SECOND]}
    assert after["account"] | {"chosen": {}} == json.loads(before)["account"]


def test_named_lots_that_are_gone_stop_the_run(desk: Any) -> None:
    first, second = order(desk, SECOND, order_id="a"), order(desk, SECOND, order_id="b")
    desk.sell(50, 15, source_order_id=first)

    with pytest.raises(LedgerError, match="a fill closes 50 units and names no lot"):
        desk.sell(50, 15, source_order_id=second)


def test_a_snapshot_between_order_and_fill_remembers_the_names(desk: Any) -> None:
    named = order(desk, THIRD)
    snapshot = json.loads(json.dumps(desk.service.get_snapshot()))
    desk.service = desk.build()
    desk.service.restore_from_snapshot(snapshot)
    desk.sell(30, 15, source_order_id=named)

    assert left(desk) == {FIRST: 100, SECOND: 50}
    assert desk.service.get_snapshot()["account"]["chosen"] == {"chosen": [THIRD]}
