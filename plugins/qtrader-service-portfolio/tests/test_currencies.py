"""Instruments, fees and dividends in other currencies; example O with its arithmetic."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrader.errors import RunError
from qtrader.events import CashEvent, ConsolidatedPortfolioEvent
from qtrader.ports import Instrument
from qtrader.ports.settings import PairRates

D = Decimal
SAP = Instrument("SAP", currency="EUR")
EUR = {"symbol": "SAP", "currency": "EUR", "commission_currency": "EUR"}


def day(number: int) -> date:
    """Session number ``number``: 0 is 2024-01-02."""
    return date(2024, 1, 2) + timedelta(days=number)


TABLE = {"EUR/USD": PairRates(table={day(0): D("1.10"), day(1): D("1.20")})}


@pytest.fixture
def abroad(desk_with):
    """100 SAP bought at EUR 10 and 1.10, valued at EUR 12 and 1.20: make it with a way of conversion."""

    def build(conversion):
        desk = desk_with(instruments=(SAP,), rates=TABLE, conversion=conversion)
        desk.price("SAP", 10, 0)
        desk.buy(100, 10, **EUR)
        desk.price("SAP", 12, 1)
        return desk

    return build


def in_full(desk) -> ConsolidatedPortfolioEvent:
    return desk.service.get_state()


def test_o_funded_by_conversion_equity_grows_by_340(abroad):
    """100 x 12 x 1.20 = 1,440 for 1,100: 240 of price at today's rate, 100 of the rate on cost."""
    desk = abroad("always")

    assert desk.value(1).equity - 10_000 == D(240) + D(100) == D(340)


def test_o_funded_by_conversion_the_parts_are_240_and_100(abroad):
    desk = abroad("always")
    desk.value(1)
    state = in_full(desk)

    assert (state.unrealised_pnl, state.currency_effect) == ((12 - 10) * 100 * D("1.20"), 1_000 * D("0.10"))


def test_o_unfunded_equity_grows_by_240(abroad):
    """The asset gains 340, the debt of EUR 1,000 grows by 100."""
    desk = abroad("never")

    assert desk.value(1).equity - 10_000 == (100 * 12 - 1_000) * D("1.20") == D(240)


def test_o_unfunded_cash_counts_the_debt_at_todays_rate(abroad):
    desk = abroad("never")

    assert desk.value(1).cash == 10_000 - 1_000 * D("1.20")


def test_o_unfunded_the_balances_are_told_by_currency(abroad):
    state = in_full(abroad("never"))

    assert {one.currency: one.amount for one in state.balances} == {"USD": D(10_000), "EUR": D(-1_000)}


def test_a_conversion_is_two_legs_each_balanced_in_its_currency(abroad):
    ledger = abroad("always").service.ledger
    legs = [(one.account, one.currency, one.amount) for one in ledger if one.kind == "conversion"]

    assert legs == [
        ("Assets:Cash", "EUR", D(1_000)),
        ("Equity:Conversion", "EUR", D(-1_000)),
        ("Assets:Cash", "USD", D(-1_100)),
        ("Equity:Conversion", "USD", D(1_100)),
    ]


def test_a_conversion_is_told_in_both_currencies(abroad):
    told = [one for one in abroad("always").of(CashEvent) if one.kind == "conversion"]

    assert [(one.currency, one.amount, one.balance) for one in told] == [
        ("EUR", D(1_000), D(0)),
        ("USD", D(-1_100), D(8_900)),
    ]


def test_an_inverse_pair_serves_too(desk_with):
    """USD/EUR 0.80: EUR 1,000 are USD 1,250."""
    desk = desk_with(instruments=(SAP,), rates={"USD/EUR": PairRates(table={day(0): D("0.80")})})
    desk.buy(100, 10, **EUR)

    assert D(10_000) - D(1_000) / D("0.80") == desk.cash


def test_a_pair_among_the_symbols_serves_without_a_setting(desk_with):
    desk = desk_with(instruments=(SAP, Instrument("EURUSD")))
    desk.price("EURUSD", "1.25", 0)
    desk.price("SAP", 10, 1)
    desk.buy(100, 10, **EUR)

    assert D(10_000) - 1_000 * D("1.25") == desk.cash


def test_a_fill_is_exchanged_at_the_last_rate_before_it(desk_with):
    """Filled at the close of day 1, told when day 2's rate is known: it is worth day 1's."""
    desk = desk_with(instruments=(SAP, Instrument("EURUSD")))
    desk.price("EURUSD", "1.10", 0)
    desk.price("EURUSD", "1.20", 1)
    desk.price("EURUSD", "1.30", 2)
    desk.buy(100, 10, executed_at=datetime(2024, 1, 3, 21, tzinfo=UTC), **EUR)

    assert D(10_000) - 1_000 * D("1.20") == desk.cash


