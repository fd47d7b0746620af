"""Several intervals in one run: six sessions of SPY minutes, with the days and hours made of them."""

import csv
import runpy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pytest

import qtrader as qt
from qtrader import BacktestEngine, Bar, Context, SignalIntention, open_run
from qtrader.errors import ConfigError, RunError
from qtrader.frames import FrameSource
from qtrader.store import save
from qtrader_indicators import sma
from runs import ROOT, canonical_until, stream

Run = Callable[..., BacktestEngine]
FIGURES = ("open", "high", "low", "close", "volume")
CLOSE = timedelta(hours=20)
"""New York closes at 16:00, which is 20:00 UTC in October."""


@dataclass
class Trend:
    """Trades minutes by the mean of the last days' closes, and writes down what it sees."""

    days: int = 2

    def on_start(self, context: Context) -> None:
        self.mean = context.track(sma(self.days), interval="1d")

    def on_bar(self, bar: Bar, context: Context) -> None:
        mean, held = self.mean[bar.symbol], context.position(bar.symbol) > 0
        context.record(mean=mean, days=len(context.history(bar.symbol, 9, interval="1d")), interval=bar.interval)
        if (float(bar.close) > mean) is not held:
            intention = SignalIntention.CLOSE_LONG if held else SignalIntention.OPEN_LONG
            context.emit_signal(bar.symbol, intention, price=bar.close)


@dataclass
class Turns:
    """Trades on the parity of the minute, whatever else there is to see."""

    def on_bar(self, bar: Bar, context: Context) -> None:
        context.record(close=bar.close)
        if bar.time.minute % 7 == 0:
            intention = SignalIntention.OPEN_LONG if bar.time.minute % 2 else SignalIntention.CLOSE_LONG
            context.emit_signal(bar.symbol, intention, price=bar.close)


@dataclass
class Daily:
    """Is called with day bars alone and buys on the second."""

    intervals: ClassVar = ("1d",)
    seen: int = 0

    def on_bar(self, bar: Bar, context: Context) -> None:
        self.seen += 1
        context.record(seen=f"{bar.interval} {bar.session}")
        if self.seen == 2:
            context.emit_signal(bar.symbol, SignalIntention.OPEN_LONG, price=bar.close)


@dataclass
class Everything:
    """Is called with bars of every interval, one by one and at once."""

    intervals: ClassVar = ("1d", "1m", "1h")

    def on_bar(self, bar: Bar, context: Context) -> None:
        context.record(one=f"{bar.interval} {bar.time:%H:%M}")

    def on_bars(self, bars: Any, context: Context) -> None:
        context.record(all=" ".join(f"{bar.interval} {bar.symbol}" for bar in bars.values()))


