"""Several intervals of one symbol: where the coarser bars come from, and those that are not over."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from qtrader import EventBus, Market
from qtrader.errors import DataError
from qtrader.ports import CorporateAction, Instrument, Interval, SourceFacts
from qtrader_service_data.service import DataService

Load = Callable[..., Market]
DAYS = [date(2024, 7, day) for day in (1, 2, 3, 5, 8, 9)]
"""A week with a holiday, and two days of the next."""


@dataclass
class TwoIntervals:
    """A source that has several intervals of X."""

    tables: dict[Interval, Any]
    facts: SourceFacts

    def instruments(self) -> list[Instrument]:
        return [Instrument("X", calendar="XNYS", zone="")]

    def intervals(self, symbol: str) -> Sequence[Interval]:
        return list(self.tables)

    def bars(self, symbol: str, interval: Interval, start: date | None, end: date | None) -> pa.RecordBatchReader:
        return pa.table(self.tables[interval]).to_reader()

    def actions(self, symbol: str) -> list[CorporateAction]:
        return []


def half_hours(days: Sequence[date]) -> list[datetime]:
    """Starts of the half hours of sessions from 9:30 New York time on, UTC; six of each day."""
    return [
        datetime(day.year, day.month, day.day, 13, 30, tzinfo=UTC) + timedelta(minutes=30 * number)
        for day in days
        for number in range(6)
    ]


@pytest.fixture
def days(source: Any, rows: Any) -> Any:
    """Daily bars that close at 1, 2, 3 ..."""
    return source({"X": rows(DAYS, [1, 2, 3, 4, 5, 6], volume=[10, 20, 30, 40, 50, 60])})


def closes(market: Market, interval: str) -> list[Decimal]:
    table = market.table("X", interval)
    return [table.bar(row).close for row in range(len(table))]


def test_coarser_bars_are_made_of_the_finer_ones(days: Any, load: Load) -> None:
    market = load(days, interval=["1d", "1w"])
    (week,) = market.coarser
    bar = week.bar(0)

    assert market.intervals == ("1d", "1w")
    assert closes(market, "1d") == [1, 2, 3, 4, 5, 6]
    assert (bar.open, bar.high, bar.low, bar.close, bar.volume) == (1, 4, 1, 4, 100)
    assert bar.time == datetime(2024, 7, 5, 20, tzinfo=UTC)


def test_the_trading_bars_are_those_of_a_run_with_that_interval_alone(days: Any, load: Load) -> None:
    assert load(days, interval=["1d", "1w"]).tables[0].digest == load(days, interval="1d").tables[0].digest


def test_a_list_of_one_is_one(days: Any, load: Load) -> None:
    assert load(days, interval=["1d"]).digests == load(days, interval="1d").digests


def test_coarser_bars_come_in_order_however_they_are_listed(days: Any, load: Load) -> None:
    assert load(days, interval=["1d", "1mo", "1w"]).intervals == ("1d", "1w", "1mo")


def test_of_several_symbols_they_go_interval_by_interval(source: Any, rows: Any, load: Load) -> None:
    market = load(source({"Y": rows(DAYS), "X": rows(DAYS)}), interval=["1d", "1w", "1mo"])

    assert [f"{one.symbol} {one.interval}" for one in market.coarser] == ["X 1w", "Y 1w", "X 1mo", "Y 1mo"]


def test_one_that_is_not_over_within_the_data_is_told(days: Any, load: Load) -> None:
    market = load(days, interval=["1d", "1mo"])

    assert len(market.coarser[0]) == 0
    assert "X: no 1mo bar is over within the data" in market.warnings
    assert len(market.timeline) == 6


def test_the_last_week_counts_only_when_it_has_ended(days: Any, load: Load) -> None:
    assert closes(load(days, interval=["1d", "1w"], end="2024-07-05"), "1w") == [4]
    assert closes(load(days, interval=["1d", "1w"], end="2024-07-03"), "1w") == []


def test_what_ended_before_the_start_is_warm_up(days: Any, load: Load) -> None:
    market = load(days, interval=["1d", "1w"], start="2024-07-08")

    assert (market.tables[0].live_from, market.coarser[0].live_from, len(market.coarser[0])) == (4, 1, 1)


def test_bars_that_the_source_has_itself_are_taken_from_it(rows: Any, load: Load) -> None:
    """Its days close at the auction, after its last half hour."""
    times = half_hours(DAYS[:2])
    facts = SourceFacts(prices="raw", stamp="start", knows_actions=True)
    daily = rows([datetime(2024, 7, day, 13, 30, tzinfo=UTC) for day in (1, 2)], [77, 88])
    source = TwoIntervals({"30m": rows(times, [10] * 12), "1d": daily}, facts)
    market = load(source, symbols=["X"], interval=["30m", "1h", "1d"])

    assert closes(market, "1h") == [10] * 6
    assert closes(market, "1d") == [77, 88]
    assert market.table("X", "1d").bar(0).time == datetime(2024, 7, 1, 20, tzinfo=UTC)


def test_one_that_cannot_be_made_is_named(rows: Any, load: Load) -> None:
    facts = SourceFacts(prices="raw", stamp="start", knows_actions=True)
    source = TwoIntervals({"2m": rows(half_hours(DAYS[:2]))}, facts)

    with pytest.raises(DataError, match="X: the source has 2m bars; 3m bars cannot be made of them"):
        load(source, symbols=["X"], interval=["2m", "3m"])


def test_a_split_within_a_coarser_bar_is_told(source: Any, rows: Any, load: Load) -> None:
    split = CorporateAction("X", "split", DAYS[2], numerator=2, denominator=1)
    market = load(source({"X": rows(DAYS)}, given=[split]), interval=["1d", "1w"])

    told = [line for line in market.warnings if "mixes both prices" in line]

    assert len(told) == 1
    assert "falls into a 1w bar" in told[0]


def test_by_hand_it_publishes_what_is_traded_at(days: Any, configured: Any) -> None:
    bus = EventBus()
    service = DataService(event_bus=bus, config=configured(days, interval=["1d", "1w"]))

    service.load_data("X")
    service.stream_bar(DAYS[3])

    assert [event.interval for event in bus.history] == ["1d"]
