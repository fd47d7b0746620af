"""The methods of a strategy, checked before the first bar: plain functions that take what they will be given."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qtrader.errors import ConfigError

SIGNATURES = {
    "on_start": ("context",),
    "on_bar": ("bar", "context"),
    "on_bars": ("bars", "context"),
    "on_stop": ("context",),
    "on_fill": ("fill", "context"),
    "on_order_update": ("update", "context"),
    "on_session_open": ("session", "context"),
    "on_session_end": ("session", "context"),
}
"""What each method is called with."""


def method_of(strategy: Any, name: str) -> Callable[..., Any] | None:
    """A method of a strategy, None where it has none."""
    found = getattr(strategy, name, None)
    return found if callable(found) else None


def check_methods(name: str, strategy: Any) -> None:
    """Refuse methods that would do nothing when they are called, or that could not be called. Raises ConfigError."""
    for method, parameters in SIGNATURES.items():
        call = method_of(strategy, method)
        wrong = None if call is None else fault_of(call, len(parameters))
        if wrong is not None:
            raise ConfigError(
                f"strategy {name!r}: {type(strategy).__name__}.{method}{_place(call)} {wrong}; "
                f"write def {method}(self, {', '.join(parameters)})"
            ).of(strategy)


def fault_of(call: Callable[..., Any], count: int) -> str | None:
    """Why a method cannot be called with so many things, or would do nothing; None where it can."""
    if inspect.iscoroutinefunction(call):
        return "is async: nobody awaits it, so it would do nothing"
    if inspect.isgeneratorfunction(call) or inspect.isasyncgenfunction(call):
        return "has a yield in it, which makes it a generator: nobody iterates over it, so it would do nothing"
    try:
        signature = inspect.signature(call)
    except (TypeError, ValueError):  # some compiled functions have none
        return None
    try:
        signature.bind(*range(count))
    except TypeError:
        return f"takes {signature}"
    return None


def _place(call: Any) -> str:
    """File and line of a function, in brackets; empty for what was not written in Python."""
    code = getattr(inspect.unwrap(call), "__code__", None)
    return "" if code is None else f" ({Path(code.co_filename).name}:{code.co_firstlineno})"