@pytest.fixture(scope="module")
def rows(shared: Path) -> list[dict[str, str]]:
    """The minutes as text, ``time_start`` in New York."""
    with (shared / "cases/agg-01-spy-minute-to-day/spy_minute.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def run(rows: list[dict[str, str]]) -> Run:
    """Play a strategy over the minutes, or over the first of them."""

    def play(
        recipe: Any, interval: Any = ("1m", "1d"), count: int | None = None, asks: Any = None, **sections: Any
    ) -> BacktestEngine:
        columns: dict[str, Any] = {name: [float(row[name]) for row in rows[:count]] for name in FIGURES}
        table = pa.table({"time": [row["time_start"] for row in rows[:count]], **columns})
        frame = qt.bars(
            table, calendar="XNYS", prices="raw", interval=interval, stamp="start", zone="America/New_York",
            asset_class="etf",
        )  # fmt: skip
        source = FrameSource({"SPY": frame})
        data = {"source": "frames", "symbols": ["SPY"], "interval": source.interval, **sections.pop("data", {})}
        strategy = {"name": "one", "use": type(recipe).__name__, "instance": recipe, "intervals": asks}
        engine = BacktestEngine.from_config(
            {
                "name": "minutes",
                "data": data,
                "data_sources": {"frames": {"use": "frames", "instance": source}},
                "strategies": [strategy],
                **sections,
            }
        )
        engine.run()
        return engine

    return play


@pytest.fixture(scope="module")
def trend(run: Run) -> BacktestEngine:
    """The trend over all minutes."""
    return run(Trend())


def day_of(row: dict[str, str]) -> str:
    return row["time_start"][:10]


def start_of(row: dict[str, str]) -> datetime:
    """When a minute began, UTC; New York is four hours behind."""
    return datetime.strptime(row["time_start"], "%Y-%m-%d %H:%M").replace(tzinfo=UTC) + timedelta(hours=4)


def bars(engine: BacktestEngine, interval: str) -> list[Any]:
    return [event for event in engine.run_state.log if event.topic == "bar" and event.interval == interval]


def records(engine: BacktestEngine, name: str) -> list[Any]:
    table = engine.get_results().records
    return [value for value in table.column(name).to_pylist() if value is not None]


def closes(rows: Sequence[dict[str, str]], key: Callable[[dict[str, str]], str] = day_of) -> list[tuple[str, float]]:
    """The last close of each day."""
    return [(day, float(list(group)[-1]["close"])) for day, group in groupby(rows, key=key)]


# what is published, and when


def test_day_bars_are_those_of_the_minutes(trend: BacktestEngine, rows: list[dict[str, str]]) -> None:
    expected = []
    for day, group in groupby(rows, key=day_of):
        minutes = [{name: Decimal(row[name]) for name in FIGURES} for row in group]
        expected.append(
            (
                day,
                minutes[0]["open"],
                max(one["high"] for one in minutes),
                min(one["low"] for one in minutes),
                minutes[-1]["close"],
                sum(one["volume"] for one in minutes),
            )
        )

    assert len(expected) == 6
    assert [(str(bar.session), *(getattr(bar, name) for name in FIGURES)) for bar in bars(trend, "1d")] == expected


def test_a_day_bar_comes_at_the_close_right_after_the_last_minute(trend: BacktestEngine) -> None:
    log = trend.run_state.log
    for bar in bars(trend, "1d"):
        before = log[bar.seq - 1]

        assert bar.time.replace(tzinfo=None) - CLOSE == datetime.combine(bar.session, datetime.min.time())
        assert (before.topic, before.interval, before.time) == ("bar", "1m", bar.time)


def test_every_event_has_its_number_and_its_cause_before_it(trend: BacktestEngine) -> None:
    log = trend.run_state.log
    causes = [event.origin.cause for event in log]

    assert [event.seq for event in log] == list(range(len(log)))
    assert all(cause < seq for seq, cause in enumerate(causes))
    assert trend.total_bars == trend.run_state.log.bars == 2340 + 6


def test_three_intervals_end_together_the_finest_first(run: Run, rows: list[dict[str, str]]) -> None:
    engine = run(Everything(), ["1m", "1d", "1h"])
    called = records(engine, "one")

    assert [bar.time.strftime("%H:%M") for bar in bars(engine, "1h")[:7]] == [
        "14:30", "15:30", "16:30", "17:30", "18:30", "19:30", "20:00",
    ]  # fmt: skip
    assert [one for one in called if one.endswith("20:00")][:3] == ["1m 20:00", "1h 20:00", "1d 20:00"]
    assert records(engine, "all")[-3:] == ["1m SPY", "1h SPY", "1d SPY"]
    assert len(called) == len(rows) + 6 * 7 + 6


# what is known


def test_the_mean_of_days_is_that_of_the_days_that_are_over(trend: BacktestEngine, rows: list[dict[str, str]]) -> None:
    days = closes(rows)
    expected = []
    for row in rows:
        end = start_of(row) + timedelta(minutes=1)
        over = [close for day, close in days if datetime.fromisoformat(f"{day}T20:00+00:00") <= end]
        if len(over) >= 2:
            expected.append((len(over), pytest.approx(sum(over[-2:]) / 2, abs=1e-9)))

    assert len(expected) == 4 * 390 + 1  # from the second close on
    assert list(zip(records(trend, "days"), records(trend, "mean"), strict=True)) == expected


def test_minutes_alone_are_what_it_is_called_with(trend: BacktestEngine) -> None:
    assert set(records(trend, "interval")) == {"1m"}


def test_days_before_the_start_are_known_to_its_first_minute(run: Run, rows: list[dict[str, str]]) -> None:
    engine = run(Trend(), data={"start": "2013-10-09"})

    assert records(engine, "days")[0] == 3
    assert records(engine, "mean")[0] == pytest.approx(sum(close for _, close in closes(rows)[1:3]) / 2, abs=1e-9)
    assert [str(bar.session) for bar in bars(engine, "1d")] == ["2013-10-09", "2013-10-10", "2013-10-11"]


@pytest.mark.parametrize("count", [500, 780, 781, 1169, 1170, 2000])
def test_cutting_the_minutes_changes_nothing_before_the_cut(
    run: Run, trend: BacktestEngine, rows: list[dict[str, str]], count: int
) -> None:
    end = start_of(rows[count - 1]) + timedelta(minutes=1)
    end_ns = int(end.timestamp()) * 1_000_000_000
    before = list(canonical_until(trend.run_state.log, end_ns))
    shorter = list(canonical_until(run(Trend(), count=count).run_state.log, end_ns))

    assert len(before) > count
    assert before == shorter[: len(before)]
    assert {one["event_type"] for one in shorter[len(before) :]} <= {
        "order_update", "consolidated_portfolio", "valuation_trigger", "valuation",
    }  # fmt: skip


# what is traded


def test_a_signal_on_a_day_bar_fills_at_the_open_of_the_next_minute(run: Run, rows: list[dict[str, str]]) -> None:
    engine = run(Daily())
    second, third = (day for day, _ in closes(rows)[1:3])
    first_minute = next(row for row in rows if day_of(row) == third)
    (fill,) = engine.get_results().fills.to_pylist()

    assert records(engine, "seen")[1] == f"1d {second}"
    assert len(records(engine, "seen")) == 6
    assert (fill["price"], fill["time"]) == (
        Decimal(first_minute["open"]), start_of(first_minute) + timedelta(minutes=1),
    )  # fmt: skip


@pytest.mark.parametrize("valuation", ["session", "bar"])
def test_a_further_interval_changes_nothing_that_is_traded_or_valued(run: Run, valuation: str) -> None:
    engine = {"valuation": valuation}
    alone, beside = (run(Turns(), interval, engine=engine) for interval in ("1m", ["1m", "15m", "1d"]))
    told = [
        [_payload(one) for one in stream(made.run_state.log) if one["event_type"] != "bar"] for made in (alone, beside)
    ]

    assert alone.get_results().fills.num_rows > 100
    assert told[0] == told[1]


def _payload(document: dict[str, Any]) -> dict[str, Any]:
    """What an event says, whatever its number."""
    return {key: value for key, value in document.items() if key not in ("seq", "cause", "corr")}


# runs that are kept


def test_the_same_run_twice_has_the_same_digest_and_another_interval_another(run: Run, trend: BacktestEngine) -> None:
    assert run(Trend()).get_results().digest == trend.get_results().digest
    assert run(Trend(), ["1m", "1h", "1d"]).get_results().digest != trend.get_results().digest


def test_a_stored_run_reads_back_and_verifies(trend: BacktestEngine, tmp_path: Path) -> None:
    folder = save(trend.get_results(), tmp_path, config=trend.config).folder
    again = open_run(folder)

    assert stream(again.log) == stream(trend.run_state.log)
    assert again.log.digest() == trend.get_results().digest


def test_a_run_from_files_verifies_from_its_folder(shared: Path, tmp_path: Path) -> None:
    engine = BacktestEngine.from_config(from_file(shared, strategies=[ON_DAYS]), base_dir=Path(__file__).parent)
    result = open_run(save(engine.run(), tmp_path, config=engine.config).folder)

    assert result.log.counts["fill"] > 0
    assert str(result.verify()) == f"same digest {result.digest}"


def test_any_strategy_becomes_one_of_days(shared: Path) -> None:
    """Closes of 168.89, 167.42, 165.48, 165.57, 169.24 and 170.30: above the mean of two from the fourth on."""
    result = BacktestEngine.from_config(from_file(shared, strategies=[ON_DAYS])).run()
    (signal,) = result.log.discrete_events("signal")
    (fill,) = result.fills.to_pylist()

    assert signal.occurred_at == datetime(2013, 10, 9, 20, tzinfo=UTC)
    assert fill["time"] == datetime(2013, 10, 10, 13, 31, tzinfo=UTC)


def test_the_example_buys_above_the_mean_of_the_weeks_before() -> None:
    """IBM had no split in these years, so its weeks are those of the raw closes."""
    result = runpy.run_path(str(ROOT / "examples" / "two_intervals.py"))["run"]()
    days = [bar for bar in result.log if bar.topic == "bar" and (bar.symbol, bar.interval) == ("IBM", "1d")]
    ends = [list(week)[-1] for _, week in groupby(days, key=lambda bar: bar.session.isocalendar()[:2])]
    bought = [row for row in result.records.to_pylist() if row["symbol"] == "IBM"]

    assert len(bought) > 10
    for row in bought:
        over = [float(week.close) for week in ends if week.time <= row["time"]][-30:]
        assert row["week"] == pytest.approx(over[-1], abs=1e-9)
        assert row["mean"] == pytest.approx(sum(over) / 30, abs=1e-9)


# what is refused


ON_DAYS = {"name": "days", "use": "sma-cross", "with": {"fast": 1, "slow": 2}, "intervals": ["1d"]}


def from_file(shared: Path, interval: Any = ("1m", "1d"), **sections: Any) -> dict[str, Any]:
    """A run over the minutes of SPY with their pre and post market, as a Parquet file has them."""
    return {
        "name": "minutes",
        "data": {"source": "file", "symbols": ["SPY"], "interval": interval},
        "data_sources": {
            "file": {
                "use": "parquet",
                "with": {
                    "path": f"{shared}/data/equity_minute/{{symbol}}_20131004_20131011_trade.parquet",
                    "interval": "1m",
                    "columns": {"time": "ts"},
                },
                "prices": "raw",
                "stamp": "start",
                "calendar": "XNYS",
                "currency": "USD",
            }
        },
        "strategies": [ON_DAYS],
        **sections,
    }


@pytest.mark.parametrize(
    ("interval", "told"),
    [
        (["1d", "1m"], r"data\.interval\[1\]: '1m' is finer than '1d', which is the first .* finest interval first"),
        (["1m", "1d", "1d"], r"data\.interval\[2\]: '1d' is listed twice"),
        (["1m", "2d"], r"data\.interval\[1\]: '2d' is not an interval\. Write one of 1s, .*1mo\."),
        ([], r"data\.interval: it names no interval\. Write one, such as 1d"),
    ],
)
def test_intervals_that_cannot_be_are_refused(shared: Path, interval: Any, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        BacktestEngine.from_config(from_file(shared, interval))


def test_an_interval_that_a_strategy_asks_for_must_be_in_the_run(shared: Path) -> None:
    strategy = {**ON_DAYS, "intervals": ["1d", "1w"]}

    with pytest.raises(ConfigError, match=r"strategies\[0\]\.intervals\[1\]: '1w' is not in data\.interval\. Add it"):
        BacktestEngine.from_config(from_file(shared, strategies=[strategy]))


def test_an_interval_that_a_class_asks_for_must_be_in_the_run(run: Run) -> None:
    with pytest.raises(
        ConfigError, match=r"strategy 'one': intervals: '1h' is not in data\.interval \(1m, 1d\); add it"
    ):
        run(Everything())


def test_what_is_tracked_must_be_of_an_interval_of_the_run(run: Run) -> None:
    with pytest.raises(
        RunError, match=r"track\(.*SMA.*\) at interval '1d': the run has 1m, 15m; list it in data\.interval"
    ):
        run(Trend(), ["1m", "15m"])


def test_the_settings_go_before_the_class(run: Run) -> None:
    engine = run(Daily(), ["1m", "1h", "1d"], asks=["1h"])

    assert {one[:2] for one in records(engine, "seen")} == {"1h"}
