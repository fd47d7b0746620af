"""``qtrader data import``: the file that is written says what it is, and runs like the one it was made from."""

import hashlib
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

STRATEGIES = "strategies:\n  - {name: trend, use: sma-cross, with: {fast: 10, slow: 30}}\n"
CSV = "Date,Open,High,Low,Close,Volume\n2024-01-02,10.10,10.3,9.9,10.25,100\n2024-01-03,10.2,10.3,9.9,10.05,\n"
DAILY = ("--prices", "raw", "--calendar", "XNYS", "--currency", "USD")


def metadata(path: Path) -> dict[str, str]:
    """What a file says of itself."""
    found = pq.read_schema(path).metadata
    return {
        key.decode().removeprefix("qtrader."): value.decode()
        for key, value in found.items()
        if key.startswith(b"qtrader.")
    }


@pytest.fixture
def backtest(desk: Any) -> Callable[..., dict[str, Any]]:
    """Run a strategy on one symbol of a source."""

    def run(name: str, source: str, symbol: str, data: str = "") -> dict[str, Any]:
        text = (
            f"name: {name}\ndata: {{source: s, symbols: [{symbol}]{data}}}\ndata_sources:\n  s: {source}\n{STRATEGIES}"
        )
        desk.write(f"{name}.yaml", text)
        found: dict[str, Any] = desk.backtest(f"{name}.yaml")
        return found

    return run


def test_what_was_declared_is_in_the_file(desk: Any) -> None:
    desk.write("x.csv", CSV)

    desk.good("data", "import", "x.csv", "--out", "x.parquet", "--symbol", "X", *DAILY)

    assert metadata(desk.folder / "x.parquet") == {
        "prices": "raw",
        "stamp": "session",
        "calendar": "XNYS",
        "currency": "USD",
        "interval": "1d",
        "source_file": "x.csv",
        "source_sha256": hashlib.sha256(CSV.encode()).hexdigest(),
        "rows": "2",
        "dropped_rows": "0",
        "created_by": "qtrader-service-data 0.1.0",
    }


def test_prices_are_exact_decimals_and_unknown_volume_stays_unknown(desk: Any) -> None:
    desk.write("x.csv", CSV)

    desk.good("data", "import", "x.csv", "--out", "x.parquet", "--symbol", "X", *DAILY)

    table = pq.read_table(desk.folder / "x.parquet")
    assert table.column("open").to_pylist() == [Decimal("10.10"), Decimal("10.20")]
    assert pa.types.is_decimal128(table.schema.field("close").type)
    assert table.column("volume").to_pylist() == [100, None]
    assert table.schema.field("time").type == pa.date32()
    assert table.column("symbol").to_pylist() == ["X", "X"]


def test_the_same_input_gives_the_same_bytes(desk: Any) -> None:
    desk.write("x.csv", CSV)
    for name in ("a.parquet", "b.parquet"):
        desk.good("data", "import", "x.csv", "--out", name, "--symbol", "X", *DAILY)

    assert (desk.folder / "a.parquet").read_bytes() == (desk.folder / "b.parquet").read_bytes()


def test_a_run_from_the_import_has_the_digest_of_one_from_the_original(
    desk: Any, shared: Path, backtest: Callable[..., dict[str, Any]]
) -> None:
    path = shared / "data/equity_daily_csv/AAPL.csv"
    original = backtest(
        "one", f"{{use: csv, with: {{path: {path}}}, prices: raw, calendar: XNYS, currency: USD}}", "AAPL"
    )

    desk.good("data", "import", path, "--out", "aapl.parquet", *DAILY)
    imported = backtest("one", "{use: parquet, with: {path: aapl.parquet}}", "AAPL")

    assert original["bars"] == 5788
    assert imported["digest"] == original["digest"]


