"""The contract check on whole columns: what pydantic and the schema say about one document, said about thousands."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import StringConstraints, ValidationError

from qtrader.errors import ContractError
from qtrader.events.fields import COMPLETE, Day, Digits, Instant, Whole
from qtrader.events.rules import COMPARISONS, Condition, Rule, Term, When, parse
from qtrader.ports.decimals import plain

if TYPE_CHECKING:
    from qtrader.columns import Column

Columns: TypeAlias = Mapping[str, pa.Array]
_WIDE = pa.decimal256(50, 18)
"""Room for every decimal and whole number of an event, and for sums of a few dozen."""
_COMPARE = {
    "<=": pc.less_equal, ">=": pc.greater_equal, "==": pc.equal, "!=": pc.not_equal, "<": pc.less, ">": pc.greater,
}  # fmt: skip
assert _COMPARE.keys() == COMPARISONS.keys()


def check_column(contract: str, column: "Column", array: pa.Array) -> None:
    """Check one column's nulls and values. Raises ContractError that names the first value refused."""
    if array.null_count and not column.nullable:
        _refuse(contract, column.name, array, pc.is_null(array), "may not be null")
    if column.nested is not None:
        _check_nested(contract, column, array)
    elif isinstance(column.marker, tuple):
        allowed = pc.is_in(array, pa.array(column.marker, pa.string()))
        refused = pc.and_(pc.is_valid(array), pc.invert(allowed))
        _refuse(contract, column.name, array, refused, f"is none of {', '.join(column.marker)}")
    elif isinstance(column.marker, StringConstraints):
        _check_text(contract, column.name, array, column.marker)
    else:
        _check_bounds(contract, column.name, array, column.marker)


def check_condition(contract: str, condition: When, columns: Columns) -> None:
    """Check a condition between columns. Raises ContractError that names the first row that does not meet it."""
    for name, broken, words in _unmet(condition, columns):
        _refuse(contract, name, columns[name], broken, f"{words} {condition.reason}")


def check_rule(contract: str, rule: Rule, columns: Columns) -> None:
    """Check a rule between columns. Raises ContractError that names the first row that breaks it."""
    comparison = parse(rule.rule)
    left, right = _total(comparison.left, columns), _total(comparison.right, columns)
    holds = _COMPARE[comparison.comparison](left, right)
    broken = pc.and_(_applies(rule.when, columns), pc.fill_null(pc.invert(holds), False))
    name = comparison.names[0]
    _refuse(contract, name, columns[name], broken, f"breaks {rule.rule}: {rule.message}")


def _check_text(contract: str, name: str, array: pa.Array, limits: StringConstraints) -> None:
    if limits.pattern is not None:
        matches = pc.match_substring_regex(array, str(limits.pattern))
        _refuse(contract, name, array, pc.invert(matches), f"does not match {limits.pattern}")
    if limits.min_length is not None:
        _refuse(contract, name, array, pc.equal(array, pa.scalar("")), "is empty")


def _check_bounds(contract: str, name: str, array: pa.Array, marker: Any) -> None:
    for compare, bound, words in _bounds(marker):
        limit = pa.scalar(bound, array.type)
        _refuse(contract, name, array, compare(array, limit), f"{words} {bound}")


def _bounds(marker: Any) -> list[tuple[Any, Any, str]]:
    if isinstance(marker, Digits):
        above, minimum, maximum = marker.above, marker.minimum, marker.maximum
        found = (
            (pc.less_equal, above, "is not above"),
            (pc.less, minimum, "is below"),
            (pc.greater, maximum, "is above"),
        )
        return [bound for bound in found if bound[1] is not None]
    if isinstance(marker, Whole):
        return [(pc.less, marker.minimum, "is below"), (pc.greater, marker.maximum, "is above")]
    if isinstance(marker, Day):
        return [(pc.less, date(1700, 1, 1), "is before"), (pc.greater, date(2199, 12, 31), "is after")]
    if isinstance(marker, Instant):
        ends = datetime(1700, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
        return [(pc.less, ends[0], "is before"), (pc.greater_equal, ends[1], "is not before")]
    return []


def _check_nested(contract: str, column: "Column", array: pa.Array) -> None:
    assert column.nested is not None
    for text in pc.unique(array).to_pylist():
        try:
            if text is not None:
                column.nested.validate_json(text, context=COMPLETE)
        except ValidationError as error:
            first = error.errors()[0]
            path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"])
            raise ContractError(f"{contract}: $.{column.name}{path}: {first['msg']}: {text}") from error


def _unmet(condition: When, columns: Columns) -> Iterator[tuple[str, Any, str]]:
    """Each demand of a condition: the field to name, the rows that break it, and what to say."""
    when = _applies(condition.when, columns)
    for name in condition.needs:
        yield name, pc.and_(when, pc.is_null(columns[name])), "may not be null"
    if condition.any_of:
        none = pc.equal(_given(condition.any_of, columns), pa.scalar(0))
        yield condition.any_of[0], pc.and_(when, none), f"leaves {' and '.join(condition.any_of)} null, not allowed"
    if condition.one_of:
        wrong = pc.not_equal(_given(condition.one_of, columns), pa.scalar(1))
        yield condition.one_of[0], pc.and_(when, wrong), f"with {' and '.join(condition.one_of)}: give exactly one"


def _given(names: Sequence[str], columns: Columns) -> Any:
    """How many of the columns are not null, row by row."""
    return reduce(pc.add, (pc.cast(pc.is_valid(columns[name]), pa.int64()) for name in names))


def _applies(when: Condition, columns: Columns) -> Any:
    mask = pa.array([True] * len(next(iter(columns.values()))), pa.bool_())
    for name, values in when.items():
        column = columns[name]
        part = pc.is_valid(column) if values is None else pc.is_in(column, pa.array(map(str, values), pa.string()))
        mask = pc.and_(mask, part)
    return mask


def _total(terms: Sequence[Term], columns: Columns) -> Any:
    parts = [(term.sign, _operand(term, columns)) for term in terms]
    total = parts[0][1]
    for sign, part in parts[1:]:
        total = (pc.add if sign > 0 else pc.subtract)(total, part)
    return total


def _operand(term: Term, columns: Columns) -> Any:
    if term.name is None:
        return pa.scalar(term.number, _WIDE)
    column = columns[term.name]
    exact = pa.types.is_decimal(column.type) or pa.types.is_integer(column.type)
    return pc.cast(column, _WIDE) if exact else column


def _refuse(contract: str, name: str, array: pa.Array, wrong: Any, words: str) -> None:
    row = pc.index(pc.fill_null(wrong, False), value=True).as_py()
    if row >= 0:
        value = array[row].as_py()
        shown = repr(plain(value) if isinstance(value, Decimal) else str(value) if isinstance(value, date) else value)
        raise ContractError(f"{contract}: $.{name} in row {row}: {shown} {words}")
