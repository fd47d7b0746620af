"""The gate: no contract that was released changes but by a new version.

``contracts/released/<version>`` holds the schemas of each release (how: contracts/README.md). Until the first one is
there, the tests on a folder made here are what shows that the gate closes.
"""

import json
import re
import shutil
from pathlib import Path

import pytest

from qtrader.contracts.evolution import changes
from qtrader.contracts.schema_files import read_schemas

pytestmark = pytest.mark.contracts
CONTRACTS = Path(__file__).parents[2] / "contracts"
VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")


def offences(released: Path, present: Path) -> list[str]:
    """Everything that breaks a reader of a release, and folders that are no release."""
    now = read_schemas(present)
    found = []
    for folder in sorted(path for path in released.glob("*") if path.is_dir()):
        if not VERSION.fullmatch(folder.name):
            found.append(f"{folder.name}: is no version; name the folder for the release, such as 0.1.0")
        told = [change for change in changes(read_schemas(folder), now) if change.breaking]
        found += [f"{folder.name}: {one.contract}: {one.path}: {one.message}" for one in told]
    return found


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """A folder of releases with one release, of the contracts as they are."""
    shutil.copytree(CONTRACTS / "schemas", tmp_path / "0.1.0")
    return tmp_path


def test_no_released_contract_is_broken() -> None:
    assert offences(CONTRACTS / "released", CONTRACTS / "schemas") == []


def test_a_release_of_the_present_contracts_passes(released: Path) -> None:
    assert offences(released, CONTRACTS / "schemas") == []


def test_a_field_that_a_release_had_is_missed(released: Path, tmp_path: Path) -> None:
    file = released / "0.1.0" / "strategy" / "signal.v1.json"
    schema = json.loads(file.read_text(encoding="utf-8"))
    schema["properties"]["urgency"] = {"type": "string"}
    schema["required"].append("urgency")
    file.write_text(json.dumps(schema), encoding="utf-8")

    (offence,) = offences(released, CONTRACTS / "schemas")

    assert offence.startswith("0.1.0: strategy/signal.v1: $.urgency: the field is gone")


def test_a_contract_that_a_release_had_is_missed(released: Path) -> None:
    shutil.copy(released / "0.1.0/data/bar.v1.json", released / "0.1.0/data/quote.v1.json")

    (offence,) = offences(released, CONTRACTS / "schemas")

    assert offence.startswith("0.1.0: data/quote.v1: $: the contract is gone")


def test_what_came_after_a_release_passes(released: Path) -> None:
    (released / "0.1.0" / "engine" / "valuation_trigger.v1.json").unlink()

    assert offences(released, CONTRACTS / "schemas") == []


def test_every_release_counts(released: Path) -> None:
    shutil.copytree(released / "0.1.0", released / "0.2.0")
    (released / "0.1.0" / "data" / "tick.v1.json").write_text('{"type": "object"}', encoding="utf-8")

    assert [one.split(":")[0] for one in offences(released, CONTRACTS / "schemas")] == ["0.1.0"]


def test_a_folder_that_is_no_version_is_refused(released: Path) -> None:
    (released / "0.1.0").rename(released / "next")

    (offence,) = offences(released, CONTRACTS / "schemas")

    assert offence.startswith("next: is no version")


def test_the_page_says_how_a_release_is_kept() -> None:
    page = (CONTRACTS / "README.md").read_text(encoding="utf-8")

    assert "cp -rL contracts/schemas contracts/released/0.1.0" in page
