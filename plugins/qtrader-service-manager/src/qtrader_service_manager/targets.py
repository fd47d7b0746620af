"""What a target means: from a share of equity or units to the order that leads there, or why there is none."""

from decimal import Decimal

from qtrader.events import TargetEvent
from qtrader.ports import LEDGER, Wiring, plain
from qtrader.ports.policy import OrderRules
from qtrader_service_manager.budgets import Budgets
from qtrader_service_manager.cases import Case, Quote
from qtrader_service_manager.plans import ZERO, Plan, Refusal, Rules, Standing, plan_request
from qtrader_service_manager.requests import Terms
from qtrader_service_manager.sizing import MOST, whole_lots


class Targets:
    """Decides targets: whole lots toward zero, measured against what is held and on its way."""

    def __init__(self, wiring: Wiring, budgets: Budgets) -> None:
        self._market, self._budgets = wiring.market, budgets
        self._freed: dict[str, Decimal] = {}
        self._freed_ns = -1

    def difference(self, case: Case, target: TargetEvent, quote: Quote, standing: Standing) -> Decimal | Refusal:
        """Signed units that are missing; its numbers go into the case."""
        case.inputs["position"] = standing.projected
        units = target.value
        if target.kind == "percent":
            equity = max(self._budgets.equity(case.strategy_id), ZERO)
            case.inputs["equity"], case.inputs["weight"] = equity, target.value
            units = LEDGER.divide(LEDGER.multiply(target.value, equity), quote.unit_value)
            if abs(units) >= MOST:
                return Refusal("size", f"{plain(target.value)} of equity is more than {MOST} units")
        lot = quote.instrument.lot
        units = case.inputs["target"] = whole_lots(units, lot)
        missing = LEDGER.subtract(units, standing.projected)
        missing = whole_lots(missing, lot) if units else missing
        if target.value and not units and not standing.projected:
            return Refusal("size-zero", f"{plain(target.value)} in {target.kind} is less than one lot of {plain(lot)}")
        if not missing:
            told = f"{plain(standing.projected)} units are held or on their way, {plain(units)} are wanted"
            return Refusal("at-target", f"{told}: no whole lot of {plain(lot)} is missing")
        return missing

    @staticmethod
    def plan(missing: Decimal, standing: Standing, rules: Rules) -> Plan | Refusal:
        """The order that closes the difference; it never sells or buys back more than is held already."""
        plan = plan_request("buy" if missing > 0 else "sell", abs(missing), standing, rules)
        if isinstance(plan, Refusal):
            return plan
        projected, held = standing.projected, standing.held
        closing = min(abs(projected), abs(missing)) if projected * missing < 0 else ZERO
        if closing > (abs(held) if held * projected > 0 else ZERO):
            order = standing.entry or standing.exit
            told = f"{plain(closing)} units are to be closed and {plain(held)} are held: order {order!r} still works"
            return Refusal("order-pending", told)
        return plan

    def free(self, case: Case, plan: Plan, quantity: Decimal, quote: Quote) -> None:
        """Count what a reduction of this instant will bring, where its order is sure to fill."""
        self.freed(case.strategy_id)
        if plan.role == "exit" and plan.side == "sell" and quote.instrument.asset_class != "future":
            worth = LEDGER.multiply(quantity, quote.unit_value)
            self._freed[case.strategy_id] = LEDGER.add(self.freed(case.strategy_id), worth)

    def freed(self, strategy_id: str) -> Decimal:
        """What the reductions of this instant will bring; they are sent before what is bought for it."""
        if self._freed_ns != self._market.time_ns:
            self._freed_ns = self._market.time_ns
            self._freed.clear()
        return self._freed.get(strategy_id, ZERO)


def terms_of_target(rules: OrderRules, quote: Quote) -> Terms:
    """What the policy says; a limit order waits at the last price."""
    return Terms(rules.type, rules.time_in_force, quote.price if rules.type == "limit" else None)
