"""Rates: exact both ways, the last one known, over the base between two others."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrader.errors import RunError
from qtrader.events import PriceBarEvent
from qtrader.market_view import FollowingMarketView
from qtrader.ports import ExchangeRates, Instrument
from qtrader.ports.settings import PairRates, PortfolioSettings

D = Decimal
START = date(2024, 1, 2)
PAIR = Instrument("EURUSD", currency="USD")
AMOUNTS = st.decimals("-1000000000", "1000000000", places=8)
RATES = st.decimals("0.0001", "10000", places=6)


def view(*closes: str, pair: Instrument = PAIR) -> FollowingMarketView:
    """A market that has seen daily bars of a pair, each ending at 21:00 UTC."""
    market = FollowingMarketView({pair.symbol: pair})
    for number, close in enumerate(closes):
        day = START + timedelta(days=number)
        price = D(close)
        market.see(
            PriceBarEvent(
                symbol=pair.symbol,
                asset_class="fx",
                interval="1d",
                timestamp=datetime(day.year, day.month, day.day, 21, tzinfo=UTC),
                session=day,
                open=price,
                high=price,
                low=price,
                close=price,
                volume=None,
                currency=pair.currency,
            )
        )
    return market


def with_table(**rates: str) -> ExchangeRates:
    """Rates of the first day, by pair written ``EUR_USD``."""
    tables = {pair.replace("_", "/"): PairRates(table={START: D(rate)}) for pair, rate in rates.items()}
    return ExchangeRates(view("1"), PortfolioSettings(rates=tables))


def test_an_amount_in_the_account_s_own_currency_is_itself() -> None:
    assert ExchangeRates(view()).worth(D("1.123456789"), "USD") == D("1.123456789")


def test_nothing_is_worth_nothing_without_a_rate() -> None:
    assert ExchangeRates(view()).worth(D(0), "EUR") == 0


def test_the_last_close_counts() -> None:
    assert ExchangeRates(view("1.10", "1.20")).worth(D(100), "EUR") == D(120)


def test_at_an_earlier_instant_the_last_close_before_it_counts() -> None:
    market = view("1.10", "1.20")
    noon = int(datetime(2024, 1, 3, 12, tzinfo=UTC).timestamp()) * 10**9

    assert ExchangeRates(market).worth(D(100), "EUR", noon) == D(110)


def test_before_the_first_bar_there_is_no_rate() -> None:
    with pytest.raises(RunError, match="no rate of EUR/USD on 2024-01-02: EURUSD has no bar yet"):
        ExchangeRates(view("1.10")).worth(D(100), "EUR", 0)


@pytest.mark.parametrize("symbol", ["EURUSD", "EUR/USD", "EUR-USD"])
def test_a_pair_is_found_by_its_name(symbol: str) -> None:
    assert ExchangeRates(view("1.5", pair=Instrument(symbol, currency="USD"))).worth(D(2), "EUR") == 3


def test_a_symbol_that_is_quoted_otherwise_is_no_pair() -> None:
    with pytest.raises(RunError, match="the run has no rate"):
        ExchangeRates(view("1.5", pair=Instrument("EURUSD", currency="GBP"))).worth(D(2), "EUR")


def test_a_named_symbol_comes_before_one_that_is_found() -> None:
    market = view("1.5")
    named = PortfolioSettings(rates={"EUR/USD": PairRates(table={START: D(2)})})

    assert ExchangeRates(market, named).worth(D(1), "EUR") == 2


@given(AMOUNTS, RATES)
def test_an_inverse_rate_is_exact_to_the_last_digit(amount: Decimal, rate: Decimal) -> None:
    worth = with_table(USD_JPY=str(rate)).worth(amount, "JPY")

    assert Fraction(worth) == round(Fraction(amount) / Fraction(rate) * 10**8) / Fraction(10**8)


@given(AMOUNTS, RATES, RATES)
def test_between_two_others_the_way_is_over_the_account_s(amount: Decimal, euro: Decimal, yen: Decimal) -> None:
    rates = with_table(EUR_USD=str(euro), USD_JPY=str(yen))
    exact = Fraction(amount) * Fraction(euro) * Fraction(yen)

    assert Fraction(rates.between(amount, "EUR", "JPY")) == round(exact * 10**8) / Fraction(10**8)


def test_the_rate_of_the_own_currency_is_one() -> None:
    assert with_table(EUR_USD="1.1").rate("USD") == 1


def test_the_rate_of_an_inverse_pair_has_sixty_digits() -> None:
    assert with_table(USD_JPY="3").rate("JPY") == D("0." + "3" * 60)
