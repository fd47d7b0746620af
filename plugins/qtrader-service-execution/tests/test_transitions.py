"""The order state machine, checked against the rules as the design states them."""

from decimal import Decimal

import pytest

from qtrader.errors import IllegalTransition
from qtrader.events import OrderStatus
from qtrader_service_execution.transitions import (
    STATUSES,
    TABLE,
    TERMINAL,
    Effect,
    OrderInput,
    Pending,
    lookup,
    next_status,
    status_changes,
)

S, E = OrderStatus, OrderInput


def leads(status: str, event: str, pending: Pending = "NONE") -> tuple[str, str]:
    """The first status that a cell leads to, and what it leaves pending."""
    cell = TABLE[S(status), pending, E(event)]
    return cell.to[0].value, cell.pending


def test_the_table_has_every_cell() -> None:
    assert len(TABLE) == 8 * 3 * 14


def test_the_statuses_are_those_of_the_contract() -> None:
    assert set(S) == set(STATUSES)


def test_the_final_statuses_are_those_of_the_contract() -> None:
    assert {status for status in S if status.final} == TERMINAL


def test_there_are_sixteen_normal_changes_of_status() -> None:
    changes = {(a.value, b.value) for a, b, effect, event in status_changes() if effect == "change" and event != "bust"}

    assert changes == {
        *(("NEW", to) for to in ("SUBMITTED", "REJECTED", "CANCELED", "EXPIRED")),
        *(("SUBMITTED", to) for to in ("ACK", "REJECTED", "CANCELED", "EXPIRED")),
        *(("ACK", to) for to in ("PARTIAL", "FILLED", "CANCELED", "REJECTED", "EXPIRED")),
        *(("PARTIAL", to) for to in ("FILLED", "CANCELED", "EXPIRED")),
    }


def test_there_are_four_changes_by_a_late_fill() -> None:
    changes = {(a.value, b.value) for a, b, effect, _ in status_changes() if effect == "late"}

    assert changes == {
        ("CANCELED", "FILLED"),
        ("EXPIRED", "FILLED"),
        ("REJECTED", "FILLED"),
        ("REJECTED", "CANCELED"),
    }


def test_there_are_four_changes_by_a_bust() -> None:
    changes = {(a.value, b.value) for a, b, _, event in status_changes() if event == "bust"}

    assert changes == {("PARTIAL", "ACK"), ("FILLED", "ACK"), ("FILLED", "PARTIAL"), ("FILLED", "CANCELED")}


@pytest.mark.parametrize(
    ("status", "event", "to"),
    [
        ("NEW", "sent", "SUBMITTED"),
        ("NEW", "cancel_request", "CANCELED"),
        ("NEW", "reject", "REJECTED"),
        ("NEW", "replace_request", "NEW"),
        ("SUBMITTED", "ack", "ACK"),
        ("SUBMITTED", "reject", "REJECTED"),
        ("ACK", "partial_fill", "PARTIAL"),
        ("ACK", "full_fill", "FILLED"),
        ("ACK", "reject", "REJECTED"),
        ("ACK", "triggered", "ACK"),
        ("PARTIAL", "partial_fill", "PARTIAL"),
        ("PARTIAL", "full_fill", "FILLED"),
        ("PARTIAL", "reject", "CANCELED"),
        ("PARTIAL", "expire", "EXPIRED"),
        ("PARTIAL", "cancel", "CANCELED"),
    ],
)
def test_events_lead_where_the_design_says(status: str, event: str, to: str) -> None:
    assert leads(status, event)[0] == to


@pytest.mark.parametrize("event", ["partial_fill", "full_fill"])
def test_a_fill_of_a_submitted_order_implies_its_acknowledgement(event: str) -> None:
    assert TABLE[S.SUBMITTED, "NONE", E(event)].via is S.ACK


@pytest.mark.parametrize("event", ["ack", "partial_fill", "full_fill", "cancel", "replace", "triggered"])
def test_nothing_of_the_market_can_happen_to_an_order_that_was_not_sent(event: str) -> None:
    with pytest.raises(IllegalTransition, match=r"order 'o' is NEW \(pending NONE\): '"):
        lookup(S.NEW, "NONE", E(event), order_id="o")


@pytest.mark.parametrize("status", [s for s in STATUSES if s is not S.NEW])
def test_an_order_is_sent_once(status: OrderStatus) -> None:
    assert TABLE[status, "NONE", E.SENT].effect is Effect.ILLEGAL


@pytest.mark.parametrize("event", ["partial_fill", "full_fill"])
def test_more_than_was_ordered_stops_a_simulation(event: str) -> None:
    with pytest.raises(IllegalTransition):
        lookup(S.FILLED, "NONE", E(event), order_id="o")


@pytest.mark.parametrize("status", sorted(TERMINAL))
@pytest.mark.parametrize("event", ["cancel_request", "replace_request"])
def test_requests_after_the_end_are_refused(status: OrderStatus, event: str) -> None:
    assert TABLE[status, "NONE", E(event)].effect is Effect.REFUSE


