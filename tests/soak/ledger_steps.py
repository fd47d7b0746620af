"""Many random steps of the books against naive ones: ``python tests/soak/ledger_steps.py [--steps N] [--seed N]``.

A step is a fill, a corporate action or a session's end. After each, cash is what the naive books say, in every
currency; at each session's end so are units, equity and what is due. Every so often the identities of accounting are
worked out from lots, trades and ledger, and another service goes on from a snapshot. The kernel's guard looks on. Exit
status 1, and the step, where something does not hold.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from company_acts import Acts
from naive_books import NaiveBooks
from stage import QUOTED, Listener, Market

from qtrader import EventBus
from qtrader.events import FillEvent, ValuationTriggerEvent
from qtrader.guard import AccountingGuard
from qtrader.ports import Wiring
from qtrader.ports.settings import PortfolioServiceSettings, PortfolioSettings
from qtrader_service_portfolio import PortfolioService

F = Fraction
PAIRS = {"EUR": "EURUSD", "JPY": "USDJPY"}
STRATEGIES = "trend", "value"
AUDIT_EVERY = 40
RESTART_EVERY = 4_999
LIFE = 100_000
"""Steps of one account, some hundred years; then another begins, with the next seed."""
CLOSE_ENOUGH = F(10, 10**8)
"""What rounding of converted totals, each once to 10^-8, may add up to."""


class Soak:
    """One service, its naive twin, and a seeded generator that feeds both."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.market = Market({"AAA": Decimal(50), "BBB": Decimal(20), "SAP": Decimal(100), "TYO": Decimal(3000)})
        self.market.prices |= {"EURUSD": Decimal("1.1"), "USDJPY": Decimal(110)}
        self.said = Listener()
        settings = PortfolioSettings(
            cash=Decimal(1_000_000),
            borrow={"rate": "0.03"},
            margin_interest={"rate": "0.05"},  # type: ignore[arg-type]
        )
        self.settings = PortfolioServiceSettings(portfolio=settings, snapshots="none")
        self.services = {"portfolio": self.build()}
        self.guard = AccountingGuard(self.services, self.market, self.said, settings)  # type: ignore[arg-type]
        self.naive = NaiveBooks(F(1_000_000), QUOTED, F(3, 100), F(5, 100))
        self.count = 0
        self.acts = Acts(self)

    def build(self) -> PortfolioService:
        """A service that has heard nothing yet."""
        wiring = Wiring(self.said, self.market, None, lambda kind, reference: None)  # type: ignore[arg-type]
        return PortfolioService(EventBus.__new__(EventBus), self.settings, wiring)

    @property
    def service(self) -> PortfolioService:
        """The one whose books are looked at."""
        return self.services["portfolio"]

    def hear(self, event: Any) -> None:
        """Tell the service of an event, then the guard, and the guard of what the service said."""
        name = f"on_{event.topic}"
        getattr(self.service, name)(event)
        getattr(self.guard, name)(event)
        for kind, said in self.said.unheard:
            getattr(self.guard, f"on_{kind.topic}")(said)
        self.said.unheard.clear()

    def restart(self) -> None:
        """Go on with another service, which is told all by a snapshot, written and read."""
        snapshot = json.loads(json.dumps(self.service.get_snapshot()))
        self.services["portfolio"] = self.build()
        self.service.restore_from_snapshot(snapshot)
        expect(self.service.get_snapshot(), snapshot, "a restored service's snapshot")

    # what the generator does

    def steps(self) -> Iterator[str]:
        """Feed both with one event after the other, for ever; says which it was."""
        while True:
            self.market.hour = 14
            if self.random.random() < 0.4:
                yield self.acts.one()
            self.market.hour = 15
            for _ in range(self.random.randrange(9)):
                yield self.fill()
            self.market.hour = 21
            yield self.end_session()

    def fill(self) -> str:
        """One fill at a price near the last, toward flat more often than away from it."""
        symbol, strategy = self.random.choice([*QUOTED]), self.random.choice(STRATEGIES)
        self.move(symbol)
        held = self.naive.units.get((strategy, symbol), F(0))
        buy = self.random.random() < (0.7 if held < 0 else 0.3 if held > 0 else 0.5)
        quantity, price = self.random.randrange(1, 200), self.market.prices[symbol]
        currency = QUOTED[symbol]
        fee = Decimal(self.random.randrange(300)) if currency == "JPY" else Decimal(self.random.randrange(300)) / 100
        self.count += 1
        facts: dict[str, Any] = dict.fromkeys(("fill_id", "source_order_id", "intent_id"), f"f{self.count}")
        self.hear(
            FillEvent(
                **facts,
                strategy_id=strategy,
                symbol=symbol,
                side="buy" if buy else "sell",
                quantity=Decimal(quantity),
                price=price,
                currency=currency,
                commission=fee,
                commission_currency=currency,
                reference_price=price,
                slippage=Decimal(0),
                executed_at=self.market.time,
                policy="soak",
            )
        )
        self.naive.settle(self.prices, symbol)
        self.naive.fill((strategy, symbol), F(quantity if buy else -quantity), F(price), F(fee))
        self.naive.exchange(self.rates)
        return f"fill {self.count}"

    def end_session(self) -> str:
        """Value both, compare, and go to the next day."""
        for symbol in (*QUOTED, *PAIRS.values()):
            self.move(symbol)
        day = self.market.session
        trigger = ValuationTriggerEvent(session=day, reason="session_end", occurred_at=self.market.time)
        self.hear(trigger)
        self.naive.pay(day)
        self.naive.settle(self.prices)
        self.naive.exchange(self.rates)
        self.naive.accrue(day)
        self.naive.exchange(self.rates)
        self.naive.note_basis(self.prices)
        self.compare_values()
        self.market.session = day + timedelta(days=self.random.choice((1, 1, 1, 3)))
        return f"end of {day}"

    def move(self, symbol: str) -> None:
        """A step of at most 2 %, never near nothing, to the cent (a pair's to 10^-4)."""
        step = Decimal("0.0001") if symbol in PAIRS.values() else Decimal("0.01")
        price = self.market.prices[symbol] * Decimal(self.random.randrange(9800, 10201)) / 10_000
        low, high = {"EURUSD": (Decimal("0.8"), Decimal("1.5")), "USDJPY": (Decimal(70), Decimal(160))}.get(
            symbol, (Decimal(5), Decimal(5000))
        )
        self.market.prices[symbol] = min(max(price, low), high).quantize(step)

    # what must hold

    @property
    def prices(self) -> dict[str, Fraction]:
        """As fractions."""
        return {symbol: F(self.market.prices[symbol]) for symbol in QUOTED}

    @property
    def rates(self) -> dict[str, Fraction]:
        """What a unit of a currency is worth in dollars."""
        return {"EUR": F(self.market.prices["EURUSD"]), "JPY": 1 / F(self.market.prices["USDJPY"])}

    def compare_cash(self) -> None:
        """After every step, exactly."""
        balances = self.service.ledger.balances()
        cash = {currency: F(amount) for (name, currency), amount in balances.items() if name == "Assets:Cash"}
        expect(cash, {one: amount for one, amount in self.naive.cash.items() if one in cash}, "cash")
        for currency in {currency for _, currency in balances}:
            total = sum((amount for (_, one), amount in balances.items() if one == currency), Decimal(0))
            expect(total, 0, f"sum of all accounts in {currency}")

    def compare_values(self) -> None:
        """At a session's end: units exactly, equity within the rounding of converted totals."""
        held = {(one.strategy_id, one.symbol): F(one.quantity) for one in self.service.positions if one.quantity}
        expect(held, {key: units for key, units in self.naive.units.items() if units}, "units")
        equity, own = F(self.said.valuation["equity"]), self.naive.equity(self.prices, self.rates)
        expect(abs(equity - own) < CLOSE_ENOUGH, True, f"equity {float(equity)}, naively {float(own)}")

    def audit(self) -> None:
        """The identities: lots, fees and what explains the change of equity."""
        balances, open_fees = self.service.ledger.balances(), dict.fromkeys(MONIES, F(0))
        cost = dict.fromkeys(MONIES, F(0))
        for one in self.service.positions:
            signs = {lot.side for lot in one.lots}
            expect(len(signs) <= 1 and all(lot.quantity > 0 for lot in one.lots), True, f"lots of {one.symbol}")
            expect(sum(lot.quantity for lot in one.lots), abs(one.quantity), f"units in lots of {one.symbol}")
            cost[one.currency] += F(one.cost_basis)
            open_fees[one.currency] += F(one.open_fees)
        for currency in MONIES:
            booked = sum(F(balances.get((name, currency), 0)) for name in ("Assets:Inventory", "Liabilities:Shorts"))
            expect(booked, cost[currency], f"cost of all lots in {currency}")
            paid = F(balances.get(("Expenses:Commission", currency), 0))
            expect(paid, self.naive.fees.get(currency, F(0)), f"fees in {currency}")
            expect(paid, self.said.fees.get(currency, F(0)) + open_fees[currency], f"fees of lots in {currency}")
            income = sum(F(balances.get((name, currency), 0)) for name in ("Income:Dividends", "Expenses:Tax"))
            expect(-income, self.naive.dividends.get(currency, F(0)), f"dividends in {currency}")
        self.explain(balances)

    def explain(self, balances: dict[tuple[str, str], Decimal]) -> None:
        """Change of equity = realised + unrealised + dividends - costs + currency effect, at the rates of now."""
        state = self.service.get_state()
        carry = sum(
            F(amount) * self.rates.get(currency, F(1))
            for (name, currency), amount in balances.items()
            if name in ("Expenses:Borrow", "Expenses:Interest")
        )
        gains = F(state.realised_pnl) + F(state.unrealised_pnl) + F(state.dividends) + F(state.currency_effect or 0)
        explained = gains - F(state.commission) - carry
        change = F(state.equity) - F(state.initial_equity)
        expect(abs(change - explained) < CLOSE_ENOUGH, True, f"change {float(change)}, explained {float(explained)}")


