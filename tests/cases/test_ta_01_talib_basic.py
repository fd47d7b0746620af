"""Case ta-01: ten TA-Lib indicators on IBM's daily closes, against a published table."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from qtrader import Columns
from qtrader_indicators import indicator

CASE = "cases/ta-01-talib-basic"


def read_columns(file: Path) -> Columns:
    """The case's prices as indicators take them."""
    with file.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    prices = (np.array([float(row[name]) for row in rows]) for name in ("open", "high", "low", "close", "volume"))
    return Columns(np.arange(len(rows)), *prices)


@pytest.fixture(scope="module")
def columns(shared: Path) -> Columns:
    return read_columns(shared / CASE / "prices.csv")


@pytest.fixture(scope="module")
def wanted(shared: Path) -> list[tuple[str, dict[str, Any], str | None, str]]:
    """Function, options, output and the name of the reference column, for each column of the case."""
    asked = json.loads((shared / CASE / "case.json").read_text())["expected"]["indicators"]
    found = [
        (one["function"], one["parameters"], column.partition(".")[2] or None, column)
        for one in asked.values()
        for column in one["columns"]
    ]
    assert len(found) == 14
    return found


def agree(ours: Any, reference: Any) -> bool:
    """Undefined in the same rows; elsewhere within 1e-6 of the size of the value."""
    undefined = np.isnan(reference)
    close = np.abs(ours - reference) <= 1e-6 * np.maximum(1, np.abs(reference))
    return bool((np.isnan(ours) == undefined).all() and close[~undefined].all())


def test_whole_series_agree(columns: Columns, wanted: list[Any], shared: Path) -> None:
    ours = {
        column: indicator(function, output=output, **options).over(columns)
        for function, options, output, column in wanted
    }
    reference = pq.read_table(shared / CASE / "expected.parquet")

    assert [name for name, values in ours.items() if not agree(values, reference[name].to_numpy())] == []


def test_streams_agree(columns: Columns, wanted: list[Any], shared: Path) -> None:
    bars = list(zip(columns.open, columns.high, columns.low, columns.close, columns.volume, strict=True))
    ours = {}
    for function, options, output, column in wanted:
        stream = indicator(function, output=output, **options).stream()
        ours[column] = np.array([stream.update(*bar) for bar in bars], dtype=np.float64)
    reference = pq.read_table(shared / CASE / "expected.parquet")

    assert [name for name, values in ours.items() if not agree(values, reference[name].to_numpy())] == []
