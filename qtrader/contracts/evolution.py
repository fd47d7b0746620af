"""What changed between two states of the contracts, and whether it breaks anybody.

A change is harmless only where both hold: readers of the new contract take every old document, and readers of the old
one take every new document. That is asked of ``jsonschema_rs`` piece by piece; what it cannot prove counts as breaking.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from qtrader.contracts.schema_files import TEXTS, Schema, Schemas

_NAMED = ("properties", "patternProperties", "$defs")
"""Keywords whose keys are names, not keywords."""
_LONGEST = 60
_REFUSE = {"no": "refuse", "unknown": "may refuse"}
"""What readers do by whether a schema covers another; what is not proven may happen."""

Found = tuple[str, str, bool]
"""JSON path, what changed, and whether it breaks."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: in which contract, where (a JSON path), what, and whether it breaks a reader."""

    contract: str
    path: str
    message: str
    breaking: bool

    def as_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        return asdict(self)


def changes(old: Schemas, new: Schemas) -> list[Change]:
    """Every difference, by contract; none where both say the same.

    A version that was added breaks nobody; one that was taken away breaks all who keep its documents.
    """
    if len(old.documents) == len(new.documents) == 1:  # two files: compared whatever they are called
        (before,), (after,) = old.names(), new.names()
        return [Change(after, *found) for found in _contract(after, old, new, before)]
    found: list[Change] = []
    for name in sorted({*old.names(), *new.names()}):
        if name not in new.documents:
            found.append(Change(name, "$", "the contract is gone: nobody can read its documents any more", True))
        elif name not in old.documents:
            found.append(Change(name, "$", "a new contract" + _beside(name, old), False))
        else:
            found += [Change(name, *one) for one in _contract(name, old, new, name)]
    return found


def _beside(name: str, old: Schemas) -> str:
    stem = name.rpartition(".v")[0]
    versions = [one for one in old.names() if one.rpartition(".v")[0] == stem]
    return f", beside {', '.join(versions)}" if versions else ""


def _contract(name: str, old: Schemas, new: Schemas, before: str) -> Iterator[Found]:
    """The differences of one contract."""
    texts = _texts(old.documents[before], "$"), _texts(new.documents[name], "$")
    there = [{path for path, _ in side} for side in texts]
    for path, keyword in sorted(texts[0].keys() | texts[1].keys()):
        if path in there[0] & there[1] and texts[0].get((path, keyword)) != texts[1].get((path, keyword)):
            yield path, f"documentation: another {keyword}", False
    was, now = _bare(old.whole(before)), _bare(new.whole(name))
    breaking = False
    for found in (*_rules(was, now), *_walk("$", was, now), *_common_types(name, old, new)):
        breaking = breaking or found[2]
        yield found
    if not breaking and was != now and (told := _verdict(was, now)):
        yield "$", told, True


def _common_types(name: str, old: Schemas, new: Schemas) -> Iterator[Found]:
    """The envelope's types are there for the schemas of plugins too, so each of them counts."""
    if name == "envelope.v1":
        was, now = (
            {key: {"$id": one.documents[name]["$id"], "$defs": one.documents[name]["$defs"], "$ref": f"#/$defs/{key}"}
             for key in one.documents[name].get("$defs", {})} for one in (old, new)
        )  # fmt: skip
        for key in sorted(was.keys() | now.keys()):
            place = f"$defs.{key}"
            if key not in now:
                yield place, "the type is gone: schemas that refer to it lead nowhere", True
            elif key in was:
                yield from _walk(
                    place, _bare(Schemas({key: was[key]}).whole(key)), _bare(Schemas({key: now[key]}).whole(key))
                )


def _rules(was: Schema, now: Schema) -> Iterator[Found]:
    """Differences in the rules between fields, and in their messages."""
    before, after = (
        {_text([one["rule"], one.get("when", {})]): one for one in side.pop("x-rules", ())} for side in (was, now)
    )
    for key in sorted(before.keys() | after.keys()):
        rule = (before.get(key) or after[key])["rule"]
        if key not in after:
            yield "$.x-rules", f"the rule {rule!r} is gone: old readers may refuse new documents", True
        elif key not in before:
            yield "$.x-rules", f"a new rule {rule!r}: new readers may refuse old documents", True
        elif before[key] != after[key]:
            yield "$.x-rules", f"documentation: another message of {rule!r}", False


