"""Made-up markets: the same for the same seed."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray


@dataclass(frozen=True)
class Market:
    """Columns of one symbol."""

    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    volume: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.close)

    def until(self, row: int) -> "Market":
        """The first rows."""
        return Market(self.open[:row], self.high[:row], self.low[:row], self.close[:row], self.volume[:row])

    def rows(self) -> list[tuple[float, float, float, float, float]]:
        """One tuple a bar, as a stream takes it."""
        columns = (self.open, self.high, self.low, self.close, self.volume)
        return list(zip(*(column.tolist() for column in columns), strict=True))


def made(closes: NDArray[np.float64], seed: int = 0) -> Market:
    """A market around given closes."""
    rng = np.random.default_rng(seed)
    opens = np.concatenate((closes[:1], closes[:-1]))
    reach = np.abs(rng.normal(0, 0.01, (2, len(closes)))) * closes
    high, low = np.maximum(opens, closes) + reach[0], np.minimum(opens, closes) - reach[1]
    return Market(opens, high, low, closes, rng.integers(1, 1000, len(closes)).astype(np.float64))


@pytest.fixture(scope="session")
def market() -> Callable[..., Market]:
    """A market by seed: a random walk, or prices between 0 and 1 (for functions that are defined only there)."""

    def make(seed: int, rows: int = 240, kind: str = "walk") -> Market:
        rng = np.random.default_rng([seed, rows])
        if kind == "unit":
            return made(rng.uniform(0.05, 0.9, rows), seed)
        if kind == "cents":
            return made(np.round(20 + np.cumsum(rng.choice([-0.01, 0.0, 0.01], rows)), 2), seed)
        return made(100 * np.exp(np.cumsum(rng.normal(0, 0.02, rows))), seed)

    return make


@pytest.fixture(scope="session")
def closes() -> Callable[..., Market]:
    """A market whose closes are given, its range zero and its volume one."""

    def make(*values: float) -> Market:
        column = np.array(values, dtype=np.float64)
        return Market(column, column, column, column, np.ones(len(column)))

    return make
