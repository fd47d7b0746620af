from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from qtrader.ports import Side, SlippageModel, WorkingOrder
from qtrader.testing import SlippageConformance
from qtrader_costs.slippage import Bps, NoSlippage

BAR: Any = None  # no model here looks at the bar


def order(side: Side) -> WorkingOrder:
    return WorkingOrder("o-1", "A", side, Decimal(1))


@pytest.mark.parametrize("model", [NoSlippage(), Bps(Decimal(2))])
def test_each_is_a_slippage_model(model: object) -> None:
    assert isinstance(model, SlippageModel)


def test_none_leaves_the_price() -> None:
    assert NoSlippage().adjust(Decimal("12.34"), order("buy"), BAR) == Decimal("12.34")


def test_a_buyer_pays_more() -> None:
    assert Bps(Decimal(5)).adjust(Decimal(200), order("buy"), BAR) == Decimal("200.1")  # 200 x 1.0005


def test_a_seller_gets_less() -> None:
    assert Bps(Decimal(5)).adjust(Decimal(200), order("sell"), BAR) == Decimal("199.9")  # 200 x 0.9995


def test_a_fraction_of_a_basis_point_counts() -> None:
    assert Bps(Decimal("0.5")).adjust(Decimal(100), order("buy"), BAR) == Decimal("100.005")


@pytest.mark.parametrize(("side", "price"), [("buy", "-36.63"), ("sell", "-37.37")])
def test_a_negative_price_moves_against_the_trader_too(side: Side, price: str) -> None:
    assert Bps(Decimal(100)).adjust(Decimal(-37), order(side), BAR) == Decimal(price)  # 1 % of 37 is 0.37


def test_negative_slippage_is_refused() -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Bps).validate_python({"bps": -1})


class TestNoSlippage(SlippageConformance):
    tool = NoSlippage()


class TestBps(SlippageConformance):
    tool = Bps(Decimal("2.5"))


def test_all_of_the_price_is_too_much() -> None:
    with pytest.raises(ValidationError, match="less than 10000"):
        TypeAdapter(Bps).validate_python({"bps": "10000"})
