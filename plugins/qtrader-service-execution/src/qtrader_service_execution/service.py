"""The execution service: takes orders, lets them rest, fills them against bars, and reports every change."""

from collections.abc import Sequence
from decimal import Decimal

from qtrader import EventBus, wire_alone
from qtrader.errors import IdempotencyConflict, RunError
from qtrader.events import (
    AmbiguityEvent,
    CorporateActionEvent,
    FillEvent,
    OrderCommandEvent,
    OrderEvent,
    ValuationTriggerEvent,
    to_ns,
)
from qtrader.ports import ENDING, RESCALING, BarValue, Handler, Side, Snapshot, Wiring
from qtrader.ports.settings import ExecutionSettings
from qtrader_matching import first_stop
from qtrader_service_execution.book import OrderBook
from qtrader_service_execution.changes import change, rescale, unfit_change
from qtrader_service_execution.fills import ambiguity, payload
from qtrader_service_execution.groups import STOPS, Groups
from qtrader_service_execution.lifecycle import Lifecycle
from qtrader_service_execution.matching import Before, Matching, Moved, Trade
from qtrader_service_execution.refusals import Refusals
from qtrader_service_execution.state import OrderResult, OrderState
from qtrader_service_execution.transitions import OrderInput

VERSION = 2
AT_ONCE = ("IOC", "FOK")


