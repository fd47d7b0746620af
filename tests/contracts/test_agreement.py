"""Schema with x-rules, class and column check are three tellings of one contract: they agree on any document."""

import copy
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import jsonschema
import pyarrow as pa
import pytest
import referencing
from hypothesis import given, settings
from hypothesis import strategies as st

import qtrader_contracts
from event_samples import EVENT_CLASSES, valid_examples
from qtrader.columns import arrow_fields, check_columns, columns_of
from qtrader.contracts import kernel_contracts, validate_document
from qtrader.contracts.codec import read_document
from qtrader.contracts.registry import rules_of
from qtrader.errors import ContractError
from qtrader.events.fields import decimal_pattern

pytestmark = pytest.mark.contracts
CONTRACTS = kernel_contracts()
EXAMPLES = [(name, qtrader_contracts.examples(name)[file]) for name, file in valid_examples()]
BY_NAME = {event_class.contract(): event_class for event_class in EVENT_CLASSES}
SCHEMAS = [qtrader_contracts.schema(name) for name in qtrader_contracts.names()]
REGISTRY: Any = referencing.Registry().with_resources(
    [(schema["$id"], referencing.Resource.from_contents(schema)) for schema in SCHEMAS]
)
TEXTS = [
    "", "0", "-0", "1", "-1", "0.5", "1.5", "1.50", "05", "1e5", "NaN", "+1", ".5", "100",
    "99999999999999999999", "508", "100000000000000000000", "0.000000000000000001", "0.0000000000000000001",
    "0.00000001", "0.000000001", "1.0", "1.01", "9" * 30, "9" * 31, "USD", "usd", "AAPL", "A B", " A", "x" * 64,
    "x" * 65, "x" * 201, "2024-06-07", "2024-02-30", "1699-12-31", "2200-01-01", "2024-06-07T20:00:00.000000Z",
    "2024-06-07T20:00:00Z", "2024-02-30T20:00:00.000000Z", "2024-06-07T24:00:00.000000Z",
    "2024-06-07T23:59:60.000000Z", "2024-06-07T20:00:00.000000+00:00", "place", "cancel", "replace", "limit",
    "stop", "stop_limit", "trailing_stop", "market", "GTD", "DAY", "buy", "sell", "long", "split",
    "reverse_split", "merger", "rights", "spin_off", "delisting", "symbol_change", "stock_dividend",
    "cash_dividend", "FILLED", "NEW", "CANCELED", "OPEN_LONG", "trade", "mid", "fill", "execution", "\u00e4",
    "0b8e1d1c-3c5e-4c7c-9d57-0d0f6a7f3f10", "0B8E1D1C-3C5E-4C7C-9D57-0D0F6A7F3F10", "not-a-uuid",
]  # fmt: skip
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(TEXTS),
    st.integers(-2, 12),
    st.sampled_from([0.5, 1.0, -1.0, 2**53 - 1, 2**53, 2**63, 1e300]),
    st.sampled_from([[], {}, [1], {"a": 1}, {"a b": "1"}, {"a": "1"}, {"a": "1e5"}, {"a": None}, [{}]]).map(
        copy.deepcopy
    ),
    st.decimals(-1000, 1000, places=2, allow_nan=False).map(lambda number: format(number, "f")),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
)


@st.composite
def damaged(draw: st.DrawFn, only: tuple[str, ...] = ()) -> tuple[str, dict[str, Any]]:
    """A valid document with up to three changes anywhere in it, and the contract it should keep to."""
    wanted = [example for example in EXAMPLES if not only or example[0] in only]
    name, original = draw(st.sampled_from(wanted))
    document = json.loads(json.dumps(original))
    for _ in range(draw(st.integers(0, 3))):
        _change(draw, document)
    return name, document


def _change(draw: st.DrawFn, document: Any) -> None:
    place = document
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return
        key = draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or draw(st.booleans()):
            break
        place = place[key]
    match draw(st.sampled_from(["replace", "replace", "replace", "swap", "remove", "add"])):
        case "replace":
            place[key] = draw(ANYTHING)
        case "swap":
            other = draw(st.sampled_from(keys))
            place[key], place[other] = place[other], place[key]
        case "remove":
            del place[key]
        case "add" if isinstance(place, dict):
            place[draw(st.sampled_from(["extra", "origin", "price", "Symbol"]))] = draw(ANYTHING)


