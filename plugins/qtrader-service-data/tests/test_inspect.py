"""What a check says about rows made by hand: stamps, zones, gaps, prints and splits at the edges of its rules."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from qtrader_service_data.inspect.boundaries import boundary
from qtrader_service_data.inspect.cells import floats
from qtrader_service_data.inspect.clock import interval_of, kind_of
from qtrader_service_data.inspect.gaps import missing_bars, outside_sessions
from qtrader_service_data.inspect.market import Declared, settle
from qtrader_service_data.inspect.prints import wild_prints
from qtrader_service_data.inspect.series import Series
from qtrader_service_data.inspect.splits import suspected_splits
from qtrader_service_data.sessions import sessions

MINUTE = 60_000_000_000
NEW_YORK = ZoneInfo("America/New_York")


def ns(moment: datetime) -> int:
    """Nanoseconds since 1970."""
    return int(moment.timestamp()) * 1_000_000_000


def series(times: list[int], closes: Any, *, dated: bool = False, **columns: Any) -> Series:
    """Bars of one price each unless a column says otherwise, numbered from 1."""
    closes = np.asarray(closes, dtype=np.float64)
    prices = {
        name: np.asarray(columns.get(name, closes), dtype=np.float64) for name in ("open", "high", "low", "close")
    }
    volume = np.asarray(columns["volume"], dtype=np.float64) if "volume" in columns else None
    stamps = np.asarray(times, dtype=np.int64)
    every = np.ones(len(stamps), dtype=np.bool_)
    return Series("X", "row", dated, np.arange(1, len(stamps) + 1), stamps, every, prices, volume)


def days(count: int) -> list[int]:
    """So many days from Monday, 1 January 2024."""
    return [ns(datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=number)) for number in range(count)]


def half_hours(first_minute: int) -> list[datetime]:
    """Thirteen half hours of five sessions of New York, in its own time; the first 09:30 and so many minutes."""
    return [
        datetime(2024, 3, day, 9, 30, tzinfo=UTC) + timedelta(minutes=first_minute + 30 * number)
        for day in (4, 5, 6, 7, 8)
        for number in range(13)
    ]


class TestStampAndZone:
    """Half hours from 09:30 to 16:00: stamped 09:30 to 15:30 by their starts, 10:00 to 16:00 by their ends."""

    @pytest.mark.parametrize(("first_minute", "stamp"), [(0, "start"), (30, "end")])
    def test_bars_at_the_edges_tell_starts_from_ends(self, first_minute: int, stamp: str) -> None:
        times = [ns(moment.replace(tzinfo=NEW_YORK)) for moment in half_hours(first_minute)]

        found = settle(series(times, [10.0] * 65), "aware", "30m", Declared(calendar="XNYS"))

        assert found.stamp.value == stamp
        assert found.zone.value == "UTC"

    @pytest.mark.parametrize(("first_minute", "stamp"), [(0, "start"), (30, "end")])
    def test_naive_times_are_in_the_zone_whose_sessions_they_fill(self, first_minute: int, stamp: str) -> None:
        times = [ns(moment) for moment in half_hours(first_minute)]

        found = settle(series(times, [10.0] * 65), "naive", "30m", Declared())

        assert (found.calendar.value, found.zone.value, found.stamp.value) == ("XNYS", "America/New_York", stamp)

    def test_trading_around_the_session_leaves_the_leap_at_the_open(self) -> None:
        """Minutes from 09:00 to 16:29, the one from 09:30 ten times as busy as the one before."""
        begins = [
            datetime(2024, 3, day, 9, tzinfo=NEW_YORK) + timedelta(minutes=n) for day in (4, 5, 6) for n in range(450)
        ]
        volume = [1000 if moment.hour * 60 + moment.minute == 570 else 100 for moment in begins]
        table = sessions("XNYS", date(2024, 3, 4), date(2024, 3, 6))
        activity = np.asarray(volume, dtype=np.float64)
        starts = np.array([ns(moment) for moment in begins])

        assert [boundary(times, activity, MINUTE, table) for times in (starts, starts + MINUTE)] == [
            type(boundary(starts, activity, MINUTE, table))(sessions=3, starts=3, ends=0),
            type(boundary(starts, activity, MINUTE, table))(sessions=3, starts=0, ends=3),
        ]

    def test_nothing_is_said_where_nothing_speaks(self) -> None:
        """A coin with the same volume in every minute."""
        times = [ns(datetime(2024, 3, 4, tzinfo=UTC)) + number * MINUTE for number in range(3000)]

        found = settle(series(times, [10.0] * 3000, volume=[5] * 3000), "naive", "1m", Declared())

        assert (found.calendar.value, found.zone.value, found.stamp.value) == ("24/7", None, None)

    def test_what_is_declared_is_kept(self) -> None:
        times = [ns(moment) for moment in half_hours(0)]
        declared = Declared(calendar="XLON", zone="Europe/Paris", stamp="end")

        found = settle(series(times, [10.0] * 65), "naive", "30m", declared)

        assert (found.calendar.value, found.zone.value, found.stamp.value) == ("XLON", "Europe/Paris", "end")
        assert found.stamp.declared


class TestInterval:
    @pytest.mark.parametrize(
        ("steps", "interval"),
        [([60, 60, 120, 60], "1m"), ([86400, 86400, 259200], "1d"), ([604800] * 3, "1w"), ([2678400, 2505600], "1mo"),
         ([61, 61], None)],
    )  # fmt: skip
    def test_is_the_usual_step(self, steps: list[int], interval: str | None) -> None:
        times = np.cumsum([0, *steps]) * 1_000_000_000

        assert interval_of(times).value == interval

    @pytest.mark.parametrize(
        ("cells", "kind"),
        [
            (pa.array([date(2024, 1, 2)]), "date"),
            (pa.array([np.datetime64("2024-01-02", "us")]), "date"),
            (pa.array([np.datetime64("2024-01-02T09:30", "us")]), "naive"),
            (pa.array([datetime(2024, 1, 2, tzinfo=UTC)], pa.timestamp("us", tz="UTC")), "aware"),
        ],
        ids=["date", "naive-midnight", "naive", "aware"],
    )
    def test_kind_of_times(self, cells: Any, kind: str) -> None:
        assert kind_of(cells) == kind


class TestGaps:
    """XNYS on Friday, 5 July 2024: 09:30 to 16:00 in New York is 13:30 to 20:00 UTC, 390 minutes."""

    table = sessions("XNYS", date(2024, 7, 3), date(2024, 7, 8))
    open_ns = ns(datetime(2024, 7, 5, 13, 30, tzinfo=UTC))

    def test_missing_bars_are_counted_from_longest_to_shortest(self) -> None:
        kept = [minute for minute in range(390) if minute not in (10, 100, 101, 102)]
        begins = np.array([self.open_ns + minute * MINUTE for minute in kept])

        problem = missing_bars(series(begins.tolist(), [10.0] * 386), begins, MINUTE, self.table)

        assert problem is not None
        assert problem.title.startswith("4 of 390 bars are missing")
        assert list(problem.items) == [
            {"after": "2024-07-05 15:09:00", "bars": 3},
            {"after": "2024-07-05 13:39:00", "bars": 1},
        ]

    def test_the_night_is_no_gap(self) -> None:
        """The half day of 3 July ends at 17:00 UTC; the next bar is that of the open on 5 July."""
        begins = np.array([ns(datetime(2024, 7, 3, 16, 59, tzinfo=UTC)), self.open_ns])

        assert missing_bars(series(begins.tolist(), [10.0, 10.0]), begins, MINUTE, self.table) is None

    def test_rows_outside_are_told_by_day(self) -> None:
        """One before the open, one after the close, two on a Saturday, one inside."""
        hours = ((5, 13, 29), (5, 14, 0), (5, 20, 0), (6, 15, 0), (6, 16, 0))
        moments = [datetime(2024, 7, day, hour, minute, tzinfo=UTC) for day, hour, minute in hours]
        begins = np.array([ns(moment) for moment in moments])

        problem = outside_sessions(series(begins.tolist(), [10.0] * 5), begins, MINUTE, self.table)

        assert problem is not None
        assert problem.items[0]["rows"] == 4


class TestPrints:
    """Sixty days that go up and down by one per cent."""

    closes = np.where(np.arange(60) % 2 == 0, 100.0, 101.0)

    @pytest.mark.parametrize(("column", "value"), [("low", 50.0), ("high", 200.0), ("close", 60.0), ("open", 160.0)])
    def test_each_price_can_stick_out(self, column: str, value: float) -> None:
        wild = self.closes.copy()
        wild[30] = value

        problem = wild_prints(
            series(days(60), self.closes, **{column: wild}) if column != "close" else series(days(60), wild)
        )

        assert problem is not None
        assert [item["row"] for item in problem.items] == [31]

    def test_a_move_that_stays_is_none(self) -> None:
        moved = np.where(np.arange(60) < 30, self.closes, self.closes * 2)

        assert wild_prints(series(days(60), moved)) is None

    def test_a_move_that_others_make_too_is_none(self) -> None:
        """Every third day falls by a fifth and comes back: that is how this one moves."""
        rough = np.where(np.arange(60) % 3 == 0, 80.0, 100.0)

        assert wild_prints(series(days(60), rough)) is None


class TestSplits:
    def jump(self, ratio: float, *, volume: float = 100.0, back: bool = False) -> list[str]:
        """The actions suspected in sixty calm days of which the second half has prices divided by a ratio."""
        closes = np.where(np.arange(60) % 2 == 0, 100.0, 101.0) / np.where(np.arange(60) < 30, 1.0, ratio)
        if back:
            closes[31:] *= ratio
        volumes = np.full(60, 100.0)
        volumes[30] = volume
        problem = suspected_splits(series(days(60), closes, dated=True, volume=volumes), (), prices=None)
        return [] if problem is None else [str(item["action"]) for item in problem.items]

    @pytest.mark.parametrize(
        ("ratio", "told"),
        [(2, "split,2024-01-31,2,1"), (7, "split,2024-01-31,7,1"), (1.5, "split,2024-01-31,3,2"),
         (0.1, "reverse_split,2024-01-31,1,10"), (1.25, "split,2024-01-31,5,4")],
    )  # fmt: skip
    def test_simple_ratios_are_suspected(self, ratio: float, told: str) -> None:
        assert self.jump(ratio) == [f"X,{told}"]

    @pytest.mark.parametrize("ratio", [1.1, 1.7, 2.3])
    def test_other_ratios_are_not(self, ratio: float) -> None:
        assert self.jump(ratio) == []

    def test_more_volume_than_new_shares_explain_is_a_crash(self) -> None:
        assert self.jump(2, volume=790.0) == ["X,split,2024-01-31,2,1"]
        assert self.jump(2, volume=810.0) == []

    def test_a_price_that_comes_back_is_a_wild_print(self) -> None:
        assert self.jump(2, back=True) == []

    def test_splits_that_are_known_are_not_told(self) -> None:
        closes = np.where(np.arange(60) < 30, 100.0, 50.0)
        known = (date(2024, 1, 31) - date(1970, 1, 1)).days

        assert suspected_splits(series(days(60), closes, dated=True), (known,), prices=None) is None


@pytest.mark.parametrize(
    ("cells", "point", "expected"),
    [
        (["1.5", " 2 ", "x", "", None], ".", [1.5, 2.0, None, None, None]),
        (["1,5", "2"], ",", [1.5, 2.0]),
        ([1, None], ".", [1.0, None]),
    ],
    ids=["text", "comma", "whole"],
)
def test_cells_that_are_no_numbers_are_nan(cells: list[Any], point: str, expected: list[float | None]) -> None:
    found = floats(pa.chunked_array([cells]), point).tolist()

    assert [None if np.isnan(value) else value for value in found] == expected
