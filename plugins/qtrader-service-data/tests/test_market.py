"""Corporate actions of a run, the sessions in which it is valued, and its warnings."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from qtrader import Market
from qtrader.errors import ConfigError, DataError
from qtrader.ports import CorporateAction, SourceFacts
from qtrader.ports.settings import InstrumentSettings

Load = Callable[..., Market]
WEEK = [date(2024, 7, 8), date(2024, 7, 9), date(2024, 7, 10), date(2024, 7, 11), date(2024, 7, 12)]
SPLIT = CorporateAction("X", "split", date(2024, 7, 10), numerator=2, denominator=1)
DIVIDEND = CorporateAction("X", "cash_dividend", date(2024, 7, 10), amount=Decimal("0.82"), currency="USD")


def kinds(market: Market) -> list[str]:
    return [scheduled.action.action_type for scheduled in market.actions]


@pytest.fixture
def week(source: Any, rows: Any) -> Callable[..., Any]:
    """A source with the same five days of each symbol."""

    def made(*symbols: str, **options: Any) -> Any:
        return source({symbol: rows(WEEK, volume=[1, 2, 3, 4, 5]) for symbol in symbols or ("X",)}, **options)

    return made


class TestActions:
    def test_take_effect_at_the_open_of_their_ex_date(self, week: Any, load: Load) -> None:
        market = load(week(given=[SPLIT]))

        assert market.actions[0].time_ns == market.tables[0].open_ns[2]

    def test_on_a_holiday_take_effect_with_the_next_session(self, source: Any, rows: Any, load: Load) -> None:
        given = [CorporateAction("X", "split", date(2024, 7, 4), numerator=2, denominator=1)]

        market = load(source({"X": rows([date(2024, 7, 3), date(2024, 7, 5)])}, given=given))

        assert market.actions[0].time_ns == market.tables[0].open_ns[1]

    def test_of_one_day_come_splits_first(self, week: Any, load: Load) -> None:
        assert kinds(load(week(given=[DIVIDEND, SPLIT]))) == ["split", "cash_dividend"]

    def test_are_named_for_what_they_are(self, week: Any, load: Load) -> None:
        market = load(week(given=[DIVIDEND, DIVIDEND]))

        names = [scheduled.action_id for scheduled in market.actions]
        assert names == ["X-2024-07-10-cash_dividend", "X-2024-07-10-cash_dividend-2"]

    def test_outside_the_bars_are_left_out(self, week: Any, load: Load) -> None:
        given = [
            CorporateAction("X", "split", day, numerator=2, denominator=1)
            for day in (date(2024, 7, 5), date(2024, 7, 8), date(2024, 7, 12), date(2024, 7, 15))
        ]

        assert [one.action.ex_date.day for one in load(week(given=given)).actions] == [8, 12]

    def test_after_the_end_are_left_out(self, week: Any, load: Load) -> None:
        assert load(week(given=[SPLIT]), end="2024-07-09").actions == ()

    @pytest.mark.parametrize(
        ("prices", "left"),
        [("raw", ["split", "cash_dividend"]), ("split-adjusted", ["cash_dividend"]), ("total-return", [])],
    )
    def test_that_the_prices_hold_already_are_left_out(
        self, week: Any, load: Load, prices: str, left: list[str]
    ) -> None:
        assert kinds(load(week(given=[SPLIT, DIVIDEND]), {"prices": prices})) == left

    def test_breaking_their_contract_are_refused(self, week: Any, load: Load) -> None:
        wrong = CorporateAction("X", "split", date(2024, 7, 10), numerator=1, denominator=2)

        with pytest.raises(DataError, match=r"corporate action X-2024-07-10-split: .*a split gives more units"):
            load(week(given=[wrong]))

    def test_with_a_wrong_value_are_refused_with_field_and_value(self, week: Any, load: Load) -> None:
        wrong = CorporateAction("X", "cash_dividend", date(2024, 7, 10), amount=Decimal(-1), currency="USD")

        with pytest.raises(DataError, match=r"corporate action X-2024-07-10-cash_dividend: amount Decimal\('-1'\)"):
            load(week(given=[wrong]))

    def test_come_from_the_file_that_is_declared(self, week: Any, load: Load, tmp_path: Path) -> None:
        file = tmp_path / "actions.csv"
        file.write_text(
            "symbol,action_type,ex_date,numerator,denominator\nX,split,2024-07-10,3,1\nY,split,2024-07-10,5,1\n"
        )

        market = load(week(given=[DIVIDEND]), {"actions": str(file)})

        assert [scheduled.action.numerator for scheduled in market.actions] == [3]


class TestSessionsOfTheRun:
    def test_are_those_from_start_to_end(self, week: Any, load: Load) -> None:
        market = load(week(), start="2024-07-09", end="2024-07-11")

        assert [session.day for session in market.sessions] == WEEK[1:4]

    def test_come_from_the_calendar_where_rows_are_missing(self, source: Any, rows: Any, load: Load) -> None:
        market = load(source({"X": rows(WEEK[::2])}))

        assert [session.day for session in market.sessions] == WEEK

    def test_are_252_a_year_on_an_exchange(self, week: Any, load: Load) -> None:
        assert load(week()).sessions_per_year == 252

    def test_of_a_run_that_mixes_calendars_are_every_day(self, week: Any, load: Load) -> None:
        market = load(week("X", "Y"), instruments={"Y": InstrumentSettings(calendar="24/7")})

        assert (market.sessions_per_year, len(market.sessions)) == (365, 5)


class TestWarnings:
    def test_are_none_when_all_is_well(self, week: Any, load: Load) -> None:
        assert load(week()).warnings == ()

    def test_name_missing_sessions(self, source: Any, rows: Any, load: Load) -> None:
        data = rows([date(2024, 7, 1), *WEEK[1:2], WEEK[4]], volume=[1, 2, 3])

        market = load(source({"X": data}))

        assert market.warnings == ("X: no bars in 6 sessions of XNYS: 2024-07-02, 2024-07-03, 2024-07-05, ...",)

    def test_count_unknown_volumes(self, source: Any, rows: Any, load: Load) -> None:
        market = load(source({"X": rows(WEEK, volume=[1, None, None, 4, 5]), "Y": rows(WEEK)}))

        assert [warning.partition(":")[2].split(" bars")[0] for warning in market.warnings] == [
            " volume is unknown in 2 of 5",
            " volume is unknown in 5 of 5",
        ]

    def test_tell_raw_prices_without_actions(self, week: Any, load: Load) -> None:
        market = load(week(facts=SourceFacts(prices="raw", stamp="session")))

        assert market.warnings == (
            "X: prices are raw and no corporate actions are given: splits and dividends are missing",
        )

    @pytest.mark.parametrize(
        ("row", "told"),
        [
            ("", ("X: the file of actions has no rows: no split or dividend of it is booked",)),
            (
                "XX,split,2024-07-10,2,1",
                (
                    "X: the file of actions has no row of it, but rows of XX, which the source does not have: no split "
                    "or dividend of it is booked",
                ),
            ),
            ("Y,split,2024-07-10,2,1", ()),
            ("X,split,2024-07-10,2,1", ()),
        ],
        ids=["none", "of a misspelt symbol", "of another symbol", "of this symbol"],
    )
    def test_tell_of_a_file_of_actions_that_names_others(
        self, week: Any, load: Load, tmp_path: Path, row: str, told: tuple[str, ...]
    ) -> None:
        file = tmp_path / "actions.csv"
        file.write_text(f"symbol,action_type,ex_date,numerator,denominator\n{row}\n", encoding="utf-8")
        market = load(week("X", "Y"), {"actions": str(file)}, symbols=["X"])

        assert market.warnings == told

    @pytest.mark.parametrize("declared", [{"prices": "total-return"}, {"asset_class": "crypto"}])
    def test_do_not_miss_actions_where_there_are_none(self, week: Any, load: Load, declared: dict[str, str]) -> None:
        assert load(week(facts=SourceFacts(prices="raw", stamp="session")), declared).warnings == ()

    def test_tell_of_instruments_that_are_not_in_the_run(self, week: Any, load: Load) -> None:
        market = load(week("AAPL", "IBM"), symbols=["AAPL"], instruments={"AAPPL": InstrumentSettings(lot="7")})

        assert market.warnings == (
            "data.instruments.AAPPL: it is not in data.symbols and changes nothing. Did you mean 'AAPL'?",
        )

    def test_tell_of_a_split_inside_a_bar(self, week: Any, load: Load) -> None:
        market = load(week(given=[SPLIT]), interval="1w")

        assert market.warnings == ("X: X-2024-07-10-split falls into a 1w bar, which mixes both prices",)


@pytest.mark.parametrize("zone", ["Mars/Base", "New York"])
def test_a_zone_that_does_not_exist_is_refused_even_where_dates_need_none(week: Any, load: Load, zone: str) -> None:
    with pytest.raises(ConfigError, match=f"zone '{zone}' is not known; write one such as America/New_York"):
        load(week(), {"zone": zone})