def class_accepts(name: str, document: dict[str, Any]) -> bool:
    """Whether the class, by its own checks alone, takes the document."""
    try:
        read_document(document, CONTRACTS.model(name), name)
    except ContractError:
        return False
    return True


@settings(max_examples=600, deadline=None)
@given(damaged())
def test_schema_with_rules_and_class_agree(case: tuple[str, dict[str, Any]]) -> None:
    name, document = case

    assert class_accepts(name, document) == (validate_document(document, name) == [])


@settings(max_examples=150, deadline=None)
@given(damaged())
def test_our_validator_and_the_reference_agree(case: tuple[str, dict[str, Any]]) -> None:
    name, document = case
    schema = qtrader_contracts.schema(name)
    reference = jsonschema.Draft202012Validator(
        schema, registry=REGISTRY, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    rules = [f"breaks {rule.rule}: " for rule in rules_of(schema)]
    ours = [one for one in validate_document(document, name) if not any(one.message.startswith(rule) for rule in rules)]

    assert reference.is_valid(document) == (ours == [])


@settings(max_examples=400, deadline=None)
@given(damaged(only=tuple(BY_NAME)))
def test_the_column_check_agrees_on_what_columns_can_hold(case: tuple[str, dict[str, Any]]) -> None:
    name, document = case
    columns = as_columns(name, document)
    if columns is None:
        return
    accepted = True
    try:
        check_columns(BY_NAME[name], columns)
    except ContractError:
        accepted = False

    assert accepted == (validate_document({**document, **EXAMPLES_ENVELOPE[name]}, name) == [])


EXAMPLES_ENVELOPE = {
    name: {key: value for key, value in document.items() if key not in BY_NAME[name].model_fields}
    for name, document in reversed(EXAMPLES)
    if name in BY_NAME
}


def as_columns(name: str, document: dict[str, Any]) -> pa.StructArray | None:
    """The payload in columns that nobody checked; None where a column cannot hold a value at all."""
    event_class = BY_NAME[name]
    fields = [field for field in event_class.model_fields if field != "origin"]
    if set(document) - set(fields) != set(EXAMPLES_ENVELOPE[name]) or set(fields) - set(document):
        return None
    values = [held(column, document[column.name]) for column in columns_of(event_class)]
    if any(value is UNHELD for value in values):
        return None
    kinds = [field.with_nullable(True) for field in arrow_fields(event_class)]
    arrays = [pa.array([value], kind.type) for value, kind in zip(values, kinds, strict=True)]
    return pa.StructArray.from_arrays(arrays, fields=kinds)


UNHELD = object()


def held(column: Any, value: Any) -> Any:
    """A document's value as its column would hold it, or UNHELD."""
    if value is None:
        return "null" if column.nested is not None else None
    if column.nested is not None:
        return json.dumps(value)
    if pa.types.is_decimal(column.kind):
        fits = isinstance(value, str) and decimal_pattern(column.kind.scale).fullmatch(value)
        number = Decimal(value) if fits else None
        return UNHELD if number is None or (number.is_zero() and number.is_signed()) else number
    if pa.types.is_timestamp(column.kind) or pa.types.is_date(column.kind):
        return _time(value, "%Y-%m-%dT%H:%M:%S.%fZ" if pa.types.is_timestamp(column.kind) else "%Y-%m-%d")
    if pa.types.is_int64(column.kind):
        return value if type(value) is int and abs(value) < 2**63 else UNHELD
    wanted = bool if pa.types.is_boolean(column.kind) else str
    return value if type(value) is wanted else UNHELD


def _time(value: Any, form: str) -> datetime | date | object:
    try:
        moment = datetime.strptime(value, form).replace(tzinfo=UTC)
    except (TypeError, ValueError):
        return UNHELD
    if moment.strftime(form) != value:
        return UNHELD
    return moment if "T" in form else moment.date()
