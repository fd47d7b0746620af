"""What a portfolio service is to those who hold one."""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from qtrader.events import ConsolidatedPortfolioEvent, CorporateActionEvent, FillEvent, ValuationTriggerEvent
from qtrader.ports import Snapshot
from qtrader_service_portfolio.ledger import Ledger
from qtrader_service_portfolio.models import Position


@runtime_checkable
class IPortfolioService(Protocol):
    """Books fills and corporate actions, values the account, and can be saved and restored."""

    @property
    def ledger(self) -> Ledger:
        """The double-entry journal."""
        ...

    @property
    def positions(self) -> tuple[Position, ...]:
        """Every book as a frozen value, by strategy, then symbol."""
        ...

    def on_fill(self, fill: FillEvent) -> None:
        """Book a fill."""
        ...

    def on_corporate_action(self, action: CorporateActionEvent) -> None:
        """Book a corporate action on everything held."""
        ...

    def on_valuation_trigger(self, trigger: ValuationTriggerEvent) -> None:
        """Pay what is due and value the account."""
        ...

    def get_state(self) -> ConsolidatedPortfolioEvent:
        """The whole account as an immutable value."""
        ...

    def get_snapshot(self) -> Snapshot:
        """Everything needed to go on, as plain JSON values, with a version."""
        ...

    def restore_from_snapshot(self, snapshot: Mapping[str, Any]) -> None:
        """Become the service that made the snapshot."""
        ...
