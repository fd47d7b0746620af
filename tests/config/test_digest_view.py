"""What of a configuration decides a run, as one text for equal settings."""

import json
from typing import Any

import pytest

from qtrader.config import canonical_json, digest_view


def text(files: Any, *overrides: str) -> str:
    return canonical_json(digest_view(files.add("", *overrides).effective))


@pytest.mark.parametrize(
    "override", ["engine.mode=dense", "runs.dir=elsewhere", "runs.archive=never", "report.use=[json]"]
)
def test_what_only_shows_or_stores_is_left_out(files: Any, override: str) -> None:
    assert text(files, override) == text(files)


@pytest.mark.parametrize(
    "override",
    ["engine.valuation=bar", "portfolio.cash=1", "data.symbols=[IBM]", "strategies.0.with.fast=1", "name=other"],
)
def test_what_decides_is_kept(files: Any, override: str) -> None:
    assert text(files, override) != text(files)


@pytest.mark.parametrize("cash", ["100000", "'100000'", "100000.00", "1e5", "+100000"])
def test_equal_decimals_are_one_text(files: Any, cash: str) -> None:
    assert text(files, f"portfolio.cash={cash}") == text(files)


def test_order_of_keys_does_not_matter(files: Any) -> None:
    turned = "\n".join(["strategies: [{use: sma-cross, name: trend}]", "data_sources: {wiki: {use: samples}}",
                        "data: {symbols: [IBM, AAPL], source: wiki}"])  # fmt: skip

    assert canonical_json(digest_view(files.load(turned).effective)) == text(files)


def test_moving_the_folder_does_not_matter(files: Any) -> None:
    files.write(files.smallest, "elsewhere/run.yaml")
    moved = files.open("elsewhere/run.yaml").effective

    assert canonical_json(digest_view(moved)) == text(files)


def test_text_is_json(files: Any) -> None:
    assert json.loads(text(files))["portfolio"]["cash"] == "100000"