@pytest.mark.parametrize("status", sorted(TERMINAL))
@pytest.mark.parametrize("event", ["cancel", "cancel_refused", "expire", "triggered"])
def test_what_comes_too_late_to_matter_is_ignored(status: OrderStatus, event: str) -> None:
    assert TABLE[status, "NONE", E(event)].effect is Effect.IGNORE


@pytest.mark.parametrize("status", sorted(TERMINAL))
@pytest.mark.parametrize("event", ["ack", "reject", "replace", "replace_refused"])
def test_what_contradicts_the_end_is_recorded(status: OrderStatus, event: str) -> None:
    assert TABLE[status, "NONE", E(event)].effect is Effect.RECORD


def test_every_final_status_clears_what_is_pending() -> None:
    left = {cell.pending for cell in TABLE.values() if cell.effect is Effect.CHANGE and set(cell.to) <= TERMINAL}

    assert left == {"NONE"}


@pytest.mark.parametrize("status", ["SUBMITTED", "ACK", "PARTIAL"])
def test_a_cancel_request_is_pending_until_it_is_answered(status: str) -> None:
    assert leads(status, "cancel_request") == (status, "CANCEL")
    assert leads(status, "cancel_refused", "CANCEL") == (status, "NONE")


@pytest.mark.parametrize("status", ["ACK", "PARTIAL"])
def test_a_replace_request_is_pending_until_it_is_answered(status: str) -> None:
    assert leads(status, "replace_request") == (status, "REPLACE")
    assert leads(status, "replace_refused", "REPLACE") == (status, "NONE")
    assert leads(status, "replace", "REPLACE") == (status, "NONE")


def test_an_order_that_is_not_acknowledged_is_not_replaced() -> None:
    assert TABLE[S.SUBMITTED, "NONE", E.REPLACE_REQUEST].effect is Effect.REFUSE


@pytest.mark.parametrize("pending", ["CANCEL", "REPLACE"])
def test_fills_do_not_end_a_pending_request(pending: Pending) -> None:
    assert leads("ACK", "partial_fill", pending) == ("PARTIAL", pending)


def test_an_acknowledgement_does_not_end_a_pending_cancel() -> None:
    assert leads("SUBMITTED", "ack", "CANCEL") == ("ACK", "CANCEL")


def test_a_cancel_takes_over_from_a_replacement() -> None:
    assert leads("ACK", "cancel_request", "REPLACE") == ("ACK", "CANCEL")


def test_a_replacement_confirmed_meanwhile_leaves_the_cancel_pending() -> None:
    assert leads("ACK", "replace", "CANCEL") == ("ACK", "CANCEL")


@pytest.mark.parametrize("pending", ["CANCEL", "REPLACE"])
def test_no_replacement_is_asked_for_while_something_is_pending(pending: Pending) -> None:
    assert TABLE[S.ACK, pending, E.REPLACE_REQUEST].effect is Effect.REFUSE


@pytest.mark.parametrize(
    ("pending", "event"),
    [("CANCEL", "cancel_request"), ("CANCEL", "replace_refused"), ("REPLACE", "cancel_refused")],
)
def test_answers_to_what_is_not_pending_are_ignored(pending: Pending, event: str) -> None:
    assert TABLE[S.PARTIAL, pending, E(event)].effect is Effect.IGNORE


ENDED = sorted(TERMINAL)


@pytest.mark.parametrize(
    ("status", "pending"),
    [*((s, "CANCEL") for s in ("NEW", *ENDED)), *((s, "REPLACE") for s in ("NEW", "SUBMITTED", *ENDED))],
)
def test_states_that_cannot_be_reached_allow_nothing(status: str, pending: Pending) -> None:
    assert {TABLE[S(status), pending, event].effect for event in E} == {Effect.ILLEGAL}


@pytest.mark.parametrize(
    ("quantity", "filled", "to"), [("50", "30", S.PARTIAL), ("30", "30", S.FILLED), ("20", "30", S.FILLED)]
)
def test_a_replacement_down_to_what_is_filled_ends_the_order(quantity: str, filled: str, to: OrderStatus) -> None:
    cell = TABLE[S.PARTIAL, "REPLACE", E.REPLACE]

    assert next_status(cell, quantity=Decimal(quantity), filled=Decimal(filled)) is to


@pytest.mark.parametrize(
    ("status", "filled", "working", "to"),
    [
        (S.PARTIAL, "0", True, S.ACK),
        (S.PARTIAL, "10", True, S.PARTIAL),
        (S.FILLED, "10", False, S.CANCELED),
        (S.FILLED, "10", True, S.PARTIAL),
        (S.FILLED, "0", True, S.ACK),
    ],
)
def test_a_bust_leads_back_by_what_is_left(status: OrderStatus, filled: str, working: object, to: OrderStatus) -> None:
    cell = TABLE[status, "NONE", E.BUST]

    assert next_status(cell, quantity=Decimal(100), filled=Decimal(filled), working=bool(working)) is to


def test_both_fills_are_one_trigger() -> None:
    assert {E.PARTIAL_FILL.trigger, E.FULL_FILL.trigger} == {"fill"}


def test_every_other_event_is_its_own_trigger() -> None:
    others = [event for event in E if event not in (E.PARTIAL_FILL, E.FULL_FILL)]

    assert [event.trigger for event in others] == [event.value for event in others]
