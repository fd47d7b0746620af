"""The market of the long run, at hand-set prices, and who hears what the books say."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

from qtrader.events import CashEvent, PositionEvent, TradeEvent, ValuationEvent
from qtrader.ports import Instrument

F = Fraction
QUOTED = {"AAA": "USD", "BBB": "USD", "SAP": "EUR", "TYO": "JPY"}
START = date(2000, 1, 3)


@dataclass
class Market:
    """Prices as the generator sets them; the latest bar of a symbol is of the present moment."""

    prices: dict[str, Decimal] = field(default_factory=dict)
    session: date = START
    hour: int = 14

    @property
    def time(self) -> datetime:
        """The present, UTC."""
        return datetime.combine(self.session, time(self.hour), UTC)

    @property
    def time_ns(self) -> int:
        """The present, ns UTC."""
        return int(self.time.timestamp()) * 10**9

    @property
    def symbols(self) -> tuple[str, ...]:
        """All that have a price."""
        return tuple(self.prices)

    def instrument(self, symbol: str) -> Instrument:
        """Whole units, quoted as the table says; a pair in its second currency."""
        return Instrument(symbol, currency=QUOTED.get(symbol, symbol[3:]))

    def bar(self, symbol: str) -> Any:
        """A bar that ends now."""
        return SimpleNamespace(symbol=symbol, close=self.prices[symbol], time_ns=self.time_ns)

    def close(self, symbol: str) -> Decimal:
        """The present price."""
        return self.prices[symbol]

    def close_at(self, symbol: str, at_ns: int) -> tuple[Decimal, int]:
        """The present price: everything happens now."""
        return self.prices[symbol], at_ns

    def extremes(self, symbol: str, from_ns: int) -> None:
        """Nobody asks here how far prices went."""


@dataclass
class Listener:
    """Hears what the service says, sums what closed lots carried, and knows positions and cash as they were told."""

    fees: dict[str, Fraction] = field(default_factory=dict)
    valuation: dict[str, Any] = field(default_factory=dict)
    balances: dict[str, Decimal] = field(default_factory=dict)
    units: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    unheard: list[tuple[type, Any]] = field(default_factory=list)
    """Trades and valuations that the guard has not heard of."""

    def quantity(self, symbol: str, strategy_id: str) -> Decimal:
        """Units of a position, as told last."""
        return self.units.get((strategy_id, symbol), Decimal(0))

    def post(self, kind: type, values: dict[str, Any]) -> None:
        """Take note of trades and valuations."""
        if kind in (TradeEvent, ValuationEvent):
            self.unheard.append((kind, SimpleNamespace(**values)))
        if kind is PositionEvent:
            self.units[values["strategy_id"], values["symbol"]] = values["quantity"]
            self.balances[values["currency"]] = values["cash_balance"]
        elif kind is CashEvent:
            self.balances[values["currency"]] = values["balance"]
        elif kind is TradeEvent:
            currency = values["currency"]
            self.fees[currency] = self.fees.get(currency, F(0)) + F(values["commission"])
        elif kind is ValuationEvent:
            self.valuation = values

    def emit(self, kind: type, /, **values: Any) -> None:
        """The same, by name."""
        self.post(kind, values)
