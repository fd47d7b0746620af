"""Rules between the fields of one document: the language of ``x-rules`` and the conditions of ``if``/``then``."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Context, Decimal
from functools import cache
from types import MappingProxyType
from typing import Any

Condition = Mapping[str, tuple[str, ...] | None]
"""Field -> the values for which a rule applies; None stands for "any value but null". All entries must hold."""

_NOTHING: Condition = MappingProxyType({})
_NUMBER = (Decimal, int)
_EXACT = Context(prec=120)
_TOKEN = re.compile(r"\s*(<=|>=|==|!=|<|>|\+|-|[a-z_][a-z0-9_]*|[0-9]+(?:\.[0-9]+)?)")
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le, ">=": operator.ge, "==": operator.eq, "!=": operator.ne, "<": operator.lt, ">": operator.gt,
}  # fmt: skip
"""The comparisons of the language and what they mean for scalars."""


@dataclass(frozen=True)
class Term:
    """One summand: a field's name, or a number where ``name`` is None."""

    sign: int
    name: str | None
    number: Decimal = Decimal(0)


@dataclass(frozen=True)
class Comparison:
    """A parsed rule: sum of terms, comparison, sum of terms."""

    left: tuple[Term, ...]
    comparison: str
    right: tuple[Term, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that the rule reads."""
        return tuple(term.name for term in (*self.left, *self.right) if term.name is not None)


@dataclass(frozen=True)
class Rule:
    """One entry of ``x-rules``: ``rule`` such as ``"low <= open"`` must hold ``when`` the condition does.

    A rule that reads a null passes; so does one over values of different kinds, which the schema has refused already.
    Numbers compare as exact decimals, dates and times in time order.
    """

    rule: str
    message: str
    when: Condition = field(default_factory=lambda: _NOTHING)

    def broken(self, values: Mapping[str, Any]) -> bool:
        """Whether these values break the rule."""
        rule = parse(self.rule)
        if not applies(self.when, values):
            return False
        left, right = _total(rule.left, values), _total(rule.right, values)
        comparable = _kind(left) is not None and _kind(left) is _kind(right)
        return comparable and not COMPARISONS[rule.comparison](left, right)


@dataclass(frozen=True)
class When:
    """An ``if``/``then`` of the schema: ``when`` the condition holds, certain fields may not be null.

    ``needs``: none of them; ``any_of``: not all of them; ``one_of``: all but one must be.
    """

    when: Condition
    needs: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()

    def broken(self, values: Mapping[str, Any]) -> str | None:
        """What is missing, or None."""
        if not applies(self.when, values):
            return None
        for name in self.needs:
            if values.get(name) is None:
                return f"{name} may not be null {self.reason}"
        if self.any_of and all(values.get(name) is None for name in self.any_of):
            return f"one of {', '.join(self.any_of)} may not be null {self.reason}"
        if self.one_of and sum(values.get(name) is not None for name in self.one_of) != 1:
            return f"exactly one of {', '.join(self.one_of)} must be given {self.reason}"
        return None

    @property
    def reason(self) -> str:
        """The condition in words."""
        return " and ".join(
            f"when {name} is {'given' if values is None else ' or '.join(values)}" for name, values in self.when.items()
        )


def applies(when: Condition, values: Mapping[str, Any]) -> bool:
    """Whether a condition holds for these values."""
    return all(
        values.get(name) is not None if wanted is None else values.get(name) in wanted for name, wanted in when.items()
    )


@cache
def parse(rule: str) -> Comparison:
    """Read ``"a + b <= c - 1"``. Raises ValueError where the text is no rule."""
    tokens, position = [], 0
    while position < len(rule.rstrip()):
        match = _TOKEN.match(rule, position)
        if match is None:
            raise ValueError(
                f"x-rule {rule!r}: cannot read {rule[position:]!r}; write fields, numbers, + - and one comparison"
            )
        tokens.append(match[1])
        position = match.end()
    signs = [token for token in tokens if token in COMPARISONS]
    if len(signs) != 1:
        raise ValueError(f"x-rule {rule!r}: has {len(signs)} comparisons; write exactly one of {' '.join(COMPARISONS)}")
    middle = tokens.index(signs[0])
    return Comparison(_terms(rule, tokens[:middle]), signs[0], _terms(rule, tokens[middle + 1 :]))


def _terms(rule: str, tokens: list[str]) -> tuple[Term, ...]:
    terms, sign, wants_operand = [], 1, True
    for token in tokens:
        if wants_operand == (token in "+-"):
            raise ValueError(f"x-rule {rule!r}: {token!r} is out of place")
        if token in "+-":
            sign = 1 if token == "+" else -1
        else:
            terms.append(Term(sign, None, Decimal(token)) if token[0].isdigit() else Term(sign, token))
        wants_operand = not wants_operand
    if wants_operand:
        raise ValueError(f"x-rule {rule!r}: a field or number is missing")
    return tuple(terms)


def _kind(value: Any) -> type | None:
    """What a value can be compared with: numbers, text or times; None for what has no order."""
    if isinstance(value, _NUMBER):
        return Decimal
    return type(value) if isinstance(value, str | date) else None


def _total(terms: tuple[Term, ...], values: Mapping[str, Any]) -> Any:
    """The sum of the terms; None where they are not of one kind, such as text plus number."""
    if len(terms) == 1:
        return terms[0].number if terms[0].name is None else values.get(terms[0].name)
    total = Decimal(0)
    for term in terms:
        value = term.number if term.name is None else values.get(term.name)
        if not isinstance(value, _NUMBER):
            return None
        total = _EXACT.add(total, value) if term.sign > 0 else _EXACT.subtract(total, value)
    return total
