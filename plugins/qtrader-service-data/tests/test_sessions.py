from datetime import UTC, date, datetime

import pytest

from qtrader.errors import ConfigError, DataError
from qtrader_service_data.sessions import Sessions, day_of, sessions

HOUR = 3600 * 10**9


def instant(year: int, month: int, day: int, hour: int, minute: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp()) * 10**9


@pytest.fixture(scope="module")
def year_2024() -> tuple[Sessions, slice]:
    table = sessions("XNYS", date(2024, 1, 2), date(2024, 12, 31))
    return table, table.between(date(2024, 1, 1), date(2024, 12, 31))


class TestNewYork2024:
    def test_has_252_sessions(self, year_2024: tuple[Sessions, slice]) -> None:
        _, rows = year_2024

        assert rows.stop - rows.start == 252

    def test_opens_at_1330_utc_in_summer_and_1430_in_winter(self, year_2024: tuple[Sessions, slice]) -> None:
        table, rows = year_2024
        minutes = (table.open_ns[rows] // (60 * 10**9) % 1440).tolist()

        assert (minutes.count(13 * 60 + 30), minutes.count(14 * 60 + 30)) == (165, 87)

    def test_closes_early_on_three_days(self, year_2024: tuple[Sessions, slice]) -> None:
        table, rows = year_2024
        short = table.close_ns[rows] - table.open_ns[rows] < 6 * HOUR

        assert [day_of(int(day)) for day in table.days[rows][short]] == [
            date(2024, 7, 3),
            date(2024, 11, 29),
            date(2024, 12, 24),
        ]

    def test_closes_at_1800_utc_on_29_november(self, year_2024: tuple[Sessions, slice]) -> None:
        table, _ = year_2024

        assert int(table.close_ns[table.first_from(date(2024, 11, 29))]) == instant(2024, 11, 29, 18)

    def test_is_in_the_zone_of_new_york(self, year_2024: tuple[Sessions, slice]) -> None:
        assert year_2024[0].zone == "America/New_York"


def test_always_open_trades_on_every_utc_day() -> None:
    table = sessions("24/7", date(2024, 2, 28), date(2024, 3, 1))
    row = table.first_from(date(2024, 2, 29))

    assert (int(table.open_ns[row]), int(table.close_ns[row])) == (instant(2024, 2, 29, 0), instant(2024, 3, 1, 0))


def test_an_unknown_calendar_is_named_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"no exchange calendar is called 'XNY'; did you mean .*XNYS"):
        sessions("XNY", date(2024, 1, 1), date(2024, 12, 31))


def test_a_calendar_like_no_other_gets_examples() -> None:
    with pytest.raises(ConfigError, match=r"use e.g. XNYS"):
        sessions("::", date(2024, 1, 1), date(2024, 12, 31))


def test_dates_beyond_a_calendar_are_refused() -> None:
    with pytest.raises(DataError, match="calendar XHKG does not know 2050-01-03 to 2055-01-01"):
        sessions("XHKG", date(2050, 1, 3), date(2055, 1, 1))


def test_a_calendar_that_begins_within_a_year_is_taken_from_its_beginning() -> None:
    table = sessions("XSHG", date(1990, 12, 20), date(1990, 12, 28))

    assert day_of(int(table.days[0])) == date(1990, 12, 20)


def test_last_session_on_or_before_a_sunday_is_friday() -> None:
    table = sessions("XNYS", date(2013, 1, 2), date(2013, 3, 3))

    assert day_of(int(table.days[table.last_until(date(2013, 3, 3))])) == date(2013, 3, 1)


def test_tables_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        sessions("XNYS", date(2013, 1, 2), date(2013, 3, 3)).days[0] = 0
