"""The language of x-rules and conditions, apart from any event."""

from decimal import Decimal
from typing import Any

import pytest

from qtrader.events import Rule, When
from qtrader.events.rules import parse

pytestmark = pytest.mark.events
D = Decimal


@pytest.mark.parametrize(
    ("rule", "values", "broken"),
    [
        ("a <= b", {"a": 1, "b": 1}, False),
        ("a <= b", {"a": 2, "b": 1}, True),
        ("a < b", {"a": 1, "b": 1}, True),
        ("a < b", {"a": 1, "b": 2}, False),
        ("a >= b", {"a": 1, "b": 1}, False),
        ("a >= b", {"a": 1, "b": 2}, True),
        ("a > b", {"a": 1, "b": 1}, True),
        ("a > b", {"a": 2, "b": 1}, False),
        ("a == b", {"a": D("1.50"), "b": D("1.5")}, False),
        ("a == b", {"a": 1, "b": 2}, True),
        ("a != b", {"a": "X", "b": "Y"}, False),
        ("a != b", {"a": "X", "b": "X"}, True),
        ("a + b == c", {"a": D("0.1"), "b": D("0.2"), "c": D("0.3")}, False),
        ("a - b == c", {"a": D("0.3"), "b": D("0.1"), "c": D("0.3")}, True),
        ("a == 0", {"a": D("0.0")}, False),
        ("a <= 2.5", {"a": D("2.51")}, True),
        ("a == b + c - d", {"a": 4, "b": 3, "c": 2, "d": 1}, False),
        ("a<=b", {"a": 2, "b": 1}, True),
    ],
)
def test_a_rule_is_broken(rule: str, values: dict[str, Any], broken: bool) -> None:  # noqa: FBT001
    assert Rule(rule, "").broken(values) is broken


def test_a_sum_of_many_digits_is_exact() -> None:
    whole, part, together = D("9" * 30), D("0.00000001"), D("9" * 30 + ".00000001")

    assert not Rule("a + b == c", "").broken({"a": whole, "b": part, "c": together})


def test_a_rule_that_reads_a_null_holds() -> None:
    assert not any(Rule(rule, "").broken({"a": 2, "b": None}) for rule in ("a < b", "b < a", "a + b < a", "b == b"))


@pytest.mark.parametrize("other", [D(1), [], {}, 1.5, ["2024-01-01"]])
def test_a_rule_over_different_kinds_is_left_to_the_schema(other: Any) -> None:
    assert not Rule("a < b", "").broken({"a": "2024-01-01", "b": other})


def test_a_sum_of_what_is_no_number_is_left_to_the_schema() -> None:
    assert not Rule("a + b < c", "").broken({"a": "x", "b": D(1), "c": D(0)})


def test_a_rule_does_not_apply_to_other_values_of_its_condition() -> None:
    assert not Rule("a < b", "", {"kind": ("x", "y")}).broken({"a": 2, "b": 1, "kind": "z"})


def test_a_rule_applies_to_each_value_of_its_condition() -> None:
    assert all(Rule("a < b", "", {"kind": ("x", "y")}).broken({"a": 2, "b": 1, "kind": kind}) for kind in "xy")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a", "has 0 comparisons"),
        ("a < b < c", "has 2 comparisons"),
        ("a <", "a field or number is missing"),
        ("< b", "a field or number is missing"),
        ("a + < b", "a field or number is missing"),
        ("- a < b", "'-' is out of place"),
        ("a b < c", "'b' is out of place"),
        ("a * b < c", "cannot read"),
        ("(a) < b", "cannot read"),
        ("a = b", "cannot read"),
        ("__import__('os') < b", "cannot read"),
        ("", "has 0 comparisons"),
    ],
)
def test_what_is_no_rule_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse(text)


def test_a_condition_names_what_is_missing_and_when() -> None:
    found = When({"kind": ("limit", "stop_limit")}, needs=("price",)).broken({"kind": "limit", "price": None})

    assert found == "price may not be null when kind is limit or stop_limit"


def test_a_condition_is_met() -> None:
    assert When({"kind": ("limit",)}, needs=("price",)).broken({"kind": "limit", "price": 0}) is None


def test_a_condition_of_something_given() -> None:
    condition = When({"a": None}, needs=("b",))

    assert (condition.broken({"a": 1, "b": None}), condition.broken({"a": None, "b": None})) == (
        "b may not be null when a is given",
        None,
    )


def test_any_of_is_content_with_one() -> None:
    assert When({"k": ("x",)}, any_of=("a", "b")).broken({"k": "x", "a": None, "b": 1}) is None


def test_any_of_wants_one() -> None:
    assert When({"k": ("x",)}, any_of=("a", "b")).broken({"k": "x", "a": None, "b": None}) == (
        "one of a, b may not be null when k is x"
    )


@pytest.mark.parametrize(("a", "b", "broken"), [(None, None, True), (1, None, False), (None, 1, False), (1, 1, True)])
def test_one_of_wants_exactly_one(a: Any, b: Any, broken: bool) -> None:  # noqa: FBT001
    assert (When({"k": ("x",)}, one_of=("a", "b")).broken({"k": "x", "a": a, "b": b}) is not None) is broken
