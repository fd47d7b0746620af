"""Events as Arrow columns: what they are kept as, what is refused, and what the check of a chunk finds."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from event_samples import EVENT_CLASSES, ORIGIN, event, payload
from qtrader.columns import arrow_type, check_columns, events_from_columns, to_columns
from qtrader.errors import ContractError
from qtrader.events import (
    BaseEvent,
    CashEvent,
    CorporateActionEvent,
    DecisionEvent,
    FillEvent,
    FrozenMap,
    OrderEvent,
    OrderUpdateEvent,
    PriceBarEvent,
    RecordEvent,
    SignalEvent,
    TradeEvent,
    ValuationEvent,
    ValuationTriggerEvent,
    trusted,
)

pytestmark = pytest.mark.events
FOUR = timezone(timedelta(hours=-4))


def unchecked(event_class: type[BaseEvent], variant: str = "", **changes: Any) -> Any:
    """An event that nobody checked."""
    return trusted(event_class, {**payload(event_class, variant), **changes}, ORIGIN)


def sealed(*events: Any) -> None:
    """What the log does with a chunk of one class."""
    check_columns(type(events[0]), to_columns(type(events[0]), list(events)))


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("price", pa.decimal128(38, 18)),
        ("quantity", pa.decimal128(38, 18)),
        ("commission", pa.decimal128(38, 8)),
        ("executed_at", pa.timestamp("us", "UTC")),
        ("symbol", pa.string()),
        ("side", pa.string()),
        ("optimistic", pa.bool_()),
    ],
)
def test_a_field_of_a_fill_is_kept_as(field: str, kind: pa.DataType) -> None:
    assert arrow_type(FillEvent).field(field).type == kind


def test_a_session_is_kept_as_a_date() -> None:
    assert arrow_type(ValuationTriggerEvent).field("session").type == pa.date32()


def test_a_count_is_kept_as_a_whole_number() -> None:
    assert arrow_type(ValuationEvent).field("open_positions").type == pa.int64()


def test_what_may_be_null_is_nullable_and_nothing_else() -> None:
    fields = arrow_type(ValuationTriggerEvent)

    assert {field.name: field.nullable for field in fields} == {"session": True, "reason": False}


def test_a_map_is_kept_as_json_in_key_order() -> None:
    record = unchecked(RecordEvent, values=FrozenMap(b="é", a=1.0, c=None))

    assert to_columns(RecordEvent, [record]).field("values").to_pylist() == ['{"a":1.0,"b":"é","c":null}']


def test_nested_records_are_kept_as_json() -> None:
    text = to_columns(DecisionEvent, [event(DecisionEvent)]).field("checks").to_pylist()[0]

    assert text.startswith('[{"name":"position","outcome":"shrink","quantity":"508"')


def test_events_come_back_in_their_order() -> None:
    events = [unchecked(FillEvent, fill_id=f"f{number}") for number in range(5)]

    assert events_from_columns(FillEvent, to_columns(FillEvent, events), [ORIGIN] * 5) == events


def test_events_come_back_from_a_slice() -> None:
    events = [unchecked(FillEvent, fill_id=f"f{number}") for number in range(5)]
    part = to_columns(FillEvent, events).slice(2, 2)

    assert events_from_columns(FillEvent, part, [ORIGIN] * 2) == events[2:4]


def test_no_events_are_a_column_of_none() -> None:
    assert len(to_columns(FillEvent, [])) == 0


def test_a_check_of_no_events_finds_nothing() -> None:
    check_columns(FillEvent, to_columns(FillEvent, []))


@pytest.mark.parametrize(
    "value", ["0.000000000000000001", "99999999999999999999.999999999999999999", "1E+19", "-37.63"]
)
def test_a_decimal_comes_back_exactly(value: str) -> None:
    fill = unchecked(FillEvent, price=Decimal(value))

    assert events_from_columns(FillEvent, to_columns(FillEvent, [fill]), [ORIGIN])[0].price == Decimal(value)


def test_a_microsecond_comes_back() -> None:
    moment = datetime(2024, 6, 7, 20, 0, 0, 1, tzinfo=UTC)
    fill = unchecked(FillEvent, executed_at=moment)

    assert events_from_columns(FillEvent, to_columns(FillEvent, [fill]), [ORIGIN])[0].executed_at == moment


def test_a_time_of_another_zone_is_kept_as_utc() -> None:
    fill = unchecked(FillEvent, executed_at=datetime(2024, 6, 7, 16, tzinfo=FOUR))
    kept = events_from_columns(FillEvent, to_columns(FillEvent, [fill]), [ORIGIN])[0].executed_at

    assert kept.isoformat() == "2024-06-07T20:00:00+00:00"


@pytest.mark.parametrize(
    ("event_class", "field", "value"),
    [
        (FillEvent, "price", Decimal("1E-19")),
        (FillEvent, "price", Decimal("1E+20")),
        (FillEvent, "price", Decimal("NaN")),
        (FillEvent, "price", Decimal("Infinity")),
        (FillEvent, "price", 196.9),
        (FillEvent, "price", 197),
        (FillEvent, "price", "196.9"),
        (FillEvent, "price", None),
        (FillEvent, "commission", Decimal("0.000000001")),
        *((FillEvent, "commission", Decimal(far)) for far in ("1E-47", "1E-77", "1E-999999", "1E-99999999")),
        (FillEvent, "symbol", 600519),
        (FillEvent, "optimistic", 1),
        (FillEvent, "executed_at", datetime(2024, 6, 7, 20)),  # noqa: DTZ001
        (FillEvent, "executed_at", date(2024, 6, 7)),
        (ValuationTriggerEvent, "session", datetime(2024, 6, 7, tzinfo=UTC)),
        (ValuationEvent, "open_positions", True),
        (ValuationEvent, "open_positions", 2**63),
        (SignalEvent, "intention", "OPEN_LONG"),
        (OrderUpdateEvent, "status", "PARTIAL"),
        (RecordEvent, "values", FrozenMap(a=float("nan"))),
        (RecordEvent, "values", FrozenMap(a=Decimal(1))),
        (DecisionEvent, "checks", ({"name": "x", "outcome": "pass"},)),
        (DecisionEvent, "inputs", FrozenMap(equity=Decimal(1))),
    ],
)
def test_a_column_refuses(event_class: type[BaseEvent], field: str, value: Any) -> None:
    with pytest.raises(ContractError, match=rf"{event_class.contract()}: \$\.{field} of event 1207"):
        to_columns(event_class, [event(event_class), unchecked(event_class, **{field: value}), event(event_class)])


def test_a_column_refuses_an_event_that_lacks_a_field() -> None:
    values = payload(FillEvent)
    del values["price"]

    with pytest.raises(ContractError, match=r"\$\.price of event 1207"):
        to_columns(FillEvent, [trusted(FillEvent, values, ORIGIN)])


def test_the_refusal_says_what_to_emit() -> None:
    with pytest.raises(ContractError, match=r"196.9: is a float; emit a Decimal$"):
        to_columns(FillEvent, [unchecked(FillEvent, price=196.9)])


@pytest.mark.parametrize("event_class", EVENT_CLASSES, ids=lambda one: one.topic)
def test_the_check_passes_valid_events(event_class: type[BaseEvent]) -> None:
    sealed(event(event_class), event(event_class))


@pytest.mark.parametrize(
    ("event_class", "variant", "changes", "complaint"),
    [
        (FillEvent, "", {"side": "BUY"}, r"\$\.side in row 1: 'BUY' is none of buy, sell"),
        (FillEvent, "", {"quantity": Decimal(0)}, r"\$\.quantity in row 1: '0' is not above 0"),
        (FillEvent, "", {"commission": Decimal(-1)}, r"\$\.commission in row 1: .* is below 0"),
        (FillEvent, "", {"symbol": ""}, r"\$\.symbol in row 1: '' does not match"),
        (FillEvent, "", {"symbol": "A\n"}, r"\$\.symbol in row 1: .* does not match"),
        (FillEvent, "", {"currency": "usd"}, r"\$\.currency in row 1: 'usd' does not match"),
        (FillEvent, "", {"price": Decimal(1)}, r"breaks price == reference_price \+ slippage"),
        (FillEvent, "sell", {"price": Decimal("196.9")}, r"breaks price == reference_price - slippage"),
        (FillEvent, "", {"executed_at": datetime(1699, 1, 1, tzinfo=UTC)}, r"\$\.executed_at in row 1: .* is before"),
        (
            FillEvent,
            "",
            {"executed_at": datetime(2200, 1, 1, tzinfo=UTC)},
            r"\$\.executed_at .* is not before",
        ),
        (ValuationTriggerEvent, "", {"session": date(1699, 1, 1)}, r"\$\.session in row 1: '1699-01-01' is before"),
        (ValuationTriggerEvent, "", {"session": date(2200, 1, 1)}, r"\$\.session in row 1: '2200-01-01' is after"),
        (SignalEvent, "", {"confidence": Decimal("1.1")}, r"\$\.confidence in row 1: .* is above 1"),
        (SignalEvent, "", {"reason": ""}, r"\$\.reason in row 1: '' is empty"),
        (ValuationEvent, "", {"open_positions": -1}, r"\$\.open_positions in row 1: -1 is below 0"),
        (ValuationEvent, "", {"open_positions": 2**53}, r"\$\.open_positions in row 1: .* is above"),
        (ValuationEvent, "", {"cash": Decimal(0)}, r"breaks equity == cash \+ market_value"),
        (TradeEvent, "", {"net_pnl": Decimal(0)}, r"breaks net_pnl == gross_pnl - commission"),
        (TradeEvent, "", {"entry_time": datetime(2025, 1, 1, tzinfo=UTC)}, r"breaks entry_time <= exit_time"),
        (OrderEvent, "", {"order_type": "limit"}, r"\$\.limit_price in row 1: None may not be null when order_type is"),
        (OrderEvent, "", {"order_type": "trailing_stop"}, r"\$\.trail_amount in row 1: .*give exactly one"),
        (OrderEvent, "", {"time_in_force": "GTD"}, r"\$\.expire_at in row 1: None may not be null"),
        (
            OrderUpdateEvent,
            "",
            {"leaves_quantity": Decimal(7)},
            r"breaks filled_quantity \+ leaves_quantity ==",
        ),
        (CorporateActionEvent, "merger-cash", {"cash_amount": None}, r"leaves ratio and cash_amount null"),
        (CorporateActionEvent, "merger-stock", {"new_symbol": None}, r"\$\.new_symbol in row 1: None may not be null"),
        (CorporateActionEvent, "split", {"numerator": 1}, r"breaks numerator > denominator"),
        (CorporateActionEvent, "symbol-change", {"new_symbol": "FB"}, r"breaks new_symbol != symbol"),
        (PriceBarEvent, "", {"low": Decimal(195)}, r"breaks low <= open"),
        (RecordEvent, "", {"values": FrozenMap({"a b": 1})}, r"\$\.values"),
        (DecisionEvent, "", {"inputs": FrozenMap(equity="1e5")}, r"\$\.inputs\.equity"),
        (CashEvent, "", {"kind": "bonus"}, r"\$\.kind in row 1: 'bonus' is none of"),
    ],
)
def test_the_check_refuses(event_class: type[BaseEvent], variant: str, changes: Any, complaint: str) -> None:
    with pytest.raises(ContractError, match=complaint):
        sealed(event(event_class, variant), unchecked(event_class, variant, **changes), event(event_class, variant))


def test_the_check_refuses_a_null_that_came_with_a_file() -> None:
    columns = to_columns(ValuationTriggerEvent, [event(ValuationTriggerEvent)])
    parts = [columns.field("session"), pa.array([None], pa.string())]
    damaged = pa.StructArray.from_arrays(parts, fields=[field.with_nullable(True) for field in columns.type])

    with pytest.raises(ContractError, match=r"\$\.reason in row 0: None may not be null"):
        check_columns(ValuationTriggerEvent, damaged)


def test_events_are_imported_without_anything_heavy() -> None:
    code = "import sys, qtrader.events, qtrader.contracts; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert not {"pyarrow", "numpy", "jsonschema", "jsonschema_rs", "pandas"} & set(loaded)
