"""`qtrader.bars`: what frames may look like, what is understood, and what must be added."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import qtrader as qt
from qtrader.errors import ConfigError, DataError
from qtrader.frames import FrameSource
from qtrader.ports import CorporateAction
from qtrader.testing import DataSourceConformance

DAYS = [date(2024, 7, 3), date(2024, 7, 5)]
COLUMNS = {
    "Date": ["2024-07-03", "2024-07-05"],
    "Open": [10.0, 10.5],
    "High": [11.0, 11.5],
    "Low": [9.0, 9.5],
    "Close": [10.5, 11.25],
    "Adj Close": [1.0, 1.0],
    "Volume": [100, 200],
}
TIMES = [datetime(2024, 7, 5, 9, 30), datetime(2024, 7, 5, 9, 31)]  # noqa: DTZ001 - naive on purpose


def timed(times: Any = TIMES) -> pa.Table:
    """Two bars with times."""
    return pa.table({"time": times, **{name: [10.0, 10.5] for name in ("open", "high", "low", "close")}})


def rows(frame: Any, **options: Any) -> list[dict[str, Any]]:
    """What a source over the frame delivers."""
    made = qt.bars(frame, calendar="XNYS", prices="raw", **options)
    found: list[dict[str, Any]] = FrameSource({"X": made}).bars("X", made.interval, None, None).read_all().to_pylist()
    return found


EXPECTED = [
    {"time": DAYS[0], "open": 10.0, "high": 11.0, "low": 9.0, "close": 10.5, "volume": 100},
    {"time": DAYS[1], "open": 10.5, "high": 11.5, "low": 9.5, "close": 11.25, "volume": 200},
]


def test_no_module_hides_what_the_package_exports() -> None:
    modules = {path.stem for path in Path(qt.__file__).parent.iterdir()}

    assert modules.isdisjoint(qt.__all__)


class TestSourceOfFrames(DataSourceConformance):
    tool = FrameSource({name: qt.bars(pa.table(COLUMNS), calendar="XNYS", prices="raw") for name in ("B", "A")})


@pytest.mark.parametrize(
    "make",
    [
        pa.table,
        lambda columns: pa.RecordBatch.from_pydict(columns),
        pd.DataFrame,
        lambda columns: pd.DataFrame(columns).assign(Date=pd.to_datetime(columns["Date"])),
        lambda columns: pd.DataFrame(columns).assign(Date=pd.to_datetime(columns["Date"])).set_index("Date"),
        lambda columns: pd.DataFrame(columns).drop(columns="Date").set_index(pd.DatetimeIndex(columns["Date"])),
        pl.DataFrame,
        lambda columns: pl.DataFrame(columns).with_columns(pl.col("Date").str.to_date()),
        lambda columns: pl.DataFrame(columns).with_columns(pl.col("Date").str.to_datetime()),
    ],
    ids=[
        "table",
        "batch",
        "pandas",
        "pandas-times",
        "pandas-index",
        "pandas-bare-index",
        "polars",
        "polars-date",
        "polars-times",
    ],
)
def test_every_kind_of_frame_gives_the_same_rows(make: Callable[[Any], Any]) -> None:
    assert rows(make(COLUMNS)) == EXPECTED


class TestWhatIsUnderstood:
    def test_dates_are_sessions_of_a_day(self) -> None:
        made = qt.bars(pa.table(COLUMNS), calendar="XNYS", prices="raw")

        assert (made.facts.stamp, made.interval) == ("session", "1d")

    def test_dates_may_be_weeks(self) -> None:
        assert qt.bars(pa.table(COLUMNS), calendar="XNYS", prices="raw", interval="1w").interval == "1w"

    def test_coarser_bars_may_be_asked_for(self) -> None:
        made = qt.bars(pa.table(COLUMNS), calendar="XNYS", prices="raw", interval=["1d", "1w", "1mo"])
        source = FrameSource({"A": made})

        assert (made.interval, made.coarser) == ("1d", ("1w", "1mo"))
        assert (source.intervals("A"), source.interval) == (["1d"], ["1d", "1w", "1mo"])

    def test_what_was_said_is_kept(self) -> None:
        made = qt.bars(
            timed(), calendar="24/7", prices="total-return", interval="1m", stamp="end", zone="Asia/Tokyo", decimals=3,
            currency="JPY", asset_class="crypto",
        )  # fmt: skip

        facts, instrument = made.facts, made.instrument
        assert (facts.prices, facts.stamp, facts.zone, facts.decimals) == ("total-return", "end", "Asia/Tokyo", 3)
        assert (instrument.calendar, instrument.currency, instrument.asset_class) == ("24/7", "JPY", "crypto")

    def test_times_with_a_zone_need_no_other(self) -> None:
        frame = timed([time.replace(tzinfo=UTC) for time in TIMES])

        assert qt.bars(frame, calendar="XNYS", prices="raw", interval="1m", stamp="start").facts.zone is None

    def test_midnights_may_be_the_end_of_a_day(self) -> None:
        frame = timed([datetime(2024, 7, 4), datetime(2024, 7, 5)])  # noqa: DTZ001 - naive on purpose
        made = qt.bars(frame, calendar="24/7", prices="raw", interval="1d", stamp="end", zone="UTC")

        assert made.facts.stamp == "end"

    def test_columns_may_be_named(self) -> None:
        assert [row["close"] for row in rows(pa.table(COLUMNS), columns={"close": "Adj Close"})] == [1.0, 1.0]

    def test_one_symbol_column_is_no_harm(self) -> None:
        assert rows(pa.table({**COLUMNS, "Symbol": ["X", "X"]})) == EXPECTED

    def test_actions_are_values_under_the_frames_own_symbol(self) -> None:
        split = CorporateAction("whatever", "split", DAYS[1], numerator=2, denominator=1)
        source = FrameSource({"X": qt.bars(pa.table(COLUMNS), calendar="XNYS", prices="raw", actions=[split])})

        assert [action.symbol for action in source.actions("X")] == ["X"]
        assert source.facts.knows_actions

    def test_actions_are_a_file(self, tmp_path: Path) -> None:
        file = tmp_path / "actions.csv"
        file.write_text("symbol,action_type,ex_date,amount,currency\nX,cash_dividend,2024-07-05,0.82,USD\n")

        made = qt.bars(pa.table(COLUMNS), calendar="XNYS", prices="raw", actions=file)

        assert [action.amount for action in made.actions] == [Decimal("0.82")]


class TestWhatMustBeAdded:
    @pytest.mark.parametrize(
        ("frame", "options", "told"),
        [
            (pa.table(COLUMNS), {"calendar": None}, r"on which calendar do the rows trade\? Add calendar='XNYS'"),
            (pa.table(COLUMNS), {"prices": None}, r"what are the prices\? Add prices='raw'"),
            (
                pa.table(COLUMNS),
                {"prices": "adjusted"},
                r"prices='adjusted' is unknown; use one of raw, split-adjusted",
            ),
            (pa.table(COLUMNS), {"interval": "1x"}, r"interval='1x' is unknown; use one of 1s"),
            (pa.table(COLUMNS), {"interval": ["1d", "1x"]}, r"interval='1x' is unknown; use one of 1s"),
            (pa.table(COLUMNS), {"interval": []}, r"interval=\[\] names none; add interval='1m' \(or \['1m', '1d'\]"),
            (pa.table(COLUMNS), {"stamp": "close"}, r"stamp='close' is unknown; use one of start, end, session"),
            (pa.table(COLUMNS), {"stamp": "end"}, r"the rows are dates, but stamp='end'; leave stamp out"),
            (pa.table(COLUMNS), {"interval": "1m"}, r"is a row's time the start or the end of its bar\? Add stamp="),
            (timed(), {}, r"the rows have times; how long is a bar\? Add interval='1m'"),
            (timed(), {"interval": "1m"}, r"is a row's time the start or the end of its bar\? Add stamp='start'"),
            (timed(), {"interval": "1m", "stamp": "end"}, r"the times have no zone; add zone='America/New_York'"),
            (pa.table({**COLUMNS, "Symbol": ["A", "B"]}), {}, r"column 'Symbol' holds several symbols; pass one frame"),
            (COLUMNS, {}, r"dict is no frame; pass a PyArrow table, a pandas or a polars frame"),
        ],
    )
    def test_is_named(self, frame: Any, options: dict[str, Any], told: str) -> None:
        with pytest.raises(ConfigError, match=told):
            qt.bars(frame, **{"calendar": "XNYS", "prices": "raw", **options})

    def test_dates_stamped_with_an_end_are_told_to_leave_it(self) -> None:
        with pytest.raises(ConfigError, match="leave stamp out"):
            qt.bars(pa.table({**COLUMNS, "Date": DAYS}), calendar="XNYS", prices="raw", stamp="start")


class TestSeveralFrames:
    def test_share_what_is_declared(self) -> None:
        raw, adjusted = (qt.bars(pa.table(COLUMNS), calendar="XNYS", prices=one) for one in ("raw", "split-adjusted"))

        with pytest.raises(ConfigError, match=r"data\['B'\]: prices is 'split-adjusted', but 'raw' for 'A'; .*prices="):
            FrameSource({"B": adjusted, "A": raw})

    def test_may_trade_on_different_calendars(self) -> None:
        source = FrameSource(
            {name: qt.bars(pa.table(COLUMNS), calendar=name, prices="raw") for name in ("XNYS", "24/7")}
        )

        assert [one.calendar for one in source.instruments()] == ["24/7", "XNYS"]

    def test_know_their_actions_only_when_all_do(self) -> None:
        given, not_given = (qt.bars(pa.table(COLUMNS), calendar="XNYS", prices="raw", actions=a) for a in ([], None))

        assert not FrameSource({"A": given, "B": not_given}).facts.knows_actions

    def test_must_agree_on_coarser_bars(self) -> None:
        one, other = (
            qt.bars(pa.table(COLUMNS), calendar="XNYS", prices="raw", interval=interval)
            for interval in ("1d", ["1d", "1w"])
        )

        with pytest.raises(ConfigError, match=r"data\['B'\]: coarser is \('1w',\), but \(\) for 'A'"):
            FrameSource({"A": one, "B": other})

    def test_of_another_interval_are_refused(self) -> None:
        source = FrameSource({"A": qt.bars(pa.table(COLUMNS), calendar="XNYS", prices="raw")})

        with pytest.raises(DataError, match=r"data\['A'\]: the frame has bars of 1d, not '1m'"):
            source.bars("A", "1m", None, None)

    def test_offer_their_interval(self) -> None:
        source = FrameSource({"A": qt.bars(pa.table(COLUMNS), calendar="XNYS", prices="raw")})

        assert (source.intervals("A"), source.interval) == (["1d"], "1d")
