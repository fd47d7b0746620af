"""The execution service: takes orders, lets them rest, fills them against bars, and reports every change."""

from collections.abc import Sequence
from decimal import Decimal

from qtrader import EventBus, wire_alone
from qtrader.errors import IdempotencyConflict, RunError
from qtrader.events import (
    CorporateActionEvent,
    FillEvent,
    OrderCommandEvent,
    OrderEvent,
    OrderStatus,
    OrderUpdateEvent,
    from_ns,
)
from qtrader.ports import ENDING, LEDGER, RESCALING, BarValue, Handler, Snapshot, Wiring
from qtrader.ports.settings import ExecutionSettings
from qtrader_service_execution.book import OrderBook
from qtrader_service_execution.matching import Matching
from qtrader_service_execution.prices import whole_lots
from qtrader_service_execution.refusals import refusal
from qtrader_service_execution.state import OrderResult, OrderState
from qtrader_service_execution.transitions import Effect, OrderInput, lookup, next_status

VERSION = 1


class ExecutionService:
    """A simulated market: market orders rest until the next bar of their instrument and fill as the fill policy says.

    Consumes ``bar`` (early phase), ``order``, ``order_command``, ``corporate_action``.
    """

    def __init__(self, event_bus: EventBus, config: ExecutionSettings, wiring: Wiring | None = None) -> None:
        self._wiring = wiring or wire_alone(event_bus, "execution")
        self._post = self._wiring.emitter.post
        self._market = self._wiring.market
        self._matching = Matching(config, self._wiring)
        self._book = OrderBook()
        self.duplicates = 0
        """How many orders came again under their key and changed nothing."""
        if wiring is None:
            event_bus.attach("execution", self.handlers())

    def handlers(self) -> Sequence[Handler]:
        """The table of topics and functions."""
        return [
            Handler("bar", self.on_bar, phase="market", symbols=self._book.attention),
            Handler("order", self.on_order),
            Handler("order_command", self.on_order_command),
            Handler("corporate_action", self.on_corporate_action),
        ]

    def start(self) -> None:
        """Nothing to do before the first bar."""

    def stop(self) -> None:
        """Expire what still rests when the data ends."""
        for state in self._book.working():
            self._apply(state, OrderInput.EXPIRE, reason="end_of_data")

    # orders

    def on_order(self, order: OrderEvent) -> None:
        """Work an order; one that came before under its idempotency key changes nothing."""
        known = self._book.of_key(order.idempotency_key)
        if known is None:
            self._receive(order)
        else:
            self._again(known, order)

    def submit(self, order: OrderEvent) -> OrderResult:
        """Work an order and say what became of it.

        The same key with the same payload gives the first result and no event. Raises IdempotencyConflict when the
        payload differs, naming the fields.
        """
        known = self._book.of_key(order.idempotency_key)
        if known is None:
            return self._receive(order).result()
        self._again(known, order)
        return known.result(duplicate=True)

    def _receive(self, order: OrderEvent) -> OrderState:
        state = self._book.receive(order)
        self._report(state, order, None, "received")
        reason = refusal(order) or self._matching.unknown(order.symbol)
        if reason is not None:
            self._apply(state, OrderInput.REJECT, reason=reason, origin_of_reject="ENGINE")
            return state
        self._apply(state, OrderInput.SENT)
        self._apply(state, OrderInput.ACK)
        self._rest(state)
        return state

    def _again(self, known: OrderState, order: OrderEvent) -> None:
        differing = known.differing(order)
        if differing:
            raise IdempotencyConflict(
                f"idempotency key {order.idempotency_key!r} came before with another payload; fields that differ: "
                f"{', '.join(differing)}. Give a new attempt a new key"
            )
        self.duplicates += 1

    def _rest(self, state: OrderState) -> None:
        """Let an accepted order wait for its next bar; a same-bar policy is shown the bar it was decided on at once."""
        now = state.accepted_ns = self._market.time_ns
        self._book.rest(state)
        if self._matching.same_bar:
            bar = self._market.bar(state.symbol)
            if bar is not None and bar.time_ns == now and bar.tradable:
                self._match(state, bar, same_bar=True)

    def on_order_command(self, command: OrderCommandEvent) -> None:
        """Cancel a working order; what cannot be done is answered with a refusal.

        Raises RunError for an order that never was.
        """
        state = self._book.of_id(command.order_id)
        if state is None:
            raise RunError(
                f"command {command.command_id!r} is for order {command.order_id!r}, which was never sent; "
                f"check its order_id"
            )
        late = f"too late: the order is {state.status.value}" if state.status.final else None
        if command.command == "replace":
            self._refuse(state, "replace_refused", late or "orders are not replaced here: cancel it and send a new one")
        elif late is not None:
            self._refuse(state, "cancel_refused", late)
        else:
            self._apply(state, OrderInput.CANCEL_REQUEST, reason=command.reason)
            self._apply(state, OrderInput.CANCEL, reason=command.reason)

    def _refuse(self, state: OrderState, trigger: str, reason: str) -> None:
        self._report(state, state.event, state.status, trigger, reason)

    # bars

    def on_bar(self, bar: BarValue) -> None:
        """Show a bar to the orders that rested before it; one without volume, or with crossed quotes, fills none."""
        resting = self._book.resting(bar.symbol)
        if resting and bar.tradable:
            now = bar.time_ns
            for state in resting:
                if now > state.accepted_ns or not now:
                    self._match(state, bar)

    def _match(self, state: OrderState, bar: BarValue, *, same_bar: bool = False) -> None:
        order = state.view
        trade = None if order is None else self._matching.match(order, bar, same_bar=same_bar)
        if order is None or trade is None:
            return
        state.fill(trade.quantity, trade.price)
        quantity, reference, price, slippage, fee, currency, time_ns, optimistic = trade
        self._post(
            FillEvent,
            {
                "fill_id": f"{state.order_id}-F{state.fills}",
                "source_order_id": state.order_id,
                "intent_id": state.intent_id,
                "strategy_id": state.strategy_id,
                "symbol": state.symbol,
                "side": order.side,
                "quantity": quantity,
                "price": price,
                "currency": currency,
                "commission": fee,
                "commission_currency": currency,
                "reference_price": reference,
                "slippage": slippage,
                "executed_at": from_ns(time_ns),
                "policy": self._matching.name,
                "optimistic": optimistic,
            },
            state.event,
        )
        self._apply(state, OrderInput.PARTIAL_FILL if state.leaves else OrderInput.FULL_FILL)

    # corporate actions

    def on_corporate_action(self, action: CorporateActionEvent) -> None:
        """Let resting orders follow a split, and cancel those of a symbol that stops trading."""
        for state in self._book.resting(action.symbol):
            if action.action_type in RESCALING:
                self._rescale(state, action)
            elif action.action_type in ENDING:
                self._apply(state, OrderInput.CANCEL, reason=action.action_type)

    def _rescale(self, state: OrderState, action: CorporateActionEvent) -> None:
        numerator, denominator = Decimal(action.numerator or 1), Decimal(action.denominator or 1)
        units = LEDGER.divide(LEDGER.multiply(state.leaves, numerator), denominator)
        left = whole_lots(units, self._matching.terms(action.symbol).lot)
        if left:
            state.resize(left)
            self._apply(state, OrderInput.REPLACE, reason=f"{action.action_type} {numerator}:{denominator}")
        else:
            self._apply(state, OrderInput.CANCEL, reason=action.action_type)

    # the state machine

    def _apply(
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
        if state.status.final:
            state.pending = "NONE"
            state.reason = reason
            self._book.close(state)
        elif state.view is not None:
            state.work()
        self._report(state, order, before, cell.trigger, reason, origin_of_reject)

    def _report(
        self,
        state: OrderState,
        order: OrderEvent | None,
        previous: OrderStatus | None,
        trigger: str,
        reason: str | None = None,
        origin_of_reject: str | None = None,
    ) -> None:
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
                "triggered": False,
                "revision": state.revision,
                "reason": reason,
                "origin_of_reject": origin_of_reject,
                "idempotency_key": state.key,
            },
            order,
        )

    # state

    def result(self, idempotency_key: str) -> OrderResult | None:
        """What became of the order of a key; None for a key that never came."""
        state = self._book.of_key(idempotency_key)
        return None if state is None else state.result()

    def snapshot(self) -> Snapshot:
        """Every order ever received, in order, and the counter."""
        return {"version": VERSION, "orders": self._book.documents(), "duplicates": self.duplicates}

    def restore(self, snapshot: Snapshot) -> None:
        """Become the service that made the snapshot. Raises RunError for a snapshot of another version."""
        if snapshot.get("version") != VERSION:
            raise RunError(f"execution: cannot read snapshot version {snapshot.get('version')!r}; this is {VERSION}")
        self._book.restore(snapshot["orders"])
        self.duplicates = snapshot["duplicates"]
