"""Every order that execution ever received: which rest, and what their bars are watched for."""

from collections.abc import Iterator
from typing import Any

from qtrader.errors import IdempotencyConflict
from qtrader.events import OrderEvent
from qtrader_service_execution.state import ZERO, OrderState


class OrderBook:
    """Orders by idempotency key and by id, in order of receipt; those that rest also by symbol."""

    def __init__(self) -> None:
        self.attention: set[str] = set()
        """Symbols with resting orders, live: only their bars are delivered."""
        self._by_key: dict[str, OrderState] = {}
        self._by_id: dict[str, OrderState] = {}
        self._resting: dict[str, list[OrderState]] = {}
        self._groups: dict[str, list[OrderState]] = {}

    def receive(self, order: OrderEvent) -> OrderState:
        """Take in an order of a new key. Raises IdempotencyConflict when its id belongs to another key."""
        if order.order_id in self._by_id:
            raise IdempotencyConflict(
                f"order id {order.order_id!r} came before under idempotency_key {self._by_id[order.order_id].key!r}; "
                f"now under {order.idempotency_key!r}: give every order an id of its own"
            )
        state = OrderState(order)
        self._add(state)
        return state

    def _add(self, state: OrderState) -> None:
        self._by_key[state.key] = state
        self._by_id[state.order_id] = state
        if state.group is not None:
            self._groups.setdefault(state.group, []).append(state)

    def of_key(self, key: str) -> OrderState | None:
        """The order of an idempotency key."""
        return self._by_key.get(key)

    def of_id(self, order_id: str) -> OrderState | None:
        """The order of an id."""
        return self._by_id.get(order_id)

    def of_group(self, group: str) -> list[OrderState]:
        """The orders of a group that have not ended, in order of receipt."""
        return [state for state in self._groups.get(group, ()) if not state.status.final]

    def rest(self, state: OrderState) -> None:
        """Let an order wait for bars of its symbol, behind those that came before."""
        self._resting.setdefault(state.symbol, []).append(state)
        self.attention.add(state.symbol)
        state.work()

    def resting(self, symbol: str) -> tuple[OrderState, ...]:
        """The orders that wait for bars of a symbol, in order of receipt."""
        return tuple(self._resting.get(symbol, ()))

    @property
    def waiting(self) -> list[OrderState]:
        """Every order that waits for bars, by symbol as it first came, then in order of receipt."""
        return [state for queue in self._resting.values() for state in queue]

    def close(self, state: OrderState) -> None:
        """Take an ended order out of the queue; what it was stays known."""
        queue = self._resting.get(state.symbol)
        if queue is not None and state.view is not None:
            queue.remove(state)
            if not queue:
                del self._resting[state.symbol]
                self.attention.discard(state.symbol)
        state.leaves = ZERO
        state.event = state.view = None

    def working(self) -> list[OrderState]:
        """Every order that has not ended, in order of receipt."""
        return [state for state in self._by_key.values() if not state.status.final]

    def __iter__(self) -> Iterator[OrderState]:
        """Every order, in order of receipt."""
        return iter(self._by_key.values())

    def documents(self) -> list[dict[str, Any]]:
        """Every order as plain JSON values."""
        return [state.document() for state in self]

    def restore(self, documents: list[dict[str, Any]]) -> None:
        """Become the book that wrote the documents."""
        self._by_key.clear()
        self._by_id.clear()
        self._resting.clear()
        self._groups.clear()
        self.attention.clear()
        for document in documents:
            state = OrderState.read(document)
            self._add(state)
            if not state.status.final:
                self.rest(state)
