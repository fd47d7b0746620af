"""``qtrader contracts``, on documents that events themselves write."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from qtrader import SignalIntention, cli
from qtrader.contracts import to_contract
from qtrader.events import SignalEvent

NEWS = """
from qtrader import hookimpl
from qtrader.providers import EventProvider

@hookimpl
def qtrader_event_types():
    return [EventProvider("news", "acme_news_pages.events:NewsEvent", "acme/news.v1")]
"""

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://example.com/acme/news.v1.json",
    "description": "Something was written.",
    "type": "object",
    "required": ["event_type", "event_version", "headline"],
    "properties": {"event_type": {"const": "news"}, "event_version": {"const": 1}, "headline": {"type": "string"}},
}

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run ``qtrader contracts`` in this process: exit code, standard output, standard error."""

    def call(*arguments: str) -> tuple[int, str, str]:
        code = cli.run(["contracts", *arguments])
        output = capsys.readouterr()
        return code, output.out, output.err

    return call


def signal(**changes: Any) -> dict[str, Any]:
    """The document of a signal, with some fields changed."""
    event = SignalEvent(
        signal_id="trend-AAPL-000001",
        strategy_id="trend",
        symbol="AAPL",
        intention=SignalIntention.OPEN_LONG,
        price=Decimal("150.25"),
        confidence=Decimal("0.85"),
    )
    return {**to_contract(event), **changes}


def written(folder: Path, text: str) -> Path:
    path = folder / "events.json"
    path.write_text(text, encoding="utf-8")
    return path


def test_list_names_every_contract_with_what_it_is(run: Run) -> None:
    code, out, _ = run("list")

    lines = dict(line.split(maxsplit=1) for line in out.splitlines())
    assert code == 0
    assert {"envelope.v1", "data/bar.v1", "data/instrument.v1", "execution/fill.v1"} <= set(lines)
    assert lines["strategy/signal.v1"] == "What a strategy wants, before anybody decided how much."


def test_show_prints_the_schema(run: Run) -> None:
    code, out, _ = run("show", "strategy/signal.v1")

    schema = json.loads(out)
    assert (code, schema["title"], schema["additionalProperties"]) == (0, "Signal", False)


def test_show_of_an_unknown_name_lists_and_suggests(run: Run) -> None:
    code, _, err = run("show", "strategy/signl.v1")

    assert code == 2
    assert "no contract is named 'strategy/signl.v1'" in err
    assert "Did you mean 'strategy/signal.v1'?" in err


def test_good_documents_are_counted(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path, "\n".join(json.dumps(signal()) for _ in range(3)))

    assert run("validate", str(path)) == (0, "3 documents, no problem\n", "")


def test_each_problem_has_its_line_and_path(run: Run, tmp_path: Path) -> None:
    wrong = [signal(), signal(price="-1", symbol=7), signal(confidence="2")]
    path = written(tmp_path, "\n".join(json.dumps(one) for one in wrong))

    code, out, err = run("validate", str(path))

    places = [line.split(" ")[:3] for line in err.splitlines()[:-1]]
    assert (code, out) == (2, "")
    assert sorted(places) == [
        [f"{path}:2:", "strategy/signal.v1:", "$.price:"],
        [f"{path}:2:", "strategy/signal.v1:", "$.symbol:"],
        [f"{path}:3:", "strategy/signal.v1:", "$.confidence:"],
    ]
    assert err.splitlines()[-1] == "2 of 3 documents break their contract"


def test_a_problem_in_a_long_document_has_the_line_of_its_value(run: Run, tmp_path: Path) -> None:
    text = json.dumps(signal(price="cheap"), indent=2)
    line = 1 + [part.strip().startswith('"price"') for part in text.splitlines()].index(True)
    path = written(tmp_path, text)

    _, _, err = run("validate", str(path))

    assert err.startswith(f"{path}:{line}: strategy/signal.v1: $.price: ")


def test_an_unknown_event_type_suggests(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path, json.dumps(signal(event_type="signl")))

    code, _, err = run("validate", str(path))

    assert code == 2
    assert f"{path}:1: $.event_type: 'signl' is no event type" in err
    assert "Did you mean 'signal'?" in err


def test_a_document_may_be_held_to_a_named_contract(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path, json.dumps(signal()))

    code, _, err = run("validate", str(path), "--contract", "execution/fill.v1")

    assert code == 2
    assert "execution/fill.v1: $.fill_id: is missing" in err


@pytest.mark.parametrize("text", ["{", "", '{"a": NaN}'])
def test_a_file_that_is_no_json_is_the_users_mistake(run: Run, tmp_path: Path, text: str) -> None:
    code, out, err = run("validate", str(written(tmp_path, text)))

    assert (code, out) == (2, "")
    assert "events.json" in err


def test_a_missing_file_is_the_users_mistake(run: Run, tmp_path: Path) -> None:
    code, _, err = run("validate", str(tmp_path / "nowhere.json"))

    assert code == 2
    assert "nowhere.json' cannot be read" in err


def test_the_contract_of_a_plugin_is_checked_too(site: Any, tmp_path: Path) -> None:
    site.install("news", NEWS)
    folder = site.path / "acme_news_pages" / "schemas" / "acme"
    folder.mkdir(parents=True)
    (site.path / "acme_news_pages" / "__init__.py").write_text("", encoding="utf-8")
    (folder / "news.v1.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    path = written(tmp_path, json.dumps({"event_type": "news", "event_version": 1, "headline": 7}))
    command = [sys.executable, "-c", "from qtrader.cli import main; main()", "contracts", "validate", str(path)]
    environment = {**os.environ, "PYTHONPATH": str(site.path)}

    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)

    assert done.returncode == 2
    assert done.stderr.startswith(f"{path}:1: acme/news.v1: $.headline: ")
