"""The account as limits see it: as if what works had filled at the price it was decided at."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from qtrader.events import ValuationEvent
from qtrader.ports import LEDGER, Wiring, plain
from qtrader_service_manager.projection import Projection


class ProjectedBooks:
    """Quantities, cash and exposures with what works; equity now, at the last session's end, and at its highest."""

    def __init__(self, wiring: Wiring, projection: Projection, capital: Decimal) -> None:
        self._books, self._market, self._projection = wiring.books, wiring.market, projection
        self.peak_equity = self.session_equity = capital

    def value(self, event: ValuationEvent) -> None:
        """Remember what the account was worth when a session ended."""
        self.session_equity = event.equity
        self.peak_equity = max(self.peak_equity, event.equity)

    @property
    def equity(self) -> Decimal:
        """Equity of the account; orders that work do not change it."""
        return self._books.equity

    @property
    def cash(self) -> Decimal:
        """Cash less what working purchases will take."""
        return LEDGER.subtract(self._books.cash, self._projection.reserved)

    def quantity(self, symbol: str, strategy_id: str | None = None) -> Decimal:
        """Units held and on their way, of one strategy or of the account."""
        return LEDGER.add(self._books.quantity(symbol, strategy_id), self._projection.on_its_way(symbol, strategy_id))

    def short(self, symbol: str) -> Decimal:
        """Units that the account is short of once every working sale has filled and no purchase; below zero: long."""
        return LEDGER.subtract(self._projection.for_sale(symbol), self._books.quantity(symbol))

    def exposures(self, strategy_id: str | None = None) -> Mapping[str, Decimal]:
        """Signed value of units held and on their way, by symbol, at the last prices, in the account's currency.

        Of one strategy, or of the account: what its strategies hold against each other nets to nothing.
        """
        found = {}
        for symbol in self._projection.symbols:
            units, price = self.quantity(symbol, strategy_id), self._market.last(symbol)
            if units and price is not None:
                instrument = self._market.instrument(symbol)
                value = LEDGER.multiply(LEDGER.multiply(units, price), instrument.multiplier)
                found[symbol] = LEDGER.multiply(value, self._books.rate(instrument.currency))
        return found

    def sector(self, symbol: str) -> str | None:
        """The instrument's sector, if anybody named one."""
        return self._market.instrument(symbol).sector

    def volume(self, symbol: str) -> Decimal | None:
        """Units traded in the latest bar; None before the first and where it does not say."""
        bar = self._market.bar(symbol)
        volume: Decimal | None = None if bar is None else bar.volume
        return volume

    def document(self) -> dict[str, Any]:
        """Plain JSON values from which ``restore`` goes on."""
        return {"peak_equity": plain(self.peak_equity), "session_equity": plain(self.session_equity)}

    def restore(self, document: Mapping[str, Any]) -> None:
        """Become the view that wrote the document."""
        self.peak_equity, self.session_equity = (Decimal(document[one]) for one in ("peak_equity", "session_equity"))
