"""What an indicator reads, what it is, and what follows bars. Structural: nothing here imports QTrader."""

from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

FIELDS = ("open", "high", "low", "close", "volume")
"""The columns of a bar, in the order in which a stream's ``update`` takes them."""


class Columns(Protocol):
    """Bars of one symbol as float64 columns, oldest first; ``volume`` is NaN where unknown."""

    @property
    def open(self) -> Floats:
        """First prices."""
        ...

    @property
    def high(self) -> Floats:
        """Highest prices."""
        ...

    @property
    def low(self) -> Floats:
        """Lowest prices."""
        ...

    @property
    def close(self) -> Floats:
        """Last prices."""
        ...

    @property
    def volume(self) -> Floats:
        """Units traded."""
        ...

    def __len__(self) -> int:
        """Number of bars."""
        ...


class IndicatorStream(Protocol):
    """One indicator following one symbol bar by bar."""

    def update(self, open: float, high: float, low: float, close: float, volume: float) -> float | None:
        """Take the next bar; the new value, or None while not ready."""
        ...

    def reset(self) -> None:
        """Forget everything."""
        ...

    def snapshot(self) -> dict[str, Any]:
        """Plain JSON values from which ``restore`` goes on bit for bit."""
        ...

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Become the stream that made the snapshot."""
        ...


@runtime_checkable
class Indicator(Protocol):
    """A value for each bar that can be computed for a whole series or followed bar by bar, to the same bits."""

    @property
    def lookback(self) -> int:
        """Number of bars before the first value."""
        ...

    def over(self, columns: Columns) -> Floats:
        """The value at each bar; NaN for the first ``lookback`` rows; later rows change nothing earlier."""
        ...

    def stream(self) -> IndicatorStream:
        """A fresh follower."""
        ...


def opened(snapshot: dict[str, Any], owner: object) -> dict[str, Any]:
    """Check that a snapshot was made by a stream of this indicator, and return it. Raises ValueError."""
    made_by = snapshot.get("indicator")
    if snapshot.get("version") != 1 or made_by != repr(owner):
        raise ValueError(
            f"this snapshot is of {made_by!r} (version {snapshot.get('version')!r}), not of {owner!r} (version 1): "
            f"restore it into a stream of the indicator that made it"
        )
    return snapshot


def refusal(owner: object, source: object, value: float, where: str) -> str:
    """Say what is wrong with an input that is not finite, where, and what to do."""
    if source == "volume" and value != value:
        return f"{owner!r}: the volume is unknown (NaN) at {where}: use a source that has it, or leave this out"
    return f"{owner!r}: {source!r} is {value} at {where}: indicators take finite numbers only; mend the source"
