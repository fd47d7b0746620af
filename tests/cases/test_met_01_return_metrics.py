"""Case met-01: 32 figures of short return series, published by another project.

Its conventions are kept here, outside the product: a missing return (nan) is left out of means and deviations and
stands still in compounding; a benchmark is subtracted date by date. Where it writes nan or inf, ours is undefined.
"""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from qtrader_service_reporting import figures
from qtrader_service_reporting.figures import Drawdown, Undefined

CASE = "cases/met-01-return-metrics"
PERIODS = {"daily": 252, "weekly": 52, "monthly": 12}


@pytest.fixture(scope="session")
def series(shared: Path) -> dict[str, dict[str, float]]:
    """Each return series by name: date to return."""
    document = json.loads((shared / CASE / "series.json").read_text())
    return {name: dict(zip(one["dates"], map(float, one["values"]), strict=True)) for name, one in document.items()}


@pytest.fixture(scope="session")
def rows(shared: Path) -> list[dict[str, Any]]:
    """What the case asks for and expects."""
    found: list[dict[str, Any]] = json.loads((shared / CASE / "case.json").read_text())["expected"]["rows"]
    assert len(found) == 32
    return found


def excess(row: dict[str, Any], series: dict[str, dict[str, float]]) -> list[float]:
    """The row's returns less its benchmark, missing ones left out."""
    returns, benchmark = series[row["returns"]], row.get("risk_free", row.get("required_return", 0.0))
    against = series[benchmark] if isinstance(benchmark, str) else dict.fromkeys(returns, benchmark)
    gaps = [value - against[day] for day, value in returns.items() if day in against]
    return [gap for gap in gaps if not math.isnan(gap)]


def ours(row: dict[str, Any], series: dict[str, dict[str, float]]) -> float | Undefined:
    """The product's figure for a row."""
    periods = PERIODS[row.get("period", "daily")]
    standing = [0.0 if math.isnan(one) else one for one in series[row["returns"]].values()]
    match row["metric"]:
        case "max_drawdown":
            fall = figures.drawdown(figures.compound(standing))
            return -fall.depth if isinstance(fall, Drawdown) else fall
        case "annual_return":
            return figures.cagr(figures.compound(standing), periods)
        case "annual_volatility":
            return figures.volatility(excess(row, series), periods)
        case "sharpe_ratio":
            return figures.sharpe(excess(row, series), periods)
        case "sortino_ratio":
            return figures.sortino(excess(row, series), periods)
    raise AssertionError(f"the case asks for {row['metric']!r}")


@pytest.mark.parametrize("number", range(32))
def test_figure_agrees_with_the_published_one(
    rows: list[dict[str, Any]], series: dict[str, dict[str, float]], number: int
) -> None:
    row = rows[number]
    found = ours(row, series)

    if row["expected"] in ("nan", "inf", "-inf"):
        assert isinstance(found, Undefined)
    else:
        assert found == pytest.approx(row["expected"], abs=row["tolerance"])