@pytest.mark.parametrize(
    ("name", "options", "declared"),
    [
        (
            "equity_minute/SPY_20131004_20131011_trade",
            ("--stamp", "start", "--interval", "1m", "--calendar", "XNYS"),
            "with: {path: PATH, symbols: [X], interval: 1m}, stamp: start, calendar: XNYS",
        ),
        (
            "equity_hour/AAPL_2014",
            ("--stamp", "start", "--interval", "1h", "--calendar", "XNYS"),
            "with: {path: PATH, symbols: [X], interval: 1h}, stamp: start, calendar: XNYS",
        ),
        (
            "fx_daily/EURUSD_oanda",
            ("--calendar", "24/7"),
            "with: {path: PATH, symbols: [X]}, stamp: session, calendar: 24/7",
        ),
        (
            "crypto_minute/BTCPERP_20211231_20220114",
            ("--stamp", "end", "--interval", "1m", "--calendar", "24/7", "--volume-decimals", "3"),
            "with: {path: PATH, symbols: [X], interval: 1m}, stamp: end, calendar: 24/7, volume_decimals: 3",
        ),
    ],
    ids=["minutes", "hours-that-reach-over-the-close", "bid-and-ask", "ends-and-rounded-volumes"],
)
def test_bars_of_minutes_hours_and_quotes_come_back_alike(
    desk: Any, shared: Path, backtest: Callable[..., dict[str, Any]], name: str, options: tuple[str, ...], declared: str
) -> None:
    path = shared / f"data/{name}.parquet"
    interval = options[options.index("--interval") + 1] if "--interval" in options else "1d"
    data = f", interval: {interval}"
    source = f"{{use: parquet, {declared.replace('PATH', str(path))}, prices: raw, currency: USD}}"
    original = backtest("one", source, "X", data)

    desk.good(
        "data", "import", path, "--out", "x.parquet", "--symbol", "X", "--prices", "raw", "--currency", "USD", *options
    )
    imported = backtest("one", "{use: parquet, with: {path: x.parquet}}", "X", data)

    assert original["bars"] > 1000
    assert imported["digest"] == original["digest"]


def test_naive_times_become_utc(desk: Any) -> None:
    """09:30 in New York is 14:30 UTC in January and 13:30 in July."""
    lines = [f"{day} 09:30:00,10,11,9,10,5" for day in ("2024-01-03", "2024-07-03")]
    desk.write("x.csv", "\n".join(["ts,open,high,low,close,volume", *lines]) + "\n")
    said = ("--stamp", "start", "--interval", "1m", "--zone", "America/New_York", "--symbol", "X")

    desk.good("data", "import", "x.csv", "--out", "x.parquet", *DAILY, *said)

    times = pq.read_table(desk.folder / "x.parquet").column("time")
    assert [str(one.as_py()) for one in times] == ["2024-01-03 14:30:00+00:00", "2024-07-03 13:30:00+00:00"]
    assert metadata(desk.folder / "x.parquet")["zone"] == "UTC"


def test_bad_rows_are_an_error_and_nothing_is_written(desk: Any) -> None:
    desk.write("x.csv", f"{CSV}2024-01-04,x,10.3,9.9,10,100\n2024-01-05,10,y,9.9,10,100\n")

    done = desk("data", "import", "x.csv", "--out", "x.parquet", "--symbol", "X", *DAILY)

    assert done.code == 2
    assert "x.csv line 4 (2024-01-04): Open 'x' is not a number" in done.err
    assert "1 more rows cannot be bars" in done.err
    assert "--on-bad-rows drop" in done.err
    assert not (desk.folder / "x.parquet").exists()


def test_dropped_rows_are_counted_and_named(desk: Any) -> None:
    desk.write("x.csv", f"{CSV}2024-01-04,x,10.3,9.9,10,100\n2024-01-05,10,10.2,9.9,10,100\n")

    out = desk.good("data", "import", "x.csv", "--out", "x.parquet", "--symbol", "X", "--on-bad-rows", "drop", *DAILY)

    assert "dropped 1: Open is not a number, first line 4 (2024-01-04)" in out
    told = metadata(desk.folder / "x.parquet")
    assert (told["rows"], told["dropped_rows"]) == ("3", "1")


