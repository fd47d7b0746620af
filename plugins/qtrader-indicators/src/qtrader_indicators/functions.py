"""What TA-Lib offers: its functions by name, their inputs, options and outputs. The only module that touches TA-Lib.

TA-Lib is imported when the first indicator is made, since it takes pandas and polars with it where they are installed.
"""

import difflib
import importlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from qtrader_indicators.protocols import Floats

Number: TypeAlias = int | float


@dataclass(frozen=True)
class Function:
    """The facts about one TA-Lib function.

    ``inputs`` are the columns it reads by default, None where it has no default and one must be named;
    ``free`` counts how many of them a caller may choose (the others are what the function is defined on).
    """

    name: str
    inputs: tuple[str | None, ...]
    free: int
    parameters: Mapping[str, Number]
    outputs: tuple[str, ...]


def _module(name: str) -> Any:
    return importlib.import_module(name)


@cache
def names() -> tuple[str, ...]:
    """All functions of the installed TA-Lib, sorted."""
    return tuple(sorted(_module("talib").get_functions()))


@cache
def function(name: str) -> Function:
    """Look a function up by its TA-Lib name, in any case. Raises ValueError with the nearest name."""
    upper = name.upper() if isinstance(name, str) else name
    if upper not in names():
        raise ValueError(f"TA-Lib has no function {name!r}.{nearest(str(upper), names())} All: `indicator_names()`")
    facts = _module("talib.abstract").Function(upper)
    inputs: list[str | None] = []
    free = 0
    for kind, columns in facts.input_names.items():
        if kind == "prices":
            inputs += columns
        else:
            inputs.append(None if columns == "periods" else columns)
            free += 1
    return Function(upper, tuple(inputs), free, dict(facts.parameters), tuple(facts.output_names))


def nearest(word: str, choices: Sequence[str]) -> str:
    """A sentence that suggests the likeliest choice, or nothing."""
    close = difflib.get_close_matches(word, choices, 1, 0.5)
    return f" Did you mean {close[0]!r}?" if close else ""


def parameters(facts: Function, given: Mapping[str, Any]) -> tuple[tuple[str, Number], ...]:
    """Every option of a function with its value, defaults filled in. Raises ValueError for what TA-Lib would refuse."""
    for name in given:
        if name not in facts.parameters:
            takes = ", ".join(facts.parameters) or "no options"
            raise ValueError(
                f"{facts.name} has no option {name!r}. It takes: {takes}.{nearest(name, tuple(facts.parameters))}"
            )
    return tuple(
        (name, _value(facts.name, name, given.get(name, default), default))
        for name, default in facts.parameters.items()
    )


def _value(function_name: str, name: str, value: Any, default: Number) -> Number:
    if "matype" in name and isinstance(value, str):
        return _average(function_name, name, value)
    wanted = type(default)
    kinds = int if wanted is int else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds) or not math.isfinite(value):
        raise ValueError(f"{function_name}: {name}={value!r} must be a {'whole' if wanted is int else 'finite'} number")
    return wanted(value)


def _average(function_name: str, name: str, value: str) -> int:
    kinds = [kind for kind in dir(_module("talib").MA_Type) if kind.isupper()]
    if value.upper() not in kinds:
        raise ValueError(f"{function_name}: {name}={value!r} is no average. There are: {', '.join(kinds)}")
    return int(getattr(_module("talib").MA_Type, value.upper()))


def lookback(facts: Function, options: Mapping[str, Number]) -> int:
    """Number of bars before the first value. Raises ValueError when TA-Lib refuses the options' values."""
    described = _module("talib.abstract").Function(facts.name)
    described.parameters = dict(options)
    bars = int(described.lookback)
    if bars < 0:
        shown = ", ".join(f"{name}={value!r}" for name, value in options.items())
        raise ValueError(
            f"TA-Lib refuses {facts.name} with {shown}: a value is out of range. Defaults: {dict(facts.parameters)}"
        )
    return bars


def batch(name: str) -> Callable[..., Any]:
    """The function over whole arrays."""
    found: Callable[..., Any] = getattr(_module("talib"), name)
    return found


def opener(name: str) -> Callable[..., Any]:
    """The function that opens a streaming handle on a history."""
    found: Callable[..., Any] = getattr(_module("talib.stream"), name)
    return found


def contiguous(column: Any) -> Floats:
    """The column as TA-Lib takes it."""
    return np.ascontiguousarray(column, dtype=np.float64)
