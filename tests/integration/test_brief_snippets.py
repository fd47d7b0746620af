"""The snippets of the project's brief for bus, data service and strategy, run word for word.

Each is text here; what it takes for granted (a bus, a config, ``conditions_met``) stands in the names it is run with.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import EllipsisType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import qtrader as qt
from qtrader import BacktestEngine, Bar, Context, SignalIntention
from qtrader.events import BaseEvent, OrderEvent, PriceBarEvent, SignalEvent
from qtrader.ports.settings import (
    DataServiceSettings,
    DataSettings,
    ManagerSettings,
    Reference,
    RiskSettings,
    SourceSettings,
    StrategySettings,
)
from qtrader.testing import RecordingBus, bar
from qtrader_service_data.service import DataService
from qtrader_service_manager.service import ManagerService
from qtrader_service_strategy import StrategyService

BUS = """
# Services subscribe to topics
event_bus.subscribe("bar", strategy_service.on_bar)
event_bus.subscribe("signal", manager_service.on_signal)

# Services publish events
event_bus.publish(PriceBarEvent(...))
event_bus.publish(SignalEvent(...))
"""

DATA = """
data_service = DataService(event_bus=event_bus, config=data_config)
data_service.load_data(symbol="AAPL", start_date="2020-01-01")
data_service.stream_bar(datetime(2020, 1, 2))  # Publishes PriceBarEvent
"""

STRATEGY = """
class MyStrategy:
    def on_bar(self, bar: PriceBarEvent, context: Context):
        # Strategy logic
        if conditions_met:
            context.emit_signal(
                symbol="AAPL",
                intention=SignalIntention.OPEN_LONG,
                price=bar.bar.close,
                confidence=0.85,
                stop_loss=Decimal("140.00"),
                take_profit=Decimal("160.00")
            )
"""

DAYS = [date(2019, 12, 31), date(2020, 1, 2), date(2020, 1, 3)]
HUNDRED = Reference.model_validate({"use": "fixed", "with": {"quantity": "100"}})
SIGNAL = SignalEvent(
    signal_id="trend-AAPL-000001",
    strategy_id="trend",
    symbol="AAPL",
    intention=SignalIntention.OPEN_LONG,
    price=Decimal("11"),
    confidence=Decimal("0.85"),
)


class Diary:
    """Writes down every bar."""

    def on_bar(self, bar: Bar, context: Context) -> None:
        context.record(close=bar.close)


def run(snippet: str, **names: Any) -> dict[str, Any]:
    """Run a snippet with the names that it takes for granted; what it defined comes back."""
    exec(snippet, names)
    return names


def elided(event: BaseEvent) -> Callable[[EllipsisType], BaseEvent]:
    """Stand in for an event class whose arguments the brief writes as three dots."""
    return lambda _: event


def table() -> pa.Table:
    """Three sessions of AAPL, closing at 149, 150 and 151."""
    closes = [Decimal(149), Decimal(150), Decimal(151)]
    columns = {name: pa.array([close + gap for close in closes]) for name, gap in (("high", 1), ("low", -1))}
    return pa.table({"date": DAYS, "open": closes, **columns, "close": closes, "volume": [1000, 2000, 3000]})


@pytest.fixture
def served() -> RecordingBus:
    """The bus after the snippet, with two services that listen already when it subscribes them by hand."""
    bus = RecordingBus()
    run(
        BUS,
        event_bus=bus,
        strategy_service=StrategyService(bus, [StrategySettings(name="diary", use="Diary", instance=Diary())]),
        manager_service=ManagerService(bus, ManagerSettings(risk=RiskSettings(policy="naive", sizing=HUNDRED))),
        PriceBarEvent=elided(bar()),
        SignalEvent=elided(SIGNAL),
    )
    return bus


def test_every_service_hears_each_event_once(served: RecordingBus) -> None:
    assert served.topics() == ["bar", "record", "signal", "decision", "order"]


def test_the_manager_makes_an_order_of_the_signal(served: RecordingBus) -> None:
    [order] = served.of("order")

    assert isinstance(order, OrderEvent)
    assert (order.signal_id, order.quantity) == (SIGNAL.signal_id, 100)


@pytest.fixture
def bus(tmp_path: Path) -> RecordingBus:
    """The bus after the snippet, which read AAPL from a Parquet file."""
    pq.write_table(table(), tmp_path / "AAPL.parquet")
    source = {"use": "parquet", "with": {"path": str(tmp_path / "{symbol}.parquet"), "stamp": "session"}}
    declared = {"prices": "raw", "calendar": "XNYS", "currency": "USD"}
    config = DataServiceSettings(
        data=DataSettings(source="files", symbols=["AAPL"]),
        sources={"files": SourceSettings.model_validate({**source, **declared})},
    )
    bus = RecordingBus()
    run(DATA, DataService=DataService, event_bus=bus, data_config=config, datetime=datetime)
    return bus


def test_it_publishes_the_bar_of_the_day_and_no_other(bus: RecordingBus) -> None:
    [event] = bus.of("bar")

    assert isinstance(event, PriceBarEvent)
    assert (event.symbol, event.session, event.close) == ("AAPL", date(2020, 1, 2), Decimal(150))


def test_the_bar_is_known_at_the_sessions_close(bus: RecordingBus) -> None:
    """16:00 in New York is 21:00 UTC in January."""
    assert datetime(2020, 1, 2, 21, tzinfo=UTC) == bus.of("bar")[0].timestamp  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def result() -> qt.Result:
    """A run of the sample, its conditions always met."""
    return qt.backtest(strategy(conditions_met=True), {"AAPL": qt.bars(table(), calendar="XNYS", prices="raw")})


def test_the_signal_carries_what_the_sample_says(result: qt.Result) -> None:
    told = result.table("signal").to_pylist()[0]
    wanted = {
        "symbol": "AAPL",
        "intention": "OPEN_LONG",
        "price": Decimal(149),
        "confidence": Decimal("0.85"),
        "stop_loss": Decimal(140),
        "take_profit": Decimal(160),
    }

    assert wanted == {name: told[name] for name in wanted}


def test_ids_and_time_are_filled_in(result: qt.Result) -> None:
    """The first bar is known at 21:00 UTC."""
    told = result.table("signal").to_pylist()[0]
    wanted = ("MyStrategy-000001", "MyStrategy", datetime(2019, 12, 31, 21, tzinfo=UTC))

    assert wanted == (told["signal_id"], told["strategy_id"], told["time"])


def test_it_ends_in_a_fill_at_the_next_open(result: qt.Result) -> None:
    assert [Decimal(150)] == result.fills["price"].to_pylist()


def test_it_says_nothing_while_its_conditions_are_not_met() -> None:
    frames = {"AAPL": qt.bars(table(), calendar="XNYS", prices="raw")}
    result = qt.backtest(strategy(conditions_met=False), frames)

    assert result.table("signal").num_rows == 0


def strategy(*, conditions_met: bool) -> Any:
    """An instance of the brief's class."""
    names = {"PriceBarEvent": PriceBarEvent, "Context": Context, "SignalIntention": SignalIntention}
    made = run(STRATEGY, __name__="brief", Decimal=Decimal, conditions_met=conditions_met, **names)["MyStrategy"]
    return made()


def test_the_engines_methods_have_the_names_of_the_brief() -> None:
    methods = ("from_config", "run", "process_bar", "get_results")

    assert [callable(getattr(BacktestEngine, name)) for name in methods] == [True] * 4
