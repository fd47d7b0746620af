"""Loading: ranges, warm-up, rows, instruments and declarations, and what is said when something is wrong."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from qtrader import Market
from qtrader.errors import ConfigError, DataError
from qtrader.ports import SourceFacts
from qtrader.ports.settings import InstrumentSettings, Place, Reference, SourceSettings
from qtrader_service_data.loading import load_market

Load = Callable[..., Market]
WEEK = [date(2024, 7, 8), date(2024, 7, 9), date(2024, 7, 10), date(2024, 7, 11), date(2024, 7, 12)]


def instance(kind: str, reference: Reference) -> Any:
    return reference.instance


@pytest.fixture
def week(source: Any, rows: Any) -> Callable[..., Any]:
    """A source with the same five days of each symbol."""

    def made(*symbols: str, **options: Any) -> Any:
        return source({symbol: rows(WEEK, volume=[1, 2, 3, 4, 5]) for symbol in symbols or ("X",)}, **options)

    return made


class TestRange:
    def test_rows_before_start_are_warm_up(self, week: Any, load: Load) -> None:
        table = load(week(), start="2024-07-10").tables[0]

        assert (len(table), table.live_from) == (5, 2)

    def test_rows_after_end_are_left_out(self, week: Any, load: Load) -> None:
        assert len(load(week(), end="2024-07-10").tables[0]) == 3

    def test_weekend_around_the_data_is_no_difference(self, week: Any, load: Load) -> None:
        table = load(week(), start="2024-07-06", end="2024-07-14").tables[0]

        assert (len(table), table.live_from) == (5, 0)

    def test_start_before_the_data_is_refused(self, week: Any, load: Load) -> None:
        with pytest.raises(DataError, match=r"data.start 2024-07-05 is before the first bar, 2024-07-08 \(X\)"):
            load(week(), start="2024-07-05")

    def test_end_after_the_data_is_refused(self, week: Any, load: Load) -> None:
        with pytest.raises(DataError, match=r"data.end 2024-07-15 is after the last bar, 2024-07-12 \(X\)"):
            load(week(), end="2024-07-15")

    def test_one_symbol_may_begin_later_than_the_others(self, source: Any, rows: Any, load: Load) -> None:
        market = load(source({"X": rows(WEEK), "Y": rows(WEEK[2:])}), start="2024-07-08")

        assert [len(table) for table in market.tables] == [5, 3]

    def test_a_symbol_without_bars_in_the_range_is_named(self, source: Any, rows: Any, load: Load) -> None:
        made = source({"X": rows(WEEK), "Y": rows(WEEK[:2])})

        with pytest.raises(
            DataError,
            match=r"Y: no 1d bars in the range \(from 2024-07-10\); its bars run from 2024-07-08 to 2024-07-09",
        ):
            load(made, start="2024-07-10")

    def test_a_symbol_without_bars_before_the_end_is_named(self, week: Any, load: Load) -> None:
        with pytest.raises(DataError, match="X: the source has no bars until 2024-07-05; choose a later end"):
            load(week(), end="2024-07-05")

    def test_a_source_without_rows_is_named(self, source: Any, rows: Any, load: Load) -> None:
        data = {
            name: pa.array(values, pa.date32() if name == "time" else pa.int64()) for name, values in rows([]).items()
        }

        with pytest.raises(DataError, match="X: the source has no bars; choose"):
            load(source({"X": data}))

    def test_weeks_that_all_are_not_over_are_no_bars(self, week: Any, load: Load) -> None:
        with pytest.raises(
            DataError, match=r"X: no 1w bars in the range \(until 2024-07-11\); choose another start or end"
        ):
            load(week(), interval="1w", end="2024-07-11")


class TestRows:
    def test_without_a_price_column_are_refused(self, source: Any, rows: Any, load: Load) -> None:
        data = rows(WEEK)
        del data["close"]

        with pytest.raises(DataError, match="X: the source delivers no column 'close'; it has time, open, high, low"):
            load(source({"X": data}))

    @pytest.mark.parametrize(
        ("column", "value", "what"),
        [("low", 10.5, "is above open or close"), ("high", 9.5, "is below open or close")],
    )
    def test_outside_their_own_range_are_refused(
        self, source: Any, rows: Any, load: Load, column: str, value: float, what: str
    ) -> None:
        data = rows(WEEK, **{column: [10.0, value, 10.0, 10.0, 10.0]})

        with pytest.raises(DataError, match=rf"X: row 2 \(2024-07-09\): {column} \(open 10.0, .*\) {what}; mend"):
            load(source({"X": data}))

    def test_of_several_symbols_are_one_timeline(self, source: Any, rows: Any, load: Load) -> None:
        market = load(source({"X": rows(WEEK[::2]), "Y": rows(WEEK), "Z": rows(WEEK[1:])}))

        seen = [(bar.session.day, bar.symbol) for bar in market.timeline.bars(0, len(market.timeline))]
        assert seen == sorted(
            [(day.day, "X") for day in WEEK[::2]] + [(d.day, "Y") for d in WEEK] + [(d.day, "Z") for d in WEEK[1:]]
        )

    def test_have_one_digest_however_numbers_are_stored(self, source: Any, rows: Any, load: Load) -> None:
        floats = rows(WEEK, [10.25, 10.5, 10.0, 11.0, 10.75])
        decimals = {
            name: values if name == "time" else pa.array([Decimal(str(v)) for v in values], pa.decimal128(20, 7))
            for name, values in floats.items()
        }

        tables = [load(source({"X": data})).tables[0] for data in (floats, decimals)]

        assert tables[0].digest == tables[1].digest


class TestInstrument:
    def test_takes_the_zone_of_its_calendar(self, week: Any, load: Load) -> None:
        assert load(week()).tables[0].instrument.zone == "America/New_York"

    def test_declared_calendar_and_currency_win(self, week: Any, load: Load) -> None:
        instrument = load(week(), {"calendar": "24/7", "currency": "EUR"}).tables[0].instrument

        assert (instrument.calendar, instrument.zone, instrument.currency) == ("24/7", "UTC", "EUR")

    def test_overrides_of_one_symbol_win_over_all(self, week: Any, load: Load) -> None:
        overrides = {"X": InstrumentSettings(currency="GBP", lot=Decimal("0.1"))}

        instrument = load(week(), {"currency": "EUR"}, instruments=overrides).tables[0].instrument

        assert (instrument.currency, instrument.lot) == ("GBP", Decimal("0.1"))

    @pytest.mark.parametrize("key", ["calendar", "currency"])
    def test_unknown_calendar_or_currency_is_asked_for(self, week: Any, load: Load, key: str) -> None:
        with pytest.raises(ConfigError, match=rf"{key}: the {key} of 'X' is not declared; say which, e\.g\. {key}: "):
            load(week(**{key: ""}))

    def test_breaking_its_contract_is_refused(self, week: Any, load: Load) -> None:
        days = {"listed": date(2024, 7, 2), "delisted": date(2024, 7, 1)}

        with pytest.raises(DataError, match=r"instrument 'X': .*nothing is delisted before it is listed"):
            load(week(instrument=days))

    def test_with_a_value_that_its_contract_forbids_is_refused(self, week: Any, load: Load) -> None:
        with pytest.raises(DataError, match="instrument 'X': currency 'dollars': "):
            load(week(currency="dollars"))

    def test_of_an_unknown_symbol_is_refused_with_the_nearest(self, week: Any, load: Load) -> None:
        with pytest.raises(
            DataError, match=r"source 'rows' has no symbol 'AAPK'; it has AAPL, IBM\. Did you mean 'AAPL'"
        ):
            load(week("AAPL", "IBM"), symbols=["AAPK"])

    def test_of_an_unknown_symbol_lists_at_most_twenty(self, week: Any, load: Load) -> None:
        symbols = [f"S{number:02}" for number in range(25)]

        with pytest.raises(DataError, match="S19 and 5 more"):
            load(week(*symbols), symbols=["OTHER"])


class TestDeclarations:
    def test_undeclared_prices_are_refused(self, week: Any, load: Load) -> None:
        with pytest.raises(ConfigError, match="prices: it is not declared what the prices are; say prices: raw"):
            load(week(facts=SourceFacts(stamp="session")))

    def test_declared_decimals_round_floats(self, source: Any, rows: Any, load: Load) -> None:
        made = source({"X": rows(WEEK, [10.123456789012] * 5)})

        table = load(made, {"decimals": 4}).tables[0]

        assert (table.bar(0).close, table.price_scale) == (Decimal("10.1235"), 4)

    def test_declared_stamp_wins(self, week: Any, load: Load) -> None:
        with pytest.raises(ConfigError, match="times are dates, but stamp is 'end'"):
            load(week(), {"stamp": "end"})

    def test_an_unknown_source_is_named_with_the_nearest(self, week: Any, configured: Any) -> None:
        config = configured(week())

        with pytest.raises(ConfigError, match=r"no data source is called 'row'; there is rows\. Did you mean 'rows'"):
            load_market(config.data.model_copy(update={"source": "row"}), config.sources, instance)

    def test_no_source_at_all_is_said(self, week: Any, configured: Any) -> None:
        with pytest.raises(ConfigError, match=r"no data source is called 'rows'; there is none\."):
            load_market(configured(week()).data, {}, instance)

    def test_one_symbol_may_come_from_another_source(self, week: Any, configured: Any) -> None:
        config = configured(week("X"), symbols=["X", "Y"], instruments={"Y": InstrumentSettings(source="other")})
        sources = {**config.sources, "other": SourceSettings(use="rows", instance=week("Y"))}

        market = load_market(config.data, sources, instance)

        assert [table.symbol for table in market.tables] == ["X", "Y"]

    def test_what_is_wrong_with_the_rows_begins_with_the_entry(self, week: Any, configured: Any) -> None:
        config = configured(week())
        entry = SourceSettings(use="rows", instance=week(), stamp="end")
        entry.written_at({"": Place("sources.yaml:3", "data_sources.rows", Path())})

        with pytest.raises(ConfigError, match=r"^sources\.yaml:3: data_sources\.rows: X: row 1 .* stamp is 'end'"):
            load_market(config.data, {"rows": entry}, instance)

    def test_files_are_found_beside_the_configuration(self, week: Any, configured: Any, tmp_path: Path) -> None:
        config = configured(week())
        entry = SourceSettings.model_validate({"use": "rows", "with": {"path": "../x.parquet", "other": "kept"}})
        written = Place("", "", tmp_path)
        entry.written_at({"": written, "with.path": written})
        asked: list[Reference] = []

        def build(kind: str, reference: Reference) -> Any:
            asked.append(reference)
            return week()

        load_market(config.data, {"rows": entry}, build)

        assert asked[0].with_ == {"path": str(tmp_path.parent / "x.parquet"), "other": "kept"}
