"""``qtrader data check`` on files with one thing wrong: the row, the column, the value, and what to do."""

import json
import os
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

HEADER = "Date,Open,High,Low,Close,Volume"
START = date(2024, 1, 1)
"""A Monday; every day is a session of 24/7."""


def rows(count: int = 40) -> list[str]:
    """Calm daily bars: prices move by a cent, volume is 100."""
    lines = []
    for number in range(count):
        close = f"10.{number % 3}"
        lines.append(f"{START + timedelta(days=number)},10.1,10.3,9.9,{close},100")
    return lines


@pytest.fixture
def dirty(desk: Any) -> Callable[..., dict[str, Any]]:
    """Check forty rows of which some were replaced; the exit code comes in the report."""

    def check(changes: dict[int, str], *options: str, header: str = HEADER) -> dict[str, Any]:
        lines = rows()
        for number, line in changes.items():
            lines[number - 2] = line
        desk.write("x.csv", "\n".join([header, *lines]) + "\n")
        done = desk("data", "check", "x.csv", "--calendar", "24/7", "--json", *options)
        return {**json.loads(done.out), "code": done.code}

    return check


def bad(report: dict[str, Any]) -> list[tuple[int, str, str]]:
    """Line, column and value of every bad row."""
    assert report["code"] == 2
    assert not report["clean"]
    return [
        (item["row"], item["column"], item["value"])
        for problem in report["problems"]
        if problem["level"] == "error"
        for item in problem["items"]
    ]


