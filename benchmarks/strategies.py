"""What is played: the README's cross in two forms, an order on every bar, and nothing."""

from collections import defaultdict, deque
from dataclasses import dataclass, field

from benchmarks.workloads import FAST, SLOW
from qtrader import Bar, Context, SignalIntention
from qtrader_indicators import crossing, sma

OPEN, CLOSE = SignalIntention.OPEN_LONG, SignalIntention.CLOSE_LONG


class Averages:
    """Two running sums of closes; tells +1 when the fast average came above the slow one, -1 when below, else 0."""

    __slots__ = ("closes", "fast", "side", "slow")

    def __init__(self) -> None:
        self.closes: deque[float] = deque()
        self.fast = self.slow = 0.0
        self.side = 0

    def turn(self, close: float) -> int:
        """Take the next close."""
        closes = self.closes
        closes.append(close)
        self.fast += close
        self.slow += close
        if len(closes) > FAST:
            self.fast -= closes[-FAST - 1]
            if len(closes) > SLOW:
                self.slow -= closes.popleft()
        if len(closes) < SLOW:
            return 0
        a, b = self.fast * SLOW, self.slow * FAST
        side = 1 if a > b else -1 if a < b else 0
        if side == self.side or not side:
            return 0
        before, self.side = self.side, side
        return side if before else 0


@dataclass
class Tracked:
    """The README's strategy: the indicators are tracked."""

    fast: int = FAST
    slow: int = SLOW

    def on_start(self, context: Context) -> None:
        """Track the cross."""
        self.turn = context.track(crossing(sma(self.fast), sma(self.slow)))

    def on_bar(self, bar: Bar, context: Context) -> None:
        """Signal a turn."""
        if turn := self.turn[bar.symbol]:
            context.emit_signal(bar.symbol, OPEN if turn > 0 else CLOSE, price=bar.close)


@dataclass
class Deques:
    """The same with its own running sums."""

    averages: dict[str, Averages] = field(default_factory=lambda: defaultdict(Averages), init=False)

    def on_bar(self, bar: Bar, context: Context) -> None:
        """Signal a turn."""
        if turn := self.averages[bar.symbol].turn(float(bar.close)):
            context.emit_signal(bar.symbol, OPEN if turn > 0 else CLOSE, price=bar.close)


@dataclass
class EveryBar:
    """Opens and closes in turn: an order on every bar."""

    held: bool = field(default=False, init=False)

    def on_bar(self, bar: Bar, context: Context) -> None:
        """Signal the opposite of the bar before."""
        self.held = not self.held
        context.emit_signal(bar.symbol, OPEN if self.held else CLOSE, price=bar.close)


class Empty:
    """Does nothing."""

    def on_bar(self, bar: Bar, context: Context) -> None:
        """Nothing."""
