"""The service by hand: load, stream, and what is published when."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from qtrader import EventBus
from qtrader.errors import ConfigError, DataError
from qtrader.events import BaseEvent, CorporateActionEvent, PriceBarEvent
from qtrader.ports import CorporateAction, Feed, Service, SourceFacts
from qtrader.ports.settings import DataServiceSettings, InstrumentSettings, SourceSettings
from qtrader_service_data.service import DataService

DAYS = [date(2020, 1, 2), date(2020, 1, 3), date(2020, 1, 6), date(2020, 1, 7)]
SPLIT = CorporateAction("AAPL", "split", date(2020, 1, 6), numerator=4, denominator=1)


@pytest.fixture
def bus() -> EventBus:
    return EventBus()


@pytest.fixture
def seen(bus: EventBus) -> list[BaseEvent]:
    """Everything that is published."""
    events: list[BaseEvent] = []
    bus.subscribe("*", events.append)
    return events


@pytest.fixture
def config(source: Any, rows: Any, configured: Any) -> DataServiceSettings:
    """Two symbols, four days."""
    tables = {
        "AAPL": rows(DAYS, [296.24, 297.43, 74.9, 74.6], volume=[1, 2, 3, 4]),
        "IBM": rows(DAYS[1:], [134.34, 134.1, 134.19]),
    }
    made: DataServiceSettings = configured(source(tables, given=[SPLIT]))
    return made


@pytest.fixture
def service(bus: EventBus, config: DataServiceSettings) -> DataService:
    return DataService(event_bus=bus, config=config)


def told(events: list[BaseEvent]) -> list[str]:
    """Topic, symbol and day of each event."""
    return [f"{event.topic} {event.symbol} {event.occurred_at.day}" for event in events]  # type: ignore[attr-defined]


class TestStreamBar:
    def test_publishes_the_bar_of_a_session(self, service: DataService, seen: list[Any]) -> None:
        service.load_data(symbol="AAPL", start_date="2020-01-01")
        service.stream_bar(datetime(2020, 1, 2))  # noqa: DTZ001 - as the brief writes it

        (bar,) = seen
        assert isinstance(bar, PriceBarEvent)
        assert (bar.symbol, bar.close, bar.volume, bar.session) == ("AAPL", Decimal("296.24"), 1, date(2020, 1, 2))

    def test_says_that_the_bar_was_known_at_the_close(self, service: DataService, seen: list[BaseEvent]) -> None:
        service.load_data("AAPL", "2020-01-01")
        service.stream_bar(date(2020, 1, 2))

        assert seen[0].occurred_at == datetime(2020, 1, 2, 21, tzinfo=UTC)

    def test_gives_back_what_it_published(self, service: DataService) -> None:
        service.load_data("AAPL")

        assert [bar.close for bar in service.stream_bar(DAYS[3])] == [Decimal("74.6")]

    def test_takes_the_end_of_a_bar_as_an_aware_time(self, service: DataService, seen: list[BaseEvent]) -> None:
        service.load_data("AAPL")
        service.stream_bar(datetime(2020, 1, 3, 16, tzinfo=UTC) + timedelta(hours=5))

        assert told(seen) == ["bar AAPL 3"]

    def test_publishes_all_symbols_in_order(self, service: DataService, seen: list[BaseEvent]) -> None:
        service.load_data("IBM")
        service.load_data("AAPL")
        service.stream_bar(DAYS[1])

        assert told(seen) == ["bar AAPL 3", "bar IBM 3"]

    def test_publishes_actions_before_the_bar_that_follows_them(
        self, service: DataService, seen: list[BaseEvent]
    ) -> None:
        service.load_data("AAPL")
        service.stream_bar(DAYS[1])
        service.stream_bar(DAYS[2])

        assert told(seen) == ["bar AAPL 3", "corporate_action AAPL 6", "bar AAPL 6"]

    def test_publishes_an_action_once(self, service: DataService, seen: list[BaseEvent]) -> None:
        service.load_data("AAPL")
        service.stream_bar(DAYS[3])
        service.stream_bar(DAYS[3])

        assert [event.topic for event in seen] == ["corporate_action", "bar", "bar"]

    def test_dates_an_action_at_its_sessions_open(self, service: DataService, seen: list[BaseEvent]) -> None:
        service.load_data("AAPL")
        service.stream_bar(DAYS[3])

        assert isinstance(seen[0], CorporateActionEvent)
        assert seen[0].occurred_at == datetime(2020, 1, 6, 14, 30, tzinfo=UTC)

    def test_keeps_quiet_about_actions_before_the_start(self, service: DataService, seen: list[BaseEvent]) -> None:
        service.load_data("AAPL", "2020-01-07")
        service.stream_bar(DAYS[3])

        assert [event.topic for event in seen] == ["bar"]

    def test_publishes_all_bars_of_a_session(
        self, source: Any, rows: Any, configured: Any, seen: Any, bus: Any
    ) -> None:
        times = [datetime(2020, 1, 2, 14, minute, tzinfo=UTC) for minute in (30, 31, 32)]
        facts = SourceFacts(prices="raw", stamp="start", knows_actions=True)
        made = source({"X": rows(times)}, facts=facts, interval="1m")
        service = DataService(bus, configured(made, interval="1m"))
        service.load_data("X")

        service.stream_bar(DAYS[0])

        assert [event.occurred_at.minute for event in seen] == [31, 32, 33]

    def test_at_a_day_without_bars_says_what_is_loaded(self, service: DataService) -> None:
        service.load_data("AAPL", "2020-01-03")

        with pytest.raises(DataError, match="no bar at 2020-01-04; loaded are AAPL from 2020-01-03 to 2020-01-07"):
            service.stream_bar(date(2020, 1, 4))

    def test_of_a_warm_up_row_is_refused(self, service: DataService) -> None:
        service.load_data("AAPL", "2020-01-03")

        with pytest.raises(DataError, match="no bar at 2020-01-02"):
            service.stream_bar(DAYS[0])

    def test_before_anything_is_loaded_says_what_to_call(self, service: DataService) -> None:
        with pytest.raises(DataError, match="nothing is loaded; call load_data"):
            service.stream_bar(DAYS[0])

    def test_refuses_a_naive_time_of_day(self, service: DataService) -> None:
        service.load_data("AAPL")

        with pytest.raises(DataError, match="2020-01-02 16:00:00 has no zone; pass an aware time"):
            service.stream_bar(datetime(2020, 1, 2, 16))  # noqa: DTZ001 - what is refused


class TestLoadData:
    @pytest.mark.parametrize("start", ["2020-01-03", date(2020, 1, 3), datetime(2020, 1, 3, tzinfo=UTC)])
    def test_counts_the_bars_from_start_to_end(self, service: DataService, start: Any) -> None:
        assert service.load_data("AAPL", start_date=start, end_date="2020-01-06") == 2

    @pytest.mark.parametrize("value", ["last week", 20200102])
    def test_refuses_what_is_no_date(self, service: DataService, value: Any) -> None:
        with pytest.raises(ConfigError, match=f"start_date is {value!r}; write a date like 2020-01-31"):
            service.load_data("AAPL", value)

    def test_refuses_reversed_dates(self, service: DataService) -> None:
        with pytest.raises(ConfigError, match="start_date 2020-01-07 is after end_date 2020-01-03; swap them"):
            service.load_data("AAPL", "2020-01-07", "2020-01-03")

    def test_takes_a_symbol_from_its_own_source(self, config: Any, source: Any, rows: Any, bus: EventBus) -> None:
        other = SourceSettings(use="rows", instance=source({"BTC": rows(DAYS)}, calendar="24/7"))
        data = config.data.model_copy(update={"instruments": {"BTC": InstrumentSettings(source="other")}})
        service = DataService(bus, DataServiceSettings(data=data, sources={**config.sources, "other": other}))

        assert service.load_data("BTC") == 4


class TestService:
    def test_is_a_service_and_a_feed(self, service: DataService) -> None:
        assert isinstance(service, Service)
        assert isinstance(service, Feed)

    def test_loads_the_market_of_its_settings(self, service: DataService) -> None:
        assert [(table.symbol, len(table)) for table in service.load().tables] == [("AAPL", 4), ("IBM", 3)]

    def test_listens_to_nobody(self, service: DataService) -> None:
        assert service.handlers() == ()

    def test_start_and_stop_publish_nothing(self, service: DataService, seen: list[BaseEvent]) -> None:
        service.start()
        service.stop()

        assert seen == []

    def test_restored_does_not_publish_an_action_again(self, config: Any, bus: EventBus, seen: list[BaseEvent]) -> None:
        first, second = (DataService(bus, config) for _ in range(2))
        first.load_data("AAPL")
        first.stream_bar(DAYS[2])
        second.restore(first.snapshot())
        second.load_data("AAPL")

        second.stream_bar(DAYS[3])

        assert [event.topic for event in seen] == ["corporate_action", "bar", "bar"]

    def test_refuses_a_snapshot_of_another_version(self, service: DataService) -> None:
        with pytest.raises(ConfigError, match="snapshot of version 2 cannot be read; this is 1"):
            service.restore({"version": 2, "published": []})


def test_works_as_the_brief_shows_it(config: DataServiceSettings, seen: list[BaseEvent], bus: EventBus) -> None:
    event_bus, data_config = bus, config
    data_service = DataService(event_bus=event_bus, config=data_config)
    data_service.load_data(symbol="AAPL", start_date="2020-01-01")
    data_service.stream_bar(datetime(2020, 1, 2))  # noqa: DTZ001  # Publishes PriceBarEvent

    assert told(seen) == ["bar AAPL 2"]
