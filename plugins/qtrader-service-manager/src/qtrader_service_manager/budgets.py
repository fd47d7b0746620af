"""What each strategy may use of the account: its share of equity, less what it holds and has on its way."""

from collections.abc import Mapping
from decimal import Decimal

from qtrader.ports import LEDGER, Intent, RiskView, Verdict
from qtrader_service_manager.account_view import ProjectedBooks
from qtrader_service_manager.cases import shown
from qtrader_service_manager.plans import ZERO


class Budgets:
    """A book per strategy within the account: ``shares`` of equity by strategy, money in the account's currency.

    Longs and shorts of a strategy both use its budget; what another strategy holds does not.
    """

    def __init__(self, shares: Mapping[str, Decimal], books: ProjectedBooks) -> None:
        self._shares, self._books = shares, books

    def share(self, strategy_id: str) -> Decimal | None:
        """A strategy's share of equity; None for one without a budget."""
        return self._shares.get(strategy_id)

    def equity(self, strategy_id: str) -> Decimal:
        """The equity that a strategy is sized from: its share, or all of it."""
        share, equity = self._shares.get(strategy_id), self._books.equity
        return equity if share is None else LEDGER.multiply(share, equity)

    def check(self, intent: Intent, books: RiskView) -> Verdict:  # noqa: ARG002 - the books of one strategy are its own
        """Whether an intent fits into what its strategy has left, as if all that works had filled."""
        allotted = max(self.equity(intent.strategy_id), ZERO)
        exposures = self._books.exposures(intent.strategy_id)
        elsewhere = sum((abs(value) for symbol, value in exposures.items() if symbol != intent.symbol), ZERO)
        left = allotted - elsewhere
        held = self._books.quantity(intent.symbol, intent.strategy_id)
        along = held if intent.side == "buy" else -held
        unit_value = abs(intent.unit_value)
        if LEDGER.multiply(along + intent.quantity, unit_value) <= left:
            return Verdict("pass")
        units = LEDGER.divide(left, unit_value) - along
        reason = (
            f"{shown(along + intent.quantity)} units at {shown(unit_value)} are more than the {shown(left)} that "
            f"{intent.strategy_id!r} has left of its budget of {shown(allotted)}"
        )
        return Verdict("shrink", units, reason) if units > 0 else Verdict("refuse", None, reason)
