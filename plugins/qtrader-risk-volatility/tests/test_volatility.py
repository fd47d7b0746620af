from decimal import Decimal, localcontext
from math import sqrt
from statistics import stdev

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from qtrader.ports import Sizer, SizeRequest
from qtrader.testing import SizerConformance, request
from qtrader_risk_volatility import (
    VolatilityTargetSizer,
    calculate_volatility_target_size,
    realised_volatility,
    simple_returns,
)

WALK = "50.00 50.75 49.9 50.1 51.33 50.02 49.17 49.95 50.4 52.01 51.6"


def closes(text: str) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, text.split()))


def asked(text: str, **values: object) -> SizeRequest:
    return request(closes={"AAPL": closes(text)}, **values)


def stake(equity: str, target: str, volatility: str, max_leverage: str) -> Decimal:
    return calculate_volatility_target_size(*map(Decimal, (equity, target, volatility, max_leverage)))


def test_it_is_a_sizer() -> None:
    assert isinstance(VolatilityTargetSizer(), Sizer)


def test_returns_are_simple() -> None:
    assert simple_returns(closes("100 110 99 99")) == (Decimal("0.1"), Decimal("-0.1"), 0)


@pytest.mark.parametrize("text", ["", "100"])
def test_one_close_has_no_return(text: str) -> None:
    assert simple_returns(closes(text)) == ()


@pytest.mark.parametrize("close", ["0", "-37.63"])
def test_a_close_that_is_not_above_zero_has_no_return(close: str) -> None:
    with pytest.raises(ValueError, match=f"close {close} has no return: hand over closes above zero"):
        simple_returns(closes(f"10 {close} 10"))


def test_volatility_by_hand() -> None:
    found = realised_volatility(closes("100 110 99"), 200)  # returns +-0.1: variance 0.02, sqrt(200 x 0.02) = 2

    assert found == 2


def test_volatility_of_three_returns_by_hand() -> None:
    # returns 0.1, 0, -0.1: squares 0.02 over 2 is 0.01, times 225 is 2.25, whose root is 1.5
    assert realised_volatility(closes("100 110 110 99"), 225) == Decimal("1.5")


@pytest.mark.parametrize("periods", [252, 365, 52])
def test_volatility_as_statistics_and_numpy_have_it(periods: int) -> None:
    prices = np.array([float(one) for one in WALK.split()])
    returns = prices[1:] / prices[:-1] - 1
    found = float(realised_volatility(closes(WALK), periods))

    assert found == pytest.approx(stdev(returns.tolist()) * sqrt(periods), rel=1e-12)
    assert found == pytest.approx(np.std(returns, ddof=1) * np.sqrt(periods), rel=1e-12)


def test_closes_that_never_move_have_no_volatility() -> None:
    assert realised_volatility(closes("7 7 7"), 252) == 0


@pytest.mark.parametrize(("text", "count"), [("", 0), ("1", 1), ("1 2", 2)])
def test_two_closes_have_no_volatility(text: str, count: int) -> None:
    with pytest.raises(ValueError, match=f"{count} closes have no sample deviation: hand over at least 3"):
        realised_volatility(closes(text), 252)


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (("100000", "0.10", "0.25", "1"), "40000"),
        (("100000", "0.10", "0.10", "1"), "100000"),
        (("100000", "0.10", "0.05", "1"), "100000"),  # capped
        (("100000", "0.10", "0.05", "1.5"), "150000"),
        (("100000", "0.10", "0.05", "3"), "200000"),
        (("100000", "0.10", "0", "1.5"), "150000"),  # no volatility: the cap alone
        (("0", "0.10", "0.25", "1"), "0"),
        (("-1", "0.10", "0.25", "1"), "0"),
    ],
)
def test_the_stake_by_hand(amounts: tuple[str, str, str, str], expected: str) -> None:
    assert stake(*amounts) == Decimal(expected)


def test_the_stake_refuses_a_volatility_below_zero() -> None:
    with pytest.raises(ValueError, match=r"volatility -0\.2 is below zero: hand over a standard deviation"):
        stake("1", "0.1", "-0.2", "1")


def test_the_formulas_are_the_same_in_a_narrow_context() -> None:
    wide = realised_volatility(closes(WALK), 252), stake("1000", "0.1", "0.7", "1")
    with localcontext() as context:
        context.prec = 4
        narrow = realised_volatility(closes(WALK), 252), stake("1000", "0.1", "0.7", "1")

    assert narrow == wide


def test_units_by_hand() -> None:
    sizer = VolatilityTargetSizer(target=Decimal("0.5"), window=2)
    answer = sizer.size(asked("100 110 99", periods=200))

    assert answer.quantity == 500  # 0.5 / 2 x 100000 / 50
    assert answer.inputs == {"target": Decimal("0.5"), "volatility": 2, "stake": 25000}


def test_units_as_numpy_has_them() -> None:
    prices = np.array([float(one) for one in WALK.split()])
    volatility = np.std(np.diff(prices) / prices[:-1], ddof=1) * np.sqrt(252)
    answer = VolatilityTargetSizer(window=10).size(asked(WALK))

    assert float(answer.quantity) == pytest.approx(0.10 / volatility * 100000 / 50, rel=1e-12)


def test_leverage_is_capped() -> None:
    sizer = VolatilityTargetSizer(target=Decimal(9), window=2, max_leverage=Decimal("1.5"))

    assert sizer.size(asked("100 110 99", periods=200)).quantity == 3000  # 4.5 times would be 9000


def test_closes_that_never_move_get_the_cap() -> None:
    assert VolatilityTargetSizer(window=2).size(asked("7 7 7")).quantity == 2000


@pytest.mark.parametrize("text", ["", "100", "100 110", "100 110 99"])
def test_too_few_closes_buy_nothing(text: str) -> None:
    assert VolatilityTargetSizer(window=3).size(asked(text)).quantity == 0


def test_closes_of_another_symbol_buy_nothing() -> None:
    assert VolatilityTargetSizer(window=2).size(asked("100 110 99", symbol="MSFT")).quantity == 0


def test_a_close_of_zero_buys_nothing() -> None:
    assert VolatilityTargetSizer(window=2).size(asked("100 0 99")).quantity == 0


def test_only_the_latest_closes_count() -> None:
    sizer = VolatilityTargetSizer(window=2)

    assert sizer.size(asked("3 900 100 110 99")) == sizer.size(asked("100 110 99"))


def test_it_asks_for_one_close_more_than_returns_and_for_no_peers() -> None:
    assert VolatilityTargetSizer(window=20).closes_needed == 21
    assert not getattr(VolatilityTargetSizer(), "peers", False)


@pytest.mark.parametrize(
    "options",
    [
        {"target": "0"},
        {"target": "-0.1"},
        {"target": "NaN"},
        {"max_leverage": "0"},
        {"max_leverage": "Infinity"},
        {"window": "2.5"},
    ],
)
def test_senseless_options_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(VolatilityTargetSizer).validate_python(options)


@pytest.mark.parametrize("window", [1, 0, -5])
def test_a_window_without_deviation_is_refused_with_what_to_write(window: int) -> None:
    with pytest.raises(ValidationError, match=f"window {window} has no sample deviation; write at least 2"):
        TypeAdapter(VolatilityTargetSizer).validate_python({"window": window})


class TestConformance(SizerConformance):
    tool = VolatilityTargetSizer(window=2)
    requests = (
        *SizerConformance.requests,
        asked("100 110 99"),
        asked("100 110 99", equity="0"),
        asked("100 100 100"),
        asked("100 0 99"),
        asked("100 110"),
        asked(WALK, unit_value="0.00012345"),
    )
