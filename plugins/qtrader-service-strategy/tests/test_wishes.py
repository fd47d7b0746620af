"""How a strategy wishes for orders, changes them, and hears of them; alone, on events made by hand."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from qtrader import EventBus, SignalIntention
from qtrader.errors import RunError
from qtrader.events import FillEvent, OrderUpdateEvent, PositionEvent, ValuationTriggerEvent
from qtrader.ports.settings import StrategySettings
from qtrader.testing import RecordingBus, bar, example
from qtrader_service_strategy import StrategyService

D = Decimal


@dataclass
class Doer:
    """Does on its first bar what it is told to, and notes what it hears."""

    do: Any = None
    heard: list[tuple[str, Any]] = field(default_factory=list)

    def on_bar(self, bar: Any, context: Any) -> None:
        if self.do is not None:
            self.do(bar, context)

    def on_fill(self, fill: Any, context: Any) -> None:
        self.heard.append(("fill", fill.fill_id))
        context.record(filled=fill.fill_id)

    def on_order_update(self, update: Any, context: Any) -> None:
        self.heard.append(("update", update.order_id))

    def on_session_end(self, session: Any, context: Any) -> None:
        self.heard.append(("session", session))


def play(do: Any) -> RecordingBus:
    """The bus after one bar."""
    bus = RecordingBus()
    StrategyService(bus, [StrategySettings(name="own", use="Doer", instance=Doer(do))])
    bus.publish(bar())
    return bus


def signal(**wishes: Any) -> Any:
    """The signal that wishes make."""
    bus = play(lambda bar, context: context.emit_signal("AAPL", SignalIntention.OPEN_LONG, price=bar.close, **wishes))
    (found,) = bus.of("signal")
    return found


def test_a_signal_carries_its_wishes() -> None:
    until = datetime(2024, 3, 1, tzinfo=UTC)
    found = signal(
        order_type="stop_limit", limit_price=D(12), stop_price=D("11.5"), time_in_force="GTD", expire_at=until
    )

    assert (found.order_type, found.limit_price, found.stop_price) == ("stop_limit", 12, D("11.5"))
    assert (found.time_in_force, found.expire_at) == ("GTD", until)


def test_without_wishes_there_are_none() -> None:
    found = signal()

    assert {found.order_type, found.limit_price, found.trail_amount, found.time_in_force, found.expire_at} == {None}


@pytest.mark.parametrize("name", ["limit_price", "stop_price", "trail_amount", "trail_percent"])
def test_a_float_is_refused(name: str) -> None:
    with pytest.raises(RunError, match=rf"{name}=1.5 is a float"):
        signal(order_type="market", **{name: 1.5})


def test_an_unknown_wish_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(RunError, match=r"emit_signal knows no 'limit'; an order has limit_price, stop_price"):
        signal(limit=D(1))


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"order_type": "limit"}, "limit_price"),
        ({"order_type": "trailing_stop"}, "trail_amount"),
        ({"time_in_force": "GTD"}, "expire_at"),
        ({"order_type": "iceberg"}, "iceberg"),
    ],
)
def test_a_wish_without_what_it_needs_breaks_the_contract(wishes: dict[str, Any], said: str) -> None:
    with pytest.raises(RunError, match=said):
        signal(**wishes)


def request(do: Any) -> Any:
    (found,) = play(do).of("order_request")
    return found


def test_an_order_is_cancelled_by_name() -> None:
    found = request(lambda bar, context: context.cancel_order("AAPL", "own-000001-1", reason="enough"))

    assert (found.action, found.order_id, found.reason, found.quantity) == ("cancel", "own-000001-1", "enough", None)


def test_an_order_is_replaced_by_name() -> None:
    found = request(lambda bar, context: context.replace_order("AAPL", "o-1", quantity=7, limit_price=D("12.5")))

    assert (found.action, found.quantity, found.limit_price, found.stop_price) == ("replace", 7, D("12.5"), None)


def test_a_change_of_another_symbol_is_refused() -> None:
    with pytest.raises(RunError, match="'MSFT' is not among its symbols"):
        play(lambda bar, context: context.cancel_order("MSFT", "o-1"))


def test_a_float_in_a_change_is_refused() -> None:
    with pytest.raises(RunError, match=r"limit_price=1.5 is a float"):
        play(lambda bar, context: context.replace_order("AAPL", "o-1", limit_price=1.5))


@pytest.fixture
def stage() -> tuple[RecordingBus, StrategyService, Doer]:
    """A strategy that listens."""
    bus = RecordingBus()
    service = StrategyService(bus, [StrategySettings(name="own", use="Doer", instance=Doer())])
    bus.publish(bar())
    return bus, service, service._seats[0].strategy


def test_a_fill_is_told_once_the_position_follows(stage: Any) -> None:
    bus, _, doer = stage
    bus.publish(example(FillEvent, strategy_id="own", symbol="AAPL", fill_id="f-1"))
    before = list(doer.heard)
    bus.publish(example(PositionEvent, strategy_id="own", symbol="AAPL", reason="fill"))

    assert (before, doer.heard) == ([], [("fill", "f-1")])
    assert [dict(one.values) for one in bus.of("record")] == [{"filled": "f-1"}]


@pytest.mark.parametrize("changes", [{"strategy_id": "other"}, {"symbol": "MSFT"}, {"reason": "split"}])
def test_another_position_tells_nothing(stage: Any, changes: dict[str, Any]) -> None:
    bus, _, doer = stage
    bus.publish(example(FillEvent, strategy_id="own", symbol="AAPL", fill_id="f-1"))
    bus.publish(example(PositionEvent, **{"strategy_id": "own", "symbol": "AAPL", "reason": "fill", **changes}))

    assert doer.heard == []


def test_only_its_own_orders_are_told(stage: Any) -> None:
    bus, _, doer = stage
    for owner in ("own", "other"):
        bus.publish(example(OrderUpdateEvent, strategy_id=owner, order_id=f"{owner}-1"))

    assert doer.heard == [("update", "own-1")]


@pytest.mark.parametrize(("reason", "told"), [("session_end", 1), ("bar", 0), ("end", 0)])
def test_only_the_end_of_a_session_is_told(stage: Any, reason: str, told: int) -> None:
    bus, _, doer = stage
    bus.publish(example(ValuationTriggerEvent, reason=reason))

    assert len(doer.heard) == told


def test_what_nobody_wants_to_hear_is_not_listened_to() -> None:
    class Deaf:
        def on_bar(self, bar: Any, context: Any) -> None:
            """Nothing."""

    service = StrategyService(EventBus(), [StrategySettings(name="own", use="Deaf", instance=Deaf())])

    assert [one.topic for one in service.handlers()] == ["bar"]
