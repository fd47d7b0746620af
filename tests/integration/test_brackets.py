"""Whole runs with orders of every kind: from a strategy's wish to the books, on bars worked out by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow.csv import write_csv

from qtrader import BacktestEngine, Bar, Context, Result, SignalIntention
from qtrader.events import FillEvent, OrderUpdateEvent, SignalRejectedEvent, TradeEvent
from small_frames import day

D = Decimal
BARS = ["10 11 9 10", "10 11 9.5 10", "10.5 12 10 11.5", "11.5 13.5 11 13", "13 13.5 12 12.5", "12 12.5 9 9.5"]
"""Open, high, low and close of each day."""


def frame() -> pa.Table:
    """The bars as a table."""
    rows = [list(map(float, text.split())) for text in BARS]
    columns = dict(zip(("open", "high", "low", "close"), zip(*rows, strict=True), strict=True))
    dates = [day(number) for number in range(len(BARS))]
    return pa.table({"date": pa.array(dates), **{name: pa.array(list(one)) for name, one in columns.items()}})


@dataclass
class Wisher:
    """Opens on the first day with what it is told to wish for."""

    stop_loss: str = ""
    take_profit: str = ""
    order_type: str = ""
    price: str = ""
    force: str = ""
    close_on: int = -1

    def on_bar(self, bar: Bar, context: Context) -> None:
        if bar.session == day(0):
            wishes: dict[str, Any] = {
                "stop_loss": Decimal(self.stop_loss) if self.stop_loss else None,
                "take_profit": Decimal(self.take_profit) if self.take_profit else None,
            }
            if self.order_type:
                name = "trail_amount" if self.order_type == "trailing_stop" else f"{self.order_type}_price"
                wishes |= {"order_type": self.order_type, name: Decimal(self.price), "time_in_force": self.force}
            context.emit_signal("A", SignalIntention.OPEN_LONG, price=bar.close, **wishes)
        if bar.session == day(self.close_on):
            context.emit_signal("A", SignalIntention.CLOSE_LONG, price=bar.close)


@dataclass
class Changer:
    """Wishes for a price far away, moves the order near on the third day, or cancels it."""

    cancel: bool = False

    def on_bar(self, bar: Bar, context: Context) -> None:
        if bar.session == day(0):
            wish = {"order_type": "limit", "limit_price": Decimal(1), "time_in_force": "GTC"}
            self.sent = context.emit_signal("A", SignalIntention.OPEN_LONG, price=bar.close, **wish)
        if bar.session == day(2):
            order_id = f"{self.sent.signal_id}-1"
            if self.cancel:
                context.cancel_order("A", order_id, reason="enough")
            else:
                context.replace_order("A", order_id, quantity=7, limit_price=Decimal("12.5"))


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Result]:
    """Run a strategy of this file over the bars, ten units at a time."""
    write_csv(frame(), tmp_path / "A.csv")
    source = {
        "use": "csv", "with": {"path": str(tmp_path / "{symbol}.csv"), "symbols": ["A"]}, "prices": "raw",
        "stamp": "session", "calendar": "24/7", "currency": "USD", "asset_class": "equity",
    }  # fmt: skip

    def build(strategy: str = "Wisher", **options: Any) -> Result:
        return BacktestEngine.from_config(
            {
                "data": {"source": "files", "symbols": ["A"]},
                "data_sources": {"files": source},
                "strategies": [{"name": "own", "use": f"{__file__}:{strategy}", "with": options}],
                "execution": {
                    "fill": {"use": "next-open"}, "commission": {"use": "none"}, "slippage": {"use": "none"},
                },
                "risk": {"sizing": {"use": "fixed", "with": {"quantity": 10}}},
            }
        ).run()  # fmt: skip

    return build


def told(result: Result, kind: Any) -> list[Any]:
    return [one for one in result.log.discrete_events(kind.topic) if isinstance(one, kind)]


def fills(result: Result) -> list[tuple[str, Decimal, Decimal]]:
    """Side, units and price."""
    return [(one.side, one.quantity, one.price) for one in told(result, FillEvent)]


def ends(result: Result) -> dict[str, tuple[str, str | None]]:
    """Last status and reason of each order."""
    return {one.order_id: (one.status.value, one.reason) for one in told(result, OrderUpdateEvent)}


def test_a_target_is_reached_and_its_stop_is_cancelled(run: Callable[..., Result]) -> None:
    result = run(stop_loss="8", take_profit="13")

    assert fills(result) == [("buy", 10, 10), ("sell", 10, 13)]
    assert [one.gross_pnl for one in told(result, TradeEvent)] == [30]
    assert ends(result)["own-000001-3"] == ("CANCELED", "oco: own-000001-2 filled")


def test_a_stop_is_reached_and_its_target_is_cancelled(run: Callable[..., Result]) -> None:
    """Day 5 opens at 12, above the stop of 9.25, and falls to 9."""
    result = run(stop_loss="9.25", take_profit="20")

    assert fills(result) == [("buy", 10, 10), ("sell", 10, D("9.25"))]
    assert ends(result)["own-000001-2"] == ("CANCELED", "oco: own-000001-3 filled")


def test_closing_by_hand_ends_the_bracket_and_sells_once(run: Callable[..., Result]) -> None:
    result = run(stop_loss="8", take_profit="20", close_on=2)

    assert fills(result) == [
        ("buy", 10, 10),
        ("sell", 10, D("11.5")),
    ]
    statuses = {order: status for order, (status, _) in ends(result).items()}
    assert statuses["own-000001-2"] == statuses["own-000001-3"] == "CANCELED"


def test_a_limit_fills_when_prices_come_to_it(run: Callable[..., Result]) -> None:
    """9.25 is traded through on the last day, on the way to 9."""
    result = run(order_type="limit", price="9.25", force="GTC")

    assert fills(result) == [("buy", 10, D("9.25"))]


def test_a_day_limit_that_is_not_reached_expires_at_the_end_of_the_next_session(run: Callable[..., Result]) -> None:
    result = run(order_type="limit", price="9.25", force="DAY")

    assert fills(result) == []
    (expired,) = [one for one in told(result, OrderUpdateEvent) if one.status.value == "EXPIRED"]
    assert (expired.reason, expired.occurred_at.date()) == ("end of the session", day(2))  # 24/7 days end at midnight


def test_a_stop_entry_waits_for_the_break(run: Callable[..., Result]) -> None:
    """11.75 is first reached on day 2."""
    result = run(order_type="stop", price="11.75", force="GTC")

    assert fills(result) == [("buy", 10, D("11.75"))]


def test_an_order_is_replaced_by_its_strategy(run: Callable[..., Result]) -> None:
    """12.5 from day 3 on, which opens at 11.5."""
    result = run("Changer")

    assert fills(result) == [("buy", 7, D("11.5"))]


def test_an_order_is_cancelled_by_its_strategy(run: Callable[..., Result]) -> None:
    result = run("Changer", cancel=True)

    assert (fills(result), ends(result)) == ([], {"own-000001-1": ("CANCELED", "enough")})


def test_a_bracket_on_the_wrong_side_is_a_rejection_that_says_so(run: Callable[..., Result]) -> None:
    result = run(stop_loss="10.5")

    assert [(one.code, one.reason) for one in told(result, SignalRejectedEvent)] == [
        ("bracket", "stop_loss 10.5 is on the wrong side of a buy at 10: it must be below it")
    ]


def test_such_a_run_is_replayed_to_the_bit(run: Callable[..., Result]) -> None:
    assert run(stop_loss="8", take_profit="13").digest == run(stop_loss="8", take_profit="13").digest
