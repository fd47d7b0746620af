"""Telling what breaks readers from what does not. Each verdict is also put to the reference validator, on documents."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import qtrader_contracts
from qtrader.contracts.evolution import Change, changes
from qtrader.contracts.schema_files import Schemas, read_schemas
from qtrader.errors import ContractError

pytestmark = pytest.mark.contracts
Edit = Callable[[dict[str, Any]], Any]
PRESENT = Schemas({name: qtrader_contracts.schema(name) for name in qtrader_contracts.names()})

NOTE = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://example.com/acme/note.v1.json",
    "description": "A note.",
    "type": "object",
    "required": ["kind", "text"],
    "properties": {
        "kind": {"enum": ["todo", "done"], "description": "What it is about."},
        "text": {"type": "string", "minLength": 1},
        "rank": {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}]},
        "tags": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
    },
    "additionalProperties": False,
    "x-rules": [{"rule": "low <= high", "message": "the low is lower"}],
}
FULL = {"kind": "todo", "text": "x", "rank": 1, "tags": [{"name": "a"}]}


def edited(edit: Edit, schema: dict[str, Any] = NOTE) -> dict[str, Any]:
    copy = deepcopy(schema)
    edit(copy)
    return copy


def found(edit: Edit) -> list[Change]:
    return changes(Schemas({"note.v1": NOTE}), Schemas({"note.v1": edited(edit)}))


def put(*path: str, value: Any) -> Edit:
    """Put a value at a path of a schema."""

    def edit(schema: dict[str, Any]) -> None:
        for part in path[:-1]:
            schema = schema[part]
        schema[path[-1]] = value

    return edit


def drop(field: str) -> Edit:
    def edit(schema: dict[str, Any]) -> None:
        del schema["properties"][field]
        schema["required"] = [one for one in schema["required"] if one != field]

    return edit


def accepts(schema: dict[str, Any], document: dict[str, Any]) -> bool:
    return bool(jsonschema.Draft202012Validator(schema).is_valid(document))


SHORT = {"kind": "todo", "text": "x"}
POSITIVE = {"type": "integer", "minimum": 0}
TAG_NAME = ("properties", "tags", "items", "properties", "name")
TAGGED = {"if": {"properties": {"kind": {"const": "todo"}}}, "then": {"required": ["tags"]}}
OR_NULL = {"anyOf": [{"type": "string", "minLength": 1}, {"type": "null"}]}

BREAKING_FOR_OLD_DOCUMENTS: dict[str, tuple[Edit, str, str, dict[str, Any]]] = {
    "field gone": (drop("rank"), "$.rank", "the field is gone", FULL),
    "field required": (put("required", value=["kind", "text", "rank"]), "$.rank", "the field is now required", SHORT),
    "value taken": (put("properties", "kind", "enum", value=["done"]), "$.kind", "no longer takes todo", FULL),
    "type": (put("properties", "text", "type", value="integer"), "$.text", 'type: "string" became "integer"', FULL),
    "tighter bound": (put("properties", "text", "minLength", value=2), "$.text", "minLength: 1 became 2", FULL),
    "nested": (put(*TAG_NAME, "type", value="integer"), "$.tags[].name", 'type: "string" became "integer"', FULL),
    "in a nullable": (
        put("properties", "rank", "anyOf", value=[POSITIVE | {"minimum": 5}, {"type": "null"}]),
        "$.rank",
        "minimum: 0 became 5",
        FULL,
    ),
    "never null": (put("properties", "rank", value=POSITIVE), "$.rank", "became", FULL | {"rank": None}),
    "new condition": (put("allOf", value=[TAGGED]), "$", "a new condition, where kind is todo: ", SHORT),
}

BREAKING_FOR_OLD_READERS: dict[str, tuple[Edit, str, str, dict[str, Any]]] = {
    "value added": (
        put("properties", "kind", "enum", value=["todo", "done", "late"]),
        "$.kind",
        "takes late too",
        SHORT | {"kind": "late"},
    ),
    "field added": (put("properties", "more", value={"type": "string"}), "$.more", "a new field", FULL | {"more": "x"}),
    "left out": (put("required", value=["kind"]), "$.text", "the field may now be left out", {"kind": "todo"}),
    "looser": (put("properties", "text", "minLength", value=0), "$.text", "minLength: 1 became 0", FULL | {"text": ""}),
    "opened": (put("additionalProperties", value=True), "$", "additionalProperties", FULL | {"z": 1}),
    "may be null": (put("properties", "text", value=OR_NULL), "$.text", "became", FULL | {"text": None}),
}


@pytest.mark.parametrize(
    ("edit", "path", "words", "document"), BREAKING_FOR_OLD_DOCUMENTS.values(), ids=BREAKING_FOR_OLD_DOCUMENTS
)
def test_what_refuses_an_old_document_breaks(edit: Edit, path: str, words: str, document: dict[str, Any]) -> None:
    assert (accepts(NOTE, document), accepts(edited(edit), document)) == (True, False)

    (change,) = found(edit)
    assert (change.breaking, change.contract, change.path) == (True, "note.v1", path)
    assert words in change.message
    assert "new readers" in change.message


@pytest.mark.parametrize(
    ("edit", "path", "words", "document"), BREAKING_FOR_OLD_READERS.values(), ids=BREAKING_FOR_OLD_READERS
)
def test_what_an_old_reader_refuses_breaks(edit: Edit, path: str, words: str, document: dict[str, Any]) -> None:
    assert (accepts(NOTE, document), accepts(edited(edit), document)) == (False, True)

    (change,) = found(edit)
    assert (change.breaking, change.path) == (True, path)
    assert words in change.message
    assert "old readers" in change.message


def test_what_cannot_be_proven_breaks() -> None:
    digits = edited(put("properties", "text", "pattern", value="^[0-9]+$"))
    signed = edited(put("properties", "text", "pattern", value="^-?[0-9]+$"))

    (change,) = changes(Schemas({"note.v1": digits}), Schemas({"note.v1": signed}))

    assert change.breaking
    assert "new readers may refuse old documents" in change.message


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ([], "the rule 'low <= high' is gone"),
        ([*NOTE["x-rules"], {"rule": "low != 0", "message": "never nothing"}], "a new rule 'low != 0'"),
        ([{"rule": "low <= high", "message": "the low is lower", "when": {"kind": ["todo"]}}], "rule 'low <= high'"),
    ],
)  # fmt: skip
def test_a_changed_x_rule_breaks(rules: list[Any], words: str) -> None:
    told = found(put("x-rules", value=rules))

    assert all(change.breaking and change.path == "$.x-rules" for change in told)
    assert words in told[0].message


@pytest.mark.parametrize(
    ("edit", "path"),
    [
        (put("description", value="Another note."), "$"),
        (put("properties", "kind", "description", value="Its kind."), "$.kind"),
        (put("properties", "text", "examples", value=["buy milk"]), "$.text"),
        (put("x-rules", value=[{"rule": "low <= high", "message": "as the names say"}]), "$.x-rules"),
    ],
)
def test_words_for_people_are_documentation(edit: Edit, path: str) -> None:
    (change,) = found(edit)

    assert (change.path, change.breaking) == (path, False)
    assert change.message.startswith("documentation: another ")


@pytest.mark.parametrize(
    "edit",
    [
        put("required", value=["text", "kind"]),
        put("properties", "kind", "enum", value=["done", "todo"]),
        put("properties", "rank", "anyOf", value=[{"type": "null"}, {"type": "integer", "minimum": 0}]),
    ],
)
def test_another_order_is_no_change(edit: Edit) -> None:
    assert found(edit) == []


def test_the_same_said_otherwise_is_harmless() -> None:
    (change,) = found(put("properties", "rank", value={"type": ["integer", "null"], "minimum": 0}))

    assert (change.breaking, change.path) == (False, "$.rank")


def test_a_field_named_like_a_keyword_is_a_field() -> None:
    named = edited(put("properties", "description", value={"type": "string"}))
    gone = edited(drop("description"), named)

    (change,) = changes(Schemas({"note.v1": named}), Schemas({"note.v1": gone}))

    assert (change.path, change.breaking) == ("$.description", True)


def test_the_present_contracts_do_not_differ_from_themselves() -> None:
    assert changes(PRESENT, PRESENT) == []


@pytest.mark.parametrize("name", sorted(PRESENT.documents))
def test_any_field_taken_from_any_contract_breaks(name: str) -> None:
    """Without their conditions, which speak of fields too and take a while to work out."""
    whole = {key: value for key, value in PRESENT.documents[name].items() if key not in ("allOf", "x-rules")}
    envelope = {"envelope.v1": PRESENT.documents["envelope.v1"]}

    for field in whole["properties"]:
        told = changes(Schemas({"x.v1": whole}, envelope), Schemas({"x.v1": edited(drop(field), whole)}, envelope))

        assert [(change.path, change.breaking) for change in told] == [(f"$.{field}", True)]


def test_a_common_type_counts_in_every_contract_that_uses_it() -> None:
    envelope = edited(put("$defs", "text", "minLength", value=2), PRESENT.documents["envelope.v1"])
    now = Schemas({**PRESENT.documents, "envelope.v1": envelope})

    told = {change.contract: change.path for change in changes(PRESENT, now) if change.breaking}

    assert told["strategy/signal.v1"] == "$.reason"
    assert told["envelope.v1"] == "$defs.text"


def test_a_common_type_that_is_gone_breaks_the_schemas_of_plugins() -> None:
    envelope = edited(lambda one: one["$defs"].pop("flag"), PRESENT.documents["envelope.v1"])
    others = {"envelope.v1": PRESENT.documents["envelope.v1"]}

    told = changes(Schemas(others), Schemas({"envelope.v1": envelope}))

    assert ("$defs.flag", True) in [(change.path, change.breaking) for change in told]


def test_a_new_version_beside_the_old_one_is_harmless() -> None:
    second = edited(put("properties", "event_version", "const", value=2), PRESENT.documents["strategy/signal.v1"])

    (change,) = changes(PRESENT, Schemas({**PRESENT.documents, "strategy/signal.v2": second}))

    assert (change.contract, change.breaking) == ("strategy/signal.v2", False)
    assert change.message == "a new contract, beside strategy/signal.v1"


def test_an_old_version_taken_away_breaks() -> None:
    rest = {name: one for name, one in PRESENT.documents.items() if name != "strategy/signal.v1"}

    (change,) = changes(PRESENT, Schemas(rest))

    assert (change.contract, change.path, change.breaking) == ("strategy/signal.v1", "$", True)


def test_a_schema_in_a_file_finds_the_envelope_beside_it(tmp_path: Path) -> None:
    folder = Path(__file__).parents[2] / "contracts" / "schemas"

    schemas = read_schemas(folder / "strategy" / "signal.v1.json")

    assert schemas.whole("signal.v1")["properties"]["price"]["type"] == "string"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is no JSON"),
        ("[]", "holds a list"),
        ('{"type": "strin"}', "$.type: is no JSON Schema"),
        ('{"$id": "https://example.com/x.json", "$ref": "#/$defs/none"}', "leads nowhere"),
    ],
)
def test_what_is_no_schema_is_named(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "x.v1.json"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ContractError, match=r"x\.v1") as refused:
        changes(read_schemas(file), read_schemas(file))

    assert words in str(refused.value)


def test_a_schema_that_refers_to_itself_is_compared(tmp_path: Path) -> None:
    tree = {"$id": "https://example.com/tree.v1.json", "type": "object", "properties": {"left": {"$ref": "#"}}}
    wider = deepcopy(tree) | {"properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}}}

    assert changes(Schemas({"t": tree}), Schemas({"t": deepcopy(tree)})) == []
    assert any(
        change.breaking for change in changes(Schemas({"t": tree}), Schemas({"t": json.loads(json.dumps(wider))}))
    )
