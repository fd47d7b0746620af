"""What one variant gives back, so that all can be held against each other."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Outcome:
    """What came out of a workload: bars, events of all kinds, fills, and the equity at the end."""

    bars: int
    events: int
    fills: int
    equity: Decimal
