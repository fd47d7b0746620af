"""Each statistic against an independent computation: numpy's, or trying every pair."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrader_service_reporting import figures
from qtrader_service_reporting.figures import Drawdown, Undefined

RETURNS = st.lists(st.floats(-0.5, 0.5).map(lambda one: round(one, 6)), min_size=2, max_size=60)
WEALTH = st.lists(st.integers(1, 40).map(float), min_size=1, max_size=60).map(lambda tail: [20.0, *tail])


def by_hand(wealth: list[float]) -> tuple[float, int, int, int | None]:
    """Depth, first place below the peak, trough and recovery, from every pair of places."""
    pairs = [(1 - wealth[j] / wealth[i], -j, i) for j in range(len(wealth)) for i in range(j + 1)]
    depth = max(depth for depth, _, _ in pairs)
    trough = min(-j for d, j, _ in pairs if d == depth)
    peak = max(i for d, j, i in pairs if d == depth and -j == trough)
    back = [place for place in range(trough, len(wealth)) if wealth[place] >= wealth[peak]]
    return depth, peak + 1, trough, back[0] if back else None


@settings(max_examples=200)
@given(RETURNS)
def test_volatility_is_the_sample_deviation_per_year(returns: list[float]) -> None:
    expected = np.std(returns, ddof=1) * math.sqrt(252)

    assert figures.volatility(returns, 252) == pytest.approx(expected, rel=1e-10, abs=1e-12)


@settings(max_examples=200)
@given(RETURNS.filter(lambda returns: len(set(returns)) > 1))
def test_sharpe_is_mean_over_sample_deviation_per_year(returns: list[float]) -> None:
    expected = np.mean(returns) / np.std(returns, ddof=1) * math.sqrt(252)

    assert figures.sharpe(returns, 252) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@settings(max_examples=200)
@given(RETURNS.filter(lambda returns: min(returns) < 0))
def test_sortino_divides_by_the_root_mean_square_of_losses(returns: list[float]) -> None:
    downside = np.sqrt(np.mean(np.minimum(returns, 0) ** 2))

    assert figures.sortino(returns, 365) == pytest.approx(
        np.mean(returns) / downside * math.sqrt(365), rel=1e-9, abs=1e-9
    )


@settings(max_examples=200)
@given(RETURNS)
def test_compounding_is_a_running_product(returns: list[float]) -> None:
    assert figures.compound(returns) == pytest.approx([1.0, *np.cumprod(1 + np.array(returns))])


@settings(max_examples=300)
@given(WEALTH)
def test_drawdown_equals_trying_every_pair(wealth: list[float]) -> None:
    depth, start, trough, recovery = by_hand(wealth)
    found = figures.drawdown(wealth)

    assert isinstance(found, Drawdown)
    if depth == 0:
        assert found == Drawdown(0.0, 0, 0, None, 0)
    else:
        assert (found.depth, found.start, found.trough, found.recovery) == (depth, start, trough, recovery)


@settings(max_examples=300)
@given(WEALTH)
def test_drawdown_counts_the_sessions_below_the_peak(wealth: list[float]) -> None:
    found = figures.drawdown(wealth)

    assert isinstance(found, Drawdown)
    below = 0
    for value in wealth[found.start :] if found.depth else []:
        if value >= wealth[found.start - 1]:
            break
        below += 1
    assert found.sessions == below


def test_starting_wealth_counts_as_a_peak() -> None:
    assert figures.drawdown([1.0, 0.8, 0.9]) == Drawdown(depth=1 - 0.8, start=1, trough=1, recovery=None, sessions=2)


def test_cagr_of_one_year_is_the_total_return() -> None:
    assert figures.cagr([1.0] * 252 + [1.21], 252) == pytest.approx(0.21)


def test_cagr_of_two_years_is_the_square_root() -> None:
    assert figures.cagr([1.0] * 504 + [1.21], 252) == pytest.approx(0.1)


def test_cagr_is_not_defined_when_nothing_is_left() -> None:
    assert figures.cagr([1.0, 0.5, 0.0], 252) == Undefined("nothing was left at the end, so there is no rate of growth")


def test_cagr_too_large_to_write_down_is_not_defined() -> None:
    assert isinstance(figures.cagr([1.0, 100.0], 252), Undefined)


@pytest.mark.parametrize("figure", [figures.volatility, figures.sharpe, figures.sortino])
@pytest.mark.parametrize("returns", [[], [0.01]])
def test_fewer_than_two_returns_define_no_deviation(figure: object, returns: list[float]) -> None:
    found = figure(returns, 252)  # type: ignore[operator]

    assert isinstance(found, Undefined)
    assert f"{len(returns)} session returns" in found.reason


@pytest.mark.parametrize("level", [0.0, 0.01, -0.3])
def test_returns_that_do_not_vary_have_no_sharpe(level: float) -> None:
    assert isinstance(figures.sharpe([level] * 9, 252), Undefined)


def test_no_loss_means_no_sortino() -> None:
    assert isinstance(figures.sortino([0.0, 0.01, 0.02], 252), Undefined)


def test_calmar_is_growth_over_the_deepest_fall() -> None:
    assert figures.calmar(0.1, Drawdown(0.25, 1, 1, None, 1)) == pytest.approx(0.4)


def test_no_fall_means_no_calmar() -> None:
    assert isinstance(figures.calmar(0.1, Drawdown(0.0, 0, 0, None, 0)), Undefined)


def test_figures_keep_twelve_significant_digits() -> None:
    assert figures.significant(1 / 3) == 0.333333333333


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_nan_and_infinity_are_no_figures(value: float) -> None:
    with pytest.raises(ValueError, match="is no figure"):
        figures.significant(value)
