"""What is played: the README's cross in two forms, an order on every bar, and nothing."""

from collections import defaultdict, deque
from dataclasses import dataclass, field

from benchmarks.workloads import FAST, SLOW
from qtrader import Bar, Context, SignalIntention
from qtrader_indicators import crossing, sma

OPEN, CLOSE = SignalIntention.OPEN_LONG, SignalIntention.CLOSE_LONG


class Averages:
    """Two running sums of closes; tells +1 when the fast average came above the slow one, -1 when below, else 0."""

    __slots__ = ("closes", "fast", "fast_sum", "side", "slow_sum")

    def __init__(self) -> None:
        self.closes: deque[float] = deque()
        self.fast: deque[float] = deque()
        self.fast_sum = self.slow_sum = 0.0
        self.side = 0

    def turn(self, close: float) -> int:
        """Take the next close."""
        closes, fast = self.closes, self.fast
        closes.append(close)
        fast.append(close)
        self.fast_sum += close
        self.slow_sum += close
        if len(fast) > FAST:
            self.fast_sum -= fast.popleft()
        if len(closes) > SLOW:
            self.slow_sum -= closes.popleft()
        elif len(closes) < SLOW:
            return 0
        a, b = self.fast_sum * SLOW, self.slow_sum * FAST
        side, before = (a > b) - (a < b), self.side
        if not side or side == before:
            return 0
        self.side = side
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
