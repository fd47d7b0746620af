"""Rules over two lines: where one crosses the other, whether it is above, and their difference.

Each takes indicators or plain numbers, ``crossing(rsi(14), 30)``, and is an indicator itself.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qtrader_indicators.lines import Line, line
from qtrader_indicators.protocols import Columns, Floats, Indicator, opened

ROUNDING = 1e-12
"""Values no further apart than this share of the larger are tied: running sums of flat prices differ in last bits."""


@dataclass(frozen=True)
class Pair(ABC):
    """Two lines looked at together; the ancestor of the rules below."""

    a: Indicator
    b: Indicator

    @property
    def both(self) -> int:
        """Number of bars before both lines have a value."""
        return max(self.a.lookback, self.b.lookback)

    @property
    def lookback(self) -> int:
        """Number of bars before the first value."""
        return self.both

    def over(self, columns: Columns) -> Floats:
        """The value at each bar; NaN for the first ``lookback`` rows, and where a line is not a number."""
        values = np.full(len(columns), np.nan)
        start, skipped = self.both, self.lookback - self.both
        a, b = self.a.over(columns)[start:], self.b.over(columns)[start:]
        with np.errstate(invalid="ignore", over="ignore"):
            result = np.where(np.isnan(a) | np.isnan(b), np.nan, self.rule(a, b))
        values[self.lookback :] = result[skipped:]
        return values

    @abstractmethod
    def rule(self, a: Floats, b: Floats) -> Floats:
        """The rule over the rows in which both lines have a value."""

    def stream(self) -> "PairStream":
        """A fresh follower."""
        return PairStream(self)

    @abstractmethod
    def step(self, a: float, b: float, before: int) -> float:
        """The rule at one bar; ``before`` is the last side taken by a: +1 above b, -1 below, 0 neither so far."""


class Difference(Pair):
    """a - b."""

    def rule(self, a: Floats, b: Floats) -> Floats:
        """The difference at each row."""
        return a - b

    def step(self, a: float, b: float, before: int) -> float:  # noqa: ARG002
        """The difference."""
        return a - b


class Above(Pair):
    """1 where a is above b, else 0."""

    def rule(self, a: Floats, b: Floats) -> Floats:
        """Whether a is above b at each row."""
        return (sides(a, b) > 0).astype(np.float64)

    def step(self, a: float, b: float, before: int) -> float:  # noqa: ARG002
        """Whether a is above b."""
        return float(side(a, b) > 0)


class Crossing(Pair):
    """+1 at the bar in which a came to be above b, -1 in which it came to be below, else 0.

    What counts is the last bar at which they differed: from below through a tie of any length to above is one crossing,
    at the bar that ends above; touching and turning back is none. Lines closer than 1e-12 of their size are tied.
    """

    @property
    def lookback(self) -> int:
        """Number of bars before the first value: one more than both lines need, since a crossing has a before."""
        return self.both + 1

    def rule(self, a: Floats, b: Floats) -> Floats:
        """The crossings at each row."""
        now = sides(a, b)
        rows = np.maximum.accumulate(np.where(now != 0, np.arange(len(now)), -1))
        before = np.zeros_like(now)
        before[1:] = np.where(rows[:-1] >= 0, now[rows[:-1]], 0)
        return np.where(now * before == -1, now, 0).astype(np.float64)

    def step(self, a: float, b: float, before: int) -> float:
        """The crossing at one bar."""
        now = side(a, b)
        return float(now) if now * before == -1 else 0.0


def sides(a: Floats, b: Floats) -> NDArray[np.int8]:
    """Where a is: +1 above b, -1 below, 0 tied or not comparable."""
    tied = np.abs(a - b) <= ROUNDING * np.maximum(np.abs(a), np.abs(b))
    found: NDArray[np.int8] = np.where(tied, 0, (a > b).astype(np.int8) - (a < b).astype(np.int8)).astype(np.int8)
    return found


def side(a: float, b: float) -> int:
    """The same for one pair of numbers, to the same bits."""
    return 0 if abs(a - b) <= ROUNDING * max(abs(a), abs(b)) else (a > b) - (a < b)


class PairStream:
    """Follows two lines and the side that the first was last on."""

    __slots__ = ("_a", "_b", "_before", "_left", "_pair")

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self._a, self._b = pair.a.stream(), pair.b.stream()
        self._before = 0
        self._left = pair.lookback - pair.both

    def update(self, open: float, high: float, low: float, close: float, volume: float) -> float | None:
        """Take the next bar; the rule's value, or None while not ready."""
        a = self._a.update(open, high, low, close, volume)
        b = self._b.update(open, high, low, close, volume)
        if a is None or b is None:
            return None
        value = float("nan") if a != a or b != b else self._pair.step(a, b, self._before)
        self._before = side(a, b) or self._before
        if self._left:
            self._left -= 1
            return None
        return value

    def reset(self) -> None:
        """Forget everything."""
        self._a.reset()
        self._b.reset()
        self._before = 0
        self._left = self._pair.lookback - self._pair.both

    def snapshot(self) -> dict[str, Any]:
        """Both lines and the side, as plain JSON values."""
        return {
            "version": 1,
            "indicator": repr(self._pair),
            "a": self._a.snapshot(),
            "b": self._b.snapshot(),
            "before": self._before,
            "left": self._left,
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Become the stream that made the snapshot."""
        state = opened(snapshot, self._pair)
        self._a.restore(state["a"])
        self._b.restore(state["b"])
        self._before, self._left = state["before"], state["left"]


def crossing(a: Line, b: Line) -> Crossing:
    """+1 where a crosses above b, -1 where it crosses below, else 0; see ``Crossing`` for ties."""
    return Crossing(line(a), line(b))


def above(a: Line, b: Line) -> Above:
    """1 where a is above b, else 0."""
    return Above(line(a), line(b))


def difference(a: Line, b: Line) -> Difference:
    """a - b."""
    return Difference(line(a), line(b))
