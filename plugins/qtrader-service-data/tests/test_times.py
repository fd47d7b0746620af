"""Times of rows become begins and ends of bars; every expected instant is written in UTC by hand."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from qtrader import BarTable, Market
from qtrader.errors import ConfigError, DataError
from qtrader.ports import SourceFacts

Load = Callable[..., Market]
NEW_YORK = "America/New_York"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def spans(table: BarTable) -> list[tuple[str, str, str]]:
    """Begin and end of each bar in UTC, and its session."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    ends = ((table.open_ns[row], table.time_ns[row]) for row in range(len(table)))
    texts = [
        [(epoch + timedelta(microseconds=int(ns) // 1000)).strftime("%m-%d %H:%M") for ns in pair] for pair in ends
    ]
    days = [(epoch + timedelta(days=int(day))).strftime("%m-%d") for day in table.session]
    return [(begin, end, day) for (begin, end), day in zip(texts, days, strict=True)]


@pytest.fixture
def one(source: Any, rows: Any, load: Load) -> Callable[..., BarTable]:
    """Load rows with these times."""

    def loaded(times: list[Any], *, interval: str = "1d", calendar: str = "XNYS", **facts: Any) -> BarTable:
        said = SourceFacts(prices="raw", knows_actions=True, **facts)
        made = source({"X": rows(times)}, facts=said, interval=interval, calendar=calendar)
        return load(made, interval=interval).tables[0]

    return loaded


class TestDates:
    def test_are_sessions_from_open_to_close(self, one: Any) -> None:
        table = one([date(2024, 7, 3), date(2024, 11, 29)], stamp="session")

        assert spans(table) == [("07-03 13:30", "07-03 17:00", "07-03"), ("11-29 14:30", "11-29 18:00", "11-29")]

    def test_are_utc_days_without_an_exchange(self, one: Any) -> None:
        table = one([date(2024, 7, 6)], stamp="session", calendar="24/7")

        assert spans(table) == [("07-06 00:00", "07-07 00:00", "07-06")]

    def test_that_are_no_session_are_named_with_the_calendar(self, one: Any) -> None:
        with pytest.raises(DataError, match=r"X: row 2 \(2024-07-04\): time 2024-07-04 is no session of calendar XNYS"):
            one([date(2024, 7, 3), date(2024, 7, 4)], stamp="session")

    def test_of_weeks_end_with_the_weeks_last_session(self, one: Any) -> None:
        """Good Friday, 2024-03-29: the week of its Monday ends on Thursday."""
        table = one([date(2024, 3, 25)], stamp="session", interval="1w")

        assert spans(table) == [("03-25 13:30", "03-28 20:00", "03-28")]

    def test_of_months_need_not_be_sessions(self, one: Any) -> None:
        table = one([date(2024, 6, 1)], stamp="session", interval="1mo")

        assert spans(table) == [("06-03 13:30", "06-28 20:00", "06-28")]

    def test_may_be_midnights(self, one: Any) -> None:
        table = one([datetime(2024, 7, 3)], stamp="session")  # noqa: DTZ001 - what a data frame holds

        assert spans(table)[0][2] == "07-03"

    def test_may_be_midnights_of_their_own_zone(self, one: Any) -> None:
        times = pa.array([at("2024-07-03T04:00")], pa.timestamp("us", tz=NEW_YORK))

        assert spans(one(times, stamp="session"))[0][2] == "07-03"

    def test_with_a_time_of_day_are_refused(self, one: Any) -> None:
        with pytest.raises(
            DataError, match=r"row 1 \(2024-07-03 16:00:00\): time .* is a time and not a date, but stamp is 'session'"
        ):
            one([datetime(2024, 7, 3, 16)], stamp="session")  # noqa: DTZ001

    def test_cannot_be_minutes(self, one: Any) -> None:
        with pytest.raises(ConfigError, match="a bar of 1m needs a time; say stamp: start"):
            one([date(2024, 7, 3)], stamp="session", interval="1m")

    def test_need_stamp_session(self, one: Any) -> None:
        with pytest.raises(ConfigError, match="times are dates, but stamp is 'end'; say stamp: session"):
            one([date(2024, 7, 3)], stamp="end")

    def test_without_stamp_are_sessions(self, one: Any) -> None:
        assert spans(one([date(2024, 7, 3)]))[0][2] == "07-03"

    def test_with_a_time_and_without_stamp_are_refused(self, one: Any) -> None:
        with pytest.raises(ConfigError, match="X: it is not declared what a row's time is; say stamp"):
            one([at("2024-07-05T13:30")], interval="1m")


class TestDailyBarsWithTimes:
    def test_stamped_with_local_midnight_belong_to_that_date(self, one: Any) -> None:
        table = one([at("2024-07-03T04:00")], stamp="start")

        assert spans(table) == [("07-03 13:30", "07-03 17:00", "07-03")]

    def test_stamped_with_the_close_belong_to_its_session(self, one: Any) -> None:
        table = one([at("2024-07-05T20:00")], stamp="end")

        assert spans(table)[0][2] == "07-05"

    def test_stamped_with_the_end_of_a_utc_day_belong_to_that_day(self, one: Any) -> None:
        table = one([at("2024-07-06T00:00")], stamp="end", calendar="24/7")

        assert spans(table) == [("07-05 00:00", "07-06 00:00", "07-05")]

    def test_outside_every_session_are_refused(self, one: Any) -> None:
        with pytest.raises(
            DataError, match=r"neither in a session of calendar XNYS nor on the date of one in America/New_York"
        ):
            one([at("2024-07-04T16:00")], stamp="start")


class TestIntradayBars:
    def test_stamped_with_their_start_end_an_interval_later(self, one: Any) -> None:
        table = one([at("2024-07-05T13:30")], stamp="start", interval="5m")

        assert spans(table) == [("07-05 13:30", "07-05 13:35", "07-05")]

    def test_stamped_with_their_end_begin_an_interval_earlier(self, one: Any) -> None:
        table = one([at("2024-07-05T13:35")], stamp="end", interval="5m")

        assert spans(table) == [("07-05 13:30", "07-05 13:35", "07-05")]

    def test_end_with_the_session_at_the_latest(self, one: Any) -> None:
        table = one([at("2024-07-03T16:30")], stamp="start", interval="1h")

        assert spans(table) == [("07-03 16:30", "07-03 17:00", "07-03")]

    def test_begin_with_the_session_at_the_earliest(self, one: Any) -> None:
        table = one([at("2024-07-05T13:00")], stamp="start", interval="1h")

        assert spans(table) == [("07-05 13:30", "07-05 14:00", "07-05")]

    def test_outside_the_sessions_are_left_out_and_counted(self, source: Any, rows: Any, load: Load) -> None:
        times = [at("2024-07-05T13:29"), at("2024-07-05T13:30"), at("2024-07-05T20:00")]
        facts = SourceFacts(prices="raw", stamp="start", knows_actions=True)

        market = load(source({"X": rows(times, volume=[1, 2, 3])}, facts=facts, interval="1m"), interval="1m")

        assert market.tables[0].volume.tolist() == [2]
        assert "X: 2 rows outside the sessions of XNYS are left out" in market.warnings

    def test_all_outside_are_an_error(self, one: Any) -> None:
        with pytest.raises(DataError, match="the only row lies outside the sessions of XNYS; check calendar, zone"):
            one([at("2024-07-05T01:00")], stamp="start", interval="1m")

    def test_that_overlap_are_refused(self, one: Any) -> None:
        with pytest.raises(DataError, match=r"row 2 .* is not 5m after the row before; say the right interval"):
            one([at("2024-07-05T13:30"), at("2024-07-05T13:31")], stamp="start", interval="5m")


class TestNaiveTimes:
    @pytest.mark.parametrize(("day", "begin"), [(8, "03-08 14:30"), (11, "03-11 13:30")])
    def test_are_read_in_the_declared_zone(self, one: Any, day: int, begin: str) -> None:
        """Clocks in New York went forward on 2024-03-10."""
        table = one([datetime(2024, 3, day, 9, 30)], stamp="start", interval="1m", zone=NEW_YORK)  # noqa: DTZ001

        assert spans(table)[0][0] == begin

    def test_need_a_zone(self, one: Any) -> None:
        with pytest.raises(ConfigError, match=r"times have no zone; say which, e\.g\. zone: America/New_York"):
            one([datetime(2024, 3, 8, 9, 30)], stamp="start", interval="1m")  # noqa: DTZ001

    def test_that_are_there_twice_are_named(self, one: Any) -> None:
        times = [datetime(2024, 11, 3, 0, 30), datetime(2024, 11, 3, 1, 30)]  # noqa: DTZ001

        with pytest.raises(DataError, match=r"row 2 \(2024-11-03 01:30:00\): time .* is there twice or never"):
            one(times, stamp="start", interval="1m", zone=NEW_YORK, calendar="24/7")

    def test_that_never_were_are_named(self, one: Any) -> None:
        with pytest.raises(DataError, match=r"row 1 \(2024-03-10 02:30:00\): time .* is there twice or never"):
            one([datetime(2024, 3, 10, 2, 30)], stamp="start", interval="1m", zone=NEW_YORK)  # noqa: DTZ001

    def test_in_an_unknown_zone_are_refused(self, one: Any) -> None:
        with pytest.raises(ConfigError, match="zone 'America/Nowhere' is not known"):
            one([datetime(2024, 3, 8, 9, 30)], stamp="start", interval="1m", zone="America/Nowhere")  # noqa: DTZ001


class TestAllTimes:
    @pytest.mark.parametrize(("second", "what"), [(3, "is there twice"), (2, "is earlier than a row before")])
    def test_must_rise(self, one: Any, second: int, what: str) -> None:
        with pytest.raises(DataError, match=rf"X: row 2 \(2024-07-0{second}\): time .* {what}"):
            one([date(2024, 7, 3), date(2024, 7, second)], stamp="session")

    def test_must_rise_within_a_day(self, one: Any) -> None:
        with pytest.raises(DataError, match=r"row 2 .*is there twice"):
            one([at("2024-07-05T13:30")] * 2, stamp="start", interval="1m")

    def test_must_be_there(self, one: Any) -> None:
        with pytest.raises(DataError, match=r"X: row 2 \(no time\): time has no value"):
            one([date(2024, 7, 3), None], stamp="session")

    def test_must_be_whole_microseconds(self, one: Any) -> None:
        times = pa.array([1720186200_000_000_000, 1720186260_000_000_001], pa.timestamp("ns", tz="UTC"))

        with pytest.raises(DataError, match=r"row 2 .*finer than a microsecond"):
            one(times, stamp="start", interval="1m")

    def test_must_lie_in_the_range_of_64_bits(self, one: Any) -> None:
        times = pa.array([10_000_000_000], pa.timestamp("s", tz="UTC"))

        with pytest.raises(DataError, match="is not between 1700 and 2199"):
            one(times, stamp="start", interval="1m", calendar="24/7")