MONIES = "USD", "EUR", "JPY"


class DiffersError(AssertionError):
    """Something that must hold does not."""


def expect(found: object, wanted: object, what: str) -> None:
    """Raise DiffersError where two things are not equal."""
    if found != wanted:
        raise DiffersError(f"{what}: found {found}, expected {wanted}")


def run(steps: int, seed: int) -> Soak:
    """So many steps; raises DiffersError, with the number of the step."""
    soak = Soak(seed)
    number, what = 0, "the first"
    try:
        for number, what in zip(range(steps), soak.steps(), strict=False):  # noqa: B007 - for the message
            soak.compare_cash()
            if number % AUDIT_EVERY == 0:
                soak.audit()
            if number % RESTART_EVERY == RESTART_EVERY - 1:
                soak.restart()
    except DiffersError as error:
        raise DiffersError(f"seed {seed}, after step {number}, {what}: {error}") from None
    soak.audit()
    return soak


def main() -> int | str:
    """Run as told on the command line."""
    parser = argparse.ArgumentParser(description="Random steps of the books against naive ones.")
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    done = 0
    while done < chosen.steps:
        steps, seed = min(LIFE, chosen.steps - done), chosen.seed + done // LIFE
        try:
            soak = run(steps, seed)
        except DiffersError as error:
            return str(error)
        done += steps
        told = f"seed {seed}: {steps:,} steps, {soak.service.ledger.transactions:,} transactions: all agree"
        sys.stdout.write(f"{told}; {done:,} steps so far\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
