"""The full identities: the guard's sums, the books, the ledger, and what was published, at each valuation."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from qtrader.guard.actions import Actions
from qtrader.guard.breach import breach, require
from qtrader.guard.sums import ZERO, OwnPosition, Sums
from qtrader.ports import accounts
from qtrader.ports.audit import AuditedBooks, AuditedLots, AuditedTransaction
from qtrader.ports.decimals import LEDGER, money

if TYPE_CHECKING:
    from qtrader.books import Books
    from qtrader.events import ValuationEvent
    from qtrader.ports.exchange_rates import ExchangeRates

CHART = frozenset(name for key, name in vars(accounts).items() if key.isupper())
Totals = Mapping[str, Mapping[str, Decimal]]
"""Sums of postings, by currency, then account."""


def check_lots(position: OwnPosition, lots: AuditedLots, booked: Iterable[AuditedTransaction]) -> None:
    """Raise BooksBreach unless the open lots, each of the position's side, sum to the position."""
    every = lots.lots
    side = "long" if position.units > 0 else "short"
    wrong = [lot for lot in every if lot.side != side or lot.quantity <= 0]
    if wrong:
        told = f"lot {wrong[0].number} is {wrong[0].side} {wrong[0].quantity} in a {side} position"
        raise breach(f"{position}: {told}", booked)
    sign = 1 if side == "long" else -1
    for name, total in (("quantity", sign * position.units), ("cost", sign * lots.cost), ("fee", lots.fees)):
        summed = sum((getattr(lot, name) for lot in every), ZERO)
        require(summed, total, booked, "the {} of the lots of {}", name, position, of="its totals")


