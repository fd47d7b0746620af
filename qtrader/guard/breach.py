"""How a breach is told: what is wrong, by how much, and what was booked."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TypeVar

from qtrader.errors import BooksBreach
from qtrader.ports.audit import AuditedTransaction
from qtrader.ports.decimals import LEDGER, plain

K = TypeVar("K", str, tuple[str, str])
V = TypeVar("V")
MOST_TOLD = 8
"""So many transactions are told in a message, the newest; the error has all."""


def require(
    found: Decimal,
    expected: Decimal,
    booked: Iterable[AuditedTransaction],
    what: str,
    *about: object,
    of: str = "fills and actions",
) -> None:
    """Raise BooksBreach unless two numbers are the same.

    ``what`` names the one in the books, with a ``{}`` for each of ``about``: most numbers are right, and nobody reads
    their names. ``of`` is what the other was made from.
    """
    if found != expected:
        off = plain(LEDGER.subtract(found, expected))
        told = what.format(*about)
        raise breach(f"{told} is {plain(found)}, and {of} make {plain(expected)}: off by {off}", booked)


def find(mapping: Mapping[K, V], key: K, booked: Iterable[AuditedTransaction]) -> V:
    """What one side knows of a position or currency. Raises BooksBreach where the other side knows of it alone."""
    if key not in mapping:
        name = key if isinstance(key, str) else " in ".join(map(str, key))
        raise breach(f"{name} is known to one side alone", booked)
    return mapping[key]


def breach(told: str, booked: Iterable[AuditedTransaction]) -> BooksBreach:
    """The error for books that are wrong; ``booked`` is the smallest slice of ledger that shows it."""
    shown = tuple(booked)
    slices = "".join(f"\n  {_line(one)}" for one in shown[-MOST_TOLD:])
    more = f", the last {MOST_TOLD} of {len(shown)}" if len(shown) > MOST_TOLD else ""
    return BooksBreach(
        f"the books are wrong: {told}. What was booked{more}: {slices or 'nothing'}\n"
        f"This is a defect of the service that keeps the books: report it with these lines. "
        f"engine.guard: false runs without the check",
        shown,
    )


def _line(one: AuditedTransaction) -> str:
    postings = ", ".join(f"{account} {plain(amount)}" for account, amount in one.postings)
    about = " ".join(filter(None, (one.strategy_id, one.symbol)))
    return f"{one.kind} {one.reference!r}{about and f' ({about})'}: {postings} {one.currency}"
