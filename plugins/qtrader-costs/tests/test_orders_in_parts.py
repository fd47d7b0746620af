"""What an order costs that fills in parts, and the models that know scales and currencies."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from qtrader.errors import RunError
from qtrader.ports import CommissionModel, FillValue
from qtrader.testing import CommissionConformance
from qtrader_costs.commission import Flat, Percent, PerCurrency, PerShare, Schedule, Tier, Tiered

D = Decimal
PARTS = ((230, "100"), (170, "101"), (100, "102"))


def fees(model: CommissionModel, parts: Any = PARTS, currency: str = "USD") -> list[Decimal]:
    """The fee of each part of one order."""
    filled = traded = charged = D(0)
    found = []
    for quantity, price in parts:
        units, at = D(quantity), D(price)
        one = FillValue("A", "buy", units, at, D(1), currency, filled, traded, charged)
        found.append(model.fee(one))
        filled, traded, charged = filled + units, traded + units * at, charged + found[-1]
    return found


def test_an_amount_is_charged_once() -> None:
    assert fees(Flat(D(10))) == [10, 0, 0]


def test_the_minimum_is_that_of_the_order() -> None:
    """0.0075 a unit: 1.725, 3.00, 3.75 so far; at least 3.50."""
    assert fees(PerShare(D("0.0075"), minimum=D("3.5"))) == [D("3.5"), 0, D("0.25")]


def test_the_maximum_is_that_of_the_order() -> None:
    assert fees(PerShare(D("0.0075"), maximum=D(3))) == [D("1.725"), D("1.275"), 0]


def test_the_cap_is_a_share_of_what_the_order_traded() -> None:
    """At 1 % of 10 x 1 = 0.10, then of 30: 0.30 in all."""
    assert fees(PerShare(D(1), cap=D("0.01")), ((10, "1"), (20, "1"))) == [D("0.1"), D("0.2")]


def test_a_fixed_part_comes_with_the_first_fill() -> None:
    assert fees(PerShare(D("0.01"), fixed=D("0.3"))) == [D("2.6"), D("1.7"), D(1)]


def test_a_share_of_the_value_with_minimum_and_maximum() -> None:
    """0.15 %: 34.50, 60.255, 75.555 so far."""
    assert fees(Percent(D("0.0015"), minimum=D(40), maximum=D(70))) == [40, D("20.255"), D("9.745")]


def test_what_rounding_took_too_much_is_not_given_back() -> None:
    one = FillValue("A", "buy", D(1), D(100), D(1), "USD", D(1), D(100), D(5))

    assert PerShare(D("0.01")).fee(one) == 0


def test_a_scale_charges_each_part_at_its_rate() -> None:
    """300 at 0.01, 200 at 0.005: 2.30; 0.70 + 0.50; 0.50."""
    scale = Tiered((Tier(D("0.01"), D(300)), Tier(D("0.005"))))

    assert fees(scale) == [D("2.3"), D("1.2"), D("0.5")]


@pytest.mark.parametrize(("units", "fee"), [(299, "2.99"), (300, "3"), (301, "3.005")])
def test_the_edge_of_a_tier_belongs_to_it(units: int, fee: str) -> None:
    assert fees(Tiered((Tier(D("0.01"), D(300)), Tier(D("0.005")))), ((units, "1"),)) == [D(fee)]


def test_a_scale_may_be_one_of_money() -> None:
    """0.2 % up to 10,000, 0.1 % above: 23,000 cost 20 + 13."""
    scale = Tiered((Tier(D("0.002"), D(10_000)), Tier(D("0.001"))), by="value")

    assert fees(scale, ((230, "100"),)) == [33]


def test_a_scale_has_a_minimum() -> None:
    assert fees(Tiered((Tier(D("0.01")),), minimum=D(5))) == [5, 0, 0]


@pytest.mark.parametrize(
    ("tiers", "said"),
    [
        ([], "every tier needs an up_to but the last"),
        ([{"rate": "0.1", "up_to": "10"}], r"\['10'\]: every tier needs"),
        ([{"rate": "0.1"}, {"rate": "0.2"}], "every tier needs"),
        ([{"rate": "1", "up_to": "20"}, {"rate": "1", "up_to": "10"}, {"rate": "1"}], "from the lowest to the highest"),
        ([{"rate": "1", "up_to": "10"}, {"rate": "1", "up_to": "10"}, {"rate": "1"}], "from the lowest to the highest"),
        ([{"rate": "-1"}], "greater than or equal to 0"),
    ],
)
def test_a_scale_with_a_hole_is_refused(tiers: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        TypeAdapter(Tiered).validate_python({"tiers": tiers})


SCHEDULES = {
    "USD": {"per_unit": "0.005", "minimum": "1"},
    "EUR": {"share": "0.0005", "minimum": "2", "maximum": "20"},
    "JPY": {"amount": "100"},
}


@pytest.mark.parametrize(
    ("currency", "expected"),
    [("USD", ["1.15", "0.85", "0.5"]), ("EUR", ["11.5", "8.5", "0"]), ("JPY", ["100", "0", "0"])],
)
def test_each_currency_has_its_schedule(currency: str, expected: list[str]) -> None:
    """EUR: 11.50; 11.50 + 8.585 would be more than 20."""
    model = TypeAdapter(PerCurrency).validate_python({"currencies": SCHEDULES})

    assert fees(model, currency=currency) == [D(one) for one in expected]


def test_a_currency_without_a_schedule_is_an_error_that_names_it() -> None:
    with pytest.raises(RunError, match=r"no schedule for CHF \(A\); it has USD. Add one"):
        fees(PerCurrency({"USD": Schedule()}), currency="CHF")


class TestFlat(CommissionConformance):
    tool = Flat(D(7))


class TestTiered(CommissionConformance):
    tool = Tiered((Tier(D("0.01"), D(300)), Tier(D("0.005"))), minimum=D(1))


class TestPerCurrency(CommissionConformance):
    tool = PerCurrency({"USD": Schedule(amount=D(1), per_unit=D("0.005"), share=D("0.0001"))})
