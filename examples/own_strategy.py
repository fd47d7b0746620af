"""A strategy of your own on the sample prices, in one file: `python examples/own_strategy.py`."""

from dataclasses import dataclass

import qtrader as qt
from qtrader import Bar, Context, SignalIntention
from qtrader_indicators import rsi


@dataclass
class BuyTheDip:
    """Buy what has fallen fast, sell when it has recovered."""

    days: int = 14
    low: int = 30
    high: int = 60

    def on_start(self, context: Context) -> None:
        """Track the strength of each symbol; the first call comes when it is known."""
        self.strength = context.track(rsi(self.days))

    def on_bar(self, bar: Bar, context: Context) -> None:
        """Say what is wanted; the policy decides how much."""
        strength, held = self.strength[bar.symbol], context.position(bar.symbol) > 0
        if strength < self.low and not held:
            context.emit_signal(bar.symbol, SignalIntention.OPEN_LONG, price=bar.close)
            context.record(strength=strength)
        elif strength > self.high and held:
            context.emit_signal(bar.symbol, SignalIntention.CLOSE_LONG, price=bar.close)


def main() -> None:
    """Run it on four shares and look at what it did."""
    data = qt.source("samples", symbols=["AAPL", "IBM", "MSFT", "GOOG"])
    result = qt.backtest(
        BuyTheDip(low=25),
        data,
        name="dip",
        sizing=qt.use("equity", pct="0.20"),
        commission=qt.use("per-share", rate="0.005", minimum="1.00"),
        slippage=qt.use("bps", bps=2),
    )
    print(result)
    print("\nBought at a strength of:")
    for row in result.records.slice(0, 5).to_pylist():
        print(f"  {row['time']:%Y-%m-%d}  {row['symbol']:<5} {row['strength']:.1f}")


if __name__ == "__main__":
    main()
