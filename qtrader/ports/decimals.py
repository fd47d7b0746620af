"""Exact arithmetic: one decimal context for all money, and the option types that plugins use."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    FloatOperation,
    InvalidOperation,
    Overflow,
    localcontext,
)
from functools import partial
from typing import Annotated

from pydantic import Field

LEDGER = Context(
    prec=60,
    rounding=ROUND_HALF_EVEN,
    traps=[InvalidOperation, DivisionByZero, Overflow, FloatOperation],
    Emin=-999,
    Emax=999,
)
"""The context of every money calculation: 60 digits, half-even, floats refused."""

MONEY_SCALE = Decimal("0.00000001")
"""The ledger's finest unit: 10^-8 of a currency unit."""

ledger_context: Callable[[], AbstractContextManager[Context]] = partial(localcontext, LEDGER)
"""Run a block in a copy of the ledger's decimal context, whatever thread it is in and whatever context it finds."""

Ratio = Annotated[Decimal, Field(ge=0, le=1)]
"""A share of a whole, 0 to 1."""
Positive = Annotated[Decimal, Field(gt=0)]
"""A decimal greater than zero."""
NonNegative = Annotated[Decimal, Field(ge=0)]
"""A decimal of zero or more."""


def money(value: Decimal) -> Decimal:
    """Round to the ledger's scale, 10^-8, half-even."""
    return value.quantize(MONEY_SCALE, context=LEDGER)


def plain(value: Decimal) -> str:
    """Write a decimal with all its digits, no exponent and no trailing zeros: ``1E+2`` is ``100``."""
    text = str(value)
    if "E" in text:
        text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
