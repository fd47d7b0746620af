"""What a strategy says, checked before it is said: exact prices, plain values, fields that their contract allows."""

import math
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import ValidationError

from qtrader.errors import ContractError
from qtrader.events import BaseEvent
from qtrader.ports import plain

E = TypeVar("E", bound=BaseEvent)
RECORD_COLUMNS = ("seq", "time", "strategy_id", "symbol")
"""What a row of records has before the recorded values."""
EXACT = ("limit_price", "stop_price", "trail_amount", "trail_percent", "quantity")
WISHES = (*EXACT[:4], "order_type", "time_in_force", "expire_at")
"""How an order is wished for: the fields of a signal and of a hand order."""


def wishes(given: dict[str, Any], owner: str, call: str) -> dict[str, Any]:
    """Fields of an order, exact. Raises ContractError for a float where a decimal belongs, and for an unknown name."""
    unknown = [name for name in given if name not in WISHES]
    if unknown:
        raise ContractError(f"{owner}: {call} knows no {unknown[0]!r}; an order has {', '.join(WISHES)}")
    return {name: exact(name, value) if name in EXACT else value for name, value in given.items()}


def validated(kind: type[E], payload: dict[str, Any]) -> E:
    """The event that a payload makes. Raises ContractError that names each wrong field and its value."""
    try:
        event: E = kind.__pydantic_validator__.validate_python(payload)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))} {one['input']!r}: {one['msg']}" for one in error.errors())
        raise ContractError(f"{payload['strategy_id']}: the {kind.topic} breaks its contract: {wrong}") from error
    return event


def exact(name: str, value: Any) -> Any:
    """Refuse a float where a decimal belongs, and say how to write it."""
    if isinstance(value, float):
        raise ContractError(
            f"{name}={value!r} is a float, and prices and quantities are exact: "
            f"pass a price of the bar (bar.close) or Decimal('{float(value)!r}')"
        )
    return value


def scalar(name: str, value: Any) -> Any:
    """A value as a record keeps it: decimals as text, floats to 12 significant digits."""
    if name in RECORD_COLUMNS:
        raise ContractError(f"record: {name}={value!r}: every record has its {name}; record it under another name")
    if isinstance(value, Decimal):
        return plain(value)
    if not isinstance(value, bool | int | float | str) and hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ContractError(f"record: {name}={value!r} is not a finite number; leave it out, or record None")
        return float(f"{value:.12g}")
    return value
