"""The books as everybody may read them: one projection of positions, cash and equity, built from events alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from qtrader.ports.decimals import LEDGER, money
from qtrader.ports.exchange_rates import ExchangeRates

if TYPE_CHECKING:
    from qtrader.events import CashEvent, PositionEvent
    from qtrader.market_view import MarketView

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class KeptBooks:
    """The books as they were at one moment; what came later does not touch them."""

    currency: str
    equity: Decimal
    cash: Decimal
    market_value: Decimal
    _held: Mapping[str, Decimal]
    _own: Mapping[tuple[str, str], Decimal]

    def quantity(self, symbol: str, strategy_id: str | None = None) -> Decimal:
        """Units held then, by one strategy or by the account."""
        return self._held.get(symbol, ZERO) if strategy_id is None else self._own.get((strategy_id, symbol), ZERO)


class Purse:
    """What the account has in one currency: cash, receivables, payables and accruals, as events told them."""

    __slots__ = ("accrued", "cash", "payable", "receivable")

    def __init__(self) -> None:
        self.cash = self.receivable = self.payable = self.accrued = ZERO


class Books:
    """Positions by (strategy, symbol), cash, receivables, payables, accruals; equity marks at the view's last prices.

    Events carry the totals after them, so the projection only remembers. Money in the account's currency, that in
    others at the rates of the moment; quantities signed (short negative).
    """

    def __init__(self, market: "MarketView", rates: ExchangeRates | None = None) -> None:
        self._rates = rates or ExchangeRates(market)
        self.currency = self._rates.currency
        self._market = market
        self._own = Purse()
        self._purses = {self.currency: self._own}
        self._positions: dict[tuple[str, str], PositionEvent] = {}
        self._held: dict[str, Decimal] = {}
        """Net units of each symbol that is held, over all strategies."""
        self._quoted: dict[str, str] = {}
        """The currency of each symbol that was ever held."""
        self._settled: dict[str, dict[str, Decimal]] = {}
        """Of each future that was ever held: what contracts were worth when settled last, by strategy."""

    def on_position(self, event: "PositionEvent") -> None:
        """Remember a position and the cash after it."""
        symbol, quantity = event.symbol, event.quantity
        key = (event.strategy_id, symbol)
        before = self._positions.get(key)
        net = LEDGER.add(self._held.get(symbol, ZERO), quantity)
        if before is not None:
            net = LEDGER.subtract(net, before.quantity)
        if net:
            self._held[symbol] = net
        else:
            self._held.pop(symbol, None)
        self._positions[key] = event
        if symbol not in self._quoted:
            self._quoted[symbol] = event.currency
            if symbol in self._market.symbols and self._market.instrument(symbol).asset_class == "future":
                self._settled[symbol] = {}
        if symbol in self._settled:
            self._settled[symbol][event.strategy_id] = self._settled_value(event)
        self._purse(event.currency).cash = event.cash_balance

    def _settled_value(self, event: "PositionEvent") -> Decimal:
        multiplier = self._market.instrument(event.symbol).multiplier
        exposure = LEDGER.multiply(LEDGER.multiply(event.quantity, event.price), multiplier)
        return LEDGER.subtract(money(exposure), event.market_value)

    def on_cash(self, event: "CashEvent") -> None:
        """Remember cash, receivables, payables and accruals after a movement."""
        purse = self._purse(event.currency)
        purse.cash = event.balance
        purse.receivable = event.receivable
        purse.payable = event.payable
        purse.accrued = event.accrued

    def _purse(self, currency: str) -> Purse:
        purse = self._purses.get(currency)
        if purse is None:
            purse = self._purses[currency] = Purse()
        return purse

    def rate(self, currency: str) -> Decimal:
        """What a unit of a currency is worth now in the account's. Raises RunError where no rate is known."""
        return self._rates.rate(currency)

    @property
    def cash(self) -> Decimal:
        """Cash of every currency."""
        return self._sum("cash")

    @property
    def receivable(self) -> Decimal:
        """What is owed to the account."""
        return self._sum("receivable")

    @property
    def payable(self) -> Decimal:
        """What the account owes."""
        return self._sum("payable")

    @property
    def accrued(self) -> Decimal:
        """What the account owes and has not been billed yet."""
        return self._sum("accrued")

    def _sum(self, name: str) -> Decimal:
        if len(self._purses) == 1:
            amount: Decimal = getattr(self._own, name)
            return amount
        return self._total({currency: getattr(purse, name) for currency, purse in self._purses.items()})

    @property
    def balances(self) -> dict[str, Decimal]:
        """Cash by currency."""
        return {currency: self._purses[currency].cash for currency in sorted(self._purses)}

    @property
    def market_value(self) -> Decimal:
        """Signed value of everything held at the last prices; of futures what they gained since they were settled."""
        values: dict[str, Decimal] = {}
        for symbol, quantity in self._held.items():
            currency = self._quoted[symbol]
            value = LEDGER.multiply(quantity, self._unit_value(symbol))
            if symbol in self._settled:
                value = LEDGER.subtract(money(value), sum(self._settled[symbol].values(), ZERO))
            values[currency] = LEDGER.add(values.get(currency, ZERO), value)
        return self._total(values)

    def _total(self, amounts: Mapping[str, Decimal]) -> Decimal:
        total = ZERO
        for currency, amount in amounts.items():
            total = LEDGER.add(total, self._rates.worth(amount, currency))
        return total

    def _unit_value(self, symbol: str) -> Decimal:
        price = self._market.last(symbol)
        if price is None:
            price = max((p.price for (_, s), p in self._positions.items() if s == symbol), default=ZERO)
        return LEDGER.multiply(price, self._market.instrument(symbol).multiplier)

    @property
    def equity(self) -> Decimal:
        """Cash plus market value plus receivables minus payables and what is accrued."""
        owned = LEDGER.add(LEDGER.add(self.cash, self.market_value), self.receivable)
        return LEDGER.subtract(LEDGER.subtract(owned, self.payable), self.accrued)

    def quantity(self, symbol: str, strategy_id: str | None = None) -> Decimal:
        """Units held, by one strategy or by the account."""
        if strategy_id is None:
            return self._held.get(symbol, ZERO)
        position = self._positions.get((strategy_id, symbol))
        return ZERO if position is None else position.quantity

    def average_price(self, symbol: str, strategy_id: str) -> Decimal | None:
        """Average cost of what one strategy holds; for display. None when flat."""
        position = self._positions.get((strategy_id, symbol))
        return None if position is None else position.average_price

    def position(self, symbol: str, strategy_id: str) -> "PositionEvent | None":
        """The latest position event of one book."""
        return self._positions.get((strategy_id, symbol))

    def positions(self) -> list["PositionEvent"]:
        """The latest position event of every book, by strategy, then symbol."""
        return [self._positions[key] for key in sorted(self._positions)]

    def keep(self) -> KeptBooks:
        """The books as they are now, for whoever looks at them later."""
        own = {key: position.quantity for key, position in self._positions.items()}
        return KeptBooks(self.currency, self.equity, self.cash, self.market_value, dict(self._held), own)
