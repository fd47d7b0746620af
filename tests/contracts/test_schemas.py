"""What every schema keeps to."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import qtrader_contracts
from qtrader.contracts import Envelope, kernel_contracts
from qtrader.contracts.registry import rules_of
from qtrader.events import BaseEvent, Value
from qtrader.events.rules import parse

pytestmark = pytest.mark.contracts
ROOT = Path(__file__).parents[2]
NAMES = qtrader_contracts.names()
EVENTS = [name for name in NAMES if name not in ("envelope.v1", "data/instrument.v1")]
CONTRACTS = kernel_contracts()
every_contract = pytest.mark.parametrize("name", NAMES)
every_event = pytest.mark.parametrize("name", EVENTS)
ENVELOPE = [
    "event_id", "event_type", "event_version", "occurred_at", "source_service", "correlation_id", "causation_id",
]  # fmt: skip
AMOUNTS = (
    "price", "open", "high", "low", "close", "amount", "quantity", "cash", "equity", "pnl", "value", "commission",
    "volume", "slippage", "ratio", "exposure", "balance", "cost", "dividends", "confidence", "lot", "tick",
    "multiplier", "stop_loss", "take_profit", "cost_basis", "receivables", "payables", "accruals", "leverage",
    "withholding",
)  # fmt: skip


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """A schema and every schema within it."""
    if isinstance(schema, dict):
        yield schema
    for child in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from parts(child)


def fields(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property at every level, conditions left out."""
    for part in parts({key: value for key, value in schema.items() if key != "allOf"}):
        for group in ("properties", "patternProperties"):
            yield from part.get(group, {}).items()


def test_the_contracts_of_the_brief_are_there() -> None:
    wanted = [
        "envelope.v1", "data/bar.v1", "data/corporate_action.v1", "strategy/signal.v1", "manager/order.v1",
        "execution/fill.v1", "portfolio/consolidated_portfolio.v1",
    ]  # fmt: skip

    assert [name for name in wanted if not (ROOT / f"contracts/schemas/{name}.json").is_file()] == []


@every_contract
def test_a_schema_is_of_draft_2020_12(name: str) -> None:
    assert qtrader_contracts.schema(name)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@every_contract
def test_a_schema_is_a_valid_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(qtrader_contracts.schema(name))


@every_contract
def test_an_id_is_the_name(name: str) -> None:
    assert qtrader_contracts.schema(name)["$id"] == f"https://qtrader.dev/contracts/{name}.json"


@every_contract
def test_every_object_is_closed(name: str) -> None:
    schema = {key: value for key, value in qtrader_contracts.schema(name).items() if key != "allOf"}

    assert [
        part for part in parts(schema) if part.get("type") == "object" and part.get("additionalProperties") is not False
    ] == []


@every_contract
def test_every_field_is_required(name: str) -> None:
    objects = [
        part for part in parts(qtrader_contracts.schema(name)) if part.get("type") == "object" and "properties" in part
    ]

    assert [part for part in objects if part.get("required") != list(part["properties"])] == []


@every_contract
def test_every_field_is_described(name: str) -> None:
    undescribed = [
        field for field, part in fields(qtrader_contracts.schema(name)) if len(part.get("description", "")) < 8
    ]

    assert undescribed == []


@every_contract
def test_the_contract_is_described(name: str) -> None:
    schema = qtrader_contracts.schema(name)

    assert schema["description"].endswith(".")
    assert schema["title"]


@every_contract
def test_no_amount_is_a_json_number(name: str) -> None:
    found = fields(qtrader_contracts.schema(name))
    amounts = [(field, json.dumps(part)) for field, part in found if field.endswith(AMOUNTS)]
    numeric = re.compile(r'"number"|"integer"|/(positive_)?count"')

    assert [field for field, text in amounts if numeric.search(text)] == []


@pytest.mark.parametrize("name", sorted(qtrader_contracts.schema("envelope.v1")["$defs"]))
def test_a_common_type_is_text_but_for_counts_and_flags(name: str) -> None:
    text = json.dumps(qtrader_contracts.schema("envelope.v1")["$defs"][name])

    assert ('"integer"' in text or '"boolean"' in text) == (name in ("count", "positive_count", "flag"))


@every_contract
def test_every_reference_leads_somewhere(name: str) -> None:
    own, common = qtrader_contracts.schema(name).get("$defs", {}), qtrader_contracts.schema("envelope.v1")["$defs"]
    references = [part["$ref"] for part in parts(qtrader_contracts.schema(name)) if "$ref" in part]
    places = {"#/$defs": own, "../envelope.v1.json#/$defs": common}

    assert [one for one in references if one.rpartition("/")[2] not in places[one.rpartition("/")[0]]] == []


@every_contract
def test_every_time_says_its_zone_and_form(name: str) -> None:
    times = [part for part in parts(qtrader_contracts.schema(name)) if part.get("format") in ("date-time", "date")]

    assert all("UTC" in part["description"] or "exchange" in part["description"] for part in times)


