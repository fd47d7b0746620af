from decimal import Decimal, localcontext
from statistics import covariance, variance
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from qtrader.ports import Sizer, SizeRequest
from qtrader.testing import SizerConformance, request
from qtrader_risk_parity import (
    RiskParitySizer,
    equal_risk_weights,
    risk_contributions,
    sample_covariance,
    simple_returns,
)

Rows = list[list[Decimal]]
CLOSES = {"A": "100 101 99 102 100", "B": "50 50.1 50 49.8 50.2", "C": "20 21 20.5 19 20"}


def matrix(deviations: list[str], correlations: list[list[str]]) -> Rows:
    sigmas = [Decimal(one) for one in deviations]
    return [
        [one * two * Decimal(rho) for two, rho in zip(sigmas, row, strict=True)]
        for one, row in zip(sigmas, correlations, strict=True)
    ]


def drawn(seed: int, symbols: int, rows: int = 120) -> list[tuple[Decimal, ...]]:
    """Made-up returns with a common part, of very different volatilities: a series for each symbol."""
    dice = np.random.default_rng(seed)
    common = dice.normal(size=(rows, 1)) * 0.01
    found = (dice.normal(size=(rows, symbols)) * 0.01 + common) * dice.uniform(0.1, 4, size=symbols)
    return [tuple(Decimal(repr(one)) for one in series) for series in found.T.tolist()]


def floats(rows: Any) -> np.ndarray:
    return np.array([[float(one) for one in row] for row in rows])


def newton(sigma: np.ndarray) -> np.ndarray:
    """Weights of equal risk by damped Newton steps on Spinu's function: nothing in common with coordinate descent."""
    scale = np.sqrt(np.diag(sigma))
    rho, n = sigma / np.outer(scale, scale), len(sigma)
    x = np.full(n, 1 / np.sqrt(rho.sum()))
    for _ in range(200):
        gradient = rho @ x - 1 / (n * x)
        step = np.linalg.solve(rho + np.diag(1 / (n * x * x)), gradient)
        length = min(1.0, 0.5 / np.max(np.abs(step / x)))
        x = x - length * step
        if np.max(np.abs(gradient)) < 1e-14:
            break
    return (x / scale) / (x / scale).sum()


def asked(closes: dict[str, str], symbol: str = "A", **values: Any) -> SizeRequest:
    return request(closes={one: tuple(map(Decimal, text.split())) for one, text in closes.items()}, **values)._replace(
        symbol=symbol
    )


def test_it_is_a_sizer() -> None:
    assert isinstance(RiskParitySizer(), Sizer)


def test_returns_are_simple() -> None:
    assert simple_returns([Decimal(100), Decimal(110), Decimal(99)]) == (Decimal("0.1"), Decimal("-0.1"))


@pytest.mark.parametrize("close", ["0", "-37.63"])
def test_a_close_that_is_not_above_zero_has_no_return(close: str) -> None:
    with pytest.raises(ValueError, match=f"close {close} has no return: hand over closes above zero"):
        simple_returns([Decimal(10), Decimal(close)])


def test_covariance_by_hand() -> None:
    one, two = tuple(map(Decimal, "123")), tuple(map(Decimal, "264"))

    # centred -1 0 1 and -2 2 0, over 2
    assert sample_covariance([one, two]) == ((1, 1), (1, 4))


def test_covariance_as_statistics_and_numpy_have_it() -> None:
    returns = drawn(1, 4)
    found, series = floats(sample_covariance(returns)), floats(returns)

    assert found == pytest.approx(np.cov(series), rel=1e-12)
    assert found[0, 0] == pytest.approx(variance(series[0].tolist()), rel=1e-12)
    assert found[1, 3] == pytest.approx(covariance(series[1].tolist(), series[3].tolist()), rel=1e-12)


def test_no_series_have_no_covariance() -> None:
    assert sample_covariance([]) == ()


def test_series_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match=r"series of \[2, 3\] returns: hand over series of one length"):
        sample_covariance([[Decimal(1)] * 3, [Decimal(1)] * 2])


def test_one_return_has_no_covariance() -> None:
    with pytest.raises(ValueError, match="1 returns have no covariance: hand over at least 2 of each"):
        sample_covariance([[Decimal(1)]])


def test_contributions_add_up_to_the_variance() -> None:
    sigma = matrix(["0.2", "0.1"], [["1", "0.5"], ["0.5", "1"]])

    # 0.6 (0.6 x 0.04 + 0.4 x 0.01) and 0.4 (0.6 x 0.01 + 0.4 x 0.01)
    assert risk_contributions([Decimal("0.6"), Decimal("0.4")], sigma) == (Decimal("0.0168"), Decimal("0.004"))


