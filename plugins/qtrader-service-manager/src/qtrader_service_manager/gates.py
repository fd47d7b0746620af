"""What every new exposure passes: the limits in the order in which the policy writes them, then budget, loans, cash."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Literal

from qtrader.errors import RunError
from qtrader.events import Check
from qtrader.ports import LEDGER, Intent, RiskLimit, Side, Verdict
from qtrader.ports.settings import Reference
from qtrader_service_manager.account_view import ProjectedBooks
from qtrader_service_manager.budgets import Budgets
from qtrader_service_manager.cases import Case, Quote, shown
from qtrader_service_manager.lending import Lending
from qtrader_service_manager.plans import ZERO, Refusal
from qtrader_service_manager.sizing import whole_lots


class Gates:
    """The policy's limits and the account's own: a cash account spends what it has, and no more."""

    def __init__(
        self,
        limits: Sequence[Reference],
        account: Literal["cash", "margin"],
        books: ProjectedBooks,
        budgets: Budgets,
        lending: Lending,
        build: Callable[[str, Any], Any],
    ) -> None:
        self._limits: list[tuple[str, RiskLimit]] = [(one.use, build("risk-limit", one)) for one in limits]
        self._account = account
        self._books = books
        self._budgets, self._lending = budgets, lending

    def pass_through(self, case: Case, side: Side, quote: Quote, quantity: Decimal) -> Decimal | Refusal:
        """What every limit leaves of a quantity, in whole lots, or the first refusal; answers go into the case."""
        if self._account == "cash" and quote.instrument.asset_class == "future":
            return Refusal("cash-account", "a cash account holds no futures: what they lose is owed at once")
        for name, check in self._checks(case):
            intent = Intent(case.strategy_id, case.symbol, side, quantity, quote.unit_value)
            verdict = _checked(name, check, check.check(intent, self._books), quantity)
            passed = self._pass(case, name, verdict, quantity, quote)
            if isinstance(passed, Refusal):
                return passed
            quantity = passed
        if self._account == "cash" and side == "buy":
            return self._pass(case, "cash", self._afford(quantity, quote, case.freed), quantity, quote)
        return quantity

    def _checks(self, case: Case) -> Iterator[tuple[str, RiskLimit]]:
        """The policy's limits in written order, then the strategy's budget, then what can be borrowed."""
        yield from self._limits
        if self._budgets.share(case.strategy_id) is not None:
            yield "budget", self._budgets
        if case.symbol in self._lending.available:
            yield "borrow", self._lending

    @staticmethod
    def _pass(case: Case, name: str, verdict: Verdict, quantity: Decimal, quote: Quote) -> Decimal | Refusal:
        case.checks.append(Check(name=name, outcome=verdict.outcome, quantity=verdict.quantity, reason=verdict.reason))
        if verdict.outcome == "pass":
            return quantity
        code = "cash" if name == "cash" else "limit"
        if verdict.outcome == "refuse":
            return Refusal(code, f"{name}: {verdict.reason}")
        left = verdict.quantity or ZERO
        units = whole_lots(left, quote.instrument.lot)
        return units or Refusal(code, f"{name}: {verdict.reason}; {shown(left)} units are no whole lot")

    def _afford(self, quantity: Decimal, quote: Quote, freed: Decimal) -> Verdict:
        """What cash allows, less what working purchases will take."""
        cash = LEDGER.add(self._books.cash, freed)
        if LEDGER.multiply(quantity, quote.unit_value) <= cash:
            return Verdict("pass")
        units = whole_lots(LEDGER.divide(max(cash, ZERO), quote.unit_value), quote.instrument.lot)
        reason = (
            f"{shown(quantity)} units at {shown(quote.unit_value)} cost more than the cash of {shown(cash)}, and a "
            f"cash account takes no loan"
        )
        return Verdict("shrink", units, reason) if units else Verdict("refuse", None, reason)


def _checked(name: str, limit: RiskLimit, verdict: Any, asked: Decimal) -> Verdict:
    """A limit's answer, where it is one."""
    if not isinstance(verdict, Verdict) or verdict.outcome not in ("pass", "shrink", "refuse"):
        raise RunError(f"limit {name!r} answers {verdict!r}: it must answer a Verdict; mend the limit").of(limit)
    left = verdict.quantity
    if verdict.outcome == "shrink" and not (isinstance(left, Decimal) and left.is_finite() and 0 <= left < asked):
        raise RunError(
            f"limit {name!r} shrinks {asked} units to {left}: a limit shrinks to less than it was asked, and not below "
            f"zero; mend the limit"
        ).of(limit)
    return verdict
