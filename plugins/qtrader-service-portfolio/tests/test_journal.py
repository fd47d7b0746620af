"""The ledger of a run by sessions: what belongs to which day, and what is shown of it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from qtrader.events import ValuationTriggerEvent
from qtrader.ports import ledger_context
from qtrader_service_portfolio.beancount_lots import joined
from qtrader_service_portfolio.commands.printing import grouped, rows
from qtrader_service_portfolio.journal import Booked, Journal, Move
from qtrader_service_portfolio.ledger import Transaction

FIRST = date(2024, 1, 2)


class HandRun:
    """A run made by hand: what was done at a desk, heard again by whoever watches."""

    def __init__(self, desk: Any, *deeds: Any) -> None:
        self.desk, self.deeds = desk, deeds

    def rebuild(self, service: str, *, watch: Any = None) -> Any:
        """Do everything, and tell the watcher after each deed."""
        assert service == "portfolio"
        made = self.desk.service
        self._told(watch, None, made.start)
        for deed, event in self.deeds:
            self._told(watch, event, lambda deed=deed, event=event: getattr(made, f"on_{deed}")(event))
        self._told(watch, None, made.stop)
        return made

    def _told(self, watch: Any, event: Any, call: Any) -> None:
        before = len(self.desk.emitter.events)
        call()
        watch(self.desk.service, event, self.desk.emitter.events[before:])


def fill(desk: Any, number: int, side: str, quantity: int, price: int) -> tuple[str, Any]:
    desk.now = number
    return "fill", desk.make_fill(side, quantity, price)


def value(desk: Any, number: int, reason: str = "session_end", session: int | None = None) -> tuple[str, Any]:
    day = FIRST + timedelta(days=number if session is None else session)
    desk.now = number
    moment = desk.make_fill("buy", 1, 1).executed_at
    return "valuation_trigger", ValuationTriggerEvent(session=day, reason=reason, occurred_at=moment)


def kinds(journal: Journal) -> list[tuple[date, list[str]]]:
    return [(one.day, [booked.transaction.kind for booked in one.booked]) for one in journal.sessions]


def test_what_is_booked_belongs_to_the_session_that_ends_next(desk):
    run = HandRun(desk, value(desk, 0), fill(desk, 1, "buy", 10, 10), value(desk, 1), value(desk, 2))

    assert kinds(Journal.of(run)) == [
        (FIRST, ["deposit"]),
        (FIRST + timedelta(days=1), ["fill"]),
        (FIRST + timedelta(days=2), []),
    ]


def test_a_run_that_ends_within_a_session_ends_that_session(desk):
    """Its date is that of the session, whatever the date in UTC."""
    deeds = value(desk, 0), fill(desk, 1, "buy", 10, 10), value(desk, 1, "end", session=2)

    assert kinds(Journal.of(HandRun(desk, *deeds))) == [(FIRST, ["deposit"]), (FIRST + timedelta(days=2), ["fill"])]


def test_a_valuation_within_a_session_does_not_end_it(desk):
    run = HandRun(
        desk, fill(desk, 0, "buy", 10, 10), value(desk, 0, "bar"), fill(desk, 0, "buy", 5, 10), value(desk, 0)
    )

    assert kinds(Journal.of(run)) == [(FIRST, ["deposit", "fill", "fill"])]


def test_what_is_booked_after_the_last_valuation_has_its_own_day(desk):
    run = HandRun(desk, fill(desk, 0, "buy", 10, 10), value(desk, 5), fill(desk, 6, "sell", 4, 12))

    assert kinds(Journal.of(run)) == [
        (FIRST + timedelta(days=5), ["deposit", "fill"]),
        (FIRST + timedelta(days=6), ["fill"]),
    ]


def test_a_session_that_ends_twice_is_one(desk):
    """Its balances are those of the second end."""
    run = HandRun(
        desk, fill(desk, 0, "buy", 10, 10), value(desk, 0), fill(desk, 0, "sell", 4, 12), value(desk, 0, "end")
    )
    journal = Journal.of(run)

    assert kinds(journal) == [(FIRST, ["deposit", "fill", "fill"])]
    assert journal.sessions[0].balances["Assets:Cash", "USD"] == Decimal(10_000 - 100 + 48)
    assert journal.sessions[0].positions["trend", "AAPL"].quantity == 6


def test_days_never_run_backward(desk):
    """What an earlier day says after a later one has ended is in the later one."""
    run = HandRun(desk, value(desk, 5), fill(desk, 4, "buy", 10, 10), value(desk, 4))

    assert kinds(Journal.of(run)) == [(FIRST + timedelta(days=5), ["deposit", "fill"])]


def test_a_run_without_a_valuation_has_one_session(desk):
    assert kinds(Journal.of(HandRun(desk, fill(desk, 0, "buy", 10, 10)))) == [(FIRST, ["deposit", "fill"])]


def test_an_account_is_no_other_that_begins_alike(desk):
    with ledger_context():
        desk.service.ledger.post((("Assets:Cashier", Decimal(1)), ("Assets:Cash", Decimal(-1))), "USD", 0, "test", "t")
    journal = Journal.of(HandRun(desk, value(desk, 0)))

    assert [row.amount for row in rows(journal, "Assets:Cash")] == ["10000", "-1"]
    assert [row.balance for row in rows(journal, "Assets:Cash")] == ["10000", "9999"]


def booked(number: int, cause: int, symbol: str, postings: Any, *moves: Move) -> Booked:
    parts = tuple((account, Decimal(amount)) for account, amount in postings)
    return Booked(number, cause, Transaction(0, "spin_off", "a1", "s", symbol, "USD", parts), moves)


def test_what_an_action_did_to_a_strategys_inventory_is_one_transaction_of_lots():
    """A spin-off: 500 of the parent's cost go to the child, booked in each book by itself; a fill stays alone."""
    parent = booked(
        1, 7, "P", [("Assets:Inventory", -500), ("Equity:Conversion", 500)], Move("s", "P", *map(Decimal, (9, 9)))
    )
    child = booked(
        2, 7, "C", [("Assets:Inventory", 500), ("Equity:Conversion", -500)], Move("s", "C", *map(Decimal, (0, 3)))
    )
    other = booked(3, 8, "C", [("Assets:Inventory", 5), ("Assets:Cash", -5)])
    cash = booked(4, 7, "C", [("Assets:Cash", 2), ("Income:Dividends", -2)])

    found = joined([parent, child, other, cash])

    assert [one.number for one in found] == [1, 3, 4]
    assert [move.symbol for move in found[0].moves] == ["P", "C"]
    assert sum(amount for account, amount in found[0].transaction.postings if account == "Assets:Inventory") == 0


@pytest.mark.parametrize(
    ("text", "shown"),
    [("0", "0.00"), ("-0.5", "-0.50"), ("1234567.12345678", "1,234,567.12345678"), ("-1000", "-1,000.00")],
)
def test_amounts_are_shown_with_all_their_digits(text, shown):
    assert grouped(text) == shown
