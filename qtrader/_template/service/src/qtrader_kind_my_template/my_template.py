"""A service that stops a run whose equity falls too low."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from qtrader import EventBus, read_settings, wire_alone
from qtrader.errors import RunError, StoreError
from qtrader.events import ValuationEvent
from qtrader.ports import Handler, Snapshot, Wiring
from qtrader.ports.settings import ExactNonNegative, Section

SNAPSHOT = 1


class MyTemplateSettings(Section):
    """The options of the service. ``floor``: equity below it, in the account's currency, stops the run."""

    floor: ExactNonNegative = Decimal(0)


class MyTemplateService:
    """Remembers the lowest equity and stops the run when it is below the floor."""

    def __init__(self, event_bus: EventBus, config: Mapping[str, Any], wiring: Wiring | None = None) -> None:
        self._settings = read_settings(config, MyTemplateSettings, "my-template")
        self.lowest: Decimal | None = None
        if wiring is None:  # alone: no run subscribes it
            wire_alone(event_bus, "my-template")
            event_bus.attach("my-template", self.handlers())

    def handlers(self) -> Sequence[Handler]:
        """The table of topics and functions."""
        return [Handler("valuation", self.on_valuation)]

    def on_valuation(self, valuation: ValuationEvent) -> None:
        """Look at the account's worth. Raises RunError below the floor."""
        self.lowest = valuation.equity if self.lowest is None else min(self.lowest, valuation.equity)
        if self.lowest < self._settings.floor:
            raise RunError(f"my-template: equity {self.lowest} on {valuation.session} is below {self._settings.floor}")

    def start(self) -> None:
        """Nothing to do beforehand."""

    def stop(self) -> None:
        """Nothing to say at the end."""

    def snapshot(self) -> Snapshot:
        """Everything needed to go on, as plain JSON values."""
        return {"version": SNAPSHOT, "lowest": None if self.lowest is None else str(self.lowest)}

    def restore(self, snapshot: Snapshot) -> None:
        """Become the service that made the snapshot. Raises StoreError for one of another version."""
        if snapshot["version"] != SNAPSHOT:
            raise StoreError(f"my-template: snapshot version {snapshot['version']!r}; this release reads {SNAPSHOT}")
        self.lowest = None if snapshot["lowest"] is None else Decimal(snapshot["lowest"])
