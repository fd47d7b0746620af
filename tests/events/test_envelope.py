import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from pydantic import ValidationError

import qtrader.events
from event_samples import EVENT_CLASSES, ORIGIN, made, payload
from qtrader.events import (
    BaseEvent,
    ConsolidatedPortfolioEvent,
    FillEvent,
    Foreign,
    Origin,
    PortfolioStateEvent,
    PriceBarEvent,
    SignalEvent,
    TradeEvent,
    ValidatedEvent,
    ValuationTriggerEvent,
    make_id,
    trusted,
)
from qtrader.events.base import read_id

pytestmark = pytest.mark.events
every_class = pytest.mark.parametrize("event_class", EVENT_CLASSES, ids=lambda one: one.topic)
NOON = datetime(2024, 6, 7, 12, 0, 0, 123456, tzinfo=UTC)


@every_class
def test_every_class_derives_from_the_validated_event(event_class: type[BaseEvent]) -> None:
    assert issubclass(event_class, ValidatedEvent)


@every_class
def test_every_class_is_exported(event_class: type[BaseEvent]) -> None:
    assert event_class.__name__ in qtrader.events.__all__


@every_class
def test_event_type_is_the_topic(event_class: type[BaseEvent]) -> None:
    assert made(event_class).event_type == event_class.topic


@every_class
def test_source_service_is_the_producers(event_class: type[BaseEvent]) -> None:
    assert made(event_class).source_service == event_class.contract().split("/")[0]


@every_class
def test_two_hand_made_events_have_two_ids(event_class: type[BaseEvent]) -> None:
    assert made(event_class).event_id != made(event_class).event_id


@every_class
def test_an_unknown_field_is_refused(event_class: type[BaseEvent]) -> None:
    with pytest.raises(ValidationError, match="severity"):
        made(event_class, severity="high")


@every_class
def test_the_error_names_the_contract(event_class: type[BaseEvent]) -> None:
    with pytest.raises(ValidationError, match=f"contract {event_class.contract()}"):
        made(event_class, severity="high")


def test_both_names_of_the_consolidated_portfolio_are_one_class() -> None:
    assert PortfolioStateEvent is ConsolidatedPortfolioEvent


def test_the_version_is_one() -> None:
    assert made(FillEvent).event_version == 1


def test_an_id_is_a_uuid_of_version_eight_and_the_standard_variant() -> None:
    found = UUID(trusted(FillEvent, payload(FillEvent), ORIGIN).event_id)

    assert (found.version, found.variant) == (8, "specified in RFC 4122")


def test_an_id_is_the_run_then_the_sequence() -> None:
    # 74 bits of run = 1, 48 bits of sequence = 5: bit 48 is set, and 5; version 8 and variant 10 are put between.
    assert make_id(1, 5) == "00000000-0000-8000-8001-000000000005"


def test_the_largest_run_and_sequence_fill_every_free_bit() -> None:
    assert make_id(2**74 - 1, 2**48 - 1) == "ffffffff-ffff-8fff-bfff-ffffffffffff"


@pytest.mark.parametrize(("run", "seq"), [(0, 0), (1, 5), (2**74 - 1, 2**48 - 1), (0x1A2B3C4D5E6F7081923, 1207)])
def test_run_and_sequence_can_be_read_off_an_id(run: int, seq: int) -> None:
    assert read_id(make_id(run, seq)) == (run, seq)


def test_a_random_uuid_is_not_read_as_a_run_and_sequence() -> None:
    assert read_id("0b8e1d1c-3c5e-4c7c-9d57-0d0f6a7f3f10") is None


def test_ids_of_one_run_and_sequence_are_equal() -> None:
    first, second = (trusted(FillEvent, payload(FillEvent), ORIGIN) for _ in range(2))

    assert first.event_id == second.event_id


def test_ids_of_another_run_differ() -> None:
    assert make_id(1, 7) != make_id(2, 7)


def test_occurred_at_is_the_origins_time_in_utc() -> None:
    # 1,718,049,600 s after 1970 is 2024-06-10 20:00 UTC.
    assert trusted(FillEvent, payload(FillEvent), ORIGIN).occurred_at == datetime(2024, 6, 10, 20, tzinfo=UTC)


def test_occurred_at_keeps_microseconds() -> None:
    assert made(SignalEvent, occurred_at=NOON).occurred_at == NOON


def test_time_ns_is_the_same_instant() -> None:
    assert made(SignalEvent, occurred_at=NOON).time_ns == 1_717_761_600_123_456_000


