"""The strategy service keeps to what every service must do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from qtrader import EventBus, SignalIntention
from qtrader.ports import Wiring
from qtrader.ports.settings import StrategySettings
from qtrader.testing import ServiceConformance, Step, bar
from qtrader_service_strategy import StrategyService
from qtrader_service_strategy.plugin import qtrader_services


@dataclass(frozen=True)
class Last:
    """The close of the bar before."""

    lookback: int = field(default=1, init=False)

    def over(self, columns: Any) -> Any:
        return np.concatenate(([np.nan], columns.close[:-1]))

    def stream(self) -> "LastStream":
        return LastStream()


class LastStream:
    """Remembers one close."""

    def __init__(self) -> None:
        self.close: float | None = None

    def update(self, open: float, high: float, low: float, close: float, volume: float) -> float | None:
        before, self.close = self.close, close
        return before

    def reset(self) -> None:
        self.close = None

    def snapshot(self) -> dict[str, Any]:
        return {"close": self.close}

    def restore(self, snapshot: dict[str, Any]) -> None:
        self.close = snapshot["close"]


@dataclass
class Chatty:
    """Signals what rises, orders what falls, and writes down how often either happened."""

    size: Decimal = Decimal(5)
    rises: int = field(default=0, init=False)

    def on_start(self, context: Any) -> None:
        self.before = context.track(Last())
        context.schedule(self.hold, every=2)

    def hold(self, bars: Any, context: Any) -> None:
        context.target_quantity(dict.fromkeys(bars, 3))

    def on_bar(self, bar: Any, context: Any) -> None:
        if float(bar.close) > self.before[bar.symbol]:
            self.rises += 1
            context.emit_signal(bar.symbol, SignalIntention.OPEN_LONG, price=bar.close, reason=f"rise {self.rises}")
        else:
            context.emit_order(bar.symbol, "buy", self.size)
        context.record(rises=self.rises)

    def on_fill(self, fill: Any, context: Any) -> None:
        context.record(filled=fill.fill_id)

    def on_order_update(self, update: Any, context: Any) -> None:
        context.record(status=update.status.value)

    def on_session_open(self, session: Any, context: Any) -> None:
        context.record(opens=str(session))

    def on_session_end(self, session: Any, context: Any) -> None:
        context.record(session=str(session))

    def snapshot(self) -> dict[str, Any]:
        return {"rises": self.rises}

    def restore(self, snapshot: dict[str, Any]) -> None:
        self.rises = snapshot["rises"]


@pytest.mark.filterwarnings("ignore:context.emit_order:DeprecationWarning")
class TestStrategy(ServiceConformance):
    provider = qtrader_services()[0]

    def make(self, bus: EventBus, wiring: Wiring | None) -> StrategyService:
        chatty = [StrategySettings(name=name, use="Chatty", instance=Chatty()) for name in ("one", "two")]
        return StrategyService(bus, chatty, wiring)

    def steps(self) -> Sequence[Step]:
        """Two symbols that rise and fall, the second one later."""
        return STORY


STORY: Sequence[Step] = (
    bar(day=2, prices="10 10 10 10"),
    bar(day=3, prices="11 11 11 11"),
    bar("IBM", day=3, prices="20 20 20 20"),
    bar(day=6, prices="9 9 9 9"),
    bar("IBM", day=6, prices="21 21 21 21"),
    bar(day=7, prices="12 12 12 12"),
    bar("IBM", day=7, prices="19 19 19 19"),
)
