"""Each dividend of a real share reinvested at the close before less the dividend: its adjusted series' factors."""

import csv
from datetime import date
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from stage import Listener, Market

from qtrader import EventBus
from qtrader.events import CorporateActionEvent, FillEvent
from qtrader.ports import Instrument, Wiring
from qtrader.ports.settings import PortfolioServiceSettings, PortfolioSettings
from qtrader_service_portfolio import PortfolioService

STEP = Decimal("0.00000001")
UNITS = 1_000_000
"""So many that what is rounded to the cent does not show."""
DIGIT = Fraction(1, 10**7)
"""The last digit of a price factor: 0.8613657."""


class Fractional(Market):
    """A market in which a position may be of any size down to 10^-8."""

    def instrument(self, symbol: str) -> Instrument:
        return Instrument(symbol, lot=STEP)


class Reinvestor:
    """Books that hear of every action, and buy for what each dividend pays."""

    def __init__(self, symbol: str) -> None:
        self.symbol, self.market = symbol, Fractional({})
        settings = PortfolioServiceSettings(portfolio=PortfolioSettings(cash=Decimal(10**9)), snapshots="none")
        wiring = Wiring(Listener(), self.market, None, lambda kind, reference: None)  # type: ignore[arg-type]
        self.service = PortfolioService(EventBus.__new__(EventBus), settings, wiring)
        self.count = 0

    @property
    def cash(self) -> Decimal:
        return self.service.ledger.balance("Assets:Cash", "USD")

    @property
    def units(self) -> Decimal:
        return self.service.positions[0].quantity

    def buy(self, quantity: Decimal, price: Decimal) -> None:
        self.count += 1
        names: dict[str, Any] = dict.fromkeys(("fill_id", "source_order_id", "intent_id"), f"f{self.count}")
        money = {"currency": "USD", "commission_currency": "USD", "commission": Decimal(0), "slippage": Decimal(0)}
        self.service.on_fill(
            FillEvent(
                **names, **money, strategy_id="hold", symbol=self.symbol, side="buy", quantity=quantity, price=price,
                reference_price=price, executed_at=self.market.time, policy="close",
            )
        )  # fmt: skip

    def hear(self, row: dict[str, str]) -> None:
        """One row of actions, at the open of its ex-date, when the close before is the last price."""
        before = Decimal(row["prior_close"])
        self.market.session, self.market.hour = date.fromisoformat(row["ex_date"]), 13
        self.market.prices[self.symbol] = before
        cash = self.cash
        facts: dict[str, Any] = {"action_type": "cash_dividend", "currency": "USD"}
        if row["type"] == "split":
            ratio = Fraction(Decimal(row["split_ratio"]))
            facts = {"action_type": "split", "numerator": ratio.numerator, "denominator": ratio.denominator}
        else:
            facts["amount"] = Decimal(row["cash_amount"])
        self.service.on_corporate_action(
            CorporateActionEvent(
                action_id=row["ex_date"] + row["type"],
                symbol=self.symbol,
                ex_date=self.market.session,
                occurred_at=self.market.time,
                **facts,
            )
        )
        if row["type"] != "split":
            price = before - Decimal(row["cash_amount"])
            self.buy(((self.cash - cash) / price).quantize(STEP, ROUND_DOWN), price)


def rows_of(shared: Path, name: str, symbol: str) -> list[dict[str, str]]:
    with (shared / "data" / name).open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["symbol"] == symbol]


@pytest.mark.parametrize("symbol", ["AAPL", "IBM", "SPY", "BAC"])
def test_units_grow_as_the_adjusted_series_says(shared: Path, symbol: str) -> None:
    """Adjusted = raw x price factor x split factor, so units grow as price factors do, and by the splits.

    From the row that holds before the first dividend in the table of actions to the one that holds after the last.
    """
    actions, factors = rows_of(shared, "equity_actions.csv", symbol), rows_of(shared, "equity_factors.csv", symbol)
    books = Reinvestor(symbol)
    books.market.session = date.fromisoformat(actions[0]["last_cum_date"])
    books.market.prices[symbol] = Decimal(10)
    books.buy(Decimal(UNITS), Decimal(10))
    splits = Fraction(1)
    for row in actions:
        books.hear(row)
        if row["type"] == "split":
            splits *= Fraction(Decimal(row["split_ratio"]))
    paid = [row for row in actions if row["type"] == "cash_dividend"]
    before = factor_of(factors, paid[0]["last_cum_date"])
    after = factor_of(factors, paid[-1]["ex_date"])
    grown = Fraction(books.units) / UNITS / splits

    assert len(paid) > 20
    assert abs(grown * before / after - 1) < sum(map(rounding, paid))


def factor_of(factors: list[dict[str, str]], day: str) -> Fraction:
    """The price factor of a session: that of the first row with ``last_date`` at or after it."""
    return Fraction(Decimal(next(row for row in factors if row["last_date"] >= day)["price_factor"]))


def rounding(row: dict[str, str]) -> Fraction:
    """What one dividend may differ by: half of 10^-4 of its amount, and a digit of the factor, which is above 0.5."""
    return Fraction(1, 20_000) / Fraction(Decimal(row["prior_close"])) + 2 * DIGIT
