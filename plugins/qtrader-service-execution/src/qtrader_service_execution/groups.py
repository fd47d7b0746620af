"""Orders that belong together: children that wait for their parent, and groups of which one fills for all."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, cast

from qtrader.events import to_ns
from qtrader.ports import LEDGER, BarValue
from qtrader_service_execution.book import OrderBook
from qtrader_service_execution.lifecycle import Lifecycle
from qtrader_service_execution.matching import Before, Matching, Trade
from qtrader_service_execution.state import ZERO, OrderState
from qtrader_service_execution.transitions import OrderInput

STOPS = ("stop", "stop_limit", "trailing_stop")
"""Types that go off when prices move against the position."""
MOMENTS = {"open": 0, "inside": 1, "close": 2}
"""When in a bar something happens."""


class LaterBar:
    """What of a bar came after an entry inside it: it opens at the entry's price. Everything else is the bar's."""

    def __init__(self, bar: BarValue, price: Decimal) -> None:
        self._bar = bar
        self.open = price
        self.open_ns = bar.time_ns
        """Nobody knows when the entry was; what follows it is dated at the bar's end, as it is."""
        self.bid_open = None if bar.bid_open is None else price
        self.ask_open = None if bar.ask_open is None else price

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bar, name)


class Groups:
    """Follows fills and ends of orders through to those that belong to them.

    A child works on as many units as its parent has filled. Of a group (``group_id``) whose members are all for the
    same units, what one fills the others lose, and one that has filled all cancels the rest.
    """

    def __init__(self, book: OrderBook, life: Lifecycle) -> None:
        self._book, self._life = book, life
        life.ended = self.ended
        self._entries: dict[str, tuple[int, str, Decimal]] = {}
        """Parent -> when (ns UTC, moment, price) it filled last: what its children may do in that bar."""

    def join(self, state: OrderState) -> None:
        """Let a child wait for its parent, which must be there."""
        if state.parent is not None:
            parent = self._book.of_id(state.parent)
            assert parent is not None
            parent.children.append(state.order_id)
            state.skip = max(LEDGER.subtract(parent.quantity, state.quantity), ZERO)
            state.armed = _beyond(state.skip, parent.filled)

    def arm(self, state: OrderState, quantity: Decimal, price: Decimal, moment: str, time_ns: int) -> None:
        """Count a fill: children may work on what it filled, from ``moment`` of the bar that ends at ``time_ns`` on."""
        if state.armed is not None:
            state.armed = LEDGER.subtract(state.armed, quantity)
        if state.children:
            self._entries[state.order_id] = time_ns, moment, price
            for child in self._living(state.children):
                before = _beyond(child.skip, LEDGER.subtract(state.filled, quantity))
                opened = LEDGER.subtract(_beyond(child.skip, state.filled), before)
                child.armed = LEDGER.add(child.armed or ZERO, opened)
                child.work()

    def share(self, state: OrderState, quantity: Decimal) -> None:
        """Follow a fill: the others of the group lose what it filled."""
        for other in self._siblings(state):
            left = LEDGER.subtract(other.leaves, quantity)
            if left <= 0:
                self._life.apply(other, OrderInput.CANCEL, reason=f"oco: {state.order_id} filled")
                continue
            if other.armed is not None:
                other.armed = LEDGER.subtract(other.armed, quantity)
            self._resize(other, left, f"oco: {state.order_id} filled {quantity:f}")

    def ended(self, state: OrderState) -> None:
        """Follow an order's end: its children have what it filled to work on, and end where that is nothing."""
        for child in self._living(state.children):
            armed = child.armed or ZERO
            if armed <= 0:
                self._life.apply(child, OrderInput.CANCEL, reason=f"parent {state.order_id} is {state.status.value}")
            elif armed < child.leaves:
                self._resize(child, armed, f"parent {state.order_id} is {state.status.value}")

    def _resize(self, state: OrderState, left: Decimal, reason: str) -> None:
        state.resize(left)
        self._life.apply(state, OrderInput.REPLACE, reason=reason)

    def _siblings(self, state: OrderState) -> list[OrderState]:
        group = state.group
        return [] if group is None else [one for one in self._book.of_group(group) if one is not state]

    def _living(self, ids: Iterable[str]) -> list[OrderState]:
        found = (self._book.of_id(one) for one in ids)
        return [one for one in found if one is not None and not one.status.final]

    def bar_for(self, state: OrderState, bar: BarValue, matching: Matching) -> BarValue | None:
        """The bar, or what of it came after the parent's entry; None where the order may not fill in it.

        After an entry inside the bar only a stop can go off: nobody knows whether a target was reached before it, and
        only a path that has targets first takes it that it was not.
        """
        parent = state.parent
        entry = None if parent is None else self._entries.get(parent)
        if entry is None or entry[0] != bar.time_ns or entry[1] == "open":
            return bar
        if entry[1] == "close" or (state.kind not in STOPS and not _leads(state, matching)):
            return None
        return cast("BarValue", LaterBar(bar, entry[2]))

    def in_order(self, resting: Sequence[OrderState], bar: BarValue, matching: Matching) -> Sequence[OrderState]:
        """Orders in the order in which the bar meets them: at its open, inside, at its close; else as they came.

        Of a group stops come before targets, for of two things that may have happened the worse one did; unless the
        fill policy's path has targets first.
        """
        if len(resting) == 1:
            return resting

        def rank(state: OrderState) -> tuple[int, bool]:
            moment = None if state.view is None else matching.moment(state.view, bar)
            return MOMENTS.get(moment or "", len(MOMENTS)), state.group is not None and not _leads(state, matching)

        return sorted(resting, key=rank)

    def other_outcome(self, state: OrderState, bar: BarValue, matching: Matching) -> tuple[OrderState, Trade] | None:
        """The order of its group that would have filled inside the bar, too, where ``state`` did; None for none."""
        for other in self._siblings(state):
            view, order = other.view, other.event
            if view is None or order is None or not view.quantity or other.accepted_ns >= bar.time_ns:
                continue
            if order.expire_at is not None and bar.time_ns > to_ns(order.expire_at):
                continue
            outcome = matching.match(view, bar, Before(ZERO, ZERO, ZERO), same_bar=False)
            if isinstance(outcome, Trade) and outcome.moment == "inside":
                return other, outcome
        return None


def _leads(state: OrderState, matching: Matching) -> bool:
    """Whether an order comes before those of its group that the same bar reaches."""
    assert state.event is not None
    return (state.kind in STOPS) != matching.targets_first(state.event.side)


def _beyond(skip: Decimal, filled: Decimal) -> Decimal:
    """How much of what filled is for the children: units that close an older position come first."""
    return max(LEDGER.subtract(filled, skip), ZERO)
