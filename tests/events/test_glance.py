"""The quick ways of sealing against the exact ones: they keep, accept and refuse the same, for every kind of column."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from types import NoneType
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from event_samples import EVENT_CLASSES
from qtrader.column_cells import REFUSALS, array_of
from qtrader.column_checks import check_column, check_condition, check_rule
from qtrader.column_glance import column_is_well, condition_is_met, rule_is_kept
from qtrader.columns import Column, columns_of
from qtrader.errors import ContractError
from qtrader.events import FrozenMap, OrderStatus
from qtrader.events.rules import Rule, When, parse
from qtrader.ports.strategy import SignalIntention

pytestmark = pytest.mark.events
COLUMNS = {
    (str(column.kind), column.nullable, str(column.marker), str(column.python), str(column.nested)): column
    for event_class in EVENT_CLASSES
    for column in columns_of(event_class)
}
"""One column of each kind that any kernel event has."""
NEW_YORK = ZoneInfo("America/New_York")
FOLDS = [datetime(2024, 11, 3, 1, 30, tzinfo=NEW_YORK, fold=fold) for fold in (0, 1)]
DECIMALS = st.sampled_from(
    [
        "0", "-0", "-0E-8", "1", "1.0", "1.00", "0E-30", "1E-18", "1E-19", "1E-8", "1E-9", "100.000000000000000000000",
        "-1E-18", "1.000000000000000001", "-1", "99999999999999999999.999999999999999999", "1E+19", "1E+20", "1E+30",
        "999999999999999999999999999999.99999999", "-999999999999999999999999999999.99999999", "1E+999999", "1E-999999",
        "1E-47", "1E-57", "1E-77", "1E-99999999", "-0E-99999999", "1." + "0" * 60,
        "NaN", "sNaN", "Infinity", "-Infinity", "18446744073.709551616", "-18446744073.709551616",
        "9.223372036854775808", "18.446744073709551615", "18.446744073709551616", "-18.446744073709551616",
    ]
).map(Decimal)  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(
        [
            "", " ", "a", "a ", " a", "a b", "A\n", "\x00", "\x1f", "~", "\x7f", "\u00e4", "\u65e5\u672c", "\ud800",
            "x" * 64, "x" * 65, "x" * 200, "x" * 201, "\u00e4" * 64, "USD", "usd", "US", "A" * 12, "A" * 13, "slug-1",
            "0b8e1d1c-3c5e-4c7c-9d57-0d0f6a7f3f10",
        ]
    ),
    st.text(st.characters(exclude_categories=[]), max_size=3),
)  # fmt: skip
TIMES = st.sampled_from(
    [
        *FOLDS, datetime(2024, 11, 3, 5, 30, tzinfo=UTC), datetime(2024, 11, 3, 1, 30),  # noqa: DTZ001
        datetime(1700, 1, 1, tzinfo=UTC), datetime(1699, 12, 31, 23, 59, 59, 999999, UTC),
        datetime(2199, 12, 31, 23, 59, 59, 999999, UTC), datetime(2200, 1, 1, tzinfo=UTC),
        datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=-4))), datetime(1, 1, 1, tzinfo=UTC),
    ]
)  # fmt: skip
DAYS = st.sampled_from([date(1699, 12, 31), date(1700, 1, 1), date(2199, 12, 31), date(2200, 1, 1), date(2024, 6, 7)])
WHOLES = st.sampled_from([-(2**63) - 1, -(2**63), -1, 0, 1, 2**53 - 1, 2**53, 2**63 - 1, 2**63, 10**30])
MAPS = st.dictionaries(
    st.sampled_from(["a", "b.c", "_x", "a b", "", "\u00e4", 'q"', "x" * 64, "x" * 65]),
    st.one_of(
        st.sampled_from(["1", "-0.5", "1e5", "05", '"', "\\", "},{", "1" * 38, "1" * 39, "0." + "1" * 60, "\u00e4"]),
        st.sampled_from([1, True, 1.0, None, Decimal(1), OrderStatus.NEW, float("nan"), "\ud800"]),
    ),
    max_size=3,
).map(FrozenMap)
ODD = st.sampled_from([None, None, None, 0, True, 1.0, "1", b"1", Decimal(0), date(2024, 1, 1), (), FrozenMap()])
ENUMS = st.sampled_from([*OrderStatus, *SignalIntention, "NEW", "buy", "long", "fill", "market", "DAY"])


def drawn_values(draw: st.DrawFn, column: Column) -> list[Any]:
    """Values for a column, most of them of its type, some of them equal and many of them at a boundary."""
    fitting: dict[type | None, st.SearchStrategy[Any]] = {
        Decimal: DECIMALS, datetime: TIMES, date: DAYS, int: WHOLES, bool: st.booleans(), None: MAPS | st.just(()),
        str: TEXTS | st.sampled_from(column.marker) if isinstance(column.marker, tuple) else TEXTS,
    }  # fmt: skip
    own = fitting.get(column.python, ENUMS)
    some = draw(st.lists(own, min_size=1, max_size=3))
    pool = [*some, *draw(st.lists(ODD | own, max_size=1))]
    return draw(st.lists(st.sampled_from(pool), min_size=1, max_size=9))


@st.composite
def filled(draw: st.DrawFn) -> tuple[Column, list[Any]]:
    column = draw(st.sampled_from(list(COLUMNS.values())))
    return column, drawn_values(draw, column)


def one_by_one(column: Column, values: list[Any]) -> pa.Array | None:
    """Every value alone, by the shortest way; None where one is refused."""
    parts = []
    try:
        for value in values:
            allowed = {column.python, NoneType} if column.nullable else {column.python}
            if column.nested is not None:
                plain = column.nested.dump_python(value, mode="json", warnings="error")
                value = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
            elif type(value) not in allowed or (isinstance(value, datetime) and value.tzinfo is None):
                return None
            elif isinstance(value, Decimal):
                value = in_reach(value, column.kind.scale)
            parts.append(pa.array([value], column.kind))
    except REFUSALS:
        return None
    return pa.concat_arrays(parts)


def in_reach(value: Decimal, places: int) -> Decimal:
    """The same number with no more places than it needs; Arrow reads beyond its table of powers for many more."""
    if not value.is_finite():
        return value
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    while digits and digits[-1] == 0 and exponent < 0:
        digits, exponent = (digits[:-1], exponent + 1) if any(digits) else ((), 0)
    if exponent < -places:
        raise ValueError("too many places")
    return Decimal((sign, digits, exponent))


def is_refused(check: Any, *arguments: Any) -> bool:
    try:
        check("contract", *arguments)
    except ContractError:
        return True
    return False


@settings(max_examples=500, deadline=None)
@given(filled())
def test_a_column_keeps_what_each_value_alone_would_be_and_refuses_the_same(case: tuple[Column, list[Any]]) -> None:
    column, values = case
    expected = one_by_one(column, values)
    try:
        kept = array_of(column, values)
    except REFUSALS:
        kept = None

    assert (kept is None) == (expected is None)
    if kept is not None:
        kept.validate(full=True)
        assert kept.equals(expected)


@settings(max_examples=500, deadline=None)
@given(filled())
def test_a_glance_accepts_what_the_exact_check_does(case: tuple[Column, list[Any]]) -> None:
    column, values = case
    storable = [value for value in values if value is None or one_by_one(column, [value]) is not None]
    parts = [pa.array([None], column.kind) if v is None else one_by_one(column, [v]) for v in storable]
    array = pa.concat_arrays([pa.array([], column.kind), *parts])[min(1, len(parts)) :]
    if len(array) == 0:
        return
    accepted = not is_refused(check_column, column, array)

    if column.nested is None or column.flat is not None:
        assert column_is_well(column, array) == accepted
    else:
        assert accepted or not column_is_well(column, array)


def test_two_moments_of_one_hour_that_comes_twice_stay_two() -> None:
    column = next(column for column in COLUMNS.values() if column.python is datetime and not column.nullable)
    assert FOLDS[0] == FOLDS[1]

    assert len(array_of(column, FOLDS).unique()) == 2


def test_equal_values_of_different_types_keep_their_own_json() -> None:
    record = next(one for event in EVENT_CLASSES for one in columns_of(event) if one.name == "values")

    kept = array_of(record, [FrozenMap(a=1), FrozenMap(a=True), FrozenMap(a=1.0), FrozenMap()]).to_pylist()

    assert kept == ['{"a":1}', '{"a":true}', '{"a":1.0}', "{}"]


def test_text_below_a_null_is_not_looked_at() -> None:
    column = next(one for event in EVENT_CLASSES for one in columns_of(event) if one.name == "parent_order_id")
    masked = pa.compute.if_else(pa.array([True, False]), pa.array(["a", " bad "]), pa.scalar(None, pa.string()))

    assert column_is_well(column, masked)


# rules and conditions

RULES = [
    Rule(rule, "m", when)
    for rule in (
        "a == b + c", "a == b - c", "a <= b", "a < b", "a >= b + c", "a > b", "a != b", "a == 0", "a + b <= 1.5",
        "a - b - c < c - 2",
    )
    for when in ({}, {"side": ("buy",)}, {"side": None})
]  # fmt: skip
CONDITIONS = [
    When(when, **demand)
    for when in ({"side": ("buy", "hold")}, {"side": None}, {"a": None})
    for demand in ({"needs": ("a", "b")}, {"any_of": ("a", "b")}, {"one_of": ("a", "b")})
]
CLOSE = st.sampled_from([0, 1, -1, 2, 3, 2**63, 2**64 - 1, 2**64, 2**64 + 1, -(2**64), 10**37, -(10**37), 10**38 - 1])
ROW = st.tuples(st.none() | CLOSE, CLOSE, CLOSE, st.sampled_from(["buy", "sell", None]))
KINDS = [pa.decimal128(38, 18), pa.decimal128(38, 8), pa.int64(), pa.timestamp("us", "UTC")]


def held(kind: pa.DataType, values: tuple[int | None, ...]) -> pa.Array:
    """Scaled integers as a column of a kind; cut to what it holds."""
    if pa.types.is_decimal(kind):
        scaled = [None if value is None else Decimal(f"{value}E-{kind.scale}") for value in values]
        return pa.array(scaled, kind)
    return pa.array([None if value is None else max(-(2**62), min(2**62, value)) for value in values], pa.int64()).cast(
        kind
    )


@st.composite
def tables(draw: st.DrawFn) -> dict[str, pa.Array]:
    rows = draw(st.lists(ROW, min_size=1, max_size=6))
    *values, sides = zip(*rows, strict=True)
    kind = draw(st.sampled_from(KINDS))
    return {**dict(zip("abc", (held(kind, one) for one in values), strict=True)), "side": pa.array(sides, pa.string())}


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(RULES), tables())
def test_a_rule_that_a_glance_accepts_holds(rule: Rule, columns: dict[str, pa.Array]) -> None:
    sum_of_times = pa.types.is_timestamp(columns["a"].type) and len(parse(rule.rule).names) > 2
    if not rule_is_kept(rule, columns):
        return

    assert not sum_of_times
    assert not is_refused(check_rule, rule, columns)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(RULES), st.lists(st.tuples(*[st.integers(-3, 3)] * 3), min_size=1, max_size=4))
@example(RULES[0], [(-1, -2, 1)])
def test_a_glance_accepts_a_rule_that_holds_between_full_columns_of_decimals(rule: Rule, rows: list[Any]) -> None:
    columns = dict(zip("abc", (held(KINDS[1], one) for one in zip(*rows, strict=True)), strict=True))
    columns["side"] = pa.array(["buy"] * len(rows), pa.string())

    assert rule_is_kept(rule, columns) == (not is_refused(check_rule, rule, columns))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(CONDITIONS), tables())
def test_a_condition_that_a_glance_accepts_is_met(condition: When, columns: dict[str, pa.Array]) -> None:
    if not condition_is_met(condition, columns):
        return

    assert not is_refused(check_condition, condition, columns)
