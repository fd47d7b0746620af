from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from pydantic import TypeAdapter, ValidationError

from qtrader.ports import Sizer
from qtrader.testing import SizerConformance, request
from qtrader_risk_stop import RiskPerTradeSizer, calculate_risk_per_trade_size


def size(*amounts: str) -> Decimal:
    equity, pct, price, stop_loss, unit_value = map(Decimal, amounts)
    return calculate_risk_per_trade_size(equity, pct, price, stop_loss, unit_value)


def test_it_is_a_sizer() -> None:
    assert isinstance(RiskPerTradeSizer(), Sizer)


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (("100000", "0.01", "50", "46", "50"), "250"),  # 1000 at risk, each unit loses 4
        (("100000", "0.01", "50", "54", "50"), "250"),  # a short position: the stop is above
        (("70000", "0.02", "200", "190", "140"), "200"),  # multiplier 100, rate 0.007: each unit loses 7
        (("1001", "0.5", "16", "0", "16"), "31.28125"),  # 500.5 / 16: all of the price can be lost
        (("100000", "0.01", "50", "49.99", "50"), "100000"),  # a near stop, a large position
        (("100000", "0", "50", "46", "50"), "0"),
        (("0", "0.01", "50", "46", "50"), "0"),
        (("-250", "0.01", "50", "46", "50"), "0"),
        (("100000", "0.01", "50", "50", "50"), "0"),  # no distance
    ],
)
def test_the_formula_by_hand(amounts: tuple[str, ...], expected: str) -> None:
    assert size(*amounts) == Decimal(expected)


@pytest.mark.parametrize(
    "amounts",
    [
        ("123456.78", "0.0075", "187.31", "171.9", "187.31"),
        ("98765.43", "0.02", "0.00012345", "0.00013", "0.0000987"),
        ("500000", "0.01", "4210.25", "4188.75", "210512.5"),
    ],
)
def test_the_formula_by_fractions(amounts: tuple[str, ...]) -> None:
    equity, pct, price, stop, unit_value = map(Fraction, amounts)
    exact = pct * equity / (abs(price - stop) * unit_value / price)

    assert abs(Fraction(size(*amounts)) / exact - 1) < Fraction(1, 10**50)


def test_what_is_lost_at_the_stop_is_the_share() -> None:
    units = size("100000", "0.01", "30", "23", "30")  # 1000 / 7

    assert abs(units * 7 - 1000) < Decimal("1E-50")


def test_whole_units_stay_whole_where_a_factor_has_no_last_digit() -> None:
    assert size("10000", "0.03", "3", "2", "1") == 900  # each unit loses 1/3


def test_the_formula_is_the_same_in_a_narrow_context() -> None:
    with localcontext() as context:
        context.prec = 4
        narrow = size("123456.78", "0.01", "30", "23", "30")

    assert narrow == size("123456.78", "0.01", "30", "23", "30")


@pytest.mark.parametrize(
    ("amounts", "told"),
    [(("1", "1", "0", "1", "1"), "price 0 gives"), (("1", "1", "1", "2", "-3"), "unit_value -3 gives")],
)
def test_the_formula_refuses_what_has_no_distance(amounts: tuple[str, ...], told: str) -> None:
    with pytest.raises(ValueError, match=f"{told} no distance to a stop: hand over one above zero"):
        size(*amounts)


def test_a_hundredth_of_equity_unless_told_otherwise() -> None:
    assert RiskPerTradeSizer().size(request(stop_loss=Decimal(46))).quantity == 250


def test_a_signal_without_stop_gets_nothing() -> None:
    assert RiskPerTradeSizer().size(request()).quantity == 0


@pytest.mark.parametrize(("side", "stop_loss"), [("buy", "46"), ("sell", "54")])
def test_the_default_stop_is_on_the_side_where_money_is_lost(side: str, stop_loss: str) -> None:
    answer = RiskPerTradeSizer(default_stop_pct=Decimal("0.08")).size(request(side=side))

    assert (answer.quantity, answer.inputs["stop_loss"]) == (250, Decimal(stop_loss))


def test_the_stop_of_a_signal_comes_before_the_default_one() -> None:
    sizer = RiskPerTradeSizer(default_stop_pct=Decimal("0.5"))

    assert sizer.size(request(stop_loss=Decimal(48))).quantity == 500


def test_a_default_stop_of_the_whole_price_risks_the_whole_unit() -> None:
    assert RiskPerTradeSizer(default_stop_pct=Decimal(1)).size(request()).quantity == 20


def test_its_inputs_say_share_stake_and_stop() -> None:
    assert RiskPerTradeSizer(Decimal("0.02")).size(request(equity="500", stop_loss=Decimal(45))).inputs == {
        "pct": Decimal("0.02"),
        "stake": Decimal(10),
        "stop_loss": Decimal(45),
    }


@pytest.mark.parametrize(
    "options",
    [
        {"pct": "-0.01"},
        {"pct": "1.01"},
        {"pct": "NaN"},
        {"default_stop_pct": "-0.1"},
        {"default_stop_pct": "1.1"},
        {"default_stop_pct": "Infinity"},
    ],
)
def test_senseless_options_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(RiskPerTradeSizer).validate_python(options)


def test_a_default_stop_at_the_price_is_refused_with_what_to_write() -> None:
    with pytest.raises(ValidationError, match="default_stop_pct 0 puts the stop at the price; write a share above"):
        TypeAdapter(RiskPerTradeSizer).validate_python({"default_stop_pct": "0"})


class TestConformance(SizerConformance):
    tool = RiskPerTradeSizer()
    requests = (
        *SizerConformance.requests,
        request(stop_loss=Decimal(46)),
        request(side="sell", stop_loss=Decimal(55)),
        request(stop_loss=Decimal(50)),
        request(equity="0", stop_loss=Decimal(46)),
        request(unit_value="0.00012345", stop_loss=Decimal("0.0001")),
    )


class TestConformanceWithDefaultStop(SizerConformance):
    tool = RiskPerTradeSizer(default_stop_pct=Decimal("0.05"))
