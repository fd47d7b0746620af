"""Futures: contracts are worth nothing, their variation is cash; numbers are worked out beside each test."""

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrader.errors import BooksBreach, RunError
from qtrader.events import CashEvent, ConsolidatedPortfolioEvent, PositionEvent, TradeEvent
from qtrader.ports import Instrument
from qtrader.ports.carry_settings import BorrowSettings, MarginInterestSettings
from qtrader.ports.currency_settings import PairRates
from qtrader_service_portfolio.ledger import Transaction

D = Decimal
ES = Instrument("ES", asset_class="future", multiplier=D(50))
FDAX = Instrument("FDAX", asset_class="future", currency="EUR", multiplier=D(25))
APPLE = Instrument("AAPL")


@pytest.fixture
def pit(desk_with):
    """A desk with 100,000 USD that trades one future."""
    return desk_with(100_000, instruments=(ES, FDAX, APPLE))


def test_to_open_costs_the_commission_alone(pit):
    pit.buy(2, 4_000, "4.10", symbol="ES")

    assert D("99995.90") == pit.cash
    assert (D(400_000), D(-400_000)) == tuple(
        pit.service.ledger.balance(account, "USD") for account in ("Assets:Inventory", "Liabilities:Futures")
    )


def test_a_short_brings_no_cash_and_gains_when_prices_fall(pit):
    """3 contracts of 50, 4,000 to 3,980: 3,000."""
    pit.sell(3, 4_000, symbol="ES")
    opened = pit.cash
    pit.price("ES", 3_980, 1)
    pit.value()

    assert (D(100_000), D(103_000)) == (opened, pit.cash)


def test_what_is_held_is_settled_to_the_price_of_every_fill(pit):
    """1 at 4,000; another at 4,020 brings the first 1,000; both at 4,030: 1,000 more."""
    pit.buy(1, 4_000, symbol="ES")
    pit.buy(1, 4_020, symbol="ES")
    after_second = pit.cash
    pit.price("ES", 4_030, 1)
    pit.value()

    assert (D(101_000), D(102_000)) == (after_second, pit.cash)


def test_a_flip_settles_the_old_side_and_opens_the_new_one(pit):
    """2 long from 4,000, 5 sold at 4,010: 1,000; then 3 short, 4,020: -1,500."""
    pit.buy(2, 4_000, symbol="ES")
    pit.sell(5, 4_010, symbol="ES")
    after_flip, trade = pit.cash, pit.last(TradeEvent)
    pit.price("ES", 4_020, 1)
    worth = pit.value()

    assert (D(101_000), D(1_000), D(99_500)) == (after_flip, trade.gross_pnl, pit.cash)
    assert (D(1_000), D(-1_500), D(0)) == (worth.realised_pnl, worth.unrealised_pnl, worth.market_value)


def test_between_settlements_equity_has_what_contracts_gained(pit):
    """An intraday valuation at 4,004: 2 * 50 * 4 in market value, no cash yet; the kernel's books agree."""
    pit.buy(2, 4_000, symbol="ES")
    pit.price("ES", 4_004, 1)
    worth = pit.value(reason="end")

    assert (D(400), D(100_000), D(100_400)) == (worth.market_value, worth.cash, worth.equity)


def test_the_books_of_strategies_show_the_same_equity_at_every_moment(pit):
    pit.told._market.last = pit.market.close
    pit.buy(2, 4_000, symbol="ES")
    pit.sell(1, 4_000, symbol="ES", strategy_id="other")
    seen = []
    for number, price in enumerate((4_010, 3_990), 1):
        pit.price("ES", price, number)
        seen.append(pit.told.equity)
        pit.value()
        seen.append(pit.told.equity)

    gained = [50 * (price - 4_000) for price in (4_010, 4_010, 3_990, 3_990)]
    assert [D(100_000 + one) for one in gained] == seen


