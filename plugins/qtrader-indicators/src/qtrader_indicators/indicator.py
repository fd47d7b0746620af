"""An indicator made of one TA-Lib function: whole series and bar by bar, to the same bits."""

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qtrader_indicators import functions
from qtrader_indicators.protocols import FIELDS, Columns, Floats, Indicator, IndicatorStream, opened, refusal

Source = str | Indicator
"""What a function reads: a column by name (open, high, low, close, volume) or another indicator's values."""


@dataclass(frozen=True, repr=False)
class TalibIndicator:
    """One output of one TA-Lib function with all its options; made by ``indicator``.

    Equal when function, output, inputs and options are equal. A value that the function does not define at a bar (the
    logarithm of a negative price) is NaN or infinite in ``over`` and from a stream; reading it through a tracked
    indicator is an error. An input that is not finite raises ValueError.
    """

    function: str
    output: int
    inputs: tuple[Source, ...]
    parameters: tuple[tuple[str, functions.Number], ...]
    warmup: int

    @property
    def lookback(self) -> int:
        """Number of bars before the first value, those of its inputs included."""
        return self.warmup + max((source.lookback for source in self.inputs if not isinstance(source, str)), default=0)

    def over(self, columns: Columns) -> Floats:
        """The value at each bar; NaN for the first ``lookback`` rows."""
        series = [_read(source, columns) for source in self.inputs]
        skipped = self.lookback - self.warmup
        read = [functions.contiguous(one[skipped:]) for one in series]
        for source, one in zip(self.inputs, read, strict=True):
            self._check(source, one, skipped)
        values = np.full(len(columns), np.nan)
        if len(columns) > self.lookback:
            result = functions.batch(self.function)(*read, **dict(self.parameters))
            chosen = result[self.output] if isinstance(result, tuple | list) else result
            values[self.lookback :] = chosen[self.warmup :]
        return values

    def _check(self, source: Source, values: Floats, skipped: int) -> None:
        finite = np.isfinite(values)
        if not finite.all():
            row = int(np.argmin(finite))
            raise ValueError(refusal(self, source, float(values[row]), f"row {row + skipped}"))

    def stream(self) -> "TalibStream":
        """A fresh follower."""
        return TalibStream(self)

    def __repr__(self) -> str:
        """The call of ``indicator`` that makes it, options in full."""
        facts = functions.function(self.function)
        parts = [repr(self.function)]
        if len(facts.outputs) > 1:
            parts.append(f"output={facts.outputs[self.output]!r}")
        if self.inputs != facts.inputs:
            parts.append(f"inputs={self.inputs[: facts.free]!r}")
        parts += [f"{name}={value!r}" for name, value in self.parameters]
        return f"indicator({', '.join(parts)})"


def _read(source: Source, columns: Columns) -> Floats:
    values: Floats = getattr(columns, source) if isinstance(source, str) else source.over(columns)
    return values


