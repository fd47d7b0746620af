"""Check a document against its contract: the schema by a compiled validator, x-rules by our own."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any

import qtrader_contracts
from qtrader.contracts.registry import Contracts, kernel_contracts
from qtrader.errors import ContractError
from qtrader.events.rules import Rule, parse
from qtrader.suggest import did_you_mean

_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a document: which contract it breaks, where (a JSON path), and how."""

    contract: str
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.contract}: {self.path}: {self.message}" if self.contract else f"{self.path}: {self.message}"


def validate_document(document: Any, name: str | None = None, contracts: Contracts | None = None) -> list[Problem]:
    """Everything that is wrong with a parsed JSON document; an empty list where nothing is.

    The contract is the one named, or else the one that the document's ``event_type`` and ``event_version`` say.
    Raises ContractError for a name that no contract has.
    """
    known = contracts or kernel_contracts()
    if name is None:
        if not isinstance(document, Mapping):
            return [Problem("", "$", f"{_short(repr(document))} is not an object; an event is one flat JSON object")]
        try:
            name = known.name_of(document)
        except ContractError as error:
            path, _, message = str(error).partition(": ")
            return [Problem("", path, message)]
    problems = list(_against_schema(document, name, known))
    if isinstance(document, Mapping):
        problems += _against_rules(document, name, known.rules(name))
    return problems


def _against_schema(document: Any, name: str, known: Contracts) -> Iterator[Problem]:
    try:
        errors = list(known.validator(name).iter_errors(document))
    except ValueError as error:  # not JSON at all: an object of some class, a key that is no text
        yield Problem(name, "$", f"is not a JSON document: {error}")
        return
    if not errors:
        return
    schema = known.schema(name)
    inmost = [_innermost(error) for error in errors]
    malformed = [error.instance_path for error in inmost if error.kind.name == "pattern"]
    for inner in inmost:
        if inner.kind.name == "format" and inner.instance_path in malformed:
            continue  # said already, and better
        for field, message in _messages(inner, schema):
            yield Problem(name, _path([*inner.instance_path, *field]), _short(message))


def _innermost(error: Any) -> Any:
    """Of "this, or else null": what is wrong with this. Any other error as it is."""
    if error.kind.name == "anyOf" and error.instance_path and error.instance is not None:
        return _innermost(error.kind.context[0][0])
    return error


def _messages(error: Any, schema: Mapping[str, Any]) -> Iterator[tuple[list[str], str]]:
    """What to say about an error, and which field below its place it is about."""
    kind = error.kind.name
    if kind == "required":
        yield [error.kind.property], "is missing"
    elif kind == "additionalProperties":
        known = () if error.instance_path else schema["properties"]
        yield from (
            ([field], f"no field has this name.{did_you_mean(field, known)}") for field in error.kind.unexpected
        )
    elif "then" in error.schema_path:
        yield [], _demand(error, schema["allOf"][error.schema_path[1]])
    elif kind == "pattern" and (meaning := _meaning(error.instance_path, schema)):
        yield [], f"{error.instance!r} is not this: {meaning}"
    elif kind == "enum":
        yield [], f"{error.instance!r} is none of {', '.join(map(str, error.kind.options))}"
    elif kind == "const":
        yield [], f"{error.instance!r} is not {error.kind.expected_value!r}"
    else:
        yield [], error.message


def _demand(error: Any, condition: Mapping[str, Any]) -> str:
    """What an ``if``/``then`` of a contract asks for."""
    reasons = [
        f"{field} is {' or '.join(test.get('enum') or [test.get('const', 'given')])}"
        for field, test in condition["if"]["properties"].items()
    ]
    choice = condition["then"].get(error.kind.name)
    names = ", ".join(field for one in choice for field in one["properties"]) if choice else ""
    wanted = {"anyOf": f"one of {names} may not be null", "oneOf": f"exactly one of {names} must be given"}
    return f"{wanted.get(error.kind.name, 'may not be null')} when {' and '.join(reasons)}"


def _meaning(path: Sequence[str | int], schema: Mapping[str, Any]) -> str | None:
    """What the common type of a top-level field is, in the envelope's words."""
    field = schema.get("properties", {}).get(path[0], {}) if len(path) == 1 else {}
    reference = field.get("$ref") or next((one.get("$ref") for one in field.get("anyOf", ())), None)
    definitions, definition = qtrader_contracts.schema("envelope.v1")["$defs"], {}
    while reference is not None:
        definition = definitions.get(reference.rpartition("/")[2], {})
        reference = definition.get("$ref")
    return definition.get("description")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]} ... {text[-_LONGEST // 2 :]}"


def _path(parts: Sequence[str | int]) -> str:
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)


def _against_rules(document: Mapping[str, Any], name: str, rules: Sequence[Rule]) -> Iterator[Problem]:
    read = {field for rule in rules for field in parse(rule.rule).names}
    values = {**document, **{field: _comparable(document.get(field)) for field in read}}
    for rule in rules:
        if rule.broken(values):
            found = ", ".join(f"{field} {document[field]!r}" for field in parse(rule.rule).names)
            yield Problem(name, _path(parse(rule.rule).names[:1]), f"breaks {rule.rule}: {rule.message}; found {found}")


def _comparable(value: Any) -> Any:
    """Numbers and decimal text as exact decimals; times and dates stay text, whose order is time's."""
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Decimal(value)
    if isinstance(value, int) or (isinstance(value, float) and isfinite(value)):
        return Decimal(value)
    return value
