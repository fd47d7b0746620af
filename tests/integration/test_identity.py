"""What makes a run this run: config, data, code, and the user's own files."""

from pathlib import Path

from qtrader import BacktestEngine
from runs import ROOT

POLICY = """
policy: mine
version: 1
sizing: {use: fixed, with: {quantity: QUANTITY}}
"""


def run_digest(tmp_path: Path, quantity: int) -> str:
    (tmp_path / "mine.yaml").write_text(POLICY.replace("QUANTITY", str(quantity)), encoding="utf-8")
    overrides = ["risk.policy=mine", f"risk.policies=[{tmp_path}]", "data.end=2004-12-31"]
    return BacktestEngine.from_config(ROOT / "config" / "sma_cross.yaml", overrides=overrides).run_state.digest


def test_editing_a_policy_file_makes_it_another_run(tmp_path: Path) -> None:
    before = run_digest(tmp_path, 100)

    assert before == run_digest(tmp_path, 100)
    assert before != run_digest(tmp_path, 101)


def test_the_config_alone_makes_it_another_run(tmp_path: Path) -> None:
    config = ROOT / "config" / "sma_cross.yaml"
    digests = {
        BacktestEngine.from_config(config, overrides=["data.end=2004-12-31", *more]).run_state.digest
        for more in ([], ["strategies.0.with.fast=21"], ["portfolio.cash=1"])
    }

    assert len(digests) == 3


def test_mode_and_place_of_the_run_folder_are_no_part_of_it() -> None:
    config = ROOT / "config" / "sma_cross.yaml"
    digests = {
        BacktestEngine.from_config(config, overrides=["data.end=2004-12-31", *more]).run_state.digest
        for more in ([], ["engine.mode=dense"], ["runs.dir=elsewhere"], ["runs.archive=never"])
    }

    assert len(digests) == 1