def of_kind(report: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [item for problem in report["problems"] if problem["kind"] == kind for item in problem["items"]]


def test_calm_rows_are_clean(dirty: Callable[..., dict[str, Any]]) -> None:
    report = dirty({})

    assert (report["code"], report["clean"], report["problems"]) == (0, True, [])


@pytest.mark.parametrize(
    ("line", "column", "value"),
    [
        ("2024-01-10,,10.3,9.9,10,100", "Open", ""),
        ("2024-01-10,ten,10.3,9.9,10,100", "Open", "'ten'"),
        ("2024-01-10,10.1,10.3,9.9,NaN,100", "Close", "'NaN'"),
        ("2024-01-10,10.1,inf,9.9,10,100", "High", "'inf'"),
        ("2024-01-10,10.1,9.9,9.9,10,100", "High", "(open 10.1, high 9.9, low 9.9, close 10)"),
        ("2024-01-10,10.1,10.3,10.2,10,100", "Low", "(open 10.1, high 10.3, low 10.2, close 10)"),
        ("2024-01-10,10.1,10.3,0,10,100", "Low", "'0'"),
        ("2024-01-10,10.1,10.3,9.9,10,-5", "Volume", "'-5'"),
        ("2024-01-10,10.1,10.3,9.9,10", "the row", "'2024-01-10,10.1,10.3,9.9,10'"),
        ("2024-02-30,10.1,10.3,9.9,10,100", "Date", "'2024-02-30'"),
        ("2024-01-09,10.1,10.3,9.9,10,100", "Date", "2024-01-09"),
        ("2024-01-03,10.1,10.3,9.9,10,100", "Date", "2024-01-03"),
    ],
    ids=["empty", "text", "nan", "infinite", "high", "low", "zero", "volume", "short", "no-day", "twice", "backward"],
)
def test_a_bad_row_is_named_by_line_column_and_value(
    dirty: Callable[..., dict[str, Any]], line: str, column: str, value: str
) -> None:
    assert bad(dirty({11: line})) == [(11, column, value)]


def test_every_bad_row_is_named_and_says_what_to_do(dirty: Callable[..., dict[str, Any]]) -> None:
    report = dirty({5: "2024-01-04,x,10.3,9.9,10,100", 9: "2024-01-08,y,10.3,9.9,10,100", 20: "2024-01-19,1,2,3,4,5"})

    assert {row for row, _, _ in bad(report)} == {5, 9, 20}
    assert [one["title"] for one in report["problems"] if one["level"] == "error"] == [
        "2 rows: Open is not a number",
        "1 row: Low is above open or close",
    ]
    assert all(one["fix"] for one in report["problems"])


def test_a_date_without_a_session_is_refused_by_the_calendar(desk: Any) -> None:
    desk.write("x.csv", "\n".join([HEADER, *rows()]) + "\n")

    report = json.loads(desk("data", "check", "x.csv", "--calendar", "XNYS", "--json").out)

    wrong = {item["time"] for item in of_kind(report, "bad-rows")}
    assert {"2024-01-01", "2024-01-06", "2024-01-07", "2024-01-15"} <= wrong  # New Year, a weekend, Martin Luther King
    assert "2024-01-02" not in wrong


def test_a_gap_is_named_from_its_first_to_its_last_session(dirty: Callable[..., dict[str, Any]], desk: Any) -> None:
    lines = rows()
    desk.write("x.csv", "\n".join([HEADER, *lines[:9], *lines[12:]]) + "\n")

    report = json.loads(desk.good("data", "check", "x.csv", "--calendar", "24/7", "--json"))

    assert of_kind(report, "missing-sessions") == [{"first": "2024-01-10", "last": "2024-01-12", "sessions": 3}]


def test_a_bad_row_is_no_gap(dirty: Callable[..., dict[str, Any]]) -> None:
    assert of_kind(dirty({11: "2024-01-10,x,10.3,9.9,10,100"}), "missing-sessions") == []


def test_a_price_that_nothing_confirms_is_an_outlier(dirty: Callable[..., dict[str, Any]]) -> None:
    report = dirty({11: "2024-01-10,10.1,10.3,1.01,10,100"})

    assert report["code"] == 0
    assert [(one["row"], one["column"], one["value"]) for one in of_kind(report, "outliers")] == [(11, "low", 1.01)]


@pytest.mark.parametrize(
    ("factor", "action"), [(0.5, "x,split,2024-01-21,2,1"), (10, "x,reverse_split,2024-01-21,1,10")]
)
def test_a_jump_that_stays_is_a_suspected_split(desk: Any, factor: float, action: str) -> None:
    lines = rows()
    for number in range(20, 40):
        day, *prices, volume = lines[number].split(",")
        lines[number] = ",".join([day, *(f"{float(price) * factor:.2f}" for price in prices), volume])
    desk.write("x.csv", "\n".join([HEADER, *lines]) + "\n")

    report = json.loads(desk.good("data", "check", "x.csv", "--calendar", "24/7", "--json"))

    assert [one["action"] for one in of_kind(report, "suspected-splits")] == [action]


def test_a_crash_with_much_volume_is_no_split(desk: Any) -> None:
    lines = rows()
    for number in range(20, 40):
        day, *prices, _ = lines[number].split(",")
        volume = "9000" if number == 20 else "300"
        lines[number] = ",".join([day, *(f"{float(price) * 0.5:.2f}" for price in prices), volume])
    desk.write("x.csv", "\n".join([HEADER, *lines]) + "\n")

    report = json.loads(desk.good("data", "check", "x.csv", "--calendar", "24/7", "--json"))

    assert of_kind(report, "suspected-splits") == []


def test_stretches_without_volume_and_of_one_price_are_named(dirty: Callable[..., dict[str, Any]]) -> None:
    still = {number: f"{START + timedelta(days=number - 2)},10,10,10,10,0" for number in range(11, 18)}

    report = dirty(still)

    stretch = [{"first": "2024-01-10", "last": "2024-01-16", "rows": 7}]
    assert (of_kind(report, "zero-volume"), of_kind(report, "constant-price")) == (stretch, stretch)


@pytest.mark.parametrize(
    ("lines", "options"),
    [
        (["Date;Open;High;Low;Close", "02.01.2024;10,5;11;9,5;10"], {"delimiter": ";", "decimal_point": ","}),
        (["Date\tOpen\tHigh\tLow\tClose", "2024-01-02\t10.5\t11\t9.5\t10"], {"delimiter": "\t"}),
        (["Date,Open,High,Low,Close", "20240102,10.5,11,9.5,10"], {"time_format": "%Y%m%d"}),
        (["Date,Open,High,Low,Close", "01/31/2024,10.5,11,9.5,10"], {"time_format": "%m/%d/%Y"}),
        (["\ufeffDate,Open,High,Low,Close", "2024-01-02,10.5,11,9.5,10"], {}),
    ],
    ids=["german", "tabs", "digits", "american", "byte-order-mark"],
)
def test_how_a_file_is_written_is_found_out(desk: Any, lines: Sequence[str], options: dict[str, str]) -> None:
    import yaml

    desk.write("x.csv", "\r\n".join(lines) + "\r\n")

    report = json.loads(desk.good("data", "check", "x.csv", "--calendar", "24/7", "--json"))

    entry = yaml.safe_load(report["entry"])["data_sources"]["x"]["with"]
    assert {key: entry.get(key) for key in options} == options


def test_the_entry_runs_once_it_is_completed(desk: Any) -> None:
    """What is printed, with the two questions answered, is a source that a backtest takes."""
    desk.write("x.csv", "\n".join([HEADER, *rows()]) + "\n")
    said = ("--calendar", "24/7", "--prices", "raw", "--currency", "USD", "--symbol", "X")
    entry = json.loads(desk.good("data", "check", "x.csv", "--json", *said))["entry"]
    strategies = "strategies:\n  - {name: trend, use: sma-cross, with: {fast: 2, slow: 5}}\n"
    desk.write("mine.yaml", f"name: mine\ndata: {{source: x, symbols: [X]}}\n{entry}\n{strategies}")

    assert desk.backtest("mine.yaml")["bars"] == 40


def test_symbols_of_one_file_are_checked_apart(desk: Any) -> None:
    """One lacks a day, one has a bad row; the days of the others do not fill the gap."""
    lines = [f"{symbol},{line}" for symbol in ("AA", "BB", "CC") for line in rows()]
    lines[40 + 20] = lines[40 + 20].replace(",10.1,", ",x,", 1)
    desk.write("x.csv", "\n".join([f"symbol,{HEADER}", *lines[:90], *lines[91:]]) + "\n")

    report = json.loads(desk("data", "check", "x.csv", "--calendar", "24/7", "--json").out)

    assert [(one["symbol"], one["rows"]) for one in report["contents"]] == [("AA", 40), ("BB", 40), ("CC", 39)]
    assert [(one["symbol"], one["kind"]) for one in report["problems"]] == [
        ("BB", "bad-rows"),
        ("CC", "missing-sessions"),
    ]
    assert of_kind(report, "bad-rows")[0]["row"] == 62


def test_lists_are_condensed_until_all_is_asked_for(desk: Any) -> None:
    lines = [line.replace(",10.1,", ",x,", 1) if number > 20 else line for number, line in enumerate(rows())]
    desk.write("x.csv", "\n".join([HEADER, *lines]) + "\n")

    short = desk("data", "check", "x.csv", "--calendar", "24/7").out
    long = desk("data", "check", "x.csv", "--calendar", "24/7", "--all").out

    assert "19 rows: Open is not a number" in short
    assert "and 9 more: --all" in short
    assert "line 41 (" in long
    assert "line 41 (" not in short


def test_text_fits_80_columns(desk: Any) -> None:
    desk.write("x.csv", "\n".join([HEADER, *rows()[:10], "2024-01-11,x,10,9,10,100", *rows()[12:]]) + "\n")

    out = desk("data", "check", "x.csv").out

    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.csv", b"", "the file is empty"),
        ("x.dat", b"Date\n", "add --source csv, parquet or arrow"),
        ("x.parquet", b"PAR1 and no more", "not a readable Parquet file"),
        ("x.csv", f'{HEADER}\n2024-01-02,1,1,1,"1,5\n2024-01-03,1,1,1,1,5\n'.encode(), "line 2: a quote that opens"),
        ("x.csv", f'{HEADER}\n"2024-01-02,{"1" * 100}\n'.encode() + b"x" * 60 + b"\n" * 9999, "line 2: a quote that"),
        ("x.csv", b"a,b\n" + b"x" * 140_000, "too long to be rows"),
        ("x.csv", HEADER.encode("utf-16"), "save the file as UTF-8"),
        ("x.csv", b"Day,Open,High,Low,Close\n2024-01-02,1,1,1,1\n", "no column for time"),
        ("x.csv", b"Date,Open,High,Low,Close\n", "no rows"),
        ("x.csv", b"Date,Symbol,Open,High,Low,Close\n2024-01-02,,1,1,1,1\n", "no row has a symbol in column 'Symbol'"),
        ("x.csv", b"Date,Open,High,Low,Close\n2024-01-02,a,b,c,d\n", "line 2 (2024-01-02): Open 'a' is not a number"),
    ],
    ids=[
        "empty",
        "unknown",
        "damaged",
        "open-quote",
        "open-quote-far",
        "one-cell",
        "utf-16",
        "no-time",
        "header-alone",
        "no-symbol",
        "nothing-right",
    ],
)
def test_a_file_that_cannot_be_read_is_one_line_and_exit_2(desk: Any, name: str, content: bytes, message: str) -> None:
    Path(name).write_bytes(content)

    done = desk("data", "check", name)

    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert name in done.err
    assert message in done.err


