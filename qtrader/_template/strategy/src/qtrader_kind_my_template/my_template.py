"""Long while the close is above that of some bars ago."""

from dataclasses import dataclass

from qtrader.ports import BarValue, Context, SignalIntention


@dataclass
class MyTemplateStrategy:
    """Open long when the close is above that of ``bars`` bars ago, close when it is below."""

    bars: int = 20
    """How many bars to look back, 1 or more."""

    def __post_init__(self) -> None:
        if self.bars < 1:
            raise ValueError(f"bars is {self.bars}; write 1 or more")

    def on_bar(self, bar: BarValue, context: Context) -> None:
        """Look at one bar; the context knows nothing later."""
        closes = context.history(bar.symbol, self.bars + 1).close
        if len(closes) <= self.bars:
            return
        if closes[-1] > closes[0] and not context.position(bar.symbol):
            context.emit_signal(bar.symbol, SignalIntention.OPEN_LONG, price=bar.close, reason="rising")
        if closes[-1] < closes[0] and context.position(bar.symbol):
            context.emit_signal(bar.symbol, SignalIntention.CLOSE_LONG, price=bar.close, reason="falling")
