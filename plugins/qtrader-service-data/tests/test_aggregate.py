"""Coarser bars from finer ones, with sums and extremes worked out by hand."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from qtrader import Market
from qtrader.errors import DataError
from qtrader.ports import SourceFacts
from qtrader_service_data.aggregate import finer_interval

Load = Callable[..., Market]
MINUTES = SourceFacts(prices="raw", stamp="start", knows_actions=True)


def minutes(count: int, step: int = 1, first: str = "2024-07-05T13:30") -> list[datetime]:
    start = datetime.fromisoformat(first).replace(tzinfo=UTC)
    return [start + timedelta(minutes=step * number) for number in range(count)]


@pytest.fixture
def five_minutes(source: Any, rows: Any) -> Any:
    """Seven one-minute bars from the open: open, high, low and close all differ."""
    data = rows(
        minutes(7),
        closes=[10.5, 11.0, 10.0, 12.0, 11.5, 13.0, 12.5],
        open=[10.0, 10.5, 11.0, 10.0, 12.0, 11.5, 13.0],
        high=[10.75, 11.25, 11.0, 12.5, 12.0, 13.0, 13.25],
        low=[10.0, 10.25, 9.5, 10.0, 11.25, 11.5, 12.0],
        volume=[1, 2, 3, 4, 5, 6, 7],
    )
    return source({"X": data}, facts=MINUTES, interval="1m")


class TestFiveMinutesFromOne:
    def test_open_first_high_max_low_min_close_last(self, five_minutes: Any, load: Load) -> None:
        table = load(five_minutes, interval="5m").tables[0]

        assert [table.prices[int(getattr(table, name)[0])] for name in ("open", "high", "low", "close")] == [
            10,
            12.5,
            9.5,
            11.5,
        ]

    def test_volumes_add_up(self, five_minutes: Any, load: Load) -> None:
        assert load(five_minutes, interval="5m").tables[0].volume.tolist() == [15, 13]

    def test_end_at_their_own_end_though_the_data_stops(self, five_minutes: Any, load: Load) -> None:
        table = load(five_minutes, interval="5m").tables[0]

        assert (table.time_ns - table.open_ns).tolist() == [300 * 10**9] * 2

    def test_unknown_volume_makes_the_sum_unknown(self, source: Any, rows: Any, load: Load) -> None:
        data = rows(minutes(6), volume=[1, None, 3, 4, 5, 6])

        table = load(source({"X": data}, facts=MINUTES, interval="1m"), interval="5m").tables[0]

        assert [table.volume_at(0), table.volume_at(1)] == [None, 6]

    def test_no_volume_stays_none(self, source: Any, rows: Any, load: Load) -> None:
        table = load(source({"X": rows(minutes(6))}, facts=MINUTES, interval="1m"), interval="5m").tables[0]

        assert table.volume is None


class TestDaysFromMinutes:
    def test_run_from_open_to_close_of_a_half_day(self, source: Any, rows: Any, load: Load) -> None:
        data = rows(minutes(3, first="2024-07-03T14:00"))

        table = load(source({"X": data}, facts=MINUTES, interval="1m"), interval="1d").tables[0]

        opened, closed = datetime(2024, 7, 3, 13, 30, tzinfo=UTC), datetime(2024, 7, 3, 17, tzinfo=UTC)
        assert (table.open_ns[0], table.time_ns[0]) == (opened.timestamp() * 1e9, closed.timestamp() * 1e9)

    def test_are_one_a_session(self, source: Any, rows: Any, load: Load) -> None:
        data = rows([*minutes(2, first="2024-07-03T14:00"), *minutes(2)], volume=[1, 2, 3, 4])

        table = load(source({"X": data}, facts=MINUTES, interval="1m"), interval="1d").tables[0]

        assert table.volume.tolist() == [3, 7]


class TestWeeksFromDays:
    DAYS = [date(2024, 7, 1) + timedelta(days=number) for number in (0, 1, 2, 4, 7, 8)]

    def test_leave_out_a_week_that_is_not_over(self, source: Any, rows: Any, load: Load) -> None:
        table = load(source({"X": rows(self.DAYS, volume=[1, 2, 3, 4, 5, 6])}), interval="1w").tables[0]

        assert table.volume.tolist() == [10]

    def test_keep_a_week_that_ends_before_the_last_day_asked_for(self, source: Any, rows: Any, load: Load) -> None:
        days = [day for day in self.DAYS if day < date(2024, 7, 5)]
        other = rows([*self.DAYS[:4], date(2024, 7, 12)])
        tables = {"X": rows(days, volume=[1, 2, 3]), "Y": other}

        table = load(source(tables), interval="1w", end="2024-07-05").tables[0]

        assert table.volume.tolist() == [6]

    def test_of_the_turn_of_the_year_are_whole(self, source: Any, rows: Any, load: Load) -> None:
        days = [date(2024, 12, 30), date(2024, 12, 31), date(2025, 1, 2), date(2025, 1, 3)]

        table = load(source({"X": rows(days, volume=[1, 2, 3, 4])}), interval="1w").tables[0]

        assert (table.volume.tolist(), str(table.session[0])) == ([10], str((date(2025, 1, 3) - date(1970, 1, 1)).days))


def test_bars_that_reach_over_the_end_are_refused(source: Any, rows: Any, load: Load) -> None:
    """Hours of the clock do not fit into pairs of hours counted from 09:30."""
    data = rows(minutes(3, step=60, first="2024-07-05T13:00"))

    with pytest.raises(DataError, match="X: cannot make 2h bars: a 1h bar of 2024-07-05 reaches over the end"):
        load(source({"X": data}, facts=MINUTES, interval="1h"), interval="2h")


def test_sums_beyond_64_bits_are_refused(source: Any, rows: Any, load: Load) -> None:
    data = rows(minutes(4), volume=[2**61] * 4)

    with pytest.raises(DataError, match="X: the sum of volumes does not fit 64 bits"):
        load(source({"X": data}, facts=MINUTES, interval="1m"), interval="5m")


def test_sums_of_64_bits_less_one_are_kept(source: Any, rows: Any, load: Load) -> None:
    data = rows(minutes(4), volume=[2**62, 2**62 - 1, 0, 0])

    table = load(source({"X": data}, facts=MINUTES, interval="1m"), interval="5m").tables[0]

    assert table.volume.tolist() == [2**63 - 1]


def test_finer_bars_than_the_source_has_are_refused(source: Any, rows: Any, load: Load) -> None:
    with pytest.raises(DataError, match="X: the source has 1d bars; 5m bars cannot be made of them"):
        load(source({"X": rows([date(2024, 7, 5)])}), interval="5m")


@pytest.mark.parametrize(
    ("wanted", "offered", "chosen"),
    [
        ("1d", ["1m", "1d"], "1d"),
        ("15m", ["1m", "5m", "10m"], "5m"),
        ("1d", ["1m", "1h"], "1h"),
        ("1mo", ["1d", "1w"], "1d"),
        ("1w", ["1mo"], None),
        ("5m", ["1h"], None),
        ("5m", [], None),
    ],
)
def test_the_coarsest_interval_that_fits_is_taken(wanted: Any, offered: Any, chosen: Any) -> None:
    assert finer_interval(wanted, offered) == chosen
