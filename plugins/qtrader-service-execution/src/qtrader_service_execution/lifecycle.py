"""What happens to one order: a step along the table, and the event that says so."""

from collections.abc import Callable

from qtrader.events import OrderEvent, OrderStatus, OrderUpdateEvent
from qtrader.ports import Wiring
from qtrader_service_execution.book import OrderBook
from qtrader_service_execution.state import OrderState
from qtrader_service_execution.transitions import Effect, OrderInput, lookup, next_status


class Lifecycle:
    """Moves orders and reports every change. ``ended`` is called with each order that has come to its end."""

    def __init__(self, wiring: Wiring, book: OrderBook) -> None:
        self._post, self._book = wiring.emitter.post, book
        self.ended: Callable[[OrderState], None] = _nothing

    def apply(
        self, state: OrderState, event: OrderInput, *, reason: str | None = None, origin_of_reject: str | None = None
    ) -> None:
        """Move an order along the table and report the change. Raises IllegalTransition; then nothing has changed."""
        order, before = state.event, state.status
        cell = lookup(before, state.pending, event, state.order_id)
        if cell.effect is not Effect.CHANGE:
            return
        to = cell.to
        state.status = to[0] if len(to) == 1 else next_status(cell, quantity=state.quantity, filled=state.filled)
        state.pending = cell.pending
        if event is OrderInput.REPLACE:
            state.revision += 1
        elif event is OrderInput.TRIGGERED:
            state.triggered = True
        final = state.status.final
        if final:
            state.pending = "NONE"
            state.reason = reason
            self._book.close(state)
        elif state.view is not None:
            state.work()
        self.report(state, order, before, cell.trigger, reason, origin_of_reject)
        if final and state.children:
            self.ended(state)

    def refuse(self, state: OrderState, trigger: str, reason: str) -> None:
        """Answer a request that cannot be met; the order stays as it is."""
        self.report(state, state.event, state.status, trigger, reason)

    def report(
        self,
        state: OrderState,
        order: OrderEvent | None,
        previous: OrderStatus | None,
        trigger: str,
        reason: str | None = None,
        origin_of_reject: str | None = None,
    ) -> None:
        """Say where an order stands, and what brought it there."""
        self._post(
            OrderUpdateEvent,
            {
                "order_id": state.order_id,
                "strategy_id": state.strategy_id,
                "symbol": state.symbol,
                "status": state.status,
                "previous": previous,
                "trigger": trigger,
                "pending": state.pending,
                "quantity": state.quantity,
                "filled_quantity": state.filled,
                "leaves_quantity": state.leaves,
                "average_price": state.average_price,
                "triggered": state.triggered,
                "revision": state.revision,
                "reason": reason,
                "origin_of_reject": origin_of_reject,
                "idempotency_key": state.key,
            },
            order,
        )


def _nothing(state: OrderState) -> None:
    """Nobody waits for it."""
