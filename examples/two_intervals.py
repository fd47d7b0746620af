"""Trade days, but only with the trend of the weeks, in one file: `python examples/two_intervals.py`."""

from dataclasses import dataclass

import qtrader as qt
from qtrader import Bar, Context, Result, SignalIntention
from qtrader_indicators import rsi, sma


@dataclass
class WithTheWeeks:
    """Buy a dip of days while the last week closed above its mean; sell when the dip is over, or the weeks turn."""

    weeks: int = 30
    low: int = 40
    high: int = 60

    def on_start(self, context: Context) -> None:
        """Follow days, and weeks that are over; the first call comes when both are known."""
        self.strength = context.track(rsi(14))
        self.mean = context.track(sma(self.weeks), interval="1w")

    def on_bar(self, bar: Bar, context: Context) -> None:
        """Called with days alone: it does not ask for others."""
        symbol, held = bar.symbol, context.position(bar.symbol) > 0
        week = context.history(symbol, 1, interval="1w").close[-1]
        rising = bool(week > self.mean[symbol])
        if held and (not rising or self.strength[symbol] > self.high):
            context.emit_signal(symbol, SignalIntention.CLOSE_LONG, price=bar.close)
        elif not held and rising and self.strength[symbol] < self.low:
            context.emit_signal(symbol, SignalIntention.OPEN_LONG, price=bar.close)
            context.record(strength=self.strength[symbol], week=week, mean=self.mean[symbol])


def run() -> Result:
    """Days of three shares, and the weeks that are made of them."""
    data = qt.source("samples", symbols=["GOOG", "IBM", "MSFT"], interval=["1d", "1w"])
    return qt.backtest(WithTheWeeks(), data, name="weeks", sizing=qt.use("equity", pct="0.20"))


def main() -> None:
    """Run it and look at what it bought."""
    result = run()
    print(result)
    print("\nBought while the week was above its mean:")
    for row in result.records.slice(0, 5).to_pylist():
        print(f"  {row['time']:%Y-%m-%d}  {row['symbol']:<5} {row['week']:8.2f} > {row['mean']:8.2f}")


if __name__ == "__main__":
    main()