def test_it_is_told_as_cash_and_as_a_position(pit):
    pit.buy(2, 4_000, symbol="ES")
    pit.price("ES", 4_010, 1)
    pit.value()
    cash, position = pit.last(CashEvent), pit.last(PositionEvent)

    assert ("variation", D(1_000), "ES", "trend") == (cash.kind, cash.amount, cash.symbol, cash.strategy_id)
    assert ("variation", D(0), D(1_000), D(400_000)) == (
        position.reason, position.market_value, position.unrealised_pnl, position.cost_basis,
    )  # fmt: skip


def test_a_session_without_a_change_settles_nothing(pit):
    pit.buy(2, 4_000, symbol="ES")
    pit.price("ES", 4_000, 1)
    before = pit.service.ledger.transactions
    pit.value()

    assert before == pit.service.ledger.transactions


def test_exposure_and_leverage_are_those_of_the_contracts(pit):
    """2 * 50 * 4,010 = 401,000 on an equity of 101,000."""
    pit.buy(2, 4_000, symbol="ES")
    pit.price("ES", 4_010, 1)
    pit.value()
    state = pit.service.get_state()

    assert isinstance(state, ConsolidatedPortfolioEvent)
    assert (D(401_000), D(0)) == (state.gross_exposure, state.market_value)
    assert abs(state.leverage - D(401_000) / D(101_000)) < D("1E-8")


def test_an_expiry_is_a_delisting_at_the_settlement_price(pit):
    """2 long from 4,000, settled at 4,010, expired at 4,012.50: 50 * 2 * 12.50 in all."""
    pit.buy(2, 4_000, symbol="ES")
    pit.price("ES", 4_010, 1)
    pit.value()
    pit.now = 2
    pit.act("delisting", symbol="ES", value=D("4012.50"))

    assert (D(101_250), D(1_250)) == (pit.cash, pit.last(TradeEvent).gross_pnl)
    assert D(0) == pit.service.ledger.balance("Liabilities:Futures", "USD")
    assert D(101_250) == pit.value().equity


def test_a_short_expires_too(pit):
    pit.sell(1, 4_000, symbol="ES")
    pit.now = 1
    pit.act("delisting", symbol="ES", value=D(4_100))

    assert D(95_000) == pit.cash == pit.value().equity


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("split", {"numerator": 2, "denominator": 1}),
        ("cash_dividend", {"amount": D(1), "currency": "USD"}),
        ("rights", {"ratio": D("0.5"), "subscription_price": D(1)}),
        ("merger", {"cash_amount": D(1)}),
        ("spin_off", {"ratio": D("0.5"), "new_symbol": "AAPL"}),
        ("symbol_change", {"new_symbol": "AAPL"}),
    ],
)
def test_contracts_have_no_company_acts(pit, kind, facts):
    pit.buy(2, 4_000, symbol="ES")
    with pytest.raises(RunError, match=f"the {kind} of ES .*: ES is a future, and contracts have no {kind}"):
        pit.act(kind, symbol="ES", **facts)


def test_nobody_is_given_contracts(pit):
    pit.buy(10, 100)
    pit.price("AAPL", 100, 1)
    pit.price("ES", 4_000, 1)
    with pytest.raises(RunError, match="gives ES, which is a future"):
        pit.act("spin_off", ratio=D("0.5"), new_symbol="ES")


def test_nobody_borrows_contracts_and_a_short_hides_no_loan(desk_with):
    """Cash of 100,000 stays above zero; a stock short as large would be a loan, and would be borrowed."""
    desk = desk_with(
        100_000,
        instruments=(ES,),
        borrow=BorrowSettings(rate=D("0.05")),
        margin_interest=MarginInterestSettings(rate=D("0.07")),
    )
    desk.sell(3, 4_000, symbol="ES")
    for number in range(1, 4):
        desk.price("ES", 4_000, number)
        desk.value()

    assert D(0) == desk.last(CashEvent).accrued
    assert D(100_000) == desk.cash


