"""The manager service: decides whether a signal becomes an order, how large, and says why in every case."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from qtrader import EventBus, wire_alone
from qtrader.errors import RunError
from qtrader.events import (
    DecisionEvent,
    OrderCommandEvent,
    OrderRequestEvent,
    SignalEvent,
    SignalRejectedEvent,
    TargetEvent,
)
from qtrader.ports import Handler, Snapshot, Wiring, ledger_context
from qtrader.ports.settings import ManagerSettings
from qtrader_service_manager.account_view import ProjectedBooks
from qtrader_service_manager.budgets import Budgets
from qtrader_service_manager.cases import Case, Quote
from qtrader_service_manager.facts import Facts
from qtrader_service_manager.gates import Gates
from qtrader_service_manager.lending import Lending
from qtrader_service_manager.lots import Lots
from qtrader_service_manager.orders import Orders
from qtrader_service_manager.plans import Plan, Refusal, Rules, plan_request, plan_signal
from qtrader_service_manager.policy import load_policy
from qtrader_service_manager.prices import Prices
from qtrader_service_manager.projection import Projection
from qtrader_service_manager.requests import Terms, terms_of_request, terms_of_signal, unfit, unfit_terms
from qtrader_service_manager.sizing import Sizing
from qtrader_service_manager.targets import Targets, terms_of_target

VERSION = 2


class ManagerService:
    """Sizes signals, runs the policy's limits, and publishes a decision with an order, or a refusal with its reason.

    Consumes ``signal``, ``target``, ``order_request``, ``position``, ``order_update``, ``trade``, ``valuation``;
    emits ``order``, ``order_command``, ``decision``, ``signal_rejected``.
    """

    def __init__(self, event_bus: EventBus, config: ManagerSettings, wiring: Wiring | None = None) -> None:
        self._wiring = wiring or wire_alone(event_bus, "manager", config.portfolio)
        self._emit, self._post = self._wiring.emitter.emit, self._wiring.emitter.post
        self.policy = load_policy(config.risk, self._wiring.build)
        """The risk policy in force."""
        self._projection = Projection()
        self._books = ProjectedBooks(self._wiring, self._projection, config.portfolio.cash)
        self._rules_of = {
            shortable: Rules(self.policy.signals, config.portfolio.account, shortable) for shortable in (True, False)
        }
        self._orders = Orders(self._wiring, self._projection)
        self._lots = Lots(config.portfolio.lots, self._wiring)
        self._prices = Prices(self._wiring, config.portfolio.currency)
        self._facts = Facts(self._wiring)
        budgets = Budgets(config.budgets, self._books)
        self._sizing = Sizing(self.policy.sizing, self._wiring, self._facts, budgets)
        lending = Lending(config.portfolio.borrow.available, self._books)
        self._gates = Gates(
            self.policy.limits, config.portfolio.account, self._books, budgets, lending, self._wiring.build
        )
        self._decided: dict[str, set[str]] = {}
        """Intents decided so far, by strategy: none is decided twice."""
        self._targets = Targets(self._wiring, budgets)
        self._latest: SignalEvent | TargetEvent | None = None
        if wiring is None:
            event_bus.attach("manager", self.handlers())

    def identity(self) -> dict[str, Any]:
        """The policy in force, whatever file it came from: part of what makes a run this run."""
        return self.policy.model_dump(mode="json", by_alias=True)

    def handlers(self) -> Sequence[Handler]:
        """The table of topics and functions."""
        return [
            Handler("signal", self.on_signal),
            Handler("target", self.on_target),
            Handler("order_request", self.on_order_request),
            Handler("position", self._projection.hold),
            Handler("order_update", self._projection.update),
            Handler("trade", self._facts.hear),
            Handler("valuation", self._books.value),
        ]

    def start(self) -> None:
        """Nothing to do before the first signal."""

    def stop(self) -> None:
        """Nothing is left to decide when the data ends."""

    # what is asked

    def on_signal(self, signal: SignalEvent) -> None:
        """Decide one signal: one order at most.

        An event that arrives twice, since the service was also subscribed by hand, counts once.
        """
        if signal is self._latest:
            return
        self._latest = signal
        case = Case.of_signal(signal, self.policy.orders.honour)
        with ledger_context():
            refusal = self._decide_signal(case, signal)
        if refusal is not None:
            self._refuse(case, refusal)

    def _decide_signal(self, case: Case, signal: SignalEvent) -> Refusal | None:
        quote = self._open(case, signal.price)
        if isinstance(quote, Refusal):
            return quote
        standing = self._projection.standing(case.strategy_id, case.symbol)
        case.inputs["position"] = standing.projected
        plan = plan_signal(signal.intention, standing, self._rules_of[quote.instrument.shortable])
        if isinstance(plan, Refusal):
            return plan
        quantity = plan.closing
        if signal.lots:
            closing = self._lots.units(case.strategy_id, case.symbol, plan, signal.lots)
            if isinstance(closing, Refusal):
                return closing
            quantity = closing
        if plan.sized:
            units = self._sizing.units(case, signal, plan.side, quote)
            if isinstance(units, Refusal):
                return units
            quantity += units
        return self._send(case, plan, quote, quantity, terms_of_signal(signal, self.policy.orders), signal.lots)

    def on_target(self, target: TargetEvent) -> None:
        """Decide one target: one order at most, past the sizer; an event that arrives twice counts once."""
        if target is self._latest:
            return
        self._latest = target
        case = Case(target.target_id, target.strategy_id, target.symbol)
        with ledger_context():
            refusal = self._decide_target(case, target)
        if refusal is not None:
            self._refuse(case, refusal)

    def _decide_target(self, case: Case, target: TargetEvent) -> Refusal | None:
        quote = self._open(case, None)
        if isinstance(quote, Refusal):
            return quote
        standing = self._projection.standing(case.strategy_id, case.symbol)
        missing = self._targets.difference(case, target, quote, standing)
        if isinstance(missing, Refusal):
            return missing
        plan = self._targets.plan(missing, standing, self._rules_of[quote.instrument.shortable])
        if isinstance(plan, Refusal):
            return plan
        quantity, case.freed = abs(missing), self._targets.freed(case.strategy_id)
        refusal = self._lots.unnamed(plan, quantity, standing.held)
        refusal = refusal or self._send(case, plan, quote, quantity, terms_of_target(self.policy.orders, quote), ())
        if refusal is None and self.policy.orders.type != "limit":
            self._targets.free(case, plan, quantity, quote)
        return refusal

    def on_order_request(self, request: OrderRequestEvent) -> None:
        """Pass a hand order through the limits, unsized; hand a cancel or replace on to execution."""
        case = Case.of_request(request)
        with ledger_context():
            refusal = self._place(case, request) if request.action == "place" else self._command(request)
        if refusal is not None:
            self._refuse(case, refusal)

    def _place(self, case: Case, request: OrderRequestEvent) -> Refusal | None:
        quote = self._open(case, None)
        if isinstance(quote, Refusal):
            return quote
        refusal = unfit(request, quote.instrument.lot)
        side, quantity = request.side, request.quantity
        if refusal is not None or side is None or quantity is None:
            return refusal
        standing = self._projection.standing(case.strategy_id, case.symbol)
        case.inputs["position"] = standing.projected
        plan = plan_request(side, quantity, standing, self._rules_of[quote.instrument.shortable])
        if isinstance(plan, Refusal):
            return plan
        refusal = self._lots.unfit(request, plan, quantity, standing.held)
        terms = terms_of_request(request, self.policy.orders)
        return refusal or self._send(case, plan, quote, quantity, terms, request.lots)

    def _command(self, request: OrderRequestEvent) -> Refusal | None:
        order = self._projection.working(request.order_id or "")
        if order is None or order.strategy_id != request.strategy_id:
            return Refusal("not-working", f"{request.order_id!r} is not a working order of {request.strategy_id!r}")
        self._emit(
            OrderCommandEvent,
            command_id=f"{request.request_id}-C",
            order_id=order.order_id,
            command=request.action,
            strategy_id=order.strategy_id,
            symbol=order.symbol,
            quantity=request.quantity,
            limit_price=request.limit_price,
            stop_price=request.stop_price,
            reason=request.reason,
        )
        return None

    def _open(self, case: Case, price: Decimal | None) -> Quote | Refusal:
        """Begin a case: every intent once, an instrument of the run, a price, a rate."""
        decided = self._decided.get(case.strategy_id)
        if decided is None:
            decided = self._decided[case.strategy_id] = set()
        if case.intent_id in decided:
            return Refusal("duplicate-intent", f"intent {case.intent_id!r} was decided before; nothing happens twice")
        decided.add(case.intent_id)
        return self._prices.quote(case, price)

    # what is answered

    def _send(
        self,
        case: Case,
        plan: Plan,
        quote: Quote,
        wanted: Decimal,
        terms: Terms,
        lots: tuple[str, ...],
    ) -> Refusal | None:
        """Run the limits and publish decision and order. What only closes a position meets no limit."""
        if plan.role == "exit":
            terms = terms._replace(stop_loss=None, take_profit=None)
        unfit = unfit_terms(terms, plan.side, quote)
        if unfit is not None:
            return unfit
        quantity: Decimal | Refusal = wanted
        if plan.role == "entry":
            quantity = self._gates.pass_through(case, plan.side, quote, wanted)
        if isinstance(quantity, Refusal):
            return quantity
        self._post(
            DecisionEvent,
            {
                "decision_id": case.decision_id,
                "intent_id": case.intent_id,
                "strategy_id": case.strategy_id,
                "symbol": case.symbol,
                "outcome": "approved" if quantity == wanted else "shrunk",
                "side": plan.side,
                "requested_quantity": wanted,
                "quantity": quantity,
                "price": quote.price,
                "policy": self.policy.policy,
                "policy_version": self.policy.version,
                "sizer": self._sizing.name if plan.sized else None,
                "inputs": case.shown_inputs,
                "checks": tuple(case.checks),
            },
        )
        self._orders.send(case, plan, quote, quantity, terms, lots)
        return None

    def _refuse(self, case: Case, refusal: Refusal) -> None:
        self._emit(
            SignalRejectedEvent,
            decision_id=case.decision_id,
            intent_id=case.intent_id,
            strategy_id=case.strategy_id,
            symbol=case.symbol,
            intention=case.intention,
            code=refusal.code,
            reason=refusal.reason,
            policy=self.policy.policy,
            policy_version=self.policy.version,
            inputs=case.shown_inputs,
            checks=tuple(case.checks),
        )

    # state

    def snapshot(self) -> Snapshot:
        """Positions, working orders, what limits and sizers ask about, and every intent decided so far."""
        decided = {strategy: sorted(intents) for strategy, intents in sorted(self._decided.items())}
        return {
            "version": VERSION,
            "projection": self._projection.document(),
            "account": self._books.document(),
            "trades": self._facts.document(),
            "decided": decided,
        }

    def restore(self, snapshot: Snapshot) -> None:
        """Become the service that made the snapshot. Raises RunError for a snapshot of another version."""
        if snapshot.get("version") != VERSION:
            raise RunError(f"manager: cannot read snapshot version {snapshot.get('version')!r}; this is {VERSION}")
        self._projection.restore(snapshot["projection"])
        self._books.restore(snapshot["account"])
        self._facts.restore(snapshot["trades"])
        self._decided = {strategy: set(intents) for strategy, intents in snapshot["decided"].items()}
