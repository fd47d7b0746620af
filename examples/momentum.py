"""The strongest symbols of the last months in equal shares, chosen anew at the end of every month."""

from dataclasses import dataclass
from decimal import Decimal

import qtrader as qt
from qtrader import Context
from qtrader.ports import Bars
from qtrader_indicators import rate_of_change


@dataclass
class Momentum:
    """Holds the ``top`` symbols that grew most in ``months`` months of 21 sessions."""

    months: int = 12
    top: int = 2

    def on_start(self, context: Context) -> None:
        """Follow the growth, and come back every month."""
        self.growth = context.track(rate_of_change(21 * self.months))
        context.schedule(self.rebalance, every="month", at="session_end")

    def rebalance(self, bars: Bars, context: Context) -> None:
        """Equal shares of what grew most; the rest goes to zero."""
        best = sorted(bars, key=lambda symbol: (-self.growth[symbol], symbol))[: self.top]
        context.target_percent({symbol: Decimal("0.95") / self.top for symbol in best})
        context.record(breadth=len(bars))


if __name__ == "__main__":
    print(qt.backtest(Momentum(), qt.source("samples", symbols=["AAPL", "GOOG", "IBM", "MSFT"]), cash=100_000))
