from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from event_samples import made
from qtrader.events import (
    BaseEvent,
    DecisionEvent,
    FillEvent,
    OrderCommandEvent,
    OrderEvent,
    OrderRequestEvent,
    OrderStatus,
    OrderUpdateEvent,
    RecordEvent,
    SignalEvent,
    SignalRejectedEvent,
)
from qtrader.ports import SignalIntention

pytestmark = pytest.mark.events


@pytest.mark.parametrize(
    ("event_class", "field"),
    [
        (SignalEvent, "signal_id"),
        (SignalEvent, "strategy_id"),
        (OrderEvent, "intent_id"),
        (OrderEvent, "idempotency_key"),
        (OrderEvent, "strategy_id"),
        (OrderUpdateEvent, "idempotency_key"),
        (OrderCommandEvent, "order_id"),
        (DecisionEvent, "intent_id"),
        (SignalRejectedEvent, "reason"),
        (FillEvent, "source_order_id"),
        (FillEvent, "strategy_id"),
        (RecordEvent, "values"),
    ],
)
def test_a_field_is_mandatory(event_class: type[BaseEvent], field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        made(event_class, **{field: None})


@pytest.mark.parametrize(
    ("event_class", "field", "wrong"),
    [
        (SignalEvent, "intention", "BUY"),
        (OrderRequestEvent, "action", "amend"),
        (OrderRequestEvent, "side", "long"),
        (OrderEvent, "side", "BUY"),
        (OrderEvent, "order_type", "iceberg"),
        (OrderEvent, "time_in_force", "GFD"),
        (OrderEvent, "role", "hedge"),
        (OrderCommandEvent, "command", "amend"),
        (DecisionEvent, "outcome", "refused"),
        (DecisionEvent, "side", "short"),
        (SignalRejectedEvent, "code", "Not a slug"),
        (OrderUpdateEvent, "status", "DONE"),
        (OrderUpdateEvent, "previous", "DONE"),
        (OrderUpdateEvent, "trigger", "because"),
        (OrderUpdateEvent, "pending", "BOTH"),
        (OrderUpdateEvent, "origin_of_reject", "BROKER"),
        (FillEvent, "side", "sold"),
        (OrderEvent, "reduce_only", 1),
        (FillEvent, "optimistic", "no"),
        (DecisionEvent, "policy_version", "1"),
    ],
)
def test_a_value_outside_its_list_is_refused(event_class: type[BaseEvent], field: str, wrong: Any) -> None:
    with pytest.raises(ValidationError, match=field):
        made(event_class, **{field: wrong})


@pytest.mark.parametrize(
    ("event_class", "field", "wrong"),
    [
        (SignalEvent, "price", "0"),
        (SignalEvent, "confidence", "1.1"),
        (SignalEvent, "confidence", "-0.1"),
        (SignalEvent, "stop_loss", "0"),
        (SignalEvent, "take_profit", "0"),
        (OrderRequestEvent, "quantity", "0"),
        (OrderEvent, "quantity", "0"),
        (OrderEvent, "quantity", "-1"),
        (OrderCommandEvent, "quantity", "0"),
        (DecisionEvent, "quantity", "0"),
        (DecisionEvent, "requested_quantity", "-1"),
        (OrderUpdateEvent, "quantity", "0"),
        (OrderUpdateEvent, "filled_quantity", "-1"),
        (OrderUpdateEvent, "leaves_quantity", "-1"),
        (OrderUpdateEvent, "revision", -1),
        (FillEvent, "quantity", "0"),
        (FillEvent, "commission", "-0.01"),
        (FillEvent, "slippage", "-0.01"),
    ],
)
def test_a_number_out_of_bounds_is_refused(event_class: type[BaseEvent], field: str, wrong: Any) -> None:
    with pytest.raises(ValidationError, match=field):
        made(event_class, **{field: Decimal(wrong) if isinstance(wrong, str) else wrong})


@pytest.mark.parametrize("event_class", [SignalEvent, OrderEvent, FillEvent])
@pytest.mark.parametrize("price", [10.25, True])
def test_no_float_is_a_price(event_class: type[BaseEvent], price: Any) -> None:
    field = "price" if event_class is not OrderEvent else "limit_price"

    with pytest.raises(ValidationError, match="write a Decimal"):
        made(event_class, **{field: price})


def test_an_intention_is_a_member_of_its_enumeration() -> None:
    assert made(SignalEvent, intention="OPEN_LONG").intention is SignalIntention.OPEN_LONG


def test_a_status_is_a_member_of_its_enumeration() -> None:
    assert made(OrderUpdateEvent, status="PARTIAL").status is OrderStatus.PARTIAL


@pytest.mark.parametrize("status", ["FILLED", "CANCELED", "REJECTED", "EXPIRED"])
def test_a_status_is_final(status: str) -> None:
    assert OrderStatus(status).final


@pytest.mark.parametrize("status", ["NEW", "SUBMITTED", "ACK", "PARTIAL"])
def test_a_status_is_open(status: str) -> None:
    assert not OrderStatus(status).final


@pytest.mark.parametrize("event_class", [OrderEvent, OrderRequestEvent])
@pytest.mark.parametrize("order_type", ["limit", "stop_limit"])
def test_an_order_with_a_limit_has_a_limit_price(event_class: type[BaseEvent], order_type: str) -> None:
    with pytest.raises(ValidationError, match="limit_price may not be null when order_type is"):
        made(event_class, order_type=order_type, stop_price="1", limit_price=None)


@pytest.mark.parametrize("event_class", [OrderEvent, OrderRequestEvent])
@pytest.mark.parametrize("order_type", ["stop", "stop_limit"])
def test_an_order_with_a_stop_has_a_stop_price(event_class: type[BaseEvent], order_type: str) -> None:
    with pytest.raises(ValidationError, match="stop_price may not be null when order_type is"):
        made(event_class, order_type=order_type, limit_price="1", stop_price=None)


@pytest.mark.parametrize("distances", [{}, {"trail_amount": "2", "trail_percent": "1"}])
def test_a_trailing_stop_has_exactly_one_distance(distances: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="exactly one of trail_amount, trail_percent must be given"):
        made(OrderEvent, order_type="trailing_stop", **distances)


@pytest.mark.parametrize("field", ["trail_amount", "trail_percent"])
def test_a_trailing_stop_takes_either_distance(field: str) -> None:
    assert getattr(made(OrderEvent, order_type="trailing_stop", **{field: "2"}), field) == 2


def test_an_order_good_till_date_says_till_when() -> None:
    with pytest.raises(ValidationError, match="expire_at may not be null when time_in_force is GTD"):
        made(OrderEvent, time_in_force="GTD")


@pytest.mark.parametrize("order_type", ["market", "market_on_open", "market_on_close"])
def test_an_order_at_the_market_needs_no_price(order_type: str) -> None:
    assert made(OrderEvent, order_type=order_type).limit_price is None


def test_an_order_is_an_entry_unless_said_otherwise() -> None:
    assert OrderEvent.model_fields["role"].default == "entry"


@pytest.mark.parametrize("field", ["side", "quantity", "order_type"])
def test_a_request_to_place_an_order_needs(field: str) -> None:
    with pytest.raises(ValidationError, match=f"{field} may not be null when action is place"):
        made(OrderRequestEvent, **{field: None})


@pytest.mark.parametrize("action", ["cancel", "replace"])
def test_a_request_about_an_order_names_it(action: str) -> None:
    with pytest.raises(ValidationError, match="order_id may not be null"):
        made(OrderRequestEvent, action=action)


def test_an_order_may_be_of_a_fraction() -> None:
    assert made(OrderEvent, quantity="0.00000001").quantity == Decimal("1E-8")


@pytest.mark.parametrize("status", ["NEW", "SUBMITTED", "ACK", "PARTIAL"])
def test_the_units_of_an_open_order_add_up(status: str) -> None:
    with pytest.raises(ValidationError, match=r"filled_quantity \+ leaves_quantity == quantity"):
        made(OrderUpdateEvent, status=status, leaves_quantity="7")


@pytest.mark.parametrize("status", ["FILLED", "CANCELED", "REJECTED", "EXPIRED"])
def test_a_final_order_has_nothing_left(status: str) -> None:
    with pytest.raises(ValidationError, match="leaves_quantity == 0"):
        made(OrderUpdateEvent, status=status)


def test_an_order_is_not_overfilled() -> None:
    with pytest.raises(ValidationError, match="filled_quantity <= quantity"):
        made(OrderUpdateEvent, status="FILLED", filled_quantity="509", leaves_quantity="0")


def test_a_cancelled_order_may_be_filled_in_part() -> None:
    assert made(OrderUpdateEvent, status="CANCELED", leaves_quantity="0").filled_quantity == 500


@pytest.mark.parametrize(("side", "price"), [("buy", "196.9"), ("sell", "196.8969")])
def test_slippage_goes_against_the_trader(side: str, price: str) -> None:
    # 196.89845 + 0.00155 = 196.9; 196.89845 - 0.00155 = 196.8969
    assert made(FillEvent, side=side, price=price).price == Decimal(price)


@pytest.mark.parametrize(("side", "price"), [("buy", "196.8969"), ("sell", "196.9")])
def test_slippage_never_goes_with_the_trader(side: str, price: str) -> None:
    with pytest.raises(ValidationError, match="price == reference_price"):
        made(FillEvent, side=side, price=price)


def test_a_commission_fits_the_ledger() -> None:
    with pytest.raises(ValidationError, match="commission"):
        made(FillEvent, commission=Decimal("0.000000001"))


@pytest.mark.parametrize(
    "check", [{"name": "x", "outcome": "maybe"}, {"outcome": "pass"}, {"name": "x", "outcome": "pass", "limit": 1}]
)
def test_a_check_is_a_closed_record(check: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="checks"):
        made(DecisionEvent, checks=[check])


def test_an_input_is_decimal_text() -> None:
    with pytest.raises(ValidationError, match="inputs"):
        made(DecisionEvent, inputs={"equity": 105000})


def test_a_records_name_has_no_space() -> None:
    with pytest.raises(ValidationError, match="values"):
        made(RecordEvent, values={"fast average": 1})
