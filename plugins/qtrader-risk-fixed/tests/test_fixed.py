from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from qtrader.ports import Sizer, SizeRequest
from qtrader.testing import SizerConformance
from qtrader_risk_fixed.fixed import FixedSizer


def request(equity: str = "100000", unit_value: str = "50") -> SizeRequest:
    value = Decimal(unit_value)
    return SizeRequest("s", "A", "buy", value, value, Decimal(equity), Decimal(equity))


def test_it_is_a_sizer() -> None:
    assert isinstance(FixedSizer(), Sizer)


def test_a_hundred_units_unless_told_otherwise() -> None:
    assert FixedSizer().size(request()).quantity == 100


@pytest.mark.parametrize(("equity", "unit_value"), [("1", "50"), ("100000", "0.01"), ("-5", "7")])
def test_neither_account_nor_price_matters(equity: str, unit_value: str) -> None:
    assert FixedSizer(Decimal("2.5")).size(request(equity, unit_value)).quantity == Decimal("2.5")


def test_its_inputs_say_the_quantity() -> None:
    assert FixedSizer(Decimal(3)).size(request()).inputs == {"quantity": Decimal(3)}


@pytest.mark.parametrize("quantity", ["0", "-1", "NaN", "Infinity"])
def test_a_senseless_quantity_is_refused(quantity: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(FixedSizer).validate_python({"quantity": quantity})


class TestConformance(SizerConformance):
    tool = FixedSizer()
