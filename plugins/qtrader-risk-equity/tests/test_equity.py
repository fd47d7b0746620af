from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from qtrader.ports import Sizer, SizeRequest
from qtrader.testing import SizerConformance
from qtrader_risk_equity import EquitySizer, calculate_fixed_equity_size


def request(equity: str = "100000", unit_value: str = "50") -> SizeRequest:
    value = Decimal(unit_value)
    return SizeRequest("s", "A", "buy", value, value, Decimal(equity), Decimal(equity))


def test_it_is_a_sizer() -> None:
    assert isinstance(EquitySizer(), Sizer)


def test_a_tenth_of_equity_unless_told_otherwise() -> None:
    assert EquitySizer().size(request("100000", "50")).quantity == 200  # 0.10 x 100000 / 50


def test_the_quantity_is_not_rounded() -> None:
    assert EquitySizer(Decimal("0.5")).size(request("1001", "16")).quantity == Decimal("31.28125")  # 500.5 / 16


def test_a_lost_account_buys_nothing() -> None:
    assert EquitySizer().size(request("-250", "50")).quantity == 0


def test_its_inputs_say_share_and_stake() -> None:
    assert EquitySizer(Decimal("0.2")).size(request("500", "7")).inputs == {
        "pct": Decimal("0.2"),
        "stake": Decimal(100),
    }


@pytest.mark.parametrize("pct", ["-0.1", "1.01", "NaN"])
def test_a_senseless_share_is_refused(pct: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(EquitySizer).validate_python({"pct": pct})


def test_the_formula_gives_money() -> None:
    assert calculate_fixed_equity_size(equity=Decimal("123456.78"), pct=Decimal("0.25")) == Decimal("30864.195")


def test_the_formula_reads_a_float_as_it_prints() -> None:
    assert calculate_fixed_equity_size(equity=Decimal(100000), pct=0.10) == Decimal(10000)


def test_the_formula_never_stakes_a_debt() -> None:
    assert calculate_fixed_equity_size(equity=Decimal(-1), pct=Decimal(1)) == 0


class TestConformance(SizerConformance):
    tool = EquitySizer()
