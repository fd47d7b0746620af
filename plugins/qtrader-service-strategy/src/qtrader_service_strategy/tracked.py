"""An indicator's present value for each symbol: read from a column computed ahead, or followed bar by bar."""

import math
from collections.abc import Mapping
from math import isfinite
from typing import Any, Protocol

import numpy as np

from qtrader.errors import DataError, RunError
from qtrader.ports import BarValue, Columns, Indicator, IndicatorStream


class TrackedValue(Protocol):
    """What the service needs of a tracked indicator, beside what the strategy sees of it."""

    indicator: Indicator

    def __getitem__(self, symbol: str) -> float:
        """Value at the latest bar of the symbol."""
        ...

    def ready(self, symbol: str) -> bool:
        """Whether there is a value yet."""
        ...

    def take(self, bar: BarValue, row: tuple[float, float, float, float, float]) -> None:
        """Follow one bar."""
        ...

    def snapshot(self) -> dict[str, Any]:
        """What is remembered of each symbol."""
        ...

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Remember it again."""
        ...


class ColumnTracked:
    """Values computed for the whole series when the run starts; the clock says which of them is the present one."""

    __slots__ = ("_latest", "_lookback", "_values", "indicator")

    def __init__(self, indicator: Indicator, columns: Mapping[str, Columns], latest: Mapping[str, Any]) -> None:
        self.indicator = indicator
        self._lookback = indicator.lookback
        self._latest = latest
        self._values = {symbol: _computed(indicator, symbol, one) for symbol, one in columns.items()}

    def __getitem__(self, symbol: str) -> float:
        """Value at the latest bar of the symbol. Raises RunError where it is not ready or not a number."""
        try:
            value: float = self._values[symbol][self._latest[symbol][1]]
        except KeyError:
            value = math.nan
        return value if isfinite(value) else self._undefined(symbol, value)

    def _undefined(self, symbol: str, value: float) -> float:
        if not self.ready(symbol):
            progress = f"{self._row(symbol) + 1} of {self._lookback + 1} bars"
            raise _unready(self, symbol, self._values, progress)
        return _refuse(self, symbol, value)

    def _row(self, symbol: str) -> int:
        bar = self._latest.get(symbol)
        return -1 if bar is None else int(bar[1])

    def ready(self, symbol: str) -> bool:
        """Whether there is a value yet."""
        return symbol in self._values and self._row(symbol) >= self._lookback

    def take(self, bar: BarValue, row: tuple[float, float, float, float, float]) -> None:
        """Nothing to follow: the columns have it."""

    def snapshot(self) -> dict[str, Any]:
        """Nothing: the columns are computed again."""
        return {}

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Nothing to remember."""


class StreamTracked:
    """Values of one stream for each symbol, for bars that are published by hand: nothing is known ahead."""

    __slots__ = ("_streams", "_values", "indicator")

    def __init__(self, indicator: Indicator) -> None:
        self.indicator = indicator
        self._streams: dict[str, IndicatorStream] = {}
        self._values: dict[str, float | None] = {}

    def __getitem__(self, symbol: str) -> float:
        """Value at the latest bar of the symbol. Raises RunError where it is not ready or not a number."""
        value = self._values.get(symbol)
        if value is None:
            raise _unready(self, symbol, self._values, f"it needs {self.indicator.lookback + 1} bars")
        return value if math.isfinite(value) else _refuse(self, symbol, value)

    def ready(self, symbol: str) -> bool:
        """Whether there is a value yet."""
        return self._values.get(symbol) is not None

    def take(self, bar: BarValue, row: tuple[float, float, float, float, float]) -> None:
        """Follow one bar."""
        stream = self._streams.get(bar.symbol)
        if stream is None:
            stream = self._streams[bar.symbol] = self.indicator.stream()
        self._values[bar.symbol] = stream.update(*row)

    def snapshot(self) -> dict[str, Any]:
        """The streams and their present values."""
        return {
            symbol: {"stream": stream.snapshot(), "value": _text(self._values[symbol])}
            for symbol, stream in self._streams.items()
        }

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Go on from the streams of a snapshot."""
        self._streams, self._values = {}, {}
        for symbol, state in snapshot.items():
            self._streams[symbol] = self.indicator.stream()
            self._streams[symbol].restore(state["stream"])
            self._values[symbol] = None if state["value"] is None else float(state["value"])


def floats(bar: BarValue) -> tuple[float, float, float, float, float]:
    """A bar as indicators take it: floats, volume NaN where unknown."""
    volume = math.nan if bar.volume is None else float(bar.volume)
    return float(bar.open), float(bar.high), float(bar.low), float(bar.close), volume


def _text(value: float | None) -> str | None:
    return None if value is None else repr(value)


def _computed(indicator: Indicator, symbol: str, columns: Columns) -> memoryview:
    """A column of the indicator over one symbol, NaN until it is ready, as a memory view: its cells are read fast."""
    if not len(columns):  # no bar of this interval is over within the data
        return np.empty(0).data
    try:
        values = np.ascontiguousarray(indicator.over(columns), dtype=np.float64)
    except ValueError as error:
        raise DataError(f"{symbol}: {error}") from error
    if values.shape != (len(columns),):
        raise RunError(
            f"{indicator!r}.over() gave values of shape {values.shape} for {len(columns)} bars of {symbol}: one each"
        )
    if np.isfinite(values[: indicator.lookback]).any():
        values = values.copy()
        values[: indicator.lookback] = np.nan
    return values.data


def _unready(tracked: TrackedValue, symbol: str, known: Mapping[str, Any], progress: str) -> RunError:
    if known and symbol not in known:
        return RunError(f"{tracked.indicator!r} is not tracked for {symbol!r}; it is for {', '.join(sorted(known))}")
    return RunError(f"{tracked.indicator!r} is not ready for {symbol} ({progress}): ask ready({symbol!r}) first")


def _refuse(tracked: TrackedValue, symbol: str, value: float) -> float:
    raise RunError(f"{tracked.indicator!r} is {value} for {symbol} at this bar: it is not defined for these prices")