def test_what_is_no_file_is_called_what_it_is(desk: Any) -> None:
    Path("folder.csv").mkdir()
    os.mkfifo("pipe.csv")
    Path("zeros.csv").symlink_to("/dev/zero")
    told = [desk("data", "check", name) for name in ("folder.csv", "pipe.csv", "zeros.csv", "none.csv")]

    assert [(one.code, one.err) for one in told] == [
        (2, "folder.csv: it is a directory, not a file; check the path\n"),
        (2, "pipe.csv: it is a named pipe, not a file; check the path\n"),
        (2, "zeros.csv: it is a device, not a file; check the path\n"),
        (2, "none.csv: no such file; check the path\n"),
    ]


@pytest.mark.parametrize("use", ["csv", "parquet", "arrow"])
def test_a_run_calls_what_is_no_file_what_it_is(desk: Any, use: str) -> None:
    os.mkfifo("pipe")
    desk.write(
        "run.yaml",
        f"""\
name: pipe
data: {{source: mine, symbols: [X]}}
data_sources:
  mine: {{use: {use}, with: {{path: pipe, symbols: [X]}}, prices: raw, stamp: session, calendar: XNYS, currency: USD}}
strategies: [{{name: trend, use: sma-cross}}]
""",
    )
    done = desk("backtest", "run.yaml")

    assert (done.code, "it is a named pipe, not a file" in done.err) == (2, True)