def _walk(path: str, was: Any, now: Any) -> Iterator[Found]:
    """The differences below a path, as far down as both sides are built alike."""
    if was == now:
        return
    if not (isinstance(was, dict) and isinstance(now, dict)):
        yield from _leaf(path, was, now)
    elif "properties" in was and "properties" in now:
        yield from _object(path, was, now)
    elif isinstance(was.get("items"), dict) and isinstance(now.get("items"), dict):
        yield from _walk(f"{path}[]", was["items"], now["items"])
        yield from _leaf(path, _without(was, "items"), _without(now, "items"))
    elif (inner := _unless_null(was)) is not None and (other := _unless_null(now)) is not None:
        yield from _walk(path, inner, other)
        yield from _leaf(path, _without(was, "anyOf"), _without(now, "anyOf"))
    else:
        yield from _leaf(path, was, now)


def _object(path: str, was: Schema, now: Schema) -> Iterator[Found]:
    """Differences between two objects: fields, conditions, and whatever else they say."""
    fields = {**was["properties"], **now["properties"]}
    for field in fields:
        before, after = _one_field(was, field), _one_field(now, field)
        place = f"{path}.{field}" if re.fullmatch(r"[\w-]+", field) else f"{path}[{json.dumps(field)}]"
        if field not in now["properties"]:
            yield place, *_told("the field is gone", before, after)
        elif field not in was["properties"]:
            yield place, *_told("a new field", before, after)
        else:
            before["properties"] = after["properties"]
            if before["required"] != after["required"]:
                told = "the field is now required" if after["required"] else "the field may now be left out"
                yield place, *_told(told, before, after)
            yield from _walk(place, was["properties"][field], now["properties"][field])
    yield from _conditions(path, was.get("allOf", []), now.get("allOf", []))
    rest = [_without(side, "properties", "required", "allOf") for side in (was, now)]
    for key in sorted(rest[0].keys() | rest[1].keys()):
        if rest[0].get(key) != rest[1].get(key):
            yield from _keyword(path, key, rest[0], rest[1])


def _one_field(schema: Schema, field: str) -> Schema:
    """An object schema with nothing but one of its fields."""
    properties = {field: schema["properties"][field]} if field in schema["properties"] else {}
    required = [field] if field in schema.get("required", ()) else []
    closed = schema.get("additionalProperties", True)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": closed}


def _conditions(path: str, was: Iterable[Any], now: Iterable[Any]) -> Iterator[Found]:
    before, after = ({_text(one): one for one in side} for side in (was, now))
    for key in sorted(before.keys() - after.keys()):
        yield path, f"a condition is gone, {_where(before[key])}: old readers may refuse new documents", True
    for key in sorted(after.keys() - before.keys()):
        yield path, f"a new condition, {_where(after[key])}: new readers may refuse old documents", True


def _where(condition: Schema) -> str:
    """When a condition applies, in words where it asks for values of fields."""
    tests = condition.get("if", {}).get("properties", {})
    parts = [
        f"{field} is {' or '.join(map(str, test.get('enum') or [test.get('const', 'given')]))}"
        for field, test in tests.items()
    ]
    return f"where {' and '.join(parts)}" if parts else _shown(condition)


def _leaf(path: str, was: Any, now: Any) -> Iterator[Found]:
    if was == now:
        return
    if isinstance(was, dict) and isinstance(now, dict):
        differing = [key for key in sorted(was.keys() | now.keys()) if was.get(key) != now.get(key)]
        if len(differing) == 1:
            yield from _keyword(path, differing[0], was, now)
            return
    yield path, *_told(f"{_shown(was)} became {_shown(now)}", was, now)


