"""What a sizer may ask about besides the account: the latest closes, and what came of a strategy's closed trades."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from qtrader.events import TradeEvent
from qtrader.ports import LEDGER, Sizer, TradeStatistics, Wiring, plain

NONE: Mapping[str, tuple[Decimal, ...]] = {}


class Facts:
    """Closes of the signal view, which no split breaks, and trades in the account's currency as they were closed."""

    def __init__(self, wiring: Wiring) -> None:
        self._market, self._books = wiring.market, wiring.books
        self._trades: dict[str, TradeStatistics] = {}

    def hear(self, trade: TradeEvent) -> None:
        """Count a closed trade, net of fees, at the rate of the moment; one that brought nothing counts for neither."""
        before = self.trades(trade.strategy_id)
        net = LEDGER.multiply(trade.net_pnl, self._books.rate(trade.currency))
        if net > 0:
            after = before._replace(wins=before.wins + 1, won=LEDGER.add(before.won, net))
        elif net < 0:
            after = before._replace(losses=before.losses + 1, lost=LEDGER.subtract(before.lost, net))
        else:
            return
        self._trades[trade.strategy_id] = after

    def trades(self, strategy_id: str) -> TradeStatistics:
        """What came of a strategy's trades so far."""
        return self._trades.get(strategy_id, TradeStatistics())

    def closes(self, sizer: Sizer, symbol: str) -> Mapping[str, tuple[Decimal, ...]]:
        """As many of the latest closes as a sizer asks for: of the symbol, or of every one of the run."""
        needed = getattr(sizer, "closes_needed", 0)
        if not needed:
            return NONE
        symbols = self._market.symbols if getattr(sizer, "peers", False) else (symbol,)
        return {one: self._closes(one, needed) for one in symbols}

    def _closes(self, symbol: str, needed: int) -> tuple[Decimal, ...]:
        return tuple(Decimal(repr(close)) for close in self._market.history(symbol, needed).close.tolist())

    @property
    def periods(self) -> int:
        """How many sessions make a year."""
        return self._market.sessions_per_year

    def document(self) -> dict[str, Any]:
        """Plain JSON values from which ``restore`` goes on."""
        return {
            strategy_id: [one.wins, one.losses, plain(one.won), plain(one.lost)]
            for strategy_id, one in sorted(self._trades.items())
        }

    def restore(self, document: Mapping[str, Any]) -> None:
        """Become the facts that wrote the document."""
        self._trades = {
            strategy_id: TradeStatistics(wins, losses, Decimal(won), Decimal(lost))
            for strategy_id, (wins, losses, won, lost) in document.items()
        }
