"""Verifying stored runs whose bars, sources or events are no longer what they were."""

import json
from pathlib import Path
from typing import Any

import pytest

from qtrader import BacktestEngine, Result, open_run
from qtrader.errors import StoreError, VerifyError
from qtrader.store import save
from runs import SAMPLE

SHORT = ["data.end=2001-03-01", "data.symbols=[AAPL, IBM]"]


def stored(root: Path, *overrides: str) -> Result:
    """Sixteen months of the sample run, in its folder."""
    engine = BacktestEngine.from_config(SAMPLE, overrides=[*SHORT, *overrides])
    result = engine.run()
    return open_run(save(result, root, config=engine.config).folder)


def change(result: Result, **facts: Any) -> Result:
    """The run with other facts in its manifest."""
    assert result.folder is not None
    path = result.folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **facts}), encoding="utf-8")
    return open_run(result.folder)


def test_a_run_with_archived_bars_verifies(tmp_path: Path) -> None:
    result = stored(tmp_path)

    assert str(result.verify()) == f"same digest {result.digest}"


def test_a_run_without_archived_bars_is_verified_from_its_source(tmp_path: Path) -> None:
    result = stored(tmp_path, "runs.archive=never")

    assert result.verify().digest == result.digest


def test_a_run_without_archived_bars_that_differs_names_the_event(tmp_path: Path) -> None:
    """The config in the folder is changed: the commission doubles, so the first fill differs."""
    result = stored(tmp_path, "runs.archive=never")
    config = result.config
    config["execution"]["commission"]["with"]["minimum"] = "2.00"

    with pytest.raises(VerifyError, match=r"does not reproduce: event \d+ \(fill at .*commission was '1'"):
        change(result, config=config).verify()


def test_events_that_were_changed_are_refused(tmp_path: Path) -> None:
    result = stored(tmp_path)
    other = stored(tmp_path / "other", "portfolio.cash=50000")
    assert result.folder is not None
    assert other.folder is not None
    (result.folder / "events.arrow").write_bytes((other.folder / "events.arrow").read_bytes())

    with pytest.raises(StoreError, match=r"events\.arrow: the events are not those that were stored"):
        open_run(result.folder)


def test_code_that_changed_without_changing_the_run_is_told(tmp_path: Path) -> None:
    result = stored(tmp_path)
    identity = result.manifest["identity"]
    identity["distributions"]["qtrader-costs"] = "0.0.9"
    verdict = change(result, identity=identity).verify()

    assert verdict.digest == result.digest
    assert any("distributions.qtrader-costs was '0.0.9' and is" in line for line in verdict.changed)


def test_a_failed_run_has_nothing_to_verify(tmp_path: Path) -> None:
    result = change(stored(tmp_path), status="failed", error="ValueError: enough")

    with pytest.raises(VerifyError, match=r"failed when it was run \(ValueError: enough\)"):
        result.verify()
