"""Buy once, hold for ever: the strategy that others are measured against."""

from dataclasses import dataclass, field
from typing import Any

from qtrader.ports import BarValue, Context, SignalIntention


@dataclass
class BuyAndHoldStrategy:
    """Long from each symbol's first bar on; one signal a symbol, none afterwards, whatever becomes of it."""

    _bought: set[str] = field(default_factory=set, init=False, repr=False, compare=False)

    def on_bar(self, bar: BarValue, context: Context) -> None:
        """Ask for a long position at the first bar of a symbol."""
        if bar.symbol not in self._bought:
            self._bought.add(bar.symbol)
            context.emit_signal(
                symbol=bar.symbol, intention=SignalIntention.OPEN_LONG, price=bar.close, reason="first bar"
            )

    def snapshot(self) -> dict[str, Any]:
        """Which symbols were asked for."""
        return {"bought": sorted(self._bought)}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go on from a snapshot."""
        self._bought = set(snapshot["bought"])
