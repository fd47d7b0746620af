"""The order state machine: one table of statuses and events, from which code, picture and tests follow.

A cell says what an event does to an order: its effect, the statuses that it may lead to and what it leaves pending.
Where a cell names several statuses, the quantities decide (``next_status``). A cell that is not in the rows below does
not exist: 8 statuses x 3 pendings x 14 events make 336, and every one of them is listed in ``TABLE``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import product
from typing import Final, Literal

from qtrader.errors import IllegalTransition
from qtrader.events import OrderStatus

Pending = Literal["NONE", "CANCEL", "REPLACE"]
PENDINGS: Final[tuple[Pending, ...]] = ("NONE", "CANCEL", "REPLACE")

NEW, SUBMITTED, ACK, PARTIAL = OrderStatus.NEW, OrderStatus.SUBMITTED, OrderStatus.ACK, OrderStatus.PARTIAL
FILLED, CANCELED = OrderStatus.FILLED, OrderStatus.CANCELED
REJECTED, EXPIRED = OrderStatus.REJECTED, OrderStatus.EXPIRED
STATUSES: Final = (NEW, SUBMITTED, ACK, PARTIAL, FILLED, CANCELED, REJECTED, EXPIRED)
TERMINAL: Final = frozenset({FILLED, CANCELED, REJECTED, EXPIRED})


class OrderInput(StrEnum):
    """What can happen to an order. Both kinds of fill are trigger ``fill`` in an order_update."""

    SENT = "sent"
    ACK = "ack"
    REJECT = "reject"
    PARTIAL_FILL = "partial_fill"
    FULL_FILL = "full_fill"
    CANCEL_REQUEST = "cancel_request"
    CANCEL = "cancel"
    CANCEL_REFUSED = "cancel_refused"
    REPLACE_REQUEST = "replace_request"
    REPLACE = "replace"
    REPLACE_REFUSED = "replace_refused"
    TRIGGERED = "triggered"
    EXPIRE = "expire"
    BUST = "bust"

    __hash__ = str.__hash__  # that of Enum is a call of Python code

    @property
    def trigger(self) -> str:
        """The word for it in an order_update."""
        return "fill" if self in (OrderInput.PARTIAL_FILL, OrderInput.FULL_FILL) else self.value


class Effect(StrEnum):
    """What an event does: change the order, or leave it alone in one of several ways."""

    CHANGE = "change"
    """Status, pending or a flag changes; an order_update says so."""
    IGNORE = "ignore"
    """Nothing happens: it is known already."""
    RECORD = "record"
    """Nothing changes, but it is written down: it contradicts what is known."""
    REFUSE = "refuse"
    """The request is answered with a refusal."""
    LATE = "late"
    """A fill after the end: position and cash are updated, the quantity grows."""
    OVERFILL = "overfill"
    """More than was ordered: a simulation stops, live trading books the broker's fact."""
    ILLEGAL = "illegal"
    """Cannot happen: IllegalTransition."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: the effect, the statuses it may lead to, what is then pending, an implied step, the word in updates."""

    effect: Effect
    to: tuple[OrderStatus, ...] = ()
    pending: Pending = "NONE"
    via: OrderStatus | None = None
    trigger: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A cell before it knows its status and pending: empty ``to`` stays, ``pending`` None keeps what is pending."""

    effect: Effect
    to: tuple[OrderStatus, ...] = ()
    pending: Pending | None = None
    via: OrderStatus | None = None


def _to(*statuses: OrderStatus, pending: Pending | None = None, via: OrderStatus | None = None) -> _Entry:
    return _Entry(Effect.CHANGE, statuses, pending, via)


_STAY = _to()
_ILLEGAL, _IGNORE, _RECORD = _Entry(Effect.ILLEGAL), _Entry(Effect.IGNORE), _Entry(Effect.RECORD)
_REFUSE, _OVERFILL = _Entry(Effect.REFUSE), _Entry(Effect.OVERFILL)


def _late(*statuses: OrderStatus) -> _Entry:
    return _Entry(Effect.LATE, statuses)


I = OrderInput  # noqa: E741 - a column of the table
_ROWS: Final[Mapping[OrderInput, tuple[_Entry, ...]]] = {
    # event:        NEW, SUBMITTED, ACK, PARTIAL, FILLED, CANCELED, REJECTED, EXPIRED
    I.SENT: (_to(SUBMITTED), *(_ILLEGAL,) * 7),
    I.ACK: (_ILLEGAL, _to(ACK), _IGNORE, _IGNORE, *(_RECORD,) * 4),
    I.REJECT: (_to(REJECTED), _to(REJECTED), _to(REJECTED), _to(CANCELED), *(_RECORD,) * 4),
    I.PARTIAL_FILL: (
        *(_ILLEGAL, _to(PARTIAL, via=ACK), _to(PARTIAL), _STAY),
        *(_OVERFILL, _late(CANCELED), _late(CANCELED), _late(EXPIRED)),
    ),
    I.FULL_FILL: (
        *(_ILLEGAL, _to(FILLED, via=ACK), _to(FILLED), _to(FILLED)),
        *(_OVERFILL, _late(FILLED), _late(FILLED), _late(FILLED)),
    ),
    I.CANCEL_REQUEST: (_to(CANCELED), *(_to(pending="CANCEL"),) * 3, *(_REFUSE,) * 4),
    I.CANCEL: (_ILLEGAL, *(_to(CANCELED),) * 3, *(_IGNORE,) * 4),
    I.CANCEL_REFUSED: (_ILLEGAL, *(_to(pending="NONE"),) * 3, *(_IGNORE,) * 4),
    I.REPLACE_REQUEST: (_STAY, _REFUSE, *(_to(pending="REPLACE"),) * 2, *(_REFUSE,) * 4),
    I.REPLACE: (_ILLEGAL, _ILLEGAL, _to(ACK, pending="NONE"), _to(PARTIAL, FILLED, pending="NONE"), *(_RECORD,) * 4),
    I.REPLACE_REFUSED: (_ILLEGAL, _ILLEGAL, *(_to(pending="NONE"),) * 2, *(_RECORD,) * 4),
    I.TRIGGERED: (_ILLEGAL, _ILLEGAL, _STAY, _STAY, *(_IGNORE,) * 4),
    I.EXPIRE: (*(_to(EXPIRED),) * 4, *(_IGNORE,) * 4),
    I.BUST: (
        *(_ILLEGAL, _ILLEGAL, _ILLEGAL, _to(PARTIAL, ACK)),
        *(_to(CANCELED, PARTIAL, ACK), _to(CANCELED), _ILLEGAL, _to(EXPIRED)),
    ),
}

_WHILE_PENDING: Final[Mapping[tuple[Pending, OrderInput], _Entry]] = {
    ("CANCEL", I.CANCEL_REQUEST): _IGNORE,  # asked already
    ("CANCEL", I.REPLACE_REQUEST): _REFUSE,  # a cancel is on its way
    ("CANCEL", I.REPLACE_REFUSED): _IGNORE,  # the cancel took over
    ("REPLACE", I.REPLACE_REQUEST): _REFUSE,  # one at a time
    ("REPLACE", I.CANCEL_REFUSED): _IGNORE,  # answers no cancel that is pending
}
"""What a pending request changes, where an order works."""


def _reachable(status: OrderStatus, pending: Pending) -> bool:
    """Nothing is pending before an order is sent and after it ended; a replacement needs an acknowledged order."""
    if pending == "NONE":
        return True
    return status in (ACK, PARTIAL) or (status is SUBMITTED and pending == "CANCEL")


def _cell(status: OrderStatus, pending: Pending, event: OrderInput) -> Cell:
    entry = _ROWS[event][STATUSES.index(status)]
    if not _reachable(status, pending):
        entry = _ILLEGAL
    elif entry.effect is Effect.CHANGE:
        entry = _WHILE_PENDING.get((pending, event), entry)
    to = entry.to or (status,)
    left = pending if entry.pending is None else entry.pending
    if to[0] in TERMINAL and len(to) == 1:
        left = "NONE"
    elif (pending, event) == ("CANCEL", I.REPLACE):
        left = "CANCEL"  # the cancel still stands; the revision rises
    return Cell(entry.effect, to, left, entry.via, event.trigger)


TABLE: Final[Mapping[tuple[OrderStatus, Pending, OrderInput], Cell]] = {
    key: _cell(*key) for key in product(STATUSES, PENDINGS, OrderInput)
}
"""All 336 cells."""


_IMPOSSIBLE = (Effect.ILLEGAL, Effect.OVERFILL)


def lookup(status: OrderStatus, pending: Pending, event: OrderInput, order_id: str) -> Cell:
    """The cell of an event that happens to an order. Raises IllegalTransition where it cannot happen."""
    cell = TABLE[status, pending, event]
    if cell.effect in _IMPOSSIBLE:
        raise IllegalTransition(
            f"order {order_id!r} is {status.value} (pending {pending}): {event.value!r} cannot happen to it; "
            f"whoever sent this lost track of the order"
        )
    return cell


def next_status(cell: Cell, *, quantity: Decimal, filled: Decimal, working: bool = False) -> OrderStatus:
    """Which of a cell's statuses the quantities after the event choose.

    A replacement down to what is filled already: FILLED. A bust that leaves nothing filled: ACK, something: PARTIAL;
    and for an order that was FILLED only when the venue says that the rest is ``working``, else CANCELED.
    """
    if len(cell.to) == 1:
        return cell.to[0]
    if FILLED in cell.to:
        return FILLED if quantity <= filled else PARTIAL
    if CANCELED in cell.to and not working:
        return CANCELED
    return PARTIAL if filled else ACK


def status_changes() -> frozenset[tuple[OrderStatus, OrderStatus, Effect, OrderInput]]:
    """Every change of status in the table: from, to, effect and event; implied steps count as two."""
    found = set()
    for (status, _, event), cell in TABLE.items():
        if cell.effect in (Effect.CHANGE, Effect.LATE):
            steps = [cell.via] if cell.via else [to for to in cell.to if to is not status]
            found |= {(status, to, cell.effect, event) for to in steps}
    return frozenset(found)