def test_a_fee_in_another_currency_is_paid_in_it_and_carried_by_the_lot_in_the_books(desk_with):
    """A fee of EUR 2 on a purchase in USD, at 1.10: the lot carries 2.20."""
    desk = desk_with(rates=TABLE, conversion="never")
    desk.buy(100, 10, 2, commission_currency="EUR")

    assert (desk.position.open_fees, desk.service.ledger.balance("Expenses:Commission", "EUR")) == (D("2.20"), D(2))
    assert in_full(desk).commission == 2 * D("1.10")


def test_a_dividend_in_another_currency_is_income_in_it(desk_with):
    """100 x EUR 0.50 less 15 % at 1.20: receivable EUR 50.00, payable 7.50; converted on the pay date."""
    desk = desk_with(rates=TABLE)
    desk.price("AAPL", 10, 0)
    desk.buy(100, 10)
    desk.price("AAPL", 10, 1)
    desk.dividend("0.50", pay=3, currency="EUR", withholding=D("0.15"))
    valued = desk.value(1)

    assert (valued.receivables, valued.payables) == (50 * D("1.20"), D("7.50") * D("1.20"))
    desk.value(3)
    assert desk.cash == 10_000 - 1_000 + D("42.50") * D("1.20")


def test_a_dividend_in_another_currency_is_set_against_the_price_at_the_rate(desk_with):
    """EUR 9.50 at 1.10 is USD 10.45, more than the price of 10."""
    desk = desk_with(rates=TABLE)
    desk.price("AAPL", 10, 0)
    desk.buy(100, 10)

    with pytest.raises(RunError, match=r"pays 10\.45 USD a unit, more than the last price, 10"):
        desk.dividend("9.50", currency="EUR")


def test_identity_2_and_3_hold_in_base_currency_over_a_round_trip(desk_with):
    """Equity change = realised + unrealised - commission + currency effect, all at today's rate, as fractions."""
    desk = desk_with(instruments=(SAP,), rates=TABLE)
    desk.buy(100, 10, 3, **EUR)
    desk.price("SAP", 12, 1)
    desk.sell(40, 12, 1, **EUR)
    valued = desk.value(1)
    rate = Fraction(6, 5)
    realised, unrealised, fees = 40 * 2 * rate, 60 * 2 * rate, 4 * rate
    converted = 1_003 * rate - 1_003 * Fraction(11, 10)  # what was bought at 1.10 and is worth 1.20 now

    assert Fraction(valued.equity) - 10_000 == realised + unrealised - fees + converted
    assert Fraction(in_full(desk).currency_effect or 0) == converted


def test_a_stale_rate_names_pair_and_date(desk_with):
    desk = desk_with(instruments=(SAP,), rates=TABLE)
    desk.price("SAP", 10, 9)

    with pytest.raises(RunError, match=r"no rate of EUR/USD on 2024-01-11: the last of its table is of 2024-01-03"):
        desk.buy(100, 10, **EUR)


def test_a_rate_may_be_as_old_as_the_settings_say(desk_with):
    desk = desk_with(instruments=(SAP,), rates=TABLE, rates_max_age=8)
    desk.price("SAP", 10, 9)
    desk.buy(100, 10, **EUR)

    assert desk.cash == 10_000 - 1_000 * D("1.20")


def test_a_stale_bar_of_a_pair_names_its_end(desk_with):
    desk = desk_with(instruments=(SAP, Instrument("EURUSD")))
    desk.price("EURUSD", "1.10", 0)
    desk.price("SAP", 10, 8)

    with pytest.raises(RunError, match=r"the last bar of EURUSD ended 7 days before, which is too old"):
        desk.buy(100, 10, **EUR)


def test_a_rate_of_zero_names_pair_and_date(desk_with):
    desk = desk_with(instruments=(SAP, Instrument("EURUSD")))
    desk.price("EURUSD", 0, 0)
    desk.price("SAP", 10, 1)

    with pytest.raises(RunError, match=r"no rate of EUR/USD on 2024-01-03: the close of EURUSD is 0"):
        desk.buy(100, 10, **EUR)


def test_a_table_that_begins_later_names_its_first_day(desk_with):
    desk = desk_with(instruments=(SAP,), rates={"EUR/USD": PairRates(table={day(1): D("1.20")})})
    desk.price("SAP", 10, 0)

    with pytest.raises(RunError, match="its table begins on 2024-01-03"):
        desk.buy(100, 10, **EUR)