class TalibStream:
    """A TA-Lib handle that follows one symbol.

    Handles can neither be pickled nor read, so the stream keeps what it was fed (eight bytes a value) and a snapshot
    holds that; ``restore`` opens a new handle on it.
    """

    __slots__ = ("_fed", "_handle", "_indicator", "_sources")

    def __init__(self, indicator: TalibIndicator) -> None:
        self._indicator = indicator
        self._sources: list[int | IndicatorStream] = [
            FIELDS.index(source) if isinstance(source, str) else source.stream() for source in indicator.inputs
        ]
        self._fed = [array("d") for _ in self._sources]
        self._handle: Any = None

    def update(self, open: float, high: float, low: float, close: float, volume: float) -> float | None:
        """Take the next bar; the new value, or None while not ready. Raises ValueError for what is not finite."""
        bar = (open, high, low, close, volume)
        values = [bar[source] if isinstance(source, int) else source.update(*bar) for source in self._sources]
        if None in values:
            return None
        for source, value in zip(self._indicator.inputs, values, strict=True):
            if not math.isfinite(value):  # type: ignore[arg-type]
                where = f"bar {len(self._fed[0])} of its stream"
                raise ValueError(refusal(self._indicator, source, value, where))  # type: ignore[arg-type]
        for column, value in zip(self._fed, values, strict=True):
            column.append(value)  # type: ignore[arg-type]
        if self._handle is not None:
            return self._chosen(self._handle.update(*values))
        self._open()
        return None if self._handle is None else self._chosen(self._handle.value)

    def _open(self) -> None:
        if len(self._fed[0]) > self._indicator.warmup:
            history = [np.frombuffer(column, dtype=np.float64).copy() for column in self._fed]
            options = dict(self._indicator.parameters)
            self._handle = functions.opener(self._indicator.function)(*history, **options)

    def _chosen(self, value: Any) -> float:
        return float(value[self._indicator.output] if isinstance(value, tuple) else value)

    def reset(self) -> None:
        """Forget everything."""
        self._handle = None
        self._fed = [array("d") for _ in self._sources]
        for source in self._streams():
            source.reset()

    def snapshot(self) -> dict[str, Any]:
        """What was fed so far, as plain JSON values."""
        return {
            "version": 1,
            "indicator": repr(self._indicator),
            "fed": [column.tolist() for column in self._fed],
            "sources": [source.snapshot() for source in self._streams()],
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Become the stream that made the snapshot."""
        opened(snapshot, self._indicator)
        self._handle = None
        self._fed = [array("d", column) for column in snapshot["fed"]]
        for source, state in zip(self._streams(), snapshot["sources"], strict=True):
            source.restore(state)
        self._open()

    def _streams(self) -> list[IndicatorStream]:
        return [source for source in self._sources if not isinstance(source, int)]


def indicator(
    name: str, *, output: str | None = None, inputs: Sequence[Source] | None = None, **parameters: int | float | str
) -> TalibIndicator:
    """Any TA-Lib function by name: ``indicator("RSI", timeperiod=14)``, ``indicator("MACD", output="macdsignal")``.

    ``output`` is needed where a function has several. ``inputs`` replaces what the function reads by default, where it
    is defined on any series: a column's name or another indicator, ``indicator("SMA", inputs=["volume"])``. Options
    that choose an average (``matype``) take its name too. Raises ValueError for an unknown name, option or output.
    """
    facts = functions.function(name)
    options = functions.parameters(facts, parameters)
    return TalibIndicator(
        facts.name, _output(facts, output), _inputs(facts, inputs), options, functions.lookback(facts, dict(options))
    )


def indicator_names() -> tuple[str, ...]:
    """Every name that ``indicator`` takes, sorted."""
    return functions.names()


def _output(facts: functions.Function, output: str | None) -> int:
    if output is None and len(facts.outputs) == 1:
        return 0
    if output not in facts.outputs:
        said = "has several outputs" if output is None else f"has no output {output!r}"
        raise ValueError(f"{facts.name} {said}: say output= with one of {', '.join(map(repr, facts.outputs))}")
    return facts.outputs.index(output)


def _inputs(facts: functions.Function, given: Sequence[Source] | None) -> tuple[Source, ...]:
    chosen: tuple[Any, ...] = facts.inputs if given is None else (*_sources(facts, given), *facts.inputs[facts.free :])
    if None in chosen:
        raise ValueError(
            f"{facts.name} reads a period for each bar, which no bar has: say inputs=[column, indicator of periods]"
        )
    return chosen


def _sources(facts: functions.Function, given: Sequence[Source]) -> Sequence[Source]:
    if isinstance(given, str) or len(given) != facts.free:
        raise ValueError(f"{facts.name} lets {facts.free} of its inputs be chosen; inputs={given!r}")
    for source in given:
        if isinstance(source, str) and source not in FIELDS:
            raise ValueError(
                f"{facts.name}: no column {source!r}; there are {', '.join(FIELDS)}.{functions.nearest(source, FIELDS)}"
            )
        if not isinstance(source, str | Indicator):
            raise ValueError(f"{facts.name}: {source!r} is neither a column's name nor an indicator")
    return given
