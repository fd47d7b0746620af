"""What strategies are told besides bars, in whole runs: fills that the books know, order updates, ends of sessions."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyarrow.csv import write_csv

from qtrader import BacktestEngine, Bar, Context, Result, SignalIntention
from qtrader.errors import ConfigError, HandlerError
from qtrader.events import FillEvent, OrderUpdateEvent, SignalEvent, ValuationTriggerEvent
from small_frames import day, frame

CLOSES = [10.0, 11.0, 12.0, 13.0, 14.0]


@dataclass
class Listener:
    """Buys on the first day; sends a stop when that fills, and records all that it is told."""

    trail: str = "2"

    def on_bar(self, bar: Bar, context: Context) -> None:
        if bar.session == day(0):
            context.emit_signal("A", SignalIntention.OPEN_LONG, price=bar.close)

    def on_fill(self, fill: FillEvent, context: Context) -> None:
        context.record(told="fill", position=str(context.position(fill.symbol)))
        if fill.side == "buy":
            stop = {"order_type": "stop", "stop_price": fill.price - Decimal(self.trail), "time_in_force": "GTC"}
            context.emit_signal(fill.symbol, SignalIntention.CLOSE_LONG, price=fill.price, **stop)

    def on_order_update(self, update: OrderUpdateEvent, context: Context) -> None:
        context.record(told="order", status=update.status.value)

    def on_session_end(self, session: Any, context: Context) -> None:
        context.record(told="session", session=str(session))


@dataclass
class Late:
    """Signals when a session is over."""

    def on_bar(self, bar: Bar, context: Context) -> None:
        """Nothing."""

    def on_session_end(self, session: Any, context: Context) -> None:
        if session == day(1):
            context.emit_signal("A", SignalIntention.OPEN_LONG, price=Decimal(11))


@dataclass
class Faulty(Late):
    def on_session_end(self, session: Any, context: Context) -> None:
        raise ValueError("no")


@dataclass
class Wrong(Late):
    def on_fill(self, fill: FillEvent) -> None:
        """Lacks the context."""


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Result]:
    """Run a strategy of this file, ten units at a time."""
    write_csv(frame(CLOSES), tmp_path / "A.csv")
    source = {
        "use": "csv", "with": {"path": str(tmp_path / "{symbol}.csv"), "symbols": ["A"]}, "prices": "raw",
        "stamp": "session", "calendar": "24/7", "currency": "USD", "asset_class": "equity",
    }  # fmt: skip

    def build(strategy: str = "Listener", fill: str = "next-open", **options: Any) -> Result:
        return BacktestEngine.from_config(
            {
                "data": {"source": "files", "symbols": ["A"]},
                "data_sources": {"files": source},
                "strategies": [{"name": "own", "use": f"{__file__}:{strategy}", "with": options}],
                "execution": {"fill": {"use": fill}, "commission": {"use": "none"}, "slippage": {"use": "none"}},
                "risk": {"sizing": {"use": "fixed", "with": {"quantity": 10}}},
            }
        ).run()

    return build


def told(result: Result, kind: Any) -> list[Any]:
    return [one for one in result.log.discrete_events(kind.topic) if isinstance(one, kind)]


def records(result: Result, about: str) -> list[dict[str, Any]]:
    return [one for one in result.records.to_pylist() if one["told"] == about]


def test_a_fill_is_told_when_the_books_know_it(run: Callable[..., Result]) -> None:
    assert [one["position"] for one in records(run(), "fill")] == ["10"]


def test_what_is_sent_on_a_fill_works_at_once(run: Callable[..., Result]) -> None:
    """Bought at 10.5; a stop at 12.5 is through the market already: it sells at the next open, 12.5 - or 11.5."""
    result = run(trail="-2")

    assert [(one.side, one.price) for one in told(result, FillEvent)] == [
        ("buy", Decimal("10.5")),
        ("sell", Decimal("11.5")),
    ]


def test_its_cause_is_the_fill(run: Callable[..., Result]) -> None:
    result = run()
    (fill,) = told(result, FillEvent)
    answer = told(result, SignalEvent)[1]

    assert answer.origin.cause == fill.origin.seq


def test_every_step_of_an_order_is_told(run: Callable[..., Result]) -> None:
    statuses = [one["status"] for one in records(run(), "order")]

    assert statuses == ["NEW", "SUBMITTED", "ACK", "FILLED", "NEW", "SUBMITTED", "ACK", "EXPIRED"]


def test_every_session_end_is_told(run: Callable[..., Result]) -> None:
    result = run()
    ends = [one for one in told(result, ValuationTriggerEvent) if one.reason == "session_end"]

    assert [one["session"] for one in records(result, "session")] == [str(one.session) for one in ends]
    assert len(ends) >= len(CLOSES) - 1


def test_a_signal_at_a_sessions_end_trades_at_the_next_open(run: Callable[..., Result]) -> None:
    result = run("Late")
    assert [one.price for one in told(result, FillEvent)] == [Decimal("11.5")]


def test_a_failure_names_strategy_method_and_event(run: Callable[..., Result]) -> None:
    with pytest.raises(HandlerError, match=r"strategy 'own' \(Faulty.on_session_end\) failed on valuation_trigger"):
        run("Faulty")


def test_a_method_that_cannot_be_called_is_an_error_before_the_run(run: Callable[..., Result]) -> None:
    with pytest.raises(ConfigError, match=r"Wrong.on_fill .* write def on_fill\(self, fill, context\)"):
        run("Wrong")


def test_it_is_the_same_run_twice(run: Callable[..., Result]) -> None:
    assert run().digest == run().digest
