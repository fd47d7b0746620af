"""Corporate actions of a run: checked, clipped to the data, and given the instant at which they take effect."""

from collections.abc import Iterable, Sequence
from dataclasses import fields

from pydantic import ValidationError

from qtrader import ScheduledAction
from qtrader.errors import DataError
from qtrader.events import CorporateActionEvent, Origin
from qtrader.ports import ACTION_ORDER, ENDING, RESCALING, CorporateAction, Prices

from .sessions import Sessions, ordinal


def schedule(
    actions: Sequence[CorporateAction], prices: Prices, table: Sessions, first: int, last: int
) -> list[ScheduledAction]:
    """The actions that the prices do not hold already, whose ex-date lies in ``first`` to ``last`` (days since 1970).

    Those that end a symbol may come later, as far as the sessions go. Each takes effect at the open of the first
    session on or after its ex-date.
    """
    found: list[ScheduledAction] = []
    for action in actions:
        row = table.first_from(action.ex_date)
        late = action.action_type not in ENDING and ordinal(action.ex_date) > last
        if ordinal(action.ex_date) < first or late or row == len(table) or not _still_due(action, prices):
            continue
        action_id = _name(action, {scheduled.action_id for scheduled in found})
        found.append(ScheduledAction(int(table.open_ns[row]), action_id, action))
        as_event(found[-1])
    return found


def in_order(actions: Iterable[ScheduledAction]) -> tuple[ScheduledAction, ...]:
    """By time, then kind (symbol changes before splits before dividends), then symbol."""
    return tuple(sorted(actions, key=_rank))


def _rank(scheduled: ScheduledAction) -> tuple[int, int, str, str]:
    action = scheduled.action
    return scheduled.time_ns, ACTION_ORDER.index(action.action_type), action.symbol, scheduled.action_id


def _still_due(action: CorporateAction, prices: Prices) -> bool:
    if prices == "split-adjusted":
        return action.action_type not in RESCALING
    return prices == "raw"


def _name(action: CorporateAction, taken: set[str]) -> str:
    """An id that says what it is: ``AAPL-2005-02-28-split``; a second one of the day gets a number."""
    name = f"{action.symbol}-{action.ex_date}-{action.action_type}"
    number = 2
    unique = name
    while unique in taken:
        unique, number = f"{name}-{number}", number + 1
    return unique


def as_event(scheduled: ScheduledAction) -> CorporateActionEvent:
    """The event of an action, checked against its contract."""
    action = scheduled.action
    payload = {field.name: getattr(action, field.name) for field in fields(action)}
    origin = Origin(0, 0, scheduled.time_ns)
    try:
        return CorporateActionEvent(action_id=scheduled.action_id, origin=origin, **payload)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in problem["loc"])
        told = f"{place} {problem['input']!r}: " if place else ""
        raise DataError(f"corporate action {scheduled.action_id}: {told}{problem['msg']}; mend the action") from None