def test_in_another_currency_the_variation_is_exchanged_at_the_rate_of_the_moment(desk_with):
    """2 FDAX of EUR 25, 10 points: EUR 500, at 1.10 USD 550; nothing is exchanged when it opens."""
    desk = desk_with(100_000, instruments=(FDAX,), rates={"EUR/USD": PairRates(table={date(2024, 1, 1): D("1.10")})})
    desk.buy(2, 18_000, symbol="FDAX", currency="EUR")
    opened = desk.cash
    desk.price("FDAX", 18_010, 1)
    worth = desk.value()

    assert (D(100_000), D(100_550), D(100_550)) == (opened, desk.cash, worth.equity)


def test_a_snapshot_goes_on_where_it_was(pit):
    pit.buy(2, 4_000, symbol="ES")
    pit.price("ES", 4_010, 1)
    pit.value()
    copied = json.loads(json.dumps(pit.service.get_snapshot()))
    pit.service = pit.build()
    pit.service.restore_from_snapshot(copied)
    pit.guarded = False  # the ledger begins anew
    pit.price("ES", 4_020, 2)
    pit.value()

    assert D(102_000) == pit.cash


STEPS = st.lists(
    st.tuples(st.sampled_from(["buy", "sell", "value", "price"]), st.integers(1, 5), st.integers(39_000, 41_000)),
    min_size=1,
    max_size=30,
)


@given(STEPS)
def test_whatever_is_traded_equity_is_what_fills_and_prices_make(desk_with, steps):
    """Against fractions: capital, less what units cost, plus what they are worth; after a session all of it is cash."""
    desk = desk_with(100_000, instruments=(ES,))
    units, money, price = 0, Fraction(100_000), Fraction(4_000)
    for number, (kind, size, tenths) in enumerate(steps):
        now = Fraction(tenths, 10)
        if kind in ("buy", "sell"):
            signed = size if kind == "buy" else -size
            desk.hear(desk.make_fill(kind, size, D(tenths) / 10, "1.25", symbol="ES"))
            units, money = units + signed, money - 50 * signed * now - Fraction(5, 4)
        desk.price("ES", D(tenths) / 10, number)
        price = now
        if kind == "value":
            desk.value()
            assert Fraction(desk.cash) == money + 50 * units * price
    worth = desk.value(len(steps), reason="end")
    assert Fraction(worth.equity) == money + 50 * units * price


# planted faults


def test_the_guard_sees_a_variation_that_is_not_paid(pit):
    pit.buy(2, 4_000, symbol="ES")
    pit.price("ES", 4_010, 1)
    pit.service._settlements.settle = lambda reference, time_ns: None
    with pytest.raises(BooksBreach, match=r"variation of trend in ES, 1000.* USD, is missing"):
        pit.value()


def test_the_guard_sees_contracts_that_were_paid_in_full(pit, desk_with):
    paid = desk_with(100_000, instruments=(Instrument("ES", multiplier=D(50)),))
    pit.service = paid.service
    paid.market.instruments["ES"] = Instrument("ES", multiplier=D(50))
    with pytest.raises(BooksBreach, match=r"nothing asks for fill .* of -400000"):
        pit.buy(2, 4_000, symbol="ES")


def test_the_guard_sees_what_is_owed_in_another_account(pit):
    pit.buy(2, 4_000, symbol="ES")
    ledger = pit.service.ledger
    last = ledger._transactions[-1]
    moved = tuple(
        ("Liabilities:Payables" if account == "Liabilities:Futures" else account, amount)
        for account, amount in last.postings
    )
    pit.price("ES", 4_010, 1)
    ledger._transactions[-1] = Transaction(*last[:-1], moved)
    pit.guard._postings.unsummed[-1] = ledger._transactions[-1]
    with pytest.raises(BooksBreach, match=r"the balance of (Liabilities:Futures|Liabilities:Payables) in USD"):
        pit.value()