@pytest.mark.parametrize("rho", ["-0.99", "-0.5", "0", "0.3", "0.9999", "1"])
def test_two_symbols_are_weighted_by_inverse_volatility_whatever_their_correlation(rho: str) -> None:
    weights = equal_risk_weights(matrix(["0.3", "0.1"], [["1", rho], [rho, "1"]]))

    assert [round(one, 12) for one in weights] == [Decimal("0.25"), Decimal("0.75")]


@pytest.mark.parametrize("rho", ["-0.3", "0", "0.7"])
def test_symbols_of_one_correlation_are_weighted_by_inverse_volatility(rho: str) -> None:
    rows = [["1" if one == two else rho for two in range(3)] for one in range(3)]

    assert [round(one, 12) for one in equal_risk_weights(matrix(["0.1", "0.2", "0.4"], rows))] == [
        round(Decimal(part) / 7, 12) for part in (4, 2, 1)
    ]


def test_the_example_of_the_literature() -> None:
    """Roncalli, Introduction to Risk Parity and Budgeting (2013): 19.69, 32.44 and 47.87 percent."""
    sigma = matrix(["0.30", "0.20", "0.15"], [["1", "0.8", "0.5"], ["0.8", "1", "0.3"], ["0.5", "0.3", "1"]])

    assert [round(100 * one, 2) for one in equal_risk_weights(sigma)] == [
        Decimal("19.69"),
        Decimal("32.44"),
        Decimal("47.87"),
    ]


def test_they_are_not_merely_the_inverse_volatilities() -> None:
    sigma = matrix(["1", "1", "1"], [["1", "0.9", "0"], ["0.9", "1", "0"], ["0", "0", "1"]])
    one, two, alone = equal_risk_weights(sigma)

    # x (1.9 x) = y y: the lone symbol has sqrt(1.9) times the weight of each of the pair
    assert abs(one - two) < Decimal("1E-10")
    assert abs(alone / one - Decimal("1.9").sqrt()) < Decimal("1E-10")


@pytest.mark.parametrize(("seed", "symbols"), [(1, 2), (2, 3), (3, 5), (4, 8), (5, 13), (6, 21), (7, 34)])
def test_weights_are_those_of_newton(seed: int, symbols: int) -> None:
    sigma = sample_covariance(drawn(seed, symbols))
    found = np.array([float(one) for one in equal_risk_weights(sigma)])

    assert found == pytest.approx(newton(floats(sigma)), rel=1e-9)


@pytest.mark.parametrize(("seed", "symbols", "rows"), [(8, 4, 120), (9, 10, 60), (10, 25, 60), (11, 30, 20)])
def test_every_symbol_adds_the_same_risk(seed: int, symbols: int, rows: int) -> None:
    """Even where there are fewer returns than symbols."""
    sigma = sample_covariance(drawn(seed, symbols, rows))
    weights = equal_risk_weights(sigma)
    parts = risk_contributions(weights, sigma)

    assert min(weights) > 0
    assert abs(sum(weights) - 1) < Decimal("1E-25")
    assert max(abs(symbols * part / sum(parts) - 1) for part in parts) < Decimal("1E-11")


def test_weights_do_not_depend_on_the_unit_of_the_returns() -> None:
    sigma = sample_covariance(drawn(12, 4))
    percent = [[one * 10000 for one in row] for row in sigma]

    assert [round(one, 20) for one in equal_risk_weights(percent)] == [
        round(one, 20) for one in equal_risk_weights(sigma)
    ]


def test_weights_are_the_same_in_a_narrow_context() -> None:
    sigma = sample_covariance(drawn(13, 3))
    with localcontext() as context:
        context.prec = 5
        narrow = equal_risk_weights(sigma)

    assert narrow == equal_risk_weights(sigma)