class Valuations:
    """What the account is worth by the guard's sums, and the identities that hold then."""

    def __init__(self, sums: Sums, rates: "ExchangeRates", actions: Actions) -> None:
        self._sums, self._rates, self._actions = sums, rates, actions
        self._worth: dict[str, Decimal] = {}
        self._fees_gone: dict[str, Decimal] = {}
        """By currency: the commission of lots that are closed, as trades told it."""

    def trade(self, currency: str, commission: Decimal) -> None:
        """Note what a closed lot cost in commission."""
        self._fees_gone[currency] = LEDGER.add(self._fees_gone.get(currency, ZERO), commission)

    def check(self, books: AuditedBooks, totals: Totals, booked: Sequence[AuditedTransaction]) -> None:
        """Raise BooksBreach unless marks, money and ledger agree with the guard's sums; remember what all is worth."""
        values: dict[str, Decimal] = {}
        costs: dict[str, Decimal] = {}
        gains: dict[str, Decimal] = {}
        inventory: dict[tuple[str, str], Decimal] = {}
        for position in self._sums.open.values():
            mark, symbol, currency = books.books[position.key].mark, position.key[1], position.currency
            close = self._actions.marked(symbol)
            if close is not None and mark != close:
                require(mark, close, of_position(booked, position), "the mark of {}", symbol, of="its bars")
            value = money(position.units * mark * position.multiplier)
            gains[currency] = gains.get(currency, ZERO) + value - position.cost
            if position.settled is not None:
                value -= position.settled
                place = currency, accounts.FUTURES
                inventory[place] = inventory.get(place, ZERO) - position.settled
            values[currency] = values.get(currency, ZERO) + value
            costs[currency] = costs.get(currency, ZERO) + position.cost
            place = currency, accounts.INVENTORY if position.units > 0 else accounts.SHORTS
            inventory[place] = inventory.get(place, ZERO) + position.cost
        for currency in self._sums.funds:
            own = [one for one in booked if one.currency == currency]
            self._check_funds(currency, books, totals, own)
            for account in (accounts.INVENTORY, accounts.SHORTS, accounts.FUTURES):
                posted = totals.get(currency, {}).get(account, ZERO)
                cost = inventory.get((currency, account), ZERO)
                require(posted, cost, own, "the balance of {} in {}", account, currency, of="open positions")
            self._check_results(currency, costs.get(currency, ZERO), totals.get(currency, {}), own)
        self._worth = self._parts(values, costs, gains)
        self._worth["open_positions"] = Decimal(len(self._sums.open))

    def _check_funds(
        self, currency: str, books: AuditedBooks, totals: Totals, booked: Sequence[AuditedTransaction]
    ) -> None:
        own, funds = self._sums.funds[currency], books.funds[currency]
        accrued = sum(own.accrued.values(), ZERO)
        for name, amount, found, account, sign in (
            ("cash", own.cash, funds.cash, accounts.CASH, 1),
            ("receivables", own.receivable, funds.receivable, accounts.RECEIVABLES, 1),
            ("payables", own.payable, funds.payable, accounts.PAYABLES, -1),
            ("accruals", accrued, funds.accrued, accounts.ACCRUED, -1),
        ):
            require(found, amount, booked, "{} in {}", name, currency)
            posted = sign * totals.get(currency, {}).get(account, ZERO)
            require(posted, amount, booked, "the balance of {} in {}", account, currency)

    def _check_results(
        self, currency: str, cost: Decimal, totals: Mapping[str, Decimal], booked: Sequence[AuditedTransaction]
    ) -> None:
        """What was earned and spent stands in the accounts that say so, and nothing stands in others."""
        own = self._sums.funds[currency]
        for account, amount in (
            (accounts.COMMISSION, own.commission),
            (accounts.DIVIDENDS, -own.dividends),
            (accounts.TAX, own.tax),
            (accounts.REALISED, own.invested - cost),
        ):
            require(totals.get(account, ZERO), amount, booked, "the balance of {} in {}", account, currency)
        for account in totals:
            if account not in CHART:
                raise breach(f"{account} is no account of the chart (qtrader.ports.accounts)", booked)

    def _parts(
        self, values: dict[str, Decimal], costs: dict[str, Decimal], gains: dict[str, Decimal]
    ) -> dict[str, Decimal]:
        """Each part of equity, in the account's currency at the rates of now."""
        funds = self._sums.funds
        cash = self._total({currency: one.cash for currency, one in funds.items()})
        receivables = self._total({currency: one.receivable for currency, one in funds.items()})
        payables = self._total({currency: one.payable for currency, one in funds.items()})
        accruals = self._total({currency: sum(one.accrued.values(), ZERO) for currency, one in funds.items()})
        market_value = self._total(values)
        realised = {currency: costs.get(currency, ZERO) - one.invested for currency, one in funds.items()}
        return {
            "equity": cash + market_value + receivables - payables - accruals,
            "cash": cash,
            "market_value": market_value,
            "receivables": receivables,
            "payables": payables,
            "accruals": accruals,
            "realised_pnl": self._total(realised),
            "unrealised_pnl": self._total(gains),
        }

    def _total(self, amounts: dict[str, Decimal]) -> Decimal:
        return sum((self._rates.worth(amount, currency) for currency, amount in amounts.items()), ZERO)

    def published(self, valuation: "ValuationEvent", told: "Books", booked: Sequence[AuditedTransaction]) -> None:
        """Raise BooksBreach unless what was published is what was checked, positions, cash and trades before it too."""
        for name, amount in self._worth.items():
            found = Decimal(getattr(valuation, name))
            require(found, amount, booked, "{} in the valuation of {}", name, valuation.session)
        carried = dict(self._fees_gone)
        for position in self._sums.open.values():
            strategy_id, symbol = position.key
            shown = told.quantity(symbol, strategy_id)
            require(shown, position.units, booked, "the published position of {}", position)
            carried[position.currency] = carried.get(position.currency, ZERO) + position.fees
        for currency, amount in told.balances.items():
            require(amount, self._sums.money(currency).cash, booked, "the published cash in {}", currency)
        for currency, own in self._sums.funds.items():
            paid = carried.get(currency, ZERO)
            require(paid, own.fees, booked, "the commission in {} of trades and open lots", currency, of="fills")


def of_position(booked: Sequence[AuditedTransaction], position: OwnPosition) -> list[AuditedTransaction]:
    """The transactions of one position."""
    return [one for one in booked if (one.strategy_id, one.symbol) == position.key]
