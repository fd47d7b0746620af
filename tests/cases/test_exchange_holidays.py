"""The New York exchange of our calendar against a list of holidays and early closes of another project."""

import csv
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from qtrader_service_data.sessions import Sessions, day_of, sessions

FIRST, LAST = date(1998, 1, 1), date(2026, 12, 31)


@pytest.fixture(scope="module")
def table() -> Sessions:
    return sessions("XNYS", FIRST, LAST)


def read(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as lines:
        return [row for row in csv.DictReader(lines) if str(FIRST) <= row["date"] <= str(LAST)]


def test_sessions_of_29_years_are_the_weekdays_that_are_no_holiday(shared: Path, table: Sessions) -> None:
    closed = {date.fromisoformat(row["date"]) for row in read(shared / "data/calendar/us_equity_holidays.csv")}
    days = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
    found = {day_of(int(day)) for day in table.days[table.between(FIRST, LAST)]}

    assert found == {day for day in days if day.weekday() < 5} - closed


def test_early_closes_end_their_sessions(shared: Path, table: Sessions) -> None:
    """The list has a Sunday, 2017-12-24, on which nothing opens."""
    rows = read(shared / "data/calendar/us_equity_early_closes.csv")
    wanted = [datetime.fromisoformat(f"{row['date']}T{row['close_time_new_york']}") for row in rows]
    instants = {one.date(): one.replace(tzinfo=ZoneInfo("America/New_York")) for one in wanted if one.weekday() < 5}
    closes = {day: int(table.close_ns[table.first_from(day)]) // 10**9 for day in instants}

    assert len(closes) == len(wanted) - 1
    assert closes == {day: int(one.timestamp()) for day, one in instants.items()}
