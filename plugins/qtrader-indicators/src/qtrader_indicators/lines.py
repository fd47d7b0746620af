"""Lines to compare: a column of the bars, a horizontal level, and what an indicator was some bars ago."""

import math
from collections import deque
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from qtrader_indicators.protocols import FIELDS, Columns, Floats, Indicator, opened, refusal

Line: TypeAlias = Indicator | float
"""An indicator, or a number that stands for a horizontal line."""


@dataclass(frozen=True)
class Price:
    """One column of the bars: open, high, low, close or volume, as it is."""

    field: str = "close"

    def __post_init__(self) -> None:
        """Refuse a column that bars do not have."""
        if self.field not in FIELDS:
            raise ValueError(f"no column {self.field!r}; bars have {', '.join(FIELDS)}")

    @property
    def lookback(self) -> int:
        """None: the first bar has a value."""
        return 0

    def over(self, columns: Columns) -> Floats:
        """The column. Raises ValueError where it is not finite."""
        values = np.array(getattr(columns, self.field), dtype=np.float64)
        finite = np.isfinite(values)
        if not finite.all():
            row = int(np.argmin(finite))
            raise ValueError(refusal(self, self.field, float(values[row]), f"row {row}"))
        return values

    def stream(self) -> "PriceStream":
        """A fresh follower."""
        return PriceStream(self)


class PriceStream:
    """Follows one column; remembers nothing but how many bars it saw."""

    __slots__ = ("_index", "_price", "_seen")

    def __init__(self, price: Price) -> None:
        self._price = price
        self._index = FIELDS.index(price.field)
        self._seen = 0

    def update(self, open: float, high: float, low: float, close: float, volume: float) -> float | None:
        """The column's value of this bar."""
        value = (open, high, low, close, volume)[self._index]
        if not math.isfinite(value):
            raise ValueError(refusal(self._price, self._price.field, value, f"bar {self._seen} of its stream"))
        self._seen += 1
        return value

    def reset(self) -> None:
        """Forget everything."""
        self._seen = 0

    def snapshot(self) -> dict[str, Any]:
        """How many bars were seen."""
        return {"version": 1, "indicator": repr(self._price), "seen": self._seen}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Become the stream that made the snapshot."""
        self._seen = opened(snapshot, self._price)["seen"]


@dataclass(frozen=True)
class Level:
    """A horizontal line."""

    value: float

    @property
    def lookback(self) -> int:
        """None: a line has a value everywhere."""
        return 0

    def over(self, columns: Columns) -> Floats:
        """The line's value at each bar."""
        return np.full(len(columns), self.value)

    def stream(self) -> "LevelStream":
        """A fresh follower."""
        return LevelStream(self)


class LevelStream:
    """Follows a horizontal line."""

    __slots__ = ("_level",)

    def __init__(self, level: Level) -> None:
        self._level = level

    def update(self, open: float, high: float, low: float, close: float, volume: float) -> float | None:  # noqa: ARG002
        """The line's value."""
        return self._level.value

    def reset(self) -> None:
        """Nothing to forget."""

    def snapshot(self) -> dict[str, Any]:
        """Which line it is."""
        return {"version": 1, "indicator": repr(self._level)}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Check that the snapshot is of this line."""
        opened(snapshot, self._level)


@dataclass(frozen=True)
class Previous:
    """What an indicator was some bars ago."""

    of: Indicator
    bars: int = 1

    def __post_init__(self) -> None:
        """Refuse to look ahead."""
        if isinstance(self.bars, bool) or not isinstance(self.bars, int) or self.bars < 1:
            raise ValueError(f"bars={self.bars!r} must be a whole number of at least 1")

    @property
    def lookback(self) -> int:
        """Number of bars before the first value."""
        return self.of.lookback + self.bars

    def over(self, columns: Columns) -> Floats:
        """The earlier value at each bar."""
        values = np.full(len(columns), np.nan)
        values[self.bars :] = self.of.over(columns)[: -self.bars]
        return values

    def stream(self) -> "PreviousStream":
        """A fresh follower."""
        return PreviousStream(self)


class PreviousStream:
    """Follows an indicator some bars behind."""

    __slots__ = ("_of", "_previous", "_waiting")

    def __init__(self, previous: Previous) -> None:
        self._previous = previous
        self._of = previous.of.stream()
        self._waiting: deque[float] = deque()

    def update(self, open: float, high: float, low: float, close: float, volume: float) -> float | None:
        """Take the next bar; the value some bars ago, or None while not ready."""
        value = self._of.update(open, high, low, close, volume)
        if value is None:
            return None
        self._waiting.append(value)
        return self._waiting.popleft() if len(self._waiting) > self._previous.bars else None

    def reset(self) -> None:
        """Forget everything."""
        self._of.reset()
        self._waiting.clear()

    def snapshot(self) -> dict[str, Any]:
        """The indicator and the values that wait, as plain JSON values."""
        return {
            "version": 1,
            "indicator": repr(self._previous),
            "of": self._of.snapshot(),
            "waiting": [repr(value) for value in self._waiting],
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Become the stream that made the snapshot."""
        state = opened(snapshot, self._previous)
        self._of.restore(state["of"])
        self._waiting = deque(float(text) for text in state["waiting"])


def price(field: str = "close") -> Price:
    """A column of the bars as an indicator: ``crossing(price("close"), sma(15))``."""
    return Price(field)


def previous(of: Indicator, bars: int = 1) -> Previous:
    """What an indicator was some bars ago: ``crossing(price("close"), previous(highest(20)))`` is a breakout."""
    return Previous(of, bars)


def line(value: Line) -> Indicator:
    """An indicator as it is, a finite number as a horizontal line. Raises ValueError for anything else."""
    if isinstance(value, Indicator):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is neither an indicator nor a finite number")
    return Level(float(value))
