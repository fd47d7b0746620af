"""``qtrader config schema``, put to the reference validator."""

import json
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "config").glob("*.yaml"))


class Typed(yaml.SafeLoader):
    """YAML as editors read it: numbers and truth are no text, dates are."""


Typed.yaml_implicit_resolvers = {
    first: [(tag, found) for tag, found in resolvers if not tag.endswith("timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """What the command prints, in a process of its own."""
    command = [sys.executable, "-m", "qtrader.cli", "config", "schema"]
    found: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


@pytest.fixture
def faults(schema: dict[str, Any]) -> Any:
    """Every finding of the reference validator, innermost messages included."""

    def find(document: Any) -> list[str]:
        validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]

    return find


RUN: dict[str, Any] = {
    "data": {"source": "wiki", "symbols": ["IBM", 7203], "start": "2001-01-02"},
    "data_sources": {"wiki": {"use": "samples", "prices": "raw"}},
    "strategies": [{"name": "trend", "use": "sma-cross", "with": {"fast": 2, "slow": "5"}}],
    "execution": {"commission": {"use": "per-share", "with": {"rate": 0.005, "minimum": "1.00"}}},
    "portfolio": {"cash": 100000, "lots": {"long": "fifo"}},
}


def changed(path: str, value: Any) -> dict[str, Any]:
    document = deepcopy(RUN)
    inner: Any = document
    *around, last = (int(part) if part.isdecimal() else part for part in path.split("."))
    for part in around:
        inner = inner[part]
    inner[last] = value
    return document


def test_it_is_a_schema(schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("loader", [Typed, yaml.BaseLoader])
@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_the_shipped_files_hold_to_it(faults: Any, file: Path, loader: Any) -> None:
    assert faults(yaml.load(file.read_text(encoding="utf-8"), loader)) == []


def test_a_run_holds_to_it(faults: Any) -> None:
    assert faults(RUN) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("strategies.0.use", "../strategies/mine.py:Mine"),
        ("strategies.0.symbols", None),
        ("execution.fill", {"with": {}}),
        ("execution.slippage", {"use": "bps", "with": {"bps": "2"}}),
        ("risk", {"policy": "my-own", "policies": ["mine"], "sizing": {"use": "fixed", "with": {"quantity": 3}}}),
        ("sweep", {"fast": [1, 2]}),
        ("base", ["system.yaml"]),
        ("data.instruments", {"IBM": {"lot": 100, "shortable": True}}),
    ],
)
def test_what_the_loader_takes_it_takes(faults: Any, path: str, value: Any) -> None:
    assert faults(changed(path, value)) == []


@pytest.mark.parametrize(
    ("path", "value", "at"),
    [
        ("datta", {}, "$: "),
        ("data.strat", "2001-01-01", "$.data: "),
        ("data.start", "January", "$.data.start: "),
        ("data.symbols", [], "$.data.symbols: "),
        ("data.interval", "7d", "$.data.interval: "),
        ("strategies.0.use", "sma-cros", "$.strategies[0].use: "),
        ("strategies.0.with", {"fats": 2}, "$.strategies[0].with: "),
        ("strategies.0.with", {"fast": "two"}, "$.strategies[0].with.fast: "),
        ("strategies.0.with", {"fast": 2.5}, "$.strategies[0].with.fast: "),
        ("strategies.0", {"use": "sma-cross"}, "$.strategies[0]: 'name' is a required property"),
        ("execution.commission", {"use": "per-share", "with": {"rat": 1}}, "$.execution.commission.with: "),
        ("execution.commission", {"use": "per-share", "with": {"rate": -1}}, "$.execution.commission.with.rate: "),
        ("execution.commission", {"use": "none", "with": {"rate": 1}}, "$.execution.commission.with: "),
        ("data_sources.wiki.prices", "adjusted", "$.data_sources.wiki.prices: "),
        ("data_sources.wiki.instance", "x", "$.data_sources.wiki: "),
        ("portfolio.cash", "lots", "$.portfolio.cash: "),
    ],
)
def test_what_the_loader_refuses_it_refuses(faults: Any, path: str, value: Any, at: str) -> None:
    assert [one for one in faults(changed(path, value)) if one.startswith(at)]


def test_keys_and_options_are_described(schema: dict[str, Any]) -> None:
    execution = schema["properties"]["execution"]["properties"]
    (then,) = (case["then"] for case in execution["commission"]["allOf"] if _name(case) == "per-share")

    assert execution["fill"]["description"].startswith("When and at what price orders fill")
    assert "per-share: A rate per unit" in execution["commission"]["properties"]["use"]["description"]
    assert then["properties"]["with"]["properties"]["rate"]["description"]


def _name(case: dict[str, Any]) -> str:
    return str(case["if"]["properties"]["use"]["const"])


def test_it_is_the_same_text_every_time(desk: Any, schema: dict[str, Any]) -> None:
    assert desk.good("config", "schema") == json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def test_a_name_that_two_plugins_offer_is_left_out(desk: Any, site: Any) -> None:
    source = """
from qtrader import hookimpl
from qtrader.providers import ToolProvider

@hookimpl
def qtrader_strategies():
    return [ToolProvider("sma-cross", "Another", "nowhere:Cross"), ToolProvider("broken", "No class", "nowhere:No")]
"""
    site.install("cross", source)

    found = json.loads(desk.good("config", "schema"))

    use = found["properties"]["strategies"]["items"]["properties"]["use"]
    assert use["anyOf"][0]["enum"] == ["broken", "buy-and-hold"]


def test_it_may_be_written_to_a_file(desk: Any, schema: dict[str, Any]) -> None:
    told = desk.good("config", "schema", "--out", "qtrader.schema.json")

    assert json.loads((desk.folder / "qtrader.schema.json").read_text(encoding="utf-8")) == schema
    assert "# yaml-language-server: $schema=qtrader.schema.json" in told


def test_a_place_that_cannot_be_written_is_the_users_mistake(desk: Any) -> None:
    done = desk("config", "schema", "--out", "nowhere/qtrader.schema.json")

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("nowhere/qtrader.schema.json: cannot be written")