@pytest.mark.parametrize("facts", [{"commission_currency": "GBP"}, EUR], ids=["fee", "price"])
@pytest.mark.parametrize("conversion", ["always", "never"])
def test_a_missing_rate_changes_nothing(desk_with, conversion, facts):
    """In pounds there is none, in euros it is too old; without conversion a price in euros needs none."""
    desk = desk_with(instruments=(SAP,), rates=TABLE, conversion=conversion)
    desk.buy(100, 10, **EUR)
    desk.buy(1, 10)
    desk.price("AAPL", 10, 30)
    before = desk.service.get_snapshot()
    if conversion == "never" and facts is EUR:
        desk.buy(10, 10, 1, **facts)
        return
    with pytest.raises(RunError, match="no rate of"):
        desk.buy(10, 10, 1, **facts)

    assert before == desk.service.get_snapshot()


def test_of_what_ends_now_no_bar_counts_for_a_fill(desk_with):
    """Filled at this instant's close: whether the pair's bar of the same instant was seen before or after is one."""
    desk = desk_with(instruments=(SAP, Instrument("EURUSD")))
    desk.price("EURUSD", "1.10", 0)
    desk.price("EURUSD", "1.20", 1)
    desk.buy(100, 10, **EUR)

    assert desk.cash == 10_000 - 1_000 * D("1.10")


def test_an_exchange_says_what_was_bought_for_what(abroad):
    told = [one.reason for one in abroad("always").of(CashEvent) if one.kind == "conversion"]

    assert told == ["1000 EUR bought for 1100 USD"] * 2


def test_what_is_no_iso_4217_currency_names_instrument_and_currency(desk_with):
    desk = desk_with(instruments=(Instrument("COIN", currency="XQZ"),))

    with pytest.raises(RunError, match="COIN: 'XQZ' is not an ISO 4217 currency"):
        desk.buy(1, 10, symbol="COIN", currency="XQZ", commission_currency="XQZ")


@pytest.mark.parametrize("conversion", ["always", "never"])
def test_a_restored_account_goes_on_the_same(abroad, conversion):
    def rest(desk):
        desk.sell(40, 13, 1, **EUR)
        desk.price("SAP", 14, 2)
        desk.value(2)
        return desk.service.get_snapshot()["account"]["funds"], in_full(desk).equity, in_full(desk).currency_effect

    straight, broken = abroad(conversion), abroad(conversion)
    snapshot = broken.service.get_snapshot()
    broken.service = broken.build()
    broken.service.restore_from_snapshot(snapshot)

    assert rest(straight) == rest(broken)


def test_a_short_abroad_is_bought_back_for_its_gain(desk_with):
    """Short 100 at EUR 10, back at 8: EUR 200 of gain, at 1.20 when all is closed; proceeds were exchanged at 1.10."""
    desk = desk_with(instruments=(SAP,), rates=TABLE)
    desk.sell(100, 10, **EUR)
    desk.price("SAP", 8, 1)
    desk.buy(100, 8, **EUR)

    assert desk.value(1).equity == 10_000 + 1_000 * D("1.10") - 800 * D("1.20")


# another unit of money


trades = st.lists(
    st.tuples(st.sampled_from(["buy", "sell"]), st.integers(1, 50), st.integers(100, 3_000), st.integers(0, 300)),
    min_size=1,
    max_size=8,
)


def redenominated(desk_with, steps, by, conversion):
    """Equity of each session where a unit of the foreign currency is worth so many times less, and all costs more."""
    rate = PairRates(table={day(number): (D("1.25") + D(number) / 8) / by for number in range(len(steps))})
    desk = desk_with(100_000, instruments=(SAP,), rates={"EUR/USD": rate}, conversion=conversion)
    equity = []
    for number, (side, units, cents, fee) in enumerate(steps):
        price = D(cents) / 100 * by
        desk.price("SAP", price, number)
        (desk.buy if side == "buy" else desk.sell)(units, price, D(fee) / 100 * by, **EUR)
        if number % 3 == 2:
            desk.now = number
            desk.dividend(D(cents) / 1_000 * by, symbol="SAP", currency="EUR", withholding=D("0.25"))
        equity.append(desk.value(number).equity)
    return equity


@settings(deadline=None)
@given(trades, st.sampled_from([2, 10, 100, 1_000]), st.sampled_from(["always", "never"]))
def test_a_unit_of_money_cut_into_parts_leaves_equity_as_it_was(desk_with, steps, by, conversion):
    """Property 20 of the design. Dividends are paid to the minor unit, of which a part is worth less: a cent each."""
    plain, cut = (redenominated(desk_with, steps, one, conversion) for one in (1, by))

    for number, (one, other) in enumerate(zip(plain, cut, strict=True)):
        assert abs(one - other) <= D("0.03") * ((number + 1) // 3)
