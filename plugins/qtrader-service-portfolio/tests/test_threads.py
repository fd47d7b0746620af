"""A new thread has a decimal context of 28 digits; every public entry must not care."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal, getcontext
from typing import Any

import pytest

from qtrader.events import ValuationTriggerEvent
from qtrader_service_portfolio import Ledger, LotTracker

D = Decimal
WHEN = datetime(2024, 1, 2, tzinfo=UTC)
LONG = D("99999999999999999999.12345678")
"""A sum with another of its size needs 29 digits: one more than a fresh thread keeps."""


def in_a_fresh_thread(call: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: getcontext().prec).result() == 28
        return pool.submit(call).result()


@pytest.fixture
def rich(desk_with):
    """Ten units that cost 29 digits' worth, at a desk with little cash."""
    desk = desk_with("0.00000001")
    in_a_fresh_thread(lambda: desk.buy(10, "99999999999999999999.123456789"))
    return desk


def test_on_fill(rich):
    """10 x 99999999999999999999.123456789, and the last digit of the capital is not lost."""
    assert D("999999999999999999991.23456789") == rich.position.cost_basis
    assert D("-999999999999999999991.23456788") == rich.cash


def test_on_corporate_action(rich):
    """10 x 9999999999999999999.8765432101 is 99999999999999999998.77 to the cent; the cash has 29 digits."""
    rich.now = 1
    in_a_fresh_thread(lambda: rich.dividend("9999999999999999999.8765432101"))

    assert D("-899999999999999999992.46456788") == rich.cash


def test_on_a_split(rich):
    """Half of 10.5 new units takes a 21st of the cost: 47619047619047619047.20164609."""
    rich.now = 1
    in_a_fresh_thread(lambda: rich.split(21, 20, reference_price=LONG))

    assert D("952380952380952380944.03292180") == rich.position.cost_basis


def test_on_valuation_trigger(rich):
    """A price one step of the finest scale higher shows ten steps higher."""
    rich.price("AAPL", "99999999999999999999.123456799")
    trigger = ValuationTriggerEvent(session=WHEN.date(), reason="bar")
    in_a_fresh_thread(lambda: rich.service.on_valuation_trigger(trigger))

    assert D("0.0000001") == rich.emitter.events[-1].unrealised_pnl


def test_get_state(rich):
    rich.price("AAPL", "99999999999999999999.123456799")

    assert D("0.0000001") == in_a_fresh_thread(rich.service.get_state).unrealised_pnl


def test_positions(rich):
    rich.price("AAPL", "99999999999999999999.123456799")
    rich.value()

    assert D("0.0000001") == in_a_fresh_thread(lambda: rich.position).unrealised


def test_stop(desk_with):
    desk = desk_with(snapshots="end")
    desk.buy(10, "99999999999999999999.123456789")
    desk.price("AAPL", "99999999999999999999.123456799")
    in_a_fresh_thread(desk.service.stop)

    assert D("0.0000001") == desk.emitter.events[-1].unrealised_pnl


def test_the_journals_balances(rich):
    for _ in range(2):
        rich.buy(10, LONG)
    expected = rich.service.get_state().cash

    assert expected == in_a_fresh_thread(lambda: rich.service.ledger.balance("Assets:Cash", "USD"))


def test_a_journal_restored_by_itself(rich):
    rich.sell(3, LONG, 1)
    saved = rich.service.ledger.snapshot()
    other = Ledger()
    in_a_fresh_thread(lambda: other.restore(saved, 0))

    assert rich.service.ledger.balances() == other.balances()


def test_a_snapshot_and_a_restore(rich):
    rich.buy("0.1", LONG)
    saved = in_a_fresh_thread(rich.service.get_snapshot)
    other = rich.build()
    in_a_fresh_thread(lambda: other.restore_from_snapshot(saved))

    assert rich.service.positions == other.positions
    assert rich.service.ledger.balances() == other.ledger.balances()


def test_a_tracker_adds_costs():
    tracker = LotTracker()

    def two_fills() -> None:
        for days in range(2):
            tracker.fill("buy", D(1), LONG, WHEN + timedelta(days=days))

    in_a_fresh_thread(two_fills)

    assert D("199999999999999999998.24691356") == tracker.cost


def test_a_tracker_restores_totals():
    tracker, other = LotTracker(), LotTracker()
    for days in range(2):
        tracker.fill("buy", D(1), LONG, WHEN + timedelta(days=days))
    in_a_fresh_thread(lambda: other.restore(tracker.snapshot()))

    assert tracker.cost == other.cost


def test_a_tracker_splits():
    """3.00000001 units of a lot of 20 digits 2:1."""
    tracker = LotTracker()
    tracker.fill("buy", D("9999999999999999999.1234567890"), LONG, WHEN)
    in_a_fresh_thread(lambda: tracker.split(2, 1, step=D("0.0000000001"), unit_value=D(1), currency="USD"))

    assert D("19999999999999999998.2469135780") == tracker.quantity


def test_profit_of_a_closed_lot():
    tracker = LotTracker()
    tracker.fill("buy", D(1), -LONG, WHEN)
    (part,) = tracker.fill("sell", D(1), LONG, WHEN).closed

    assert D("199999999999999999998.24691356") == in_a_fresh_thread(lambda: part.gross)
