from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from event_samples import document, made
from qtrader.contracts import from_contract
from qtrader.events import CorporateActionEvent, InstrumentValue, PriceBarEvent
from qtrader.ports import BarValue, CorporateAction, Instrument

pytestmark = pytest.mark.events


@pytest.mark.parametrize(
    ("prices", "rule"),
    [
        ({"low": "194.66"}, "low <= open"),
        ({"open": "197", "close": "195", "low": "195.5", "high": "198"}, "low <= close"),
        ({"low": "5", "high": "4", "open": "5", "close": "5"}, "low <= high"),
        ({"open": "196.95"}, "open <= high"),
        ({"high": "196.88"}, "close <= high"),
    ],
)
def test_a_bar_refuses_prices_out_of_order(prices: dict[str, str], rule: str) -> None:
    with pytest.raises(ValidationError, match=rule):
        made(PriceBarEvent, **prices)


def test_a_bar_of_one_price_is_a_bar() -> None:
    assert made(PriceBarEvent, open="5", high="5", low="5", close="5").high == 5


def test_a_bar_may_have_negative_prices() -> None:
    assert made(PriceBarEvent, variant="negative-price").low == Decimal("-40.32")


def test_a_bars_volume_may_be_unknown() -> None:
    assert made(PriceBarEvent, volume=None).volume is None


def test_a_bars_volume_may_be_a_fraction() -> None:
    assert made(PriceBarEvent, volume="7.5").volume == Decimal("7.5")


def test_a_bars_volume_may_not_be_negative() -> None:
    with pytest.raises(ValidationError, match="volume"):
        made(PriceBarEvent, volume=Decimal(-1))


@pytest.mark.parametrize("interval", ["1D", "daily", "7m", "", None])
def test_a_bar_refuses_an_unknown_interval(interval: Any) -> None:
    with pytest.raises(ValidationError, match="interval"):
        made(PriceBarEvent, interval=interval)


@pytest.mark.parametrize("interval", ["1s", "1m", "1h", "1d", "1w", "1mo"])
def test_a_bar_takes_intervals_from_a_second_to_a_month(interval: str) -> None:
    assert made(PriceBarEvent, interval=interval).interval == interval


def test_a_bars_basis_is_trades_unless_said_otherwise() -> None:
    values = {name: value for name, value in document("data/bar.v1").items() if name in PriceBarEvent.model_fields}
    del values["basis"]

    assert PriceBarEvent(**values).basis == "trade"


def test_a_bar_event_is_what_tools_call_a_bar() -> None:
    assert isinstance(made(PriceBarEvent), BarValue)


ACTIONS = [
    "", "split", "reverse-split", "stock-dividend", "spin-off", "merger-cash", "merger-stock", "merger-cash-and-stock",
    "rights", "symbol-change", "delisting",
]  # fmt: skip


@pytest.mark.parametrize("variant", ACTIONS, ids=lambda one: one or "cash-dividend")
def test_a_corporate_action_can_say(variant: str) -> None:
    wanted = document("data/corporate_action.v1", variant)

    assert from_contract(wanted).action_type == wanted["action_type"]


@pytest.mark.parametrize(
    ("variant", "field"),
    [
        ("split", "numerator"),
        ("split", "denominator"),
        ("reverse-split", "numerator"),
        ("reverse-split", "denominator"),
        ("stock-dividend", "numerator"),
        ("stock-dividend", "denominator"),
        ("", "amount"),
        ("", "currency"),
        ("spin-off", "new_symbol"),
        ("spin-off", "ratio"),
        ("merger-cash", "cash_amount"),
        ("merger-stock", "ratio"),
        ("merger-stock", "new_symbol"),
        ("merger-cash-and-stock", "ratio"),
        ("rights", "ratio"),
        ("rights", "subscription_price"),
        ("symbol-change", "new_symbol"),
        ("delisting", "value"),
    ],
)
def test_a_corporate_action_needs(variant: str, field: str) -> None:
    with pytest.raises(ValidationError, match=f"{field}.*may not be null"):
        made(CorporateActionEvent, variant, **{field: None})


@pytest.mark.parametrize(
    ("variant", "numerator", "rule"),
    [
        ("split", 1, "numerator > denominator"),
        ("stock-dividend", 20, "numerator > denominator"),
        ("reverse-split", 8, "numerator < denominator"),
    ],
)
def test_a_split_refuses_a_ratio_of_the_other_kind(variant: str, numerator: int, rule: str) -> None:
    with pytest.raises(ValidationError, match=rule):
        made(CorporateActionEvent, variant, numerator=numerator)


@pytest.mark.parametrize("field", ["numerator", "denominator"])
def test_a_split_has_no_zero(field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        made(CorporateActionEvent, "split", **{field: 0})


def test_a_dividend_is_not_paid_before_its_record_date() -> None:
    with pytest.raises(ValidationError, match="record_date <= pay_date"):
        made(CorporateActionEvent, pay_date="2024-05-12")


def test_a_dividend_may_be_paid_before_its_ex_date() -> None:
    assert made(CorporateActionEvent, record_date="2024-05-02", pay_date="2024-05-09").ex_date.day == 10


def test_a_symbol_does_not_change_into_itself() -> None:
    with pytest.raises(ValidationError, match="new_symbol != symbol"):
        made(CorporateActionEvent, "symbol-change", new_symbol="FB")


def test_withholding_is_a_share() -> None:
    with pytest.raises(ValidationError, match="withholding"):
        made(CorporateActionEvent, withholding="15")


def test_a_delisting_may_pay_nothing() -> None:
    assert made(CorporateActionEvent, "delisting", value="0").value == 0


@pytest.mark.parametrize(
    ("event_class", "port"), [(CorporateActionEvent, CorporateAction), (InstrumentValue, Instrument)]
)
def test_a_contract_has_the_fields_of_its_port(event_class: Any, port: Any) -> None:
    assert is_dataclass(port)
    mine = set(event_class.model_fields) - {"origin", "action_id"}

    assert mine == {field.name for field in fields(port)}


def test_an_instruments_defaults_are_those_of_its_port() -> None:
    port = Instrument("AAPL")

    assert InstrumentValue(symbol="AAPL").model_dump() == {
        field.name: getattr(port, field.name) for field in fields(port)
    }


def test_an_instrument_is_not_delisted_before_it_is_listed() -> None:
    with pytest.raises(ValidationError, match="listed <= delisted"):
        InstrumentValue(symbol="A", listed="2020-01-02", delisted="2020-01-01")


@pytest.mark.parametrize("field", ["lot", "multiplier", "tick"])
def test_an_instruments_steps_are_above_zero(field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        InstrumentValue(symbol="A", **{field: "0"})
