"""Case agg-01: six sessions of SPY minutes add up to the source's own daily bars."""

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import qtrader as qt
from qtrader import EventBus
from qtrader.frames import FrameSource
from qtrader.ports.settings import DataServiceSettings, DataSettings, SourceSettings
from qtrader_service_data.service import DataService

CASE = "cases/agg-01-spy-minute-to-day"
FIGURES = ("open", "high", "low", "close", "volume")


def read(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def made(shared: Path) -> dict[tuple[str, str], Decimal]:
    """Our daily bars from the minutes: (session, figure) to value."""
    rows = read(shared / CASE / "spy_minute.csv")
    columns: dict[str, Any] = {name: [float(row[name]) for row in rows] for name in FIGURES}
    minutes = pa.table({"time_start": [row["time_start"] for row in rows], **columns})
    frame = qt.bars(
        minutes, calendar="XNYS", prices="raw", interval="1m", stamp="start", zone="America/New_York",
        asset_class="etf", columns={"time": "time_start"},
    )  # fmt: skip
    source = SourceSettings(use="frames", instance=FrameSource({"SPY": frame}))
    data = DataSettings(source="minutes", symbols=["SPY"], interval="1d")
    service = DataService(event_bus=EventBus(), config=DataServiceSettings(data=data, sources={"minutes": source}))
    market = service.load()
    bars = [bar.event() for bar in market.timeline.bars(0, len(market.timeline))]
    return {(str(bar.session), name): getattr(bar, name) for bar in bars for name in FIGURES}


@pytest.fixture(scope="module")
def published(shared: Path) -> dict[tuple[str, str], Decimal]:
    """The source's daily bars."""
    rows = read(shared / CASE / "spy_day.csv")
    return {(row["date"], name): Decimal(row[name]) for row in rows for name in FIGURES}


def test_all_figures_agree_but_for_the_known_difference(
    shared: Path, made: dict[tuple[str, str], Decimal], published: dict[tuple[str, str], Decimal]
) -> None:
    known = json.loads((shared / CASE / "case.json").read_text())["expected"]["known_differences"]

    different = [list(key) for key in published if made.get(key) != published[key]]

    assert len(published) == 30
    assert different == known


def test_the_known_difference_is_the_minutes_lower_low(made: dict[tuple[str, str], Decimal]) -> None:
    assert made["2013-10-08", "low"] == Decimal("165.36")
