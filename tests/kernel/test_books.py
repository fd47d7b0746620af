"""The books projection against plain sums over what was told last of each book."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_samples import made
from qtrader.books import Books
from qtrader.errors import RunError
from qtrader.events import CashEvent, PositionEvent, PriceBarEvent
from qtrader.market_view import FollowingMarketView
from qtrader.ports import BooksView, ExchangeRates, Instrument
from qtrader.ports.settings import PortfolioSettings


def bar(symbol: str, close: Decimal | str) -> PriceBarEvent:
    price = Decimal(close)
    return PriceBarEvent(
        symbol=symbol,
        asset_class="equity",
        interval="1d",
        timestamp=datetime(2020, 1, 2, 21, tzinfo=UTC),
        session=date(2020, 1, 2),
        open=price,
        high=price,
        low=price,
        close=price,
        volume=None,
        currency="USD",
    )


def position(strategy: str, symbol: str, quantity: str, cash: str = "0", **changes: Any) -> PositionEvent:
    """A book after some fill; cash is the account's after it."""
    facts = {"currency": "USD", "price": Decimal(10), "cash_balance": Decimal(cash), **changes}
    event = made(PositionEvent, strategy_id=strategy, symbol=symbol, quantity=Decimal(quantity), **facts)
    assert isinstance(event, PositionEvent)
    return event


def cash(balance: str, receivable: str = "0", payable: str = "0", **changes: Any) -> CashEvent:
    values = {"balance": Decimal(balance), "receivable": Decimal(receivable), "payable": Decimal(payable)}
    values["accrued"] = Decimal(0)
    event = made(CashEvent, **{"currency": "USD", **values, **changes})
    assert isinstance(event, CashEvent)
    return event


@pytest.fixture
def view() -> FollowingMarketView:
    return FollowingMarketView({"FUT": Instrument("FUT", multiplier=Decimal(50))})


@pytest.fixture
def books(view: FollowingMarketView) -> Books:
    return Books(view)


def test_books_are_what_limits_see(books: Books) -> None:
    assert isinstance(books, BooksView)


def test_empty_books_are_worth_nothing(books: Books) -> None:
    assert (Decimal(0), Decimal(0), Decimal(0)) == (books.equity, books.market_value, books.quantity("A"))


def test_cash_is_what_the_latest_event_says(books: Books) -> None:
    books.on_cash(cash("1000"))
    books.on_position(position("s", "A", "5", cash="950"))

    assert Decimal(950) == books.cash


def test_equity_is_cash_and_value_and_receivables_less_payables(books: Books, view: FollowingMarketView) -> None:
    view.see(bar("A", "12.5"))
    books.on_position(position("s", "A", "4"))
    books.on_cash(cash("1000", receivable="7.5", payable="2.25"))

    assert Decimal("1055.25") == books.equity  # 1000 + 4 x 12.5 + 7.5 - 2.25


def test_equity_follows_the_last_price(books: Books, view: FollowingMarketView) -> None:
    books.on_position(position("s", "A", "4", cash="100"))
    equities = []
    for close in ("10", "11", "9.5"):
        view.see(bar("A", close))
        equities.append(books.equity)

    assert [Decimal(140), Decimal(144), Decimal(138)] == equities


def test_a_short_is_worth_less_than_nothing(books: Books, view: FollowingMarketView) -> None:
    view.see(bar("A", "10"))
    books.on_position(position("s", "A", "-3", cash="1030"))

    assert (Decimal(-30), Decimal(1000)) == (books.market_value, books.equity)


def test_the_multiplier_counts(books: Books, view: FollowingMarketView) -> None:
    view.see(bar("FUT", "10"))
    books.on_position(position("s", "FUT", "2"))

    assert Decimal(1000) == books.market_value


def test_before_the_first_bar_the_event_s_own_mark_is_the_price(books: Books) -> None:
    books.on_position(position("s", "A", "2", price=Decimal("7.5")))

    assert Decimal(15) == books.market_value


