"""Every contract has examples, and everybody agrees on them: our validator, the reference, the classes, and ajv."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import referencing

import qtrader_contracts
from event_samples import invalid_examples, valid_examples
from qtrader.contracts import from_contract, kernel_contracts, to_contract, validate_document
from qtrader.contracts.codec import read_document
from qtrader.contracts.registry import rules_of
from qtrader.errors import ContractError

pytestmark = pytest.mark.contracts
HERE = Path(__file__).parent
CONTRACTS = kernel_contracts()
every_contract = pytest.mark.parametrize("name", qtrader_contracts.names())
every_valid = pytest.mark.parametrize(("name", "file"), valid_examples())
every_invalid = pytest.mark.parametrize(("name", "file"), invalid_examples())
SCHEMAS = {name: qtrader_contracts.schema(name) for name in qtrader_contracts.names()}
REGISTRY: Any = referencing.Registry().with_resources(
    [(schema["$id"], referencing.Resource.from_contents(schema)) for schema in SCHEMAS.values()]
)


def example(name: str, file: str) -> Any:
    """One example's document."""
    return qtrader_contracts.examples(name)[file]


def accepted_by_reference(name: str, document: Any) -> bool:
    """What the reference implementation says, formats checked."""
    validator = jsonschema.Draft202012Validator(
        SCHEMAS[name], registry=REGISTRY, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    return bool(validator.is_valid(document))


def needs_rules(name: str, document: Any) -> bool:
    """Whether only an x-rule refuses the document."""
    found = validate_document(document, name)
    texts = [rule.rule for rule in rules_of(SCHEMAS[name])]
    return bool(found) and all(any(f"breaks {text}:" in one.message for text in texts) for one in found)


@every_contract
def test_a_contract_has_its_example(name: str) -> None:
    assert f"{name.rpartition('/')[2]}.example.json" in qtrader_contracts.examples(name)


@every_contract
def test_a_contract_has_an_invalid_example(name: str) -> None:
    assert any(".invalid-" in file for file in qtrader_contracts.examples(name))


def test_every_example_belongs_to_a_contract() -> None:
    place = HERE.parents[1] / "contracts/examples"
    files = {path.relative_to(place).as_posix() for path in place.rglob("*.json")}
    owned = {f"{name.rpartition('/')[0]}/{file}".lstrip("/") for name, file in valid_examples() + invalid_examples()}

    assert files == owned


def test_every_kind_of_corporate_action_has_an_example() -> None:
    shown = {
        example(name, file)["action_type"] for name, file in valid_examples() if name == "data/corporate_action.v1"
    }

    assert shown == set(SCHEMAS["data/corporate_action.v1"]["properties"]["action_type"]["enum"])


@every_valid
def test_a_valid_example_has_no_problem(name: str, file: str) -> None:
    assert validate_document(example(name, file), name) == []


@every_valid
def test_the_reference_accepts_a_valid_example(name: str, file: str) -> None:
    assert accepted_by_reference(name, example(name, file))


@every_valid
def test_a_valid_example_survives_the_round_trip(name: str, file: str) -> None:
    document = example(name, file)

    assert list(to_contract(from_contract(document, name)).items()) == list(document.items())


@every_invalid
def test_an_invalid_example_has_a_problem(name: str, file: str) -> None:
    assert validate_document(example(name, file), name)


@every_invalid
def test_the_class_refuses_an_invalid_example(name: str, file: str) -> None:
    with pytest.raises(ContractError, match=f"{name}: "):
        read_document(example(name, file), CONTRACTS.model(name), name)


@every_invalid
def test_the_reference_refuses_an_invalid_example_but_for_rules(name: str, file: str) -> None:
    document = example(name, file)

    assert accepted_by_reference(name, document) == needs_rules(name, document)


def test_formats_are_checked_by_the_reference() -> None:
    assert not accepted_by_reference(
        "data/bar.v1", {**example("data/bar.v1", "bar.v1.example.json"), "session": "2024-02-30"}
    )


@pytest.fixture(scope="module")
def ajv(request: pytest.FixtureRequest) -> Path:
    """A folder with the second validator, installed once into the cache of pytest, outside git."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        _leave_out("node and npm are not installed, so no second validator checks the contracts")
    folder = Path(request.config.cache.mkdir("ajv"))  # type: ignore[union-attr]
    for file in ("package.json", "check.mjs"):
        shutil.copy(HERE / file, folder / file)
    if not (folder / "node_modules/ajv-formats").is_dir():
        command = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--silent"]
        if subprocess.run(command, cwd=folder, check=False, timeout=300).returncode:
            _leave_out("npm could not install ajv, so no second validator checks the contracts")
    return folder


def _leave_out(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def test_a_validator_in_another_language_agrees_on_every_example(ajv: Path) -> None:
    everything = valid_examples() + invalid_examples()
    documents = [{"schema": SCHEMAS[name]["$id"], "document": example(name, file)} for name, file in everything]
    order = json.dumps({"schemas": list(SCHEMAS.values()), "documents": documents})
    answer = subprocess.run(["node", "check.mjs"], cwd=ajv, input=order, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr

    theirs = dict(zip(everything, json.loads(answer.stdout), strict=True))
    ours = {
        (name, file): not validate_document(example(name, file), name) or needs_rules(name, example(name, file))
        for name, file in everything
    }

    assert theirs == ours