def _keyword(path: str, key: str, was: Schema, now: Schema) -> Iterator[Found]:
    """One keyword of a schema that differs."""
    if key in ("$id", "$schema") or key.startswith("x-"):
        yield path, f"{key}: {_shown(was.get(key))} became {_shown(now.get(key))}: readers go by it", True
        return
    told = (
        f"{key}: {_shown(was[key]) if key in was else 'nothing'} became {_shown(now[key]) if key in now else 'nothing'}"
    )
    if key == "enum" and key in was and key in now:
        more, fewer = ([one for one in a if one not in b] for a, b in ((now[key], was[key]), (was[key], now[key])))
        parts = [f"no longer takes {', '.join(map(str, fewer))}"] * bool(fewer)
        told = " and ".join([*parts, *[f"takes {', '.join(map(str, more))} too"] * bool(more)])
    yield path, *_told(told, was, now)


def _told(what: str, was: Any, now: Any) -> tuple[str, bool]:
    """What changed with what comes of it, and whether that breaks."""
    verdict = _verdict(was, now)
    return (f"{what}: {verdict}", True) if verdict else (f"{what}: the same documents are taken", False)


def _verdict(was: Any, now: Any) -> str:
    """What becomes of documents; empty where both schemas provably take the same ones."""
    backward, forward = _covers(now, was), _covers(was, now)
    told = [f"new readers {_REFUSE[backward]} old documents"] if backward != "yes" else []
    told += [f"old readers {_REFUSE[forward]} new documents"] if forward != "yes" else []
    return ", ".join(told)


def _covers(wide: Any, narrow: Any) -> str:
    """Whether one schema takes every document that another takes: yes, no or unknown."""
    from jsonschema_rs import canonical, canonicalize

    try:
        sides = [canonicalize(one, draft=20, validate_formats=True, offline=True) for one in (wide, narrow)]
    except canonical.CanonicalizationError:  # a schema that refers to itself was taken out of its document
        return "unknown"
    return str(sides[0].covers(sides[1]))


def _bare(schema: Any, *, fields: bool = False) -> Any:
    """A schema without its texts, its lists without an order that means nothing; ``fields``: its keys are names."""
    if isinstance(schema, list):
        return [_bare(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if fields:
        return {name: _bare(one) for name, one in schema.items()}
    return {key: _bare_keyword(key, value) for key, value in schema.items() if key not in TEXTS}


def _bare_keyword(key: str, value: Any) -> Any:
    if key in ("required", "enum"):
        return sorted(value, key=_text)
    if key in ("allOf", "anyOf", "oneOf"):
        return sorted(_bare(value), key=_text)
    return value if key in ("const", "x-rules") else _bare(value, fields=key in _NAMED)


def _texts(schema: Any, path: str) -> dict[tuple[str, str], Any]:
    """Every text for people in a schema, by JSON path and keyword; the keyword ``""`` marks a path that is there."""
    found: dict[tuple[str, str], Any] = {}
    if isinstance(schema, dict):
        found = {(path, key): schema[key] for key in TEXTS if key in schema} | {(path, ""): None}
        for key, value in schema.items():
            if key in _NAMED and isinstance(value, dict):
                inner = path if key == "properties" else f"{path}.{key}"
                for name, one in value.items():
                    found |= _texts(one, f"{inner}.{name}")
            elif key not in (*TEXTS, "x-rules"):
                found |= _texts(value, path)
    elif isinstance(schema, list):
        for one in schema:
            found |= _texts(one, path)
    return found


def _unless_null(schema: Schema) -> Any:
    """X of "X, or else null"; None for any other schema."""
    arms = schema.get("anyOf")
    null = {"type": "null"}
    return (
        next((one for one in arms if one != null), None)
        if isinstance(arms, list) and len(arms) == 2 and null in arms
        else None
    )


def _without(schema: Mapping[str, Any], *keys: str) -> Schema:
    return {key: value for key, value in schema.items() if key not in keys}


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _shown(value: Any) -> str:
    text = _text(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


__all__ = ["Change", "changes"]
