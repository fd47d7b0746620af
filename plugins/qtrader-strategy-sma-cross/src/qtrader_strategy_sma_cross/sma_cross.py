"""Two moving averages: the fast one above the slow one is an upward trend."""

from dataclasses import dataclass

from qtrader.ports import BarValue, Columns, Context, Mask, SignalIntention
from qtrader_indicators import Crossing, crossing, sma


@dataclass
class SMADualCrossStrategy:
    """Long after the fast average crosses above the slow one, flat after it crosses below."""

    fast: int = 20
    """Bars in the fast average."""
    slow: int = 100
    """Bars in the slow average; more than in the fast one."""

    def __post_init__(self) -> None:
        """Refuse averages in the wrong order."""
        if not 1 <= self.fast < self.slow:
            raise ValueError(f"fast={self.fast} must be at least 1 and less than slow={self.slow}")

    def on_start(self, context: Context) -> None:
        """Track the crossing; its lookback is the warm-up."""
        self.turn = context.track(self._turn())

    def on_bar(self, bar: BarValue, context: Context) -> None:
        """Ask to be long after a crossing upwards, flat after one downwards."""
        if turn := self.turn[bar.symbol]:
            context.emit_signal(
                symbol=bar.symbol,
                intention=SignalIntention.OPEN_LONG if turn > 0 else SignalIntention.CLOSE_LONG,
                price=bar.close,
                reason=f"{self.fast} crossed {'above' if turn > 0 else 'below'} {self.slow}",
            )

    def wake(self, columns: Columns) -> Mask:
        """The rows at which there may be something to do, for a sparse run."""
        return self._turn().over(columns) != 0

    def _turn(self) -> Crossing:
        return crossing(sma(self.fast), sma(self.slow))
