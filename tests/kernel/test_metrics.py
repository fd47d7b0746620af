"""The figures of a run as a value and as JSON."""

import dataclasses
import json
import pickle
from datetime import date
from decimal import Decimal

import pytest

from qtrader import Metrics
from qtrader.errors import StoreError
from qtrader.events import FrozenMap

METRICS = Metrics(
    currency="USD",
    sessions=3,
    sessions_per_year=252,
    initial_equity=Decimal("100000"),
    final_equity=Decimal("100123.45000000"),
    total_return=0.0012345,
    cagr=0.1,
    volatility=0.2,
    sharpe=None,
    sortino=0.5,
    calmar=None,
    max_drawdown=0.01,
    drawdown_start=date(2024, 1, 3),
    drawdown_trough=date(2024, 1, 4),
    drawdown_recovery=None,
    drawdown_sessions=2,
    exposure=1 / 3,
    trades=1,
    win_rate=1.0,
    profit_factor=None,
    expectancy=Decimal("0.33333333"),
    average_win=Decimal("1E-8"),
    average_loss=None,
    commission=Decimal("1.50"),
    slippage=Decimal(0),
    carry=Decimal("12.50416667"),
    reasons=FrozenMap(sharpe="every session returned the same", profit_factor="no round trip lost money"),
)


def test_metrics_survive_json() -> None:
    assert Metrics.from_json(METRICS.to_json()) == METRICS


def test_money_is_plain_text_and_ratios_are_numbers() -> None:
    document = json.loads(METRICS.to_json())

    assert (document["final_equity"], document["average_win"]) == ("100123.45", "0.00000001")
    assert (document["total_return"], document["sharpe"], document["drawdown_start"]) == (0.0012345, None, "2024-01-03")


def test_why_gives_the_reason_of_an_undefined_figure() -> None:
    assert METRICS.why("sharpe") == "every session returned the same"


def test_why_is_none_for_a_defined_figure() -> None:
    assert METRICS.why("cagr") is None


def test_why_names_the_figures_for_an_unknown_one() -> None:
    with pytest.raises(KeyError, match=r"no figure is called 'sharp'; there are .*sharpe"):
        METRICS.why("sharp")


def test_metrics_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        METRICS.sharpe = 9.0  # type: ignore[misc]


def test_reasons_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        METRICS.reasons["sharpe"] = "because"  # type: ignore[index]


def test_metrics_survive_a_process_border() -> None:
    assert pickle.loads(pickle.dumps(METRICS)) == METRICS


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"sharp": 1}', METRICS.to_json().replace('"100000"', '"much"')],
    ids=["empty", "list", "no figures", "unknown figure", "money that is no number"],
)
def test_file_that_is_no_metrics_file_is_refused(text: str) -> None:
    with pytest.raises(StoreError, match=r"metrics\.json cannot be read"):
        Metrics.from_json(text)