def test_books_of_two_strategies_are_kept_apart(books: Books) -> None:
    books.on_position(position("s", "A", "5"))
    books.on_position(position("t", "A", "-2"))

    assert (Decimal(5), Decimal(-2)) == (books.quantity("A", "s"), books.quantity("A", "t"))


def test_without_a_strategy_the_quantity_is_net(books: Books) -> None:
    books.on_position(position("s", "A", "5"))
    books.on_position(position("t", "A", "-2"))

    assert Decimal(3) == books.quantity("A")


def test_books_that_cancel_out_are_worth_nothing(books: Books, view: FollowingMarketView) -> None:
    view.see(bar("A", "10"))
    books.on_position(position("s", "A", "5"))
    books.on_position(position("t", "A", "-5"))

    assert (Decimal(0), Decimal(0)) == (books.quantity("A"), books.market_value)


def test_cash_in_another_currency_is_kept_apart(books: Books) -> None:
    books.on_cash(cash("1000"))
    books.on_cash(cash("5", currency="EUR"))
    books.on_position(position("s", "A", "5", cash="7", currency="EUR"))

    assert books.balances == {"EUR": Decimal(7), "USD": Decimal(1000)}


def test_a_position_is_worth_what_its_own_currency_is() -> None:
    """Whatever is known of the instrument: 5 units at the price of the event, 10, at 1.5."""
    view = FollowingMarketView()
    rates = {"EUR/USD": {"table": {"1970-01-01": "1.5"}}}
    books = Books(view, ExchangeRates(view, PortfolioSettings(rates=rates)))
    books.on_position(position("s", "A", "5", cash="7", currency="EUR"))

    assert (books.market_value, books.cash, books.equity) == (Decimal(75), Decimal("10.5"), Decimal("85.5"))


def test_cash_in_another_currency_has_no_worth_without_a_rate(books: Books) -> None:
    books.on_cash(cash("5", currency="EUR"))

    with pytest.raises(RunError, match="no rate of EUR/USD"):
        _ = books.cash


def test_the_average_price_is_the_event_s(books: Books) -> None:
    books.on_position(position("s", "A", "5", average_price=Decimal("10.25")))

    assert Decimal("10.25") == books.average_price("A", "s")


def test_of_an_unknown_book_there_is_no_average_price_and_no_position(books: Books) -> None:
    assert (books.average_price("A", "s"), books.position("A", "s")) == (None, None)


def test_positions_come_by_strategy_then_symbol(books: Books) -> None:
    for strategy, symbol in (("t", "A"), ("s", "B"), ("s", "A")):
        books.on_position(position(strategy, symbol, "1"))

    assert [(one.strategy_id, one.symbol) for one in books.positions()] == [("s", "A"), ("s", "B"), ("t", "A")]


TOLD = st.lists(
    st.tuples(
        st.sampled_from("st"), st.sampled_from("ABC"), st.integers(-(10**9), 10**9).map(lambda n: Decimal(n).scaleb(-4))
    ),
    max_size=30,
)


@given(TOLD, st.lists(st.integers(1, 10**8).map(lambda n: Decimal(n).scaleb(-4)), min_size=3, max_size=3))
@settings(deadline=None)
def test_any_history_of_positions_sums_like_a_plain_table(told: Any, closes: list[Decimal]) -> None:
    view = FollowingMarketView()
    books = Books(view)
    prices = dict(zip("ABC", closes, strict=True))
    for symbol, close in prices.items():
        view.see(bar(symbol, close))
    table: dict[tuple[str, str], Decimal] = {}
    for strategy, symbol, quantity in told:
        books.on_position(position(strategy, symbol, str(quantity), cash="250"))
        table[strategy, symbol] = quantity

    value = sum((quantity * prices[symbol] for (_, symbol), quantity in table.items()), Decimal(0))
    assert value == books.market_value
    assert books.equity == value + (250 if told else 0)
    assert all(books.quantity(symbol, strategy) == quantity for (strategy, symbol), quantity in table.items())
    for symbol in "ABC":
        assert books.quantity(symbol) == sum((q for (_, one), q in table.items() if one == symbol), Decimal(0))