@pytest.mark.parametrize(("sigma", "weights"), [([], ()), ([[Decimal("0.04")]], (1,))])
def test_none_and_one(sigma: Rows, weights: tuple[int, ...]) -> None:
    assert equal_risk_weights(sigma) == weights


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([["1", "0"]], r"rows of \[2\] numbers: hand over as many as there are rows"),
        ([["1", "0"], ["0", "0"]], "variance 0 in row 1 is no risk to share: leave that symbol out"),
        ([["-1"]], "variance -1 in row 0 is no risk to share"),
        ([["1", "0.1"], ["0.2", "1"]], r"covariances 0\.2 and 0\.1 of rows 1 and 0 differ: hand over equal ones"),
        ([["1", "-1", "0"], ["-1", "1", "0"], ["0", "0", "1"]], "no weights of equal risk .* over 3 symbols: leave"),
        ([["1", "-2"], ["-2", "1"]], "no weights of equal risk .* over 2 symbols: leave out"),
    ],
)
def test_weights_refuse_what_has_none(rows: list[list[str]], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        equal_risk_weights([[Decimal(one) for one in row] for row in rows])


@pytest.mark.parametrize("symbol", ["A", "B", "C"])
def test_units_as_newton_has_them(symbol: str) -> None:
    prices = np.array([[float(one) for one in text.split()] for text in CLOSES.values()])
    weights = dict(zip(CLOSES, newton(np.cov(prices[:, 1:] / prices[:, :-1] - 1)), strict=True))
    answer = RiskParitySizer(pct=Decimal("0.8"), window=4).size(asked(CLOSES, symbol))

    assert float(answer.quantity) == pytest.approx(weights[symbol] * 100000 * 0.8 / 50, rel=1e-9)
    assert float(answer.inputs["weight"]) == pytest.approx(weights[symbol], rel=1e-9)


def test_all_stakes_add_up_to_the_share() -> None:
    sizer = RiskParitySizer(window=4)
    stakes = [sizer.size(asked(CLOSES, symbol)).inputs["stake"] for symbol in CLOSES]

    assert abs(sum(stakes) - 95000) < Decimal("1E-20")


def test_units_by_hand() -> None:
    closes = {"A": "100 120 96", "B": "100 110 99"}  # returns +-0.2 and +-0.1: weights 1/3 and 2/3
    answer = RiskParitySizer(pct=Decimal("0.3"), window=2).size(asked(closes))

    assert round(answer.quantity, 9) == 200  # 0.3 x 100000 / 3 / 50


def test_the_order_of_symbols_changes_nothing() -> None:
    sizer, backwards = RiskParitySizer(window=4), dict(reversed(CLOSES.items()))

    assert sizer.size(asked(CLOSES)) == sizer.size(asked(backwards))


@pytest.mark.parametrize("closes", ["", "9 8 9 8", "9 8 0 8 9", "9 8 -1 8 9", "7 7 7 7 7", "1 2 4 8 16"])
def test_a_symbol_that_cannot_be_measured_is_left_out(closes: str) -> None:
    sizer, more = RiskParitySizer(window=4), {**CLOSES, "D": closes}

    assert sizer.size(asked(more, "D")).quantity == 0
    assert sizer.size(asked(more)) == sizer.size(asked(CLOSES))


def test_a_symbol_alone_gets_the_whole_share() -> None:
    assert RiskParitySizer(window=4).size(asked({"A": CLOSES["A"]})).quantity == 1900


def test_without_closes_nothing_is_bought() -> None:
    assert RiskParitySizer().size(request()).quantity == 0


def test_risks_that_cancel_buy_nothing() -> None:
    opposite = {"A": "100 110 110 99", "B": "100 90 90 99", "C": "100 101 100.495 101.49995"}

    assert RiskParitySizer(window=3).size(asked(opposite)).quantity == 0


def test_only_the_latest_closes_count() -> None:
    sizer = RiskParitySizer(window=4)

    assert sizer.size(asked({one: f"1 77 {text}" for one, text in CLOSES.items()})) == sizer.size(asked(CLOSES))


def test_it_asks_for_the_closes_of_all() -> None:
    assert (RiskParitySizer(window=20).closes_needed, RiskParitySizer().peers) == (21, True)


@pytest.mark.parametrize("options", [{"pct": "-0.1"}, {"pct": "1.1"}, {"pct": "NaN"}, {"window": "2.5"}])
def test_senseless_options_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(RiskParitySizer).validate_python(options)


@pytest.mark.parametrize("window", [1, 0, -5])
def test_a_window_without_covariance_is_refused_with_what_to_write(window: int) -> None:
    with pytest.raises(ValidationError, match=f"window {window} has no sample covariance; write at least 2"):
        TypeAdapter(RiskParitySizer).validate_python({"window": window})


class TestConformance(SizerConformance):
    tool = RiskParitySizer(window=4)
    requests = (
        *SizerConformance.requests,
        asked(CLOSES),
        asked(CLOSES, "B", equity="0"),
        asked(CLOSES, "Z"),
        asked(CLOSES, "C", unit_value="0.00012345"),
        asked({**CLOSES, "D": "1 1 1 1 1"}, "D"),
    )
