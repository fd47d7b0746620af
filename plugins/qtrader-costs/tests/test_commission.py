from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from qtrader.ports import CommissionModel, FillValue
from qtrader.testing import CommissionConformance
from qtrader_costs.commission import NoCommission, Percent, PerShare


def fill(quantity: str, price: str, multiplier: str = "1") -> FillValue:
    return FillValue("A", "buy", Decimal(quantity), Decimal(price), Decimal(multiplier))


@pytest.mark.parametrize("model", [NoCommission(), PerShare(Decimal("0.005")), Percent(Decimal("0.001"))])
def test_each_is_a_commission_model(model: object) -> None:
    assert isinstance(model, CommissionModel)


def test_none_charges_nothing() -> None:
    assert NoCommission().fee(fill("1000", "50")) == 0


def test_per_share_charges_each_unit_unrounded() -> None:
    assert PerShare(Decimal("0.005")).fee(fill("697", "143.372382812")) == Decimal("3.485")  # 697 x 0.005


def test_per_share_charges_fractions_of_a_unit() -> None:
    assert PerShare(Decimal("2")).fee(fill("0.25", "100")) == Decimal("0.5")  # 0.25 x 2


def test_per_share_charges_at_least_the_minimum() -> None:
    assert PerShare(Decimal("0.005"), minimum=Decimal(1)).fee(fill("199", "50")) == 1  # 0.995 < 1


def test_per_share_at_the_minimum_charges_the_rate() -> None:
    assert PerShare(Decimal("0.005"), minimum=Decimal(1)).fee(fill("201", "50")) == Decimal("1.005")


def test_per_share_charges_at_most_the_cap() -> None:
    model = PerShare(Decimal("0.005"), minimum=Decimal(1), cap=Decimal("0.005"))

    assert model.fee(fill("1000", "0.50")) == Decimal("2.5")  # 5.00 by rate, 0.005 x 500 = 2.50 by cap


def test_a_fee_at_the_minimum_is_not_capped() -> None:
    model = PerShare(Decimal("0.005"), minimum=Decimal(1), cap=Decimal("0.005"))

    assert model.fee(fill("1", "50")) == 1  # the cap alone would say 0.25


def test_the_cap_counts_the_multiplier() -> None:
    model = PerShare(Decimal(1), cap=Decimal("0.01"))

    assert model.fee(fill("10", "2", multiplier="25")) == 5  # 10 by rate, 0.01 x 10 x 2 x 25 = 5 by cap


def test_the_cap_of_a_negative_price_is_positive() -> None:
    assert PerShare(Decimal(1), cap=Decimal("0.01")).fee(fill("10", "-37")) == Decimal("3.7")  # 0.01 x |10 x -37|


def test_percent_charges_a_share_of_the_value() -> None:
    assert Percent(Decimal("0.001")).fee(fill("30", "12.34")) == Decimal("0.3702")  # 0.001 x 370.2


def test_percent_charges_at_least_the_minimum() -> None:
    assert Percent(Decimal("0.001"), minimum=Decimal("2.50")).fee(fill("30", "12.34")) == Decimal("2.50")


@pytest.mark.parametrize("model", [PerShare(Decimal(1)), Percent(Decimal("0.1"))])
def test_fees_are_rounded_to_the_minor_unit_unless_told_otherwise(model: PerShare | Percent) -> None:
    assert model.rounding == "minor"


@pytest.mark.parametrize(
    "options", [{"rate": "-1"}, {"rate": 1, "minimum": "-1"}, {"rate": 1, "cap": "1.1"}, {"rate": 1, "rounding": "up"}]
)
def test_per_share_refuses_senseless_options(options: dict[str, object]) -> None:
    adapter = TypeAdapter(PerShare)

    with pytest.raises(ValidationError):
        adapter.validate_python(options)


def test_a_float_rate_is_the_decimal_it_prints() -> None:
    assert TypeAdapter(PerShare).validate_python({"rate": 0.005}).rate == Decimal("0.005")


class TestNoCommission(CommissionConformance):
    tool = NoCommission()


class TestPerShare(CommissionConformance):
    tool = PerShare(Decimal("0.005"), minimum=Decimal(1), cap=Decimal("0.005"))


class TestPercent(CommissionConformance):
    tool = Percent(Decimal("0.001"), minimum=Decimal(1))
