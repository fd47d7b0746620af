"""What is promised of every TA-Lib function, tested on every output of every one."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from qtrader_indicators import Level, TalibIndicator, indicator, indicator_names
from qtrader_indicators.functions import function
from qtrader_indicators.indicator import Source

KINDS = ("walk", "cents", "unit")


def inputs_of(name: str, period: float) -> list[Source] | None:
    """The inputs of the one function that has no default for them; None for the others."""
    return ["close", Level(period)] if name == "MAVP" else None


def every_indicator(name: str) -> list[TalibIndicator]:
    """One indicator for each output of a function, with its default options."""
    return [indicator(name, output=output, inputs=inputs_of(name, 7)) for output in function(name).outputs]


ALL = [one for name in indicator_names() for one in every_indicator(name)]


def followed(stream: Any, rows: list[tuple[float, ...]]) -> list[float]:
    """A stream's values as a column: NaN while not ready."""
    return [float("nan") if value is None else value for value in (stream.update(*row) for row in rows)]


def bits(values: Any) -> bytes:
    return np.asarray(values, dtype=np.float64).tobytes()


def test_all_functions_of_talib_are_offered() -> None:
    """TA-Lib 0.8 has 201; each must be reachable by its name."""
    assert len(indicator_names()) >= 201


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("one", ALL, ids=repr)
def test_stream_gives_the_bits_of_batch(one: TalibIndicator, kind: str, market: Callable[..., Any]) -> None:
    columns = market(1, kind=kind)

    assert bits(followed(one.stream(), columns.rows())) == bits(one.over(columns))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("one", ALL, ids=repr)
def test_later_rows_change_nothing_earlier(one: TalibIndicator, kind: str, market: Callable[..., Any]) -> None:
    columns = market(2, kind=kind)
    whole = one.over(columns)
    cuts = [0, 1, one.lookback, one.lookback + 1, *np.random.default_rng(3).integers(2, len(columns), 6).tolist()]

    assert [bits(one.over(columns.until(cut))) for cut in cuts] == [bits(whole[:cut]) for cut in cuts]


@pytest.mark.parametrize("one", ALL, ids=repr)
def test_undefined_exactly_for_the_lookback(one: TalibIndicator, market: Callable[..., Any]) -> None:
    """Prices between 0 and 1 are in the domain of every function."""
    columns = market(4, kind="unit")

    assert np.isfinite(one.over(columns)).tolist() == [row >= one.lookback for row in range(len(columns))]


@pytest.mark.parametrize("one", ALL, ids=repr)
def test_restored_stream_goes_on_to_the_same_bits(one: TalibIndicator, market: Callable[..., Any]) -> None:
    """Stopped at random bars, written as JSON text, restored into a fresh stream."""
    columns = market(5)
    whole = one.over(columns)
    for stop in (0, *np.random.default_rng(len(repr(one))).integers(1, len(columns), 3).tolist()):
        stream, resumed = one.stream(), one.stream()
        followed(stream, columns.rows()[:stop])
        resumed.restore(json.loads(json.dumps(stream.snapshot())))

        assert bits(followed(resumed, columns.rows()[stop:])) == bits(whole[stop:])


@pytest.mark.parametrize("one", ALL, ids=repr)
def test_reset_stream_starts_again(one: TalibIndicator, market: Callable[..., Any]) -> None:
    columns = market(6, rows=130)
    stream = one.stream()
    first = followed(stream, columns.rows())
    stream.reset()

    assert bits(followed(stream, columns.rows())) == bits(first)


def test_options_keep_the_promises(market: Callable[..., Any]) -> None:
    """Options drawn at random, whole range of averages included: bits of stream and batch, and prefixes."""
    rng = np.random.default_rng(11)
    columns = market(7, rows=150)
    tried = 0
    for name in indicator_names():
        for _ in range(3 if function(name).parameters else 0):
            options = {key: _drawn(key, default, rng) for key, default in function(name).parameters.items()}
            try:
                one = indicator(name, output=function(name).outputs[-1], inputs=inputs_of(name, 3), **options)
            except ValueError:
                continue
            tried += 1
            whole, cut = one.over(columns), int(rng.integers(1, len(columns)))
            assert bits(followed(one.stream(), columns.rows())) == bits(whole), one
            assert bits(one.over(columns.until(cut))) == bits(whole[:cut]), one

    assert tried > 200


def _drawn(key: str, default: float, rng: np.random.Generator) -> float:
    if "matype" in key:
        return int(rng.integers(0, 14))
    return int(rng.choice([2, 3, 5, 12])) if isinstance(default, int) else float(rng.choice([default, 0.5, 1.0]))
