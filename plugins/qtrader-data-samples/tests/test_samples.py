"""The samples: what ships, what it says of itself, and that the actions follow from the prices."""

import csv
import hashlib
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import qtrader_data_samples
from qtrader.errors import DataError
from qtrader.ports import CorporateAction
from qtrader.testing import DataSourceConformance
from qtrader_data_samples.samples import SamplesSource

DATA = Path(qtrader_data_samples.__file__).parent / "data"


class TestSamples(DataSourceConformance):
    tool = SamplesSource()

    def test_four_symbols_have_11958_bars(self) -> None:
        counts = {one.symbol: self._rows(one.symbol).num_rows for one in self.tool.instruments()}

        assert counts == {"AAPL": 3270, "GOOG": 2148, "IBM": 3270, "MSFT": 3270}

    def test_prices_are_the_digits_of_the_vendor(self) -> None:
        row = self._rows("AAPL", date(2013, 3, 1)).to_pylist()[0]

        assert row == {
            "time": date(2013, 3, 1),
            "open": Decimal("438"),
            "high": Decimal("438.1799"),
            "low": Decimal("429.98"),
            "close": Decimal("430.47"),
            "volume": 19730300,
        }

    def test_bounds_are_inclusive(self) -> None:
        days = self._rows("IBM", date(2000, 3, 2), date(2000, 3, 6)).column("time").to_pylist()

        assert days == [date(2000, 3, 2), date(2000, 3, 3), date(2000, 3, 6)]

    def test_adjusted_close_is_not_handed_over(self) -> None:
        assert self._rows("MSFT").column_names == ["time", "open", "high", "low", "close", "volume"]

    def test_google_was_listed_on_its_first_session(self) -> None:
        listed = {one.symbol: one.listed for one in self.tool.instruments() if one.listed}

        assert listed == {"GOOG": self._rows("GOOG").column("time").to_pylist()[0]}

    def test_other_intervals_are_refused(self) -> None:
        with pytest.raises(DataError, match="the samples have bars of 1d, not '1m'"):
            self.tool.bars("AAPL", "1m", None, None)

    def test_unknown_symbols_are_refused_by_name(self) -> None:
        with pytest.raises(DataError, match="no symbol 'FB'; they have AAPL, GOOG, IBM, MSFT"):
            self.tool.actions("FB")

    def test_only_days_are_offered(self) -> None:
        assert self.tool.intervals("AAPL") == ["1d"]


def actions(symbol: str) -> dict[date, CorporateAction]:
    return {action.ex_date: action for action in SamplesSource().actions(symbol)}


def test_splits_are_three() -> None:
    found = {
        (symbol, day.isoformat(), action.numerator, action.denominator)
        for symbol in ("AAPL", "GOOG", "IBM", "MSFT")
        for day, action in actions(symbol).items()
        if action.action_type == "split"
    }

    assert found == {("AAPL", "2000-06-21", 2, 1), ("AAPL", "2005-02-28", 2, 1), ("MSFT", "2003-02-18", 2, 1)}


@pytest.mark.parametrize(
    ("symbol", "day", "amount"),
    [
        ("MSFT", "2003-02-19", "0.08"),
        ("MSFT", "2003-10-15", "0.16"),
        ("MSFT", "2004-11-15", "3.08"),
        ("AAPL", "2012-08-09", "2.65"),
        ("IBM", "2008-11-06", "0.50"),
    ],
)
def test_dividends_are_those_announced(symbol: str, day: str, amount: str) -> None:
    assert actions(symbol)[date.fromisoformat(day)].amount == Decimal(amount)


def test_actions_and_raw_prices_give_the_vendors_adjusted_close() -> None:
    """Backwards from the last day, adjusted / raw changes at every action by its factor, and nowhere else."""
    table = pq.read_table(DATA / "daily.parquet").to_pylist()
    worst = 0.0
    for symbol in ("AAPL", "GOOG", "IBM", "MSFT"):
        rows = [row for row in table if row["symbol"] == symbol]
        ratio, due = rows[-1]["adj_close"] / float(rows[-1]["close"]), actions(symbol)
        for row in reversed(rows):
            worst = max(worst, abs(row["adj_close"] / float(row["close"]) / ratio - 1))
            if (action := due.get(row["date"])) is not None:
                ratio /= action.numerator or float(1 + action.amount / row["close"])

    assert worst < 1e-11


def test_checksums_of_the_provenance_are_those_of_the_files() -> None:
    page = (DATA / "PROVENANCE.md").read_text(encoding="utf-8")
    said = dict(re.findall(r"^\| `(\S+)` .*`([0-9a-f]{64})` \|$", page, re.MULTILINE))

    assert said == {
        name: hashlib.sha256((DATA / name).read_bytes()).hexdigest() for name in ("daily.parquet", "actions.csv")
    }


def test_the_files_are_small() -> None:
    assert sum(file.stat().st_size for file in DATA.iterdir()) < 500_000


def test_every_dividend_is_in_dollars_of_its_day() -> None:
    with (DATA / "actions.csv").open(newline="") as lines:
        dividends = [row for row in csv.DictReader(lines) if row["action_type"] == "cash_dividend"]

    assert len(dividends) == 92
    assert {(row["currency"], row["amount_basis"]) for row in dividends} == {("USD", "post_split")}