@every_contract
def test_every_pattern_is_anchored(name: str) -> None:
    patterns = [
        part["pattern"] for part in parts(qtrader_contracts.schema(name)) if isinstance(part.get("pattern"), str)
    ]

    assert [one for one in patterns if one != "[1-9]" and not (one.startswith("^") and one.endswith("$"))] == []


@every_contract
def test_every_rule_reads_fields_that_there_are(name: str) -> None:
    schema = qtrader_contracts.schema(name)
    read = {field for rule in rules_of(schema) for field in (*parse(rule.rule).names, *rule.when)}

    assert read <= set(schema["properties"])


@every_contract
def test_every_condition_reads_values_that_there_are(name: str) -> None:
    schema = qtrader_contracts.schema(name)
    wrong = [
        value
        for rule in rules_of(schema)
        for field, values in rule.when.items()
        for value in values or ()
        if value not in schema["properties"][field]["enum"]
    ]

    assert wrong == []


@every_event
def test_the_folder_is_the_service_that_emits_it(name: str) -> None:
    assert qtrader_contracts.schema(name)["properties"]["source_service"]["const"] == name.split("/")[0]


@every_event
def test_the_file_is_named_for_the_event(name: str) -> None:
    schema = qtrader_contracts.schema(name)["properties"]

    assert name == f"{name.split('/')[0]}/{schema['event_type']['const']}.v{schema['event_version']['const']}"


@every_event
def test_an_events_document_begins_with_the_envelope(name: str) -> None:
    assert list(qtrader_contracts.schema(name)["properties"])[:7] == ENVELOPE


@every_contract
def test_every_schema_has_exactly_one_class(name: str) -> None:
    owners = [other for other in CONTRACTS.names() if CONTRACTS.model(other) is CONTRACTS.model(name)]

    assert owners == [name]


def test_every_class_has_a_schema() -> None:
    def below(kind: type[Value]) -> set[type[Value]]:
        return {kind} | {one for child in kind.__subclasses__() for one in below(child)}

    kernel = {kind for kind in below(BaseEvent) if kind.__module__.startswith("qtrader.") and hasattr(kind, "topic")}

    assert kernel == set(CONTRACTS.event_classes())


@every_contract
def test_a_class_has_the_fields_of_its_schema_in_their_order(name: str) -> None:
    model = CONTRACTS.model(name)
    wanted = list(qtrader_contracts.schema(name)["properties"])
    payload = [field for field in model.model_fields if field != "origin"]

    assert ([*ENVELOPE, *payload] if issubclass(model, BaseEvent) else payload) == wanted


@every_contract
def test_a_class_has_the_rules_of_its_schema(name: str) -> None:
    mine = [(rule.rule, rule.message, {key: tuple(map(str, values or ())) for key, values in rule.when.items()})
            for rule in CONTRACTS.model(name).rules]  # fmt: skip
    theirs = [(rule.rule, rule.message, dict(rule.when)) for rule in rules_of(qtrader_contracts.schema(name))]

    assert mine == theirs


@every_event
def test_a_class_names_its_contract(name: str) -> None:
    model = CONTRACTS.model(name)

    assert issubclass(model, BaseEvent)
    assert model.contract() == name


@every_contract
def test_a_class_names_its_contract_in_errors(name: str) -> None:
    title = CONTRACTS.model(name).model_config.get("title")

    assert title == f"contract {name}"


def test_the_envelopes_class_has_its_seven_fields() -> None:
    assert list(Envelope.model_fields) == ENVELOPE


def test_the_page_lists_every_contract() -> None:
    page = (ROOT / "contracts/README.md").read_text(encoding="utf-8")

    assert sorted(re.findall(r"^\| `([a-z_/]+\.v\d+)` \|", page, re.MULTILINE)) == list(NAMES)


def test_a_schema_is_a_fresh_copy() -> None:
    qtrader_contracts.schema("data/bar.v1").clear()

    assert qtrader_contracts.schema("data/bar.v1")


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(KeyError, match=r"no contract is named 'data/bars\.v1'"):
        qtrader_contracts.schema("data/bars.v1")


def test_unknown_examples_are_refused() -> None:
    with pytest.raises(KeyError, match=r"no contract is named 'data/bars\.v1'"):
        qtrader_contracts.examples("data/bars.v1")


@pytest.mark.parametrize("folder", ["schemas", "examples"])
def test_the_repositorys_folders_are_those_of_the_package(folder: str) -> None:
    package = Path(qtrader_contracts.__file__).parent / folder
    shown = {path.relative_to(ROOT / "contracts" / folder) for path in (ROOT / "contracts" / folder).rglob("*.json")}

    assert shown
    assert shown == {path.relative_to(package) for path in package.rglob("*.json")}
