"""Borrow fees and margin interest: worked examples M and N, calendars, rates, billing, and an oracle in fractions."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrader.events import CashEvent, ValuationEvent
from qtrader.ports import Instrument
from qtrader.ports.settings import BorrowSettings, MarginInterestSettings
from qtrader_service_portfolio.rates import YearlyRate

D = Decimal
F = Fraction
FIVE = BorrowSettings(rate=D("0.05"))
LOAN = MarginInterestSettings(rate=D("0.0683"))
FRIDAY, MONDAY = 3, 6  # of the week that begins on 2024-01-02, a Tuesday


def short(desk: Any, units: int | str, price: int | str, **facts: Any) -> None:
    """A short that is held at the close of the first Friday."""
    desk.price(facts.get("symbol", "AAPL"), price, FRIDAY)
    desk.sell(units, price, **facts)
    desk.value()


# worked example M


def test_m_a_weekend_is_three_days(desk_with):
    desk = desk_with(30_000, borrow=FIVE)
    short(desk, 1_000, 20)
    desk.price("AAPL", 25, MONDAY)
    valuation = desk.value()

    assert D("8.33333333") == round(F(20_000) * F(5, 100) * 3 / 360 * 10**8) * D("1E-8")
    assert valuation.accruals == D("8.33333333")
    assert valuation.equity == 30_000 + 20_000 - 25_000 - D("8.33333333")


def test_m_as_collateral_it_is_102_percent_in_whole_dollars(desk_with):
    desk = desk_with(30_000, borrow=BorrowSettings(rate=D("0.05"), basis="collateral"))
    short(desk, 1_000, 20)

    assert desk.value(MONDAY).accruals == D("8.75")
    assert F(21_000) * F(5, 100) * 3 / 360 == F("8.75")


def test_m_a_year_may_have_365_days(desk_with):
    desk = desk_with(30_000, borrow=BorrowSettings(rate=D("0.05"), day_count="ACT/365"))
    short(desk, 1_000, 20)

    assert desk.value(MONDAY).accruals == round(F(20_000) * F(5, 100) * 3 / 365 * 10**8) * D("1E-8")


# worked example N


def test_n_proceeds_of_a_short_hide_no_loan(desk_with):
    desk = desk_with(10_000, margin_interest=LOAN)
    desk.price("LONG", 15, FRIDAY)
    desk.buy(1_000, 15, symbol="LONG")
    desk.price("AAPL", 8, FRIDAY)
    desk.sell(1_000, 8)
    desk.value()

    assert desk.cash == 10_000 - 15_000 + 8_000 == 3_000
    assert desk.value(FRIDAY + 1).accruals == D("0.94861111") == round(F(5_000) * F(683, 10_000) / 360, 8)


def test_n_31_days_are_billed_in_cents_and_the_rest_is_carried(desk_with):
    desk = desk_with(0, margin_interest=LOAN)
    january = (date(2024, 1, 31) - date(2024, 1, 2)).days
    desk.price("AAPL", 125, january)
    desk.buy(100, 125)
    desk.value()
    desk.now = january + 31  # 2 March 2024, a leap year: the nights of 31 January to 1 March
    valuation = desk.value()

    accrued = round(F(12_500) * F(683, 10_000) * 31 / 360, 8)
    assert F("73.51736111") == accrued
    bill = desk.last(CashEvent)
    assert (bill.kind, bill.amount, bill.accrued) == ("margin_interest", D("-73.52"), D("-0.00263889"))
    assert (valuation.cash, valuation.accruals) == (D("-12573.52"), D("-0.00263889"))
    assert desk.service.ledger.balance("Expenses:Interest", "USD") == D("73.51736111")


# what accrues, and when


def test_what_is_sold_short_and_bought_back_within_a_session_pays_nothing(desk_with):
    desk = desk_with(borrow=FIVE, margin_interest=LOAN)
    desk.value(0)
    desk.sell(100, 50)
    desk.buy(100, 40)

    assert desk.value(1).accruals == 0
    assert not [one for one in desk.of(CashEvent) if one.kind != "deposit"]


def test_a_short_covered_on_monday_pays_for_the_weekend(desk_with):
    desk = desk_with(30_000, borrow=FIVE)
    short(desk, 1_000, 20)
    desk.now = MONDAY
    desk.buy(1_000, 19)

    assert desk.value().accruals == D("8.33333333")
    assert desk.value(MONDAY + 1).accruals == D("8.33333333")


def test_strategies_that_are_long_and_short_of_one_share_borrow_the_difference(desk_with):
    desk = desk_with(30_000, borrow=FIVE)
    desk.price("AAPL", 20, FRIDAY)
    desk.buy(400, 20, strategy_id="one")
    desk.sell(1_000, 20, strategy_id="two")
    desk.value()

    assert desk.value(FRIDAY + 1).accruals == round(F(600 * 20) * F(5, 100) / 360, 8)


def test_symbols_have_rates_of_their_own(desk_with):
    hard = BorrowSettings(rate=D("0.01"), symbols={"GME": {"rate": "0.36"}})
    desk = desk_with(30_000, borrow=hard)
    for symbol in ("AAPL", "GME"):
        short(desk, 100, 20, symbol=symbol)

    assert desk.value(FRIDAY + 1).accruals == round(F(2_000, 100) / 360 + F(2_000 * 36, 100) / 360, 8)


def test_every_night_has_the_rate_of_its_day(desk_with):
    changing = BorrowSettings(rate=D("0.05"), changes={date(2024, 1, 7): D("0.08"), date(2024, 1, 8): D("0.5")})
    desk = desk_with(30_000, borrow=changing)
    short(desk, 1_000, 20)

    assert desk.value(MONDAY).accruals == D(20_000) * (2 * D("0.05") + D("0.08")) / 360


def test_rates_hold_from_their_day_on_whatever_the_order_of_writing():
    rates = BorrowSettings(rate=D(1), changes={date(2024, 3, 1): D(3), date(2024, 2, 1): D(2)})

    days = [date(2024, 1, 31), date(2024, 2, 1), date(2024, 2, 29), date(2024, 3, 1)]
    assert [YearlyRate(rates).on(day) for day in days] == [1, 2, 2, 3]


def test_without_rates_nothing_is_said(desk):
    short(desk, 1_000, 20)
    desk.value(MONDAY)

    assert [event.kind for event in desk.of(CashEvent)] == ["deposit"]


# billing


def test_each_accrual_and_each_bill_is_an_event_with_the_totals_after_it(desk_with):
    desk = desk_with(30_000, borrow=BorrowSettings(rate=D("0.36")))
    desk.price("AAPL", 20, 28)  # 2024-01-30
    desk.sell(1_000, 20)
    for number in (28, 29, 30, 31):
        desk.value(number)

    said = [(one.amount, one.balance, one.accrued) for one in desk.of(CashEvent) if one.kind == "borrow_fee"]
    assert said == [(0, 50_000, 20), (-40, 49_960, 0), (0, 49_960, 20)]


def test_yen_are_billed_whole(desk_with):
    desk = desk_with(0, currency="JPY", margin_interest=LOAN, instruments=(Instrument("AAPL", currency="JPY"),))
    desk.price("AAPL", 100, 28)
    desk.buy(100, 100, currency="JPY", commission_currency="JPY")
    desk.value()
    desk.value(30)

    assert desk.last(CashEvent).amount == -round(F(10_000) * F(683, 10_000) * 2 / 360) == -4


def test_ledger_holds_every_accrual_and_every_bill(desk_with):
    desk = desk_with(30_000, borrow=FIVE, margin_interest=LOAN)
    desk.price("LONG", 50, 28)
    desk.buy(1_000, 50, symbol="LONG")
    desk.price("AAPL", 20, 28)
    desk.sell(1_000, 20)
    for number in range(28, 64):
        desk.value(number)

    ledger, last = desk.service.ledger, desk.last(ValuationEvent)
    assert ledger.balance("Liabilities:Accrued", "USD") == -last.accruals
    assert ledger.balance("Assets:Cash", "USD") == last.cash
    spent = ledger.balance("Expenses:Borrow", "USD") + ledger.balance("Expenses:Interest", "USD")
    billed = sum(one.amount for one in desk.of(CashEvent) if one.kind in ("borrow_fee", "margin_interest"))
    assert spent == last.accruals - billed > 0
    assert last.equity == 30_000 - spent


# against an oracle

worlds = st.lists(
    st.tuples(
        st.integers(1, 9),  # nights until this session
        st.decimals("0.5", "300", places=2),  # its close
        st.lists(st.tuples(st.sampled_from(["buy", "sell"]), st.integers(1, 400)), max_size=2),
    ),
    min_size=2,
    max_size=30,
)


@settings(deadline=None, max_examples=150)
@given(worlds, st.decimals("0", "0.5", places=4), st.decimals("0", "0.2", places=4))
def test_accruals_are_those_of_a_naive_count_of_nights(desk_with, world, borrow, interest):
    """Every accrual rounds by at most half of 10^-8; what is billed is whole cents; nothing is lost between the two."""
    desk = desk_with(5_000, borrow=BorrowSettings(rate=borrow), margin_interest=MarginInterestSettings(rate=interest))
    units, cash, owed, fee, loan = 0, F(5_000), F(0), F(0), F(0)
    for nights, close, fills in world:
        desk.price("AAPL", close, desk.now + nights)
        owed += (fee + loan) * nights
        for side, quantity in fills:
            (desk.buy if side == "buy" else desk.sell)(quantity, close)
            units += quantity if side == "buy" else -quantity
            cash -= F(close) * (quantity if side == "buy" else -quantity)
        last = desk.value()
        bills = [one.amount for one in desk.of(CashEvent) if one.kind != "deposit"]
        shorted = max(-units, 0) * F(close)
        fee = shorted * F(borrow) / 360
        loan = max(shorted - (cash + sum(map(F, bills))), F(0)) * F(interest) / 360

    assert all(bill == round(bill, 2) for bill in bills)
    assert F(last.cash) == cash + sum(map(F, bills))
    assert abs(F(last.accruals) - sum(map(F, bills)) - owed) <= F(len(world), 10**8)


@pytest.mark.parametrize("parts", [[7], [3, 4], [1] * 7])
def test_a_week_accrues_the_same_in_one_step_and_in_many(desk_with, parts):
    desk = desk_with(30_000, borrow=FIVE)
    desk.price("AAPL", 20, 5)
    desk.sell(1_000, 20)
    desk.value()
    for part in parts:
        desk.price("AAPL", 20, desk.now + part)
        desk.value()

    assert abs(F(desk.last(ValuationEvent).accruals) - F(20_000) * F(5, 100) * 7 / 360) <= F(len(parts), 2 * 10**8)