def test_occurred_at_of_another_zone_becomes_utc() -> None:
    there = NOON.astimezone(timezone(timedelta(hours=-4)))

    assert made(SignalEvent, occurred_at=there).occurred_at.isoformat() == "2024-06-07T12:00:00.123456+00:00"


def test_a_naive_occurred_at_is_refused() -> None:
    with pytest.raises(ValidationError, match="no time zone"):
        made(SignalEvent, occurred_at=NOON.replace(tzinfo=None))


def test_a_malformed_occurred_at_is_refused() -> None:
    with pytest.raises(ValidationError, match="'yesterday' is not a UTC time"):
        made(SignalEvent, occurred_at="yesterday")


def test_without_a_time_a_hand_made_signal_is_of_1970() -> None:
    assert made(SignalEvent).occurred_at == datetime(1970, 1, 1, tzinfo=UTC)


def test_a_hand_made_bar_occurred_at_its_end() -> None:
    assert made(PriceBarEvent, timestamp=NOON).occurred_at == NOON


def test_a_hand_made_fill_occurred_when_it_was_executed() -> None:
    assert made(FillEvent, executed_at=NOON).occurred_at == NOON


def test_a_hand_made_trade_occurred_at_its_exit() -> None:
    assert made(TradeEvent, entry_time=NOON, exit_time=NOON).occurred_at == NOON


def test_a_hand_made_event_belongs_to_no_run() -> None:
    assert made(SignalEvent).origin.run == 0


def test_hand_made_events_are_numbered_upwards() -> None:
    first, second = made(SignalEvent), made(SignalEvent)

    assert second.seq == first.seq + 1


def test_a_hand_made_event_has_no_cause() -> None:
    assert made(SignalEvent).causation_id is None


def test_a_hand_made_event_has_no_correlation() -> None:
    assert made(SignalEvent).correlation_id is None


def test_the_cause_is_the_id_of_the_event_at_that_place() -> None:
    cause = trusted(FillEvent, payload(FillEvent), ORIGIN._replace(seq=ORIGIN.cause))

    assert trusted(FillEvent, payload(FillEvent), ORIGIN).causation_id == cause.event_id


def test_the_correlation_is_the_id_of_the_event_at_that_place() -> None:
    first = trusted(FillEvent, payload(FillEvent), ORIGIN._replace(seq=ORIGIN.corr))

    assert trusted(FillEvent, payload(FillEvent), ORIGIN).correlation_id == first.event_id


def test_the_very_first_event_can_be_a_cause() -> None:
    effect = trusted(FillEvent, payload(FillEvent), Origin(1, 1, 0, cause=0))

    assert effect.causation_id == make_id(1, 0)


def test_foreign_ids_are_shown_as_they_came() -> None:
    ids = Foreign("id", "correlation", "causation")
    strange = trusted(FillEvent, payload(FillEvent), Origin(0, 0, 0, foreign=ids))

    assert (strange.event_id, strange.correlation_id, strange.causation_id) == ids


def test_the_origin_is_no_part_of_a_dump() -> None:
    assert "origin" not in made(FillEvent).model_dump()


def test_the_origin_is_no_part_of_json() -> None:
    assert "origin" not in json.loads(made(FillEvent).model_dump_json())


def test_an_origin_of_another_type_is_refused() -> None:
    with pytest.raises(ValidationError, match="Origin"):
        made(FillEvent, origin=(0, 1, 2, -1, -1))


def test_an_origin_and_a_time_together_are_refused() -> None:
    with pytest.raises(ValidationError, match="occurred_at"):
        made(FillEvent, origin=ORIGIN, occurred_at=NOON)


def test_a_bar_is_its_own_bar() -> None:
    bar = made(PriceBarEvent)

    assert bar.bar is bar


def test_the_close_of_a_bar_reads_as_in_the_strategy_sample() -> None:
    assert made(PriceBarEvent).bar.close == Decimal("196.89")


def test_a_bars_time_is_its_end() -> None:
    assert (
        made(PriceBarEvent, timestamp=NOON, occurred_at=NOON + timedelta(hours=1)).time_ns == 1_717_761_600_123_456_000
    )


def test_a_bar_gives_itself_as_its_event() -> None:
    bar = made(PriceBarEvent)

    assert bar.event() is bar


def test_a_trigger_of_a_session_end_needs_no_more_than_its_reason() -> None:
    assert ValuationTriggerEvent(reason="end").session is None