@pytest.mark.parametrize(
    ("left_out", "option"), [("--prices", "--prices"), ("--calendar", "--calendar"), ("--symbol", "--symbol")]
)
def test_nothing_is_guessed(desk: Any, left_out: str, option: str) -> None:
    desk.write("x.csv", CSV)
    said = ["--symbol", "X", *DAILY]
    place = said.index(left_out)

    done = desk("data", "import", "x.csv", "--out", "x.parquet", *said[:place], *said[place + 2 :])

    assert done.code == 2
    assert f"nothing is guessed here; add {option}" in done.err


def test_stamp_and_interval_of_times_are_asked_for_with_what_the_rows_look_like(desk: Any, shared: Path) -> None:
    path = shared / "data/equity_minute/SPY_20131004_20131011_trade.parquet"

    done = desk("data", "import", path, "--out", "x.parquet", "--symbol", "SPY", *DAILY)

    assert done.code == 2
    assert "add --interval, --stamp. The rows look like interval 1m" in done.err
    assert "stamp start" in done.err


def test_a_file_that_is_there_is_left_alone(desk: Any) -> None:
    desk.write("x.csv", CSV)
    desk.write("x.parquet", "mine")
    said = ("--out", "x.parquet", "--symbol", "X", *DAILY)

    done = desk("data", "import", "x.csv", *said)

    assert (done.code, (desk.folder / "x.parquet").read_text()) == (2, "mine")
    assert "--force" in done.err

    desk.good("data", "import", "x.csv", *said, "--force")
    assert metadata(desk.folder / "x.parquet")["rows"] == "2"


def test_the_file_itself_is_never_written_over(desk: Any) -> None:
    path = desk.write("x.csv", CSV)

    done = desk("data", "import", "x.csv", "--out", "x.csv", "--force", "--symbol", "X", *DAILY)

    assert (done.code, path.read_text()) == (2, CSV)


def test_what_the_user_declares_wins_over_the_file(desk: Any) -> None:
    desk.write("x.csv", CSV)
    desk.good("data", "import", "x.csv", "--out", "x.parquet", "--symbol", "X", *DAILY)
    desk.write(
        "data_sources.yaml", "data_sources:\n  x: {use: parquet, with: {path: x.parquet}, prices: split-adjusted}\n"
    )

    shown = json.loads(desk.good("data", "show", "x", "--json"))

    assert (shown["prices"], shown["has"][0]["calendar"], shown["has"][0]["currency"]) == (
        "split-adjusted",
        "XNYS",
        "USD",
    )


def test_check_takes_the_word_of_a_file_that_was_imported(desk: Any) -> None:
    desk.write("x.csv", CSV)
    desk.good("data", "import", "x.csv", "--out", "x.parquet", "--symbol", "X", *DAILY)

    report = json.loads(desk.good("data", "check", "x.parquet", "--json"))

    assert report["calendar"] == {"value": "XNYS", "why": "as declared", "declared": True}
    assert "prices: raw" in report["entry"]
    assert "currency: USD" in report["entry"]


def test_the_word_for_bad_rows_is_that_of_a_configuration(desk: Any) -> None:
    lines = ["Date,Open,High,Low,Close,Volume", "2024-01-02,1,1,1,x,1", "2024-01-03,1,1,1,1,1"]
    desk.write("x.csv", "\n".join(lines) + "\n")

    done = desk(
        "data",
        "import",
        "x.csv",
        "--out",
        "x.parquet",
        "--symbol",
        "X",
        "--on-bad-rows",
        "refuse",
        "--interval",
        "1d",
        *DAILY,
    )

    assert (done.code, done.out) == (2, "")
    assert "line 2" in done.err
    assert "Nothing was written" in done.err
