"""``qtrader data check`` on real files: what is known of them from elsewhere is what it finds."""

import csv
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest


def checked(desk: Any, path: Path, *options: str) -> dict[str, Any]:
    """The JSON document of a file in which nothing is wrong."""
    found: dict[str, Any] = json.loads(desk.good("data", "check", path, "--json", *options))
    return found


def of_kind(report: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The items of all problems of a kind."""
    return [item for problem in report["problems"] if problem["kind"] == kind for item in problem["items"]]


def splits_of(shared: Path, symbol: str, least: float) -> set[tuple[str, int, int]]:
    """The splits of at least so many new shares for one old that the data's own list of actions has."""
    rows = csv.DictReader((shared / "data/equity_actions.csv").read_text(encoding="utf-8").splitlines())
    return {
        (row["ex_date"], round(float(row["split_ratio"])), 1)
        for row in rows
        if row["symbol"] == symbol and row["type"] == "split" and float(row["split_ratio"]) >= least
    }


@pytest.mark.parametrize("symbol", ["AAPL", "SPY", "IBM", "BAC", "GOOG", "FB"])
def test_suspected_splits_are_those_that_happened_and_no_other(desk: Any, shared: Path, symbol: str) -> None:
    report = checked(desk, shared / f"data/equity_daily/{symbol}.parquet")

    found = {(item["time"], item["numerator"], item["denominator"]) for item in of_kind(report, "suspected-splits")}
    assert found == splits_of(shared, symbol, least=1.5)


def test_four_splits_of_apple_are_named_with_line_and_action(desk: Any, shared: Path) -> None:
    path = shared / "data/equity_daily_csv/AAPL.csv"
    lines = path.read_text(encoding="utf-8").splitlines()

    items = of_kind(checked(desk, path), "suspected-splits")

    assert [item["action"] for item in items] == [
        "AAPL,split,2000-06-21,2,1",
        "AAPL,split,2005-02-28,2,1",
        "AAPL,split,2014-06-09,7,1",
        "AAPL,split,2020-08-31,4,1",
    ]
    assert [lines[item["row"] - 1][:10] for item in items] == [item["time"] for item in items]


def test_splits_that_are_told_are_no_longer_suspected(desk: Any, shared: Path) -> None:
    path = shared / "data/equity_daily_csv/AAPL.csv"
    actions = [item["action"] for item in of_kind(checked(desk, path), "suspected-splits")]
    desk.write("actions.csv", "\n".join(["symbol,action_type,ex_date,numerator,denominator", *actions[1:]]) + "\n")

    left = of_kind(checked(desk, path, "--actions", "actions.csv"), "suspected-splits")

    assert [item["time"] for item in left] == ["2000-06-21"]


def test_adjusted_prices_are_suspected_of_nothing(desk: Any, shared: Path) -> None:
    """WIKI's adjusted close as all four prices: no jump is left in it."""
    table = pq.read_table(shared / "data/wiki_daily/AAPL.parquet", columns=["date", "adj_close"])
    prices = dict.fromkeys(("open", "high", "low", "close"), table.column("adj_close"))
    pq.write_table(type(table).from_pydict({"date": table.column("date"), **prices}), desk.folder / "aapl.parquet")

    report = json.loads(desk("data", "check", "aapl.parquet", "--json", "--decimals", "4").out)

    assert of_kind(report, "suspected-splits") == []


def test_daily_stocks_are_sessions_of_new_york_without_a_gap(desk: Any, shared: Path) -> None:
    report = checked(desk, shared / "data/equity_daily/SPY.parquet")

    assert (report["calendar"]["value"], report["stamp"]["value"]) == ("XNYS", "session")
    assert of_kind(report, "missing-sessions") == []


def test_missing_sessions_are_the_weekdays_that_were_no_holidays(desk: Any, shared: Path) -> None:
    """Ten rows taken out of SPY: the calendar of holidays that comes with the data says that they were sessions."""
    table = pq.read_table(shared / "data/equity_daily/SPY.parquet")
    days = [one.date() for one in table.column("date").to_pylist()]
    gone = {*days[100:105], days[900], *days[2000:2004]}
    pq.write_table(table.filter([day not in gone for day in days]), desk.folder / "spy.parquet")
    holidays = {
        date.fromisoformat(line) for line in (shared / "data/calendar/us_equity_holidays.csv").read_text().split()[1:]
    }
    assert all(day.weekday() < 5 and day not in holidays for day in gone)

    items = of_kind(checked(desk, Path("spy.parquet"), "--calendar", "XNYS"), "missing-sessions")

    assert [(item["first"], item["last"], item["sessions"]) for item in items] == [
        (str(days[100]), str(days[104]), 5),
        (str(days[900]), str(days[900]), 1),
        (str(days[2000]), str(days[2003]), 4),
    ]


def test_days_that_a_coin_lacks_are_named(desk: Any, shared: Path) -> None:
    path = shared / "data/crypto_daily/BTCUSD_coinbase.parquet"
    days = {one.date() for one in pq.read_table(path).column("date").to_pylist()}
    every = [min(days) + timedelta(days=number) for number in range((max(days) - min(days)).days + 1)]
    missing = [day for day in every if day not in days]
    assert len(missing) == 34

    report = checked(desk, path)

    named = [
        date.fromisoformat(item["first"]) + timedelta(days=number)
        for item in of_kind(report, "missing-sessions")
        for number in range(item["sessions"])
    ]
    assert report["calendar"]["value"] == "24/7"
    assert named == missing


def test_wild_prints_of_a_coin_are_outliers(desk: Any, shared: Path) -> None:
    path = shared / "data/crypto_daily/BTCUSD_coinbase.parquet"
    table = pq.read_table(path)
    days = [str(one.date()) for one in table.column("date").to_pylist()]

    items = of_kind(checked(desk, path), "outliers")

    assert {item["time"] for item in items} == {"2015-01-14", "2017-04-15"}
    assert [days[item["row"] - 1] for item in items] == [item["time"] for item in items]
    assert [table.column(item["column"])[item["row"] - 1].as_py() for item in items] == [
        item["value"] for item in items
    ]


@pytest.mark.parametrize("symbol", ["AAPL", "GOOG", "IBM", "MSFT"])
def test_a_clean_vendor_has_no_outlier(desk: Any, shared: Path, symbol: str) -> None:
    assert of_kind(checked(desk, shared / f"data/wiki_daily/{symbol}.parquet"), "outliers") == []


@pytest.mark.parametrize(
    ("name", "calendar", "stamp"),
    [
        ("equity_minute/SPY_20131004_20131011_trade", "XNYS", "start"),
        ("equity_minute/AAPL_20140605_20140609_trade", "XNYS", "start"),
        ("equity_hour/AAPL_2014", "XNYS", "start"),
        ("crypto_minute/BTCPERP_20211231_20220114", "24/7", "end"),
        ("fx_minute/EURUSD_oanda_20140501_20140515", "24/7", "start"),
        ("fx_minute/USDJPY_fxcm_201302", "24/7", "start"),
    ],
)
def test_calendar_and_stamp_are_those_that_the_data_is_known_to_have(
    desk: Any, shared: Path, name: str, calendar: str, stamp: str
) -> None:
    report = json.loads(desk("data", "check", shared / f"data/{name}.parquet", "--json").out)

    assert (report["calendar"]["value"], report["stamp"]["value"]) == (calendar, stamp)
    assert report["zone"]["value"] == "UTC"


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/London", "Asia/Tokyo"])
def test_zone_of_naive_times_is_found_by_the_sessions(desk: Any, shared: Path, zone: str) -> None:
    """The same year of hours, written on the clocks of three cities: daylight saving changes tell them apart."""
    import pyarrow as pa
    import pyarrow.compute as pc

    table = pq.read_table(shared / "data/equity_hour/AAPL_2014.parquet")
    local = pc.local_timestamp(table.column("ts").cast(pa.timestamp("us", tz=zone)))
    pq.write_table(table.set_column(0, "ts", local), desk.folder / "hours.parquet")

    report = checked(desk, Path("hours.parquet"))

    assert (report["zone"]["value"], report["calendar"]["value"], report["stamp"]["value"]) == (zone, "XNYS", "start")


def test_bars_moved_to_their_ends_are_told_from_starts(desk: Any, shared: Path) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    table = pq.read_table(shared / "data/equity_hour/SPY_2013_2014.parquet")
    moved = pc.add(table.column("ts"), pa.scalar(timedelta(hours=1)))
    pq.write_table(table.set_column(0, "ts", moved), desk.folder / "hours.parquet")

    assert checked(desk, Path("hours.parquet"))["stamp"]["value"] == "end"


def test_rows_before_the_open_and_after_the_close_are_counted(desk: Any, shared: Path) -> None:
    path = shared / "data/equity_minute/SPY_20131004_20131011_trade.parquet"
    marks = pq.read_table(path).column("session").to_pylist()

    items = of_kind(checked(desk, path), "outside-sessions")

    assert [item["rows"] for item in items] == [sum(mark != "regular" for mark in marks)]
