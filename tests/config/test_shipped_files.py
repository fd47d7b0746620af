"""The four files in ``config/``: they load, and say what the documentation promises."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from qtrader.config import LoadedConfig, load_config

ROOT = Path(__file__).parents[2]
FILES = ["sma_cross.yaml", "system.yaml", "portfolio.yaml", "data_sources.yaml"]


@pytest.fixture(scope="module")
def shipped() -> LoadedConfig:
    return load_config("config/sma_cross.yaml", base_dir=ROOT)


def test_nothing_in_them_is_left_unread(shipped: LoadedConfig) -> None:
    assert shipped.warnings == ()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (("name",), "sma-cross"),
        (("data", "symbols"), ["AAPL", "IBM", "MSFT", "GOOG"]),
        (("data", "start"), "2000-03-01"),
        (("data", "end"), "2013-03-01"),
        (("data_sources", "wiki", "use"), "samples"),
        (("strategies", 0, "use"), "sma-cross"),
        (("strategies", 0, "with"), {"fast": "20", "slow": "100"}),
        (("execution", "fill", "use"), "next-open"),
        (("execution", "commission"), {"use": "per-share", "with": {"rate": "0.005", "minimum": "1.00"}}),
        (("execution", "slippage"), {"use": "bps", "with": {"bps": "2"}}),
        (("portfolio", "cash"), "100000"),
        (("risk", "policy"), "naive"),
    ],
)
def test_settings_are(shipped: LoadedConfig, key: tuple[str | int, ...], value: Any) -> None:
    found: Any = shipped.effective
    for part in key:
        found = found[part]

    assert found == value


def test_types_are_those_of_the_schema(shipped: LoadedConfig) -> None:
    settings = shipped.settings

    assert (settings.data.start, settings.portfolio.cash) == (date(2000, 3, 1), Decimal(100000))


def test_runs_go_beside_the_config_folder(shipped: LoadedConfig) -> None:
    assert shipped.resolve("runs.dir") == ROOT / "runs"


def test_sections_are_disjoint() -> None:
    sections = [name for file in FILES for name in re.findall(r"^(\w+):", (ROOT / "config" / file).read_text(), re.M)]

    assert len(sections) == len(set(sections))


@pytest.mark.parametrize("file", FILES)
def test_every_file_begins_with_what_it_is_for(file: str) -> None:
    assert re.match(r"# [A-Z].*\.", (ROOT / "config" / file).read_text())
