"""Data to strategy to manager to another execution service to portfolio: the pieces meet in events alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from qtrader import BacktestEngine, Bar, Context, EventBus, SignalIntention, hookimpl
from qtrader.events import FillEvent, OrderEvent, OrderStatus, OrderUpdateEvent
from qtrader.plugins import Host, load_plugins
from qtrader.ports import BarValue, Handler, Snapshot, Wiring
from qtrader.providers import ServiceProvider
from small_frames import day

D = Decimal
PARTS = (D(40), D(60))
"""What of an order of 100 units is filled by the next bar, and by the one after it."""


class MockExecution:
    """Fills every order at 9 for a dollar a fill, in two parts, whatever the bars say."""

    def __init__(self, event_bus: EventBus, config: Any, wiring: Wiring) -> None:
        self._emit = wiring.emitter.emit
        self.working: list[tuple[OrderEvent, Decimal]] = []

    def handlers(self) -> Sequence[Handler]:
        return [Handler("bar", self.on_bar, phase="market"), Handler("order", self.on_order)]

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def snapshot(self) -> Snapshot:
        return {}

    def restore(self, snapshot: Snapshot) -> None: ...

    def on_order(self, order: OrderEvent) -> None:
        self.working.append((order, D(0)))
        self._update(order, OrderStatus.ACK, D(0), "ack")

    def on_bar(self, bar: BarValue) -> None:
        waiting, self.working = self.working, []
        for order, filled in waiting:
            part = PARTS[bool(filled)]
            self._emit(
                FillEvent, correlate=order, fill_id=f"{order.order_id}-{filled}", source_order_id=order.order_id,
                intent_id=order.intent_id, strategy_id=order.strategy_id, symbol=order.symbol, side=order.side,
                quantity=part, price=D(9), currency="USD", commission=D(1), commission_currency="USD",
                reference_price=D(9), slippage=D(0), executed_at=bar.time, policy="mock",
            )  # fmt: skip
            done = filled + part == order.quantity
            self._update(order, OrderStatus.FILLED if done else OrderStatus.PARTIAL, filled + part, "fill")
            if not done:
                self.working.append((order, filled + part))

    def _update(self, order: OrderEvent, status: OrderStatus, filled: Decimal, trigger: str) -> None:
        self._emit(
            OrderUpdateEvent, order_id=order.order_id, strategy_id=order.strategy_id, symbol=order.symbol,
            status=status, trigger=trigger, quantity=order.quantity, filled_quantity=filled,
            leaves_quantity=order.quantity - filled, idempotency_key=order.idempotency_key,
        )  # fmt: skip


@dataclass
class Twice:
    """Opens on two days, closes on the fourth."""

    def on_bar(self, bar: Bar, context: Context) -> None:
        intention = {day(0): "OPEN_LONG", day(1): "OPEN_LONG", day(3): "CLOSE_LONG"}.get(bar.session)
        if intention:
            context.emit_signal("X", SignalIntention(intention), price=bar.close)


class Mock:
    """The plugin that offers it."""

    @staticmethod
    @hookimpl
    def qtrader_services() -> list[ServiceProvider]:
        target = f"{__name__}:MockExecution"
        return [ServiceProvider("execution", "Fills at 9", target, ("bar@market", "order"), ("fill", "order_update"))]


@pytest.fixture
def host() -> Host:
    """Everything that is installed, but with another execution service."""
    names = {one.name for one in load_plugins().active} - {"kernel", "service-execution"}
    return load_plugins(only=names, extra={"mock": Mock()})


@pytest.fixture
def engine(host: Host, tmp_path: Path) -> BacktestEngine:
    """Six days at 10, 100 units a signal, 100,000 USD."""
    rows = [f"{day(number)},10,10,10,10,1000" for number in range(6)]
    (tmp_path / "X.csv").write_text("date,open,high,low,close,volume\n" + "\n".join(rows) + "\n")
    source = {"use": "csv", "with": {"path": "{symbol}.csv", "symbols": ["X"]}, "prices": "raw", "stamp": "session"}
    return BacktestEngine.from_config(
        {
            "data": {"source": "files", "symbols": ["X"]},
            "data_sources": {"files": {**source, "calendar": "24/7", "currency": "USD", "asset_class": "equity"}},
            "strategies": [{"name": "s", "use": f"{__name__}:Twice"}],
            "portfolio": {"cash": 100_000},
            "risk": {"sizing": {"use": "fixed", "with": {"quantity": 100}}},
        },
        host=host,
        base_dir=tmp_path,
    )


def test_what_the_mock_fills_is_in_the_books(engine: BacktestEngine) -> None:
    equity, held = [], []
    while step := engine.process_bar():
        equity.append(step.portfolio.equity)
        held.append(step.portfolio.quantity("X", "s"))

    assert held == [0, 40, 100, 100, 60, 0]
    # 40 and 60 units bought at 9 stand at 10; sold at 9 again; a dollar for each of four fills
    assert equity == [100_000, 100_039, 100_098, 100_098, 100_057, 99_996]


def test_intents_and_keys_lead_from_signal_to_fill(engine: BacktestEngine) -> None:
    log = engine.run().log
    signals = [one.signal_id for one in log.discrete_events("signal")]  # type: ignore[attr-defined]
    orders = list(log.discrete_events("order"))
    fills = list(log.discrete_events("fill"))

    assert [one.intent_id for one in orders] == [signals[0], signals[2]]  # type: ignore[attr-defined]
    assert [one.intent_id for one in fills] == [signals[0]] * 2 + [signals[2]] * 2  # type: ignore[attr-defined]
    assert {one.origin.corr for one in fills} == {one.origin.corr for one in orders}


def test_what_is_on_its_way_counts_for_the_next_decision(engine: BacktestEngine) -> None:
    (refusal,) = engine.run().log.discrete_events("signal_rejected")

    assert refusal.code == "order-pending"  # type: ignore[attr-defined]
    assert refusal.inputs["position"] == "100"  # type: ignore[attr-defined] - 40 held, 60 on their way