class ExecutionService:
    """A simulated market: orders rest until the next bar of their instrument and fill as the fill policy says.

    Consumes ``bar`` (early phase), ``order``, ``order_command``, ``corporate_action``, ``valuation_trigger``; emits
    ``fill``, ``ambiguity``, ``order_update``.
    """

    def __init__(self, event_bus: EventBus, config: ExecutionSettings, wiring: Wiring | None = None) -> None:
        self._wiring = wiring or wire_alone(event_bus, "execution")
        self._post = self._wiring.emitter.post
        self._market = self._wiring.market
        self._matching = Matching(config, self._wiring)
        self._book = OrderBook()
        self._life = Lifecycle(self._wiring, self._book)
        self._groups = Groups(self._book, self._life)
        self._refusals = Refusals(self._wiring, self._book)
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
            Handler("valuation_trigger", self.on_valuation_trigger),
        ]

    def start(self) -> None:
        """Nothing to do before the first bar."""

    def stop(self) -> None:
        """Expire what still rests when the data ends."""
        for state in self._book.working():
            self._life.apply(state, OrderInput.EXPIRE, reason="end_of_data")

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
        self._life.report(state, order, None, "received")
        reason = self._refusals.of(order)
        if reason is not None:
            self._life.apply(state, OrderInput.REJECT, reason=reason, origin_of_reject="ENGINE")
            return state
        self._life.apply(state, OrderInput.SENT)
        self._life.apply(state, OrderInput.ACK)
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
        bar = self._market.bar(state.symbol)
        state.session = None if bar is None else bar.session
        order = state.event
        if order is not None and state.kind == "trailing_stop" and state.stop_price is None:
            last = self._market.last(state.symbol)
            assert last is not None
            state.stop_price = first_stop(order.side, last, order.trail_amount, order.trail_percent)
        self._groups.join(state)
        self._book.rest(state)
        at_once = self._matching.same_bar and state.kind == "market" and state.armed is None
        if at_once and bar is not None and bar.time_ns == now and bar.tradable:
            self._match(state, bar, same_bar=True)

    def on_order_command(self, command: OrderCommandEvent) -> None:
        """Cancel or replace a working order; what cannot be done is answered with a refusal.

        Raises RunError for an order that never was.
        """
        state = self._book.of_id(command.order_id)
        if state is None:
            raise RunError(
                f"command {command.command_id!r} is for order {command.order_id!r}, which was never sent; "
                f"check its order_id"
            )
        word = "cancel" if command.command == "cancel" else "replace"
        if state.status.final:
            self._life.refuse(state, f"{word}_refused", f"too late: the order is {state.status.value}")
        elif command.command == "cancel":
            self._life.apply(state, OrderInput.CANCEL_REQUEST, reason=command.reason)
            self._life.apply(state, OrderInput.CANCEL, reason=command.reason)
        else:
            self._replace(state, command)

    def _replace(self, state: OrderState, command: OrderCommandEvent) -> None:
        self._life.apply(state, OrderInput.REPLACE_REQUEST, reason=command.reason)
        reason = unfit_change(state, command, self._market.instrument(state.symbol))
        if reason is not None:
            self._life.apply(state, OrderInput.REPLACE_REFUSED, reason=reason)
            return
        change(state, command)
        self._life.apply(state, OrderInput.REPLACE, reason=command.reason)

    # bars

    def on_bar(self, bar: BarValue) -> None:
        """Show a bar to the orders that rested before it; one without volume, or with crossed quotes, fills none."""
        resting = self._book.resting(bar.symbol)
        if resting and bar.tradable:
            now = bar.time_ns
            for state in self._groups.in_order(resting, bar, self._matching):
                if (now > state.accepted_ns or not now) and not state.status.final:
                    self._show(state, bar)

    def _show(self, state: OrderState, bar: BarValue) -> None:
        order = state.event
        if order is None or not self._can_trade(state, order, bar):
            return
        shown = self._groups.bar_for(state, bar, self._matching)
        if shown is not None and state.armed != 0:
            state.shown = True
            self._match(state, shown)
            if order.time_in_force in AT_ONCE and not state.status.final:
                self._life.apply(
                    state, OrderInput.CANCEL, reason=f"{order.time_in_force}: {state.leaves:f} did not fill"
                )

    def _can_trade(self, state: OrderState, order: OrderEvent, bar: BarValue) -> bool:
        """Whether an order may meet a bar: its date has not passed, and the bar is the one that it waits for."""
        if order.expire_at is not None and bar.time_ns > to_ns(order.expire_at):
            self._life.apply(state, OrderInput.EXPIRE, reason=f"good till {order.expire_at.isoformat()}")
            return False
        first, state.session = bar.session != state.session, bar.session
        if state.kind == "market_on_open":
            return first
        return state.kind != "market_on_close" or self._market.ends_session(bar)

    def _match(self, state: OrderState, bar: BarValue, *, same_bar: bool = False) -> None:
        order = state.view
        if order is None:
            return
        available = self._matching.available(bar)
        before = Before(state.filled, state.cost, state.charged)
        outcome = self._matching.match(order, bar, before, same_bar=same_bar, available=available)
        if outcome is None:
            return
        if outcome.triggered and not state.triggered:
            self._life.apply(state, OrderInput.TRIGGERED)
        if isinstance(outcome, Moved):
            if outcome.stop_price is not None:
                state.stop_price = outcome.stop_price
            state.work()
        else:
            self._fill(state, order.side, outcome, bar)

    def _fill(self, state: OrderState, side: Side, trade: Trade, bar: BarValue) -> None:
        other = None
        if state.group is not None and trade.moment == "inside":
            other = self._groups.other_outcome(state, bar, self._matching)
            if other is not None and self._matching.targets_first(side) and state.kind not in STOPS:
                trade = trade._replace(optimistic=True)
        state.fill(trade.quantity, trade.price, trade.fee)
        self._matching.take(bar, trade.quantity)
        self._post(FillEvent, payload(state, side, trade, self._matching.name), state.event)
        if other is not None:
            told = ambiguity(state, trade, *other, self._matching.terms(state.symbol).multiplier)
            self._post(AmbiguityEvent, told, state.event)
        related = state.children or state.group is not None or state.armed is not None
        if related:
            self._groups.arm(state, trade.quantity, trade.price, trade.moment, bar.time_ns)
        self._life.apply(state, OrderInput.PARTIAL_FILL if state.leaves else OrderInput.FULL_FILL)
        if related:
            self._groups.share(state, trade.quantity)

    def on_valuation_trigger(self, trigger: ValuationTriggerEvent) -> None:
        """Expire DAY orders at the end of the session in which they could trade, and others after their date."""
        if trigger.reason != "session_end":
            return
        now = trigger.time_ns
        for state in self._book.waiting:
            order = state.event
            if order is None or state.status.final or state.accepted_ns >= now:
                continue
            if order.time_in_force == "DAY" and state.shown:
                self._life.apply(state, OrderInput.EXPIRE, reason="end of the session")
            elif order.expire_at is not None and to_ns(order.expire_at) <= now:
                self._life.apply(state, OrderInput.EXPIRE, reason=f"good till {order.expire_at.isoformat()}")

    # corporate actions

    def on_corporate_action(self, action: CorporateActionEvent) -> None:
        """Let resting orders follow a split, and cancel those of a symbol that stops trading."""
        for state in self._book.resting(action.symbol):
            if action.action_type in RESCALING:
                self._rescale(state, action)
            elif action.action_type in ENDING:
                self._life.apply(state, OrderInput.CANCEL, reason=action.action_type)

    def _rescale(self, state: OrderState, action: CorporateActionEvent) -> None:
        numerator, denominator = Decimal(action.numerator or 1), Decimal(action.denominator or 1)
        if rescale(state, numerator, denominator, self._matching.terms(action.symbol).lot):
            self._life.apply(state, OrderInput.REPLACE, reason=f"{action.action_type} {numerator}:{denominator}")
        else:
            self._life.apply(state, OrderInput.CANCEL, reason=action.action_type)

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
