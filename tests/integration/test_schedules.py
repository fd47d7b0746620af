"""Strategies that act on time, in whole runs: opens of sessions, and schedules by the exchange calendar."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

import qtrader as qt
from qtrader import BacktestEngine, Context
from qtrader.errors import QTraderError
from qtrader.frames import FrameSource
from qtrader_indicators import sma

CLOSED = {
    date(2024, 9, 2),
    date(2024, 11, 28),
    date(2024, 12, 25),
    date(2024, 2, 19),
    date(2024, 3, 29),
    date(2024, 5, 27),
}
"""Holidays of XNYS on weekdays in the months used here."""


@dataclass
class Timed:
    """Records when it is called, and by which of its schedules."""

    every: Any = "month"
    at: Any = "session_end"
    lookback: int = 1

    def on_start(self, context: Context) -> None:
        self.mean = context.track(sma(self.lookback))
        context.schedule(self.rebalance, every=self.every, at=self.at)

    def rebalance(self, bars: Any, context: Context) -> None:
        context.record(at=context.time.isoformat()[:16], close=str(bars["A"].close), mean=self.mean["A"])


@dataclass
class Seen:
    """Records which symbols a schedule is offered."""

    def on_start(self, context: Context) -> None:
        context.schedule(self.look, every="session")

    def look(self, bars: Any, context: Context) -> None:
        context.record(symbols=" ".join(bars))


@dataclass
class AtTheOpen:
    """Buys ten units at an open, of what it knows then."""

    day: str = "2024-11-05"

    def on_bar(self, bar: Any, context: Context) -> None:
        """Nothing."""

    def on_session_open(self, session: date, context: Context) -> None:
        known = len(context.history("A", 100))
        context.record(session=str(session), known=known, equity=str(context.equity))
        if str(session) == self.day:
            context.target_quantity({"A": 10})


def sessions(first: date, last: date) -> list[date]:
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [day for day in days if day.weekday() < 5 and day not in CLOSED]


def daily(first: date, last: date) -> Any:
    """Bars of XNYS: the close of session k (from 0) is 100 + k, its open half a point below."""
    days = sessions(first, last)
    closes = [100.0 + number for number in range(len(days))]
    opens = [close - 0.5 for close in closes]
    table = {"Date": days, "Open": opens, "High": closes, "Low": opens, "Close": closes, "Volume": [1000] * len(days)}
    return {"A": qt.bars(pa.table(table), calendar="XNYS", prices="raw")}


def records(strategy: Any, first: date, last: date) -> list[dict[str, Any]]:
    result = qt.backtest(strategy, daily(first, last))
    return [dict(event.values) for event in result.log.discrete_events("record")]


def called(first: date, last: date, **options: Any) -> list[str]:
    return [one["at"] for one in records(Timed(**options), first, last)]


def test_a_month_ends_with_its_last_session() -> None:
    """31 March 2024 is a Sunday after Good Friday: March ends on Thursday 28; summer time moves the close to 20:00."""
    assert called(date(2024, 2, 1), date(2024, 4, 30)) == ["2024-02-29T21:00", "2024-03-28T20:00", "2024-04-30T20:00"]


def test_the_end_of_the_data_ends_no_month() -> None:
    """Friday 29 November 2024 ends its month, at 13:00 in New York; Thursday 26 December ends none."""
    assert called(date(2024, 11, 1), date(2024, 12, 26)) == ["2024-11-29T18:00"]


def test_the_data_may_begin_inside_a_month() -> None:
    assert called(date(2024, 11, 5), date(2024, 12, 4), at="session_open") == ["2024-12-02T14:30"]


def test_the_first_session_of_the_data_begins_a_month_where_the_calendar_says_so() -> None:
    assert called(date(2024, 11, 1), date(2024, 11, 8), at="12:00") == ["2024-11-01T20:00"]


@pytest.mark.parametrize(
    ("every", "expected"),
    [
        ("week", ["2024-11-22T21:00", "2024-11-29T18:00"]),
        ("quarter", []),
        ("session", ["2024-11-21T21:00", "2024-11-22T21:00", *[f"2024-11-{day}T21:00" for day in (25, 26, 27)],
                     "2024-11-29T18:00", "2024-12-02T21:00"]),
    ],
)  # fmt: skip
def test_each_period_is_called_once(every: str, expected: list[str]) -> None:
    assert called(date(2024, 11, 21), date(2024, 12, 2), every=every) == expected


def test_a_quarter_and_a_year_end_with_december() -> None:
    span = (date(2024, 12, 30), date(2024, 12, 31))

    assert called(*span, every="quarter") == called(*span, every="year") == ["2024-12-31T21:00"]


def test_a_time_after_an_early_close_is_met_at_the_sessions_end() -> None:
    """Daily bars end at 16:00, and on the 29th at 13:00: half past three comes with the one, and not with the other."""
    assert called(date(2024, 11, 27), date(2024, 11, 29), every="session", at="15:30") == [
        "2024-11-27T21:00",
        "2024-11-29T18:00",
    ]


def test_every_third_instant() -> None:
    assert called(date(2024, 11, 4), date(2024, 11, 12), every=3, at=None) == ["2024-11-06T21:00", "2024-11-11T21:00"]


def test_nothing_is_called_before_it_is_ready() -> None:
    """A mean of five closes is ready on the fifth session, Friday the 8th: (100 + ... + 104) / 5 = 102."""
    rows = records(Timed(every="session", lookback=5), date(2024, 11, 4), date(2024, 11, 11))

    assert [(one["at"][:10], one["mean"]) for one in rows] == [("2024-11-08", 102.0), ("2024-11-11", 103.0)]


def test_at_an_open_only_earlier_bars_are_known() -> None:
    rows = records(AtTheOpen(), date(2024, 11, 4), date(2024, 11, 7))

    assert [(one["session"], one["known"]) for one in rows] == [
        ("2024-11-04", 0), ("2024-11-05", 1), ("2024-11-06", 2), ("2024-11-07", 3),
    ]  # fmt: skip


def test_an_order_at_the_open_fills_at_that_open() -> None:
    """Session 1 (2024-11-05) opens at 100.5, at 14:30 UTC."""
    [fill] = qt.backtest(AtTheOpen(), daily(date(2024, 11, 4), date(2024, 11, 7))).fills.to_pylist()

    assert (fill["price"], fill["quantity"], fill["executed_at"].isoformat()[:16]) == (
        Decimal("100.5"), 10, "2024-11-05T14:30",
    )  # fmt: skip


def test_only_runs_that_listen_are_told_of_opens() -> None:
    result = qt.backtest(Timed(), daily(date(2024, 11, 4), date(2024, 11, 7)))

    assert "session_open" not in {event.topic for event in result.log}


def test_later_data_changes_nothing_before() -> None:
    short, long = date(2024, 12, 10), date(2024, 12, 31)

    assert called(date(2024, 10, 1), long)[:2] == called(date(2024, 10, 1), short)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"every": "fortnight"}, "every='fortnight'.*'quarter' or 'year'"),
        ({"every": 0, "at": None}, "every=0"),
        ({"every": 5}, "at='session_end' beside every=5"),
        ({"at": "25:00"}, "at='25:00'.*'session_open', 'session_end', or a time"),
    ],
)
def test_a_wrong_rhythm_is_quoted(options: dict[str, Any], told: str) -> None:
    with pytest.raises(QTraderError, match=told):
        called(date(2024, 11, 4), date(2024, 11, 5), **options)


@dataclass
class Belated:
    def on_bar(self, bar: Any, context: Context) -> None:
        context.schedule(self.on_bar, every="month")


def test_a_schedule_belongs_into_on_start() -> None:
    with pytest.raises(QTraderError, match="outside on_start"):
        records(Belated(), date(2024, 11, 4), date(2024, 11, 5))


def half_hours(*days: date, offset: int) -> list[datetime]:
    """Ends of half-hourly bars from 9:30 to 16:00 in New York, ``offset`` hours before UTC."""
    opens = [datetime.combine(one, time(9, 30), UTC) + timedelta(hours=offset) for one in days]
    return [one + timedelta(minutes=30 * number) for one in opens for number in range(1, 14)]


@pytest.mark.parametrize(("at", "summer", "winter"), [("10:15", "14:30", "15:30"), ("15:45", "20:00", "21:00")])
def test_a_time_of_day_is_the_venues_through_a_change_of_the_clock(at: str, summer: str, winter: str) -> None:
    """Clocks went back on 3 November 2024: the first bar at or after 10:15 ends at 10:30, New York time."""
    times = [*half_hours(date(2024, 10, 31), date(2024, 11, 1), offset=4), *half_hours(date(2024, 11, 4), offset=5)]
    prices = {name: pa.array([10.0] * len(times)) for name in ("open", "high", "low", "close")}
    table = pa.table({"time": pa.array(times, pa.timestamp("us", tz="UTC")), **prices, "volume": [100] * len(times)})
    bars = qt.bars(table, calendar="XNYS", interval="30m", stamp="end", prices="raw", asset_class="equity")
    result = qt.backtest(Timed("session", at), {"A": bars}, cash=1000)

    called = [row["at"] for row in result.records.to_pylist()]
    assert called == [f"2024-10-31T{summer}", f"2024-11-01T{summer}", f"2024-11-04T{winter}"]


def test_a_symbol_that_is_not_listed_any_more_is_not_offered() -> None:
    """B is delisted after its third session; schedules see A alone from then on."""
    days = sessions(date(2024, 11, 4), date(2024, 11, 8))
    feeds = {}
    for symbol, count in (("A", 5), ("B", 3)):
        prices = {name: pa.array([10.0] * count) for name in ("open", "high", "low", "close")}
        feeds[symbol] = pa.table({"date": days[:count], **prices, "volume": [100] * count})
    seen: list[list[str]] = []
    engine = BacktestEngine.from_config(
        {
            "data": {"source": "data", "symbols": ["A", "B"], "instruments": {"B": {"delisted": str(days[2])}}},
            "data_sources": {"data": {"use": "frames", "instance": FrameSource({name: qt.bars(
                one, calendar="XNYS", prices="raw", asset_class="equity") for name, one in feeds.items()})}},
            "strategies": [{"name": "s", "use": "seen", "instance": Seen()}],
        }
    )  # fmt: skip
    for row in engine.run().records.to_pylist():
        seen.append(row["symbols"].split())

    assert seen == [["A", "B"]] * 3 + [["A"]] * 2
