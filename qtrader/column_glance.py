"""A glance at whole columns: true where all is certainly well, and quick.

What a glance does not accept goes to ``column_checks``, which is exact, finds the first value refused and names it. So
a glance may be too strict, and never too kind.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import StringConstraints

from qtrader.column_buffers import Ints, numbers, text, validity, words
from qtrader.events.fields import Day, Digits, Instant, Whole, word_pattern
from qtrader.events.rules import Condition, Rule, Term, When, parse

if TYPE_CHECKING:
    from qtrader.columns import Column

Mask: TypeAlias = npt.NDArray[np.bool_]
Wide: TypeAlias = tuple[Ints, npt.NDArray[np.uint64]]
"""128-bit integers: signed high words and unsigned low words."""
_WORDS = {word_pattern(longest): longest for longest in (64, 200)}
_FIRST, _END = (date(year, 1, 1).toordinal() - date(1970, 1, 1).toordinal() for year in (1700, 2200))
_DAY = 86_400_000_000
_ROOM = 2**60
"""High words between minus and plus this may be summed a few times without overflow."""


def column_is_well(column: "Column", array: pa.Array) -> bool:
    """Whether every value of a column is certainly allowed."""
    if array.null_count and not column.nullable:
        return False
    if array.null_count == len(array):
        return True
    array, marker = array.drop_null(), column.marker
    kind = type(marker)  # an isinstance of StringConstraints, which is a protocol's, takes longer than all of this
    if kind is tuple:
        return set(array.unique().to_pylist()) <= set(marker)
    if kind is StringConstraints:
        return _text_is_well(array, marker)
    if kind is Digits:
        return _digits_are_well(words(array), marker)
    if kind is Whole:
        return _between(numbers(array, np.int64), marker.minimum, marker.maximum)
    if kind is Day:
        return _between(numbers(array, np.int32), _FIRST, _END - 1)
    if kind is Instant:
        return _between(numbers(array, np.int64), _FIRST * _DAY, _END * _DAY - 1)
    if column.nested is not None:
        return column.flat is not None and all(map(column.flat.fullmatch, array.unique().to_pylist()))
    return True


def _between(values: npt.NDArray[Any], least: int, most: int) -> bool:
    return bool(values.min() >= least and values.max() <= most)


def _text_is_well(array: pa.Array, limits: StringConstraints) -> bool:
    bounds, data = text(array)
    shortest_is_empty = bool((bounds[1:] == bounds[:-1]).any())
    if limits.pattern is None:
        return not (limits.min_length and shortest_is_empty)
    longest = _WORDS.get(str(limits.pattern))
    if longest is None:
        distinct = array.unique()
        return bool(pc.match_substring_regex(distinct, str(limits.pattern)).true_count == len(distinct))
    if shortest_is_empty or (bounds[1:] - bounds[:-1]).max() > longest:
        return False
    blank = ord(" ")
    ends_blank = (data[bounds[:-1]] == blank).any() or (data[bounds[1:] - 1] == blank).any()
    return not ends_blank and _between(data[bounds[0] : bounds[-1]], blank, ord("~"))


def _digits_are_well(values: Wide, marker: Digits) -> bool:
    limits = (marker.minimum, marker.above, marker.maximum)
    least, above, most = (None if limit is None else int(limit.scaleb(marker.places)) for limit in limits)
    return not (
        (least is not None and _order(values, least)[0].any())
        or (above is not None and not _order(values, above)[2].all())
        or (most is not None and _order(values, most)[2].any())
    )


def _order(values: Wide, limit: int) -> tuple[Mask, Mask, Mask]:
    """Which values are below, at and above a limit."""
    high, low = values
    high_limit, low_limit = limit >> 64, np.uint64(limit & (2**64 - 1))
    same = high == high_limit
    below, at = (high < high_limit) | same & (low < low_limit), same & (low == low_limit)
    return below, at, ~(below | at)


def condition_is_met(condition: When, columns: Mapping[str, pa.Array]) -> bool:
    """Whether a condition is certainly met in every row."""
    asked = (*condition.needs, *condition.any_of)
    if not condition.one_of and not any(columns[name].null_count for name in asked):
        return True
    return not _applies(condition.when, columns).any()


def rule_is_kept(rule: Rule, columns: Mapping[str, pa.Array]) -> bool:
    """Whether a rule between columns certainly holds in every row where it applies."""
    comparison = parse(rule.rule)
    terms = (*comparison.left, *(Term(-term.sign, term.name, term.number) for term in comparison.right))
    difference = _total(terms, columns)
    if difference is None:
        return False
    below, at, above = _order(difference, 0)
    parts = {"<": (below,), "<=": (below, at), "==": (at,), ">=": (at, above), ">": (above,), "!=": (below, above)}
    broken = ~np.logical_or.reduce(parts[comparison.comparison])
    return not (broken.any() and (broken & _applies(rule.when, columns)).any())


def _applies(when: Condition, columns: Mapping[str, pa.Array]) -> Mask:
    mask = np.ones(len(next(iter(columns.values()))), np.bool_)
    for name, wanted in when.items():
        column = columns[name]
        if wanted is None:
            mask &= validity(column).view(np.bool_)
        else:
            mask &= np.asarray(pc.is_in(column, pa.array(map(str, wanted), pa.string())))
    return mask


def _total(terms: Sequence[Term], columns: Mapping[str, pa.Array]) -> Wide | None:
    """The sum of the terms, scaled to integers; None where it is not simply that of full columns of one kind."""
    kinds = {columns[term.name].type for term in terms if term.name is not None}
    if len(kinds) != 1 or any(columns[term.name].null_count for term in terms if term.name is not None):
        return None
    kind = kinds.pop()
    if pa.types.is_timestamp(kind) and len(terms) > 2:
        return None
    length = len(columns[next(term.name for term in terms if term.name is not None)])
    high, low = np.zeros(length, np.int64), np.zeros(length, np.uint64)
    for term in terms:
        other = _constant(term.number, kind) if term.name is None else _wide(columns[term.name])
        if other is None or not _between(other[0], -_ROOM, _ROOM):
            return None
        if term.sign > 0:
            before, low = low, low + other[1]
            high = high + other[0] + (low < before)
        else:
            before, low = low, low - other[1]
            high = high - other[0] - (before < other[1])
    return high, low


def _wide(column: pa.Array) -> Wide | None:
    if pa.types.is_decimal128(column.type):
        return words(column)
    if pa.types.is_int64(column.type) or pa.types.is_timestamp(column.type):
        values = numbers(column, np.int64)
        return values >> 63, values.view(np.uint64)
    return None


def _constant(number: Decimal, kind: pa.DataType) -> Wide | None:
    exact = pa.types.is_decimal(kind) or pa.types.is_integer(kind)
    scaled = number.scaleb(kind.scale if pa.types.is_decimal(kind) else 0)
    if not exact or scaled != int(scaled):
        return None
    value = int(scaled)
    return np.array([value >> 64], np.int64), np.array([value & (2**64 - 1)], np.uint64)
