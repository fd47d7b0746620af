"""What the account tells others: the payloads of valuations and of consolidated portfolios."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from qtrader.events import Balance, Holding, StrategyHoldings
from qtrader.ports import money
from qtrader_service_portfolio.account import Account
from qtrader_service_portfolio.amounts import LARGEST_QUANTITY, ZERO
from qtrader_service_portfolio.book import Book


def valuation(account: Account, session: date | None) -> dict[str, Any]:
    """The payload of a ``valuation``; the books have been marked."""
    values, gains = _by_currency(account)
    cash, receivables, payables, accruals, realised = map(
        account.total, ("cash", "receivable", "payable", "accrued", "realised")
    )
    market_value = account.worth(values)
    return {
        "session": session,
        "currency": account.currency,
        "equity": cash + market_value + receivables - payables - accruals,
        "cash": cash,
        "market_value": market_value,
        "receivables": receivables,
        "payables": payables,
        "accruals": accruals,
        "realised_pnl": realised,
        "unrealised_pnl": account.worth(gains),
        "open_positions": len(account.open),
    }


def _by_currency(account: Account) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Market value and unrealised profit of the open books, in each currency."""
    values: dict[str, Decimal] = {}
    gains: dict[str, Decimal] = {}
    for book in account.open.values():
        value, currency = book.market_value, book.currency
        values[currency] = values.get(currency, ZERO) + value
        worth = value if book.settled is None else book.exposure
        gains[currency] = gains.get(currency, ZERO) + worth - book.lots.cost
    return values, gains


def consolidated(account: Account, session: date | None) -> dict[str, Any]:
    """The payload of a ``consolidated_portfolio``; the books have been marked."""
    values = [account.rates.worth(book.exposure, book.currency) for book in account.open.values()]
    long = sum((value for value in values if value > 0), ZERO)
    short = -sum((value for value in values if value < 0), ZERO)
    figures = valuation(account, session)
    equity = figures["equity"]
    return {
        "currency": account.currency,
        "session": session,
        "initial_equity": account.capital,
        "equity": equity,
        "cash": figures["cash"],
        "balances": tuple(Balance(currency=one.currency, amount=one.cash) for one in account.funds.values()),
        "market_value": figures["market_value"],
        "long_exposure": long,
        "short_exposure": short,
        "gross_exposure": long + short,
        "net_exposure": long - short,
        "leverage": _leverage(long + short, equity),
        "realised_pnl": figures["realised_pnl"],
        "unrealised_pnl": figures["unrealised_pnl"],
        "commission": account.total("commission"),
        "dividends": account.total("dividends"),
        "currency_effect": account.total("converted"),
        "strategies": _by_strategy(account.books[key] for key in sorted(account.books)),
    }


def _leverage(exposure: Decimal, equity: Decimal) -> Decimal | None:
    """Exposure over equity; None where that says nothing: no equity, or a number beyond every column."""
    if exposure >= equity * LARGEST_QUANTITY:
        return None
    return money(exposure / equity)


def _by_strategy(books: Iterable[Book]) -> tuple[StrategyHoldings, ...]:
    return tuple(
        StrategyHoldings(strategy_id=strategy_id, positions=tuple(_holding(book) for book in group))
        for strategy_id, group in groupby(books, key=lambda book: book.strategy_id)
    )


def _holding(book: Book) -> Holding:
    position = book.position()
    return Holding(
        symbol=book.symbol,
        currency=book.currency,
        side=book.lots.side or "flat",
        quantity=position.quantity,
        average_price=position.average_price,
        cost_basis=position.cost_basis,
        price=position.price,
        market_value=position.market_value,
        unrealised_pnl=position.unrealised,
        realised_pnl=position.realised,
        commission=position.commission,
        dividends=position.dividends,
    )
