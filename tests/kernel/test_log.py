"""The event log: numbers by arithmetic against a plain list, sealing, reading back, digests, logs outside a run."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_samples import event, made
from logs import KINDS, RUN, SAMPLES, Writer, world
from market_builders import daily, market
from qtrader import EventBus
from qtrader.contracts import to_contract
from qtrader.errors import RunError, StoreError
from qtrader.events import BaseEvent, Origin, PriceBarEvent, SignalEvent, ValuationTriggerEvent
from qtrader.events.base import trusted
from qtrader.log import BATCH, CHUNK, EventLog
from qtrader.log_file import Chunk, read_log, write_log
from qtrader.ports import Handler

BARS = 40
ROWS = len(world(BARS).timeline)
SCRIPTS = st.lists(st.none() | st.integers(-1, 200), max_size=ROWS)
MIXED = [None, 0, 1, None, None, 2, -1, *[None, 3, 7, 2] * 10]
"""A script with bars, answers, events without a cause, and two bars of one instant."""


def trigger(log: EventLog, cause: Any = None, **changes: Any) -> BaseEvent:
    """Append a valuation trigger, unchecked."""
    return log.enter(ValuationTriggerEvent, {"session": date(2020, 1, 1), "reason": "session_end", **changes}, cause)


def read_back(log: EventLog, path: Path) -> EventLog:
    """The log through its file."""
    log.seal()
    write_log(path / "events.arrow", log.chunks, log.kinds)
    assert log.market is not None
    return EventLog.of_chunks(log.run, log.market, KINDS, read_log(path / "events.arrow", KINDS), log.bars)


# numbers


@given(SCRIPTS)
@settings(deadline=None, max_examples=60)
def test_any_interleaving_of_bars_and_events_reads_as_the_plain_list(script: list[int | None]) -> None:
    writer = Writer().write(script)

    assert list(writer.log) == writer.expected


@given(SCRIPTS, st.data())
@settings(deadline=None, max_examples=60)
def test_slices_are_those_of_the_plain_list(script: list[int | None], data: st.DataObject) -> None:
    writer = Writer().write(script)
    some = data.draw(st.slices(len(writer.expected)))

    assert writer.log[some] == writer.expected[some]


@given(SCRIPTS)
@settings(deadline=None, max_examples=60)
def test_numbers_have_no_gaps_causes_come_before_and_threads_begin_no_later(script: list[int | None]) -> None:
    origins = [one.origin for one in Writer().write(script).log]

    assert [one.seq for one in origins] == list(range(len(origins)))
    assert all(one.cause < one.seq for one in origins)
    assert all(one.corr <= (one.cause if one.cause >= 0 else one.seq) for one in origins)


@given(SCRIPTS)
@settings(deadline=None, max_examples=60)
def test_times_never_fall(script: list[int | None]) -> None:
    times = [one.time_ns for one in Writer().write(script).log]

    assert times == sorted(times)


@given(SCRIPTS)
@settings(deadline=None, max_examples=60)
def test_every_bar_knows_its_number_for_ever(script: list[int | None]) -> None:
    writer = Writer().write(script)
    numbers = [writer.log.bar_seq(one) for one in writer.objects if not isinstance(one, BaseEvent)]

    assert numbers == [one.seq for one in writer.expected if isinstance(one, PriceBarEvent)]


def test_a_bar_is_expanded_to_the_row_of_its_table() -> None:
    log = Writer().write([None, 0, None, None]).log
    bars = [one for one in log if isinstance(one, PriceBarEvent)]

    assert [("A", Decimal(100)), ("B", Decimal(50)), ("A", Decimal(101))] == [(one.symbol, one.close) for one in bars]


def test_length_counts_bars_and_events() -> None:
    assert len(Writer().write([None, 0, 0, None]).log) == 4


def test_events_that_are_not_bars_are_counted() -> None:
    assert Writer().write([None, 0, 0, None]).log.discrete == 2


@pytest.mark.parametrize("index", [-4, 3, 99])
def test_an_index_beyond_the_ends_is_refused(index: int) -> None:
    log = Writer().write([None, 0, None]).log

    with pytest.raises(IndexError, match=f"event {index} of 3"):
        log[index]


def test_negative_indices_count_from_the_end() -> None:
    writer = Writer().write(MIXED)

    assert [writer.log[-1], writer.log[-len(writer.expected)]] == [writer.expected[-1], writer.expected[0]]


def test_between_gives_the_span_without_its_end() -> None:
    writer = Writer().write(MIXED)

    assert list(writer.log.between(3, 9)) == writer.expected[3:9]


def test_discrete_events_leave_bars_out() -> None:
    writer = Writer(chunk=3).write(MIXED)

    assert list(writer.log.discrete_events()) == [e for e in writer.expected if not isinstance(e, PriceBarEvent)]


def test_discrete_events_of_one_topic_come_in_order_from_sealed_and_open() -> None:
    writer = Writer(chunk=8).write(MIXED)
    topic = SAMPLES[1].topic
    assert writer.log.chunks, "some are sealed"

    found = list(writer.log.discrete_events(topic))

    assert found == [one for one in writer.expected if one.topic == topic]
    assert len(found) > 1


def test_an_answer_may_join_another_thread_than_its_cause() -> None:
    writer = Writer().write([None, 0, None, None])
    order = writer.log[1]
    values = {"session": None, "reason": "end"}
    origin = writer.log.enter(ValuationTriggerEvent, values, writer.objects[3], correlate=order).origin

    assert (origin.cause, origin.corr) == (3, 0)


def test_an_event_without_a_cause_begins_a_thread() -> None:
    writer = Writer().write([None, -1])

    assert (writer.log[1].origin.cause, writer.log[1].origin.corr) == (-1, 1)


# sealing


@pytest.mark.parametrize("chunk", [1, 2, 5, 1000])
def test_the_size_of_chunks_changes_neither_events_nor_digest(chunk: int) -> None:
    whole, parts = Writer().write(MIXED), Writer(chunk=chunk).write(MIXED)
    digest = whole.log.digest()

    assert digest == parts.log.digest()
    assert list(parts.log) == whole.expected


def test_four_chunks_of_4096_events_are_sealed_at_once() -> None:
    log = EventLog(RUN, market(daily("A", [10])), KINDS)
    bus = EventBus(log)
    for number in range(4 * 4096):
        assert not log.chunks, f"sealed after {number}"
        bus.publish(made(ValuationTriggerEvent))

    assert [len(one) for one in log.chunks] == [4096] * 4
    assert (CHUNK, BATCH) == (4096, 4)


@given(st.lists(st.integers(0, len(SAMPLES) - 1), min_size=1, max_size=40), st.integers(1, 9))
@settings(deadline=None, max_examples=30)
def test_chunks_cut_from_a_batch_are_those_sealed_alone(picks: list[int], size: int) -> None:
    events = [SAMPLES[pick] for pick in picks]
    alone = [Chunk.of(events[start : start + size]) for start in range(0, len(events), size)]
    cut = list(Chunk.of(events).cut(size))

    assert [one.digest() for one in cut] == [one.digest() for one in alone]
    assert [(one.kinds, one.order) for one in cut] == [(one.kinds, one.order) for one in alone]


def test_there_is_one_block_digest_per_chunk() -> None:
    log = Writer(chunk=5).write([None, *[0] * 12]).log

    digests = log.block_digests()

    assert [len(one) for one in log.chunks] == [5, 5, 2]
    assert len(set(digests)) == 3


def test_reading_a_table_on_the_way_changes_no_block_digest() -> None:
    disturbed, left_alone = Writer(chunk=5), Writer(chunk=5).write(MIXED)
    disturbed.write(MIXED[:3]).log.table("bar")
    for step in MIXED[3:]:
        disturbed.write([step])

    assert disturbed.log.block_digests() == left_alone.log.block_digests()


def test_a_table_holds_sealed_and_open_events() -> None:
    writer = Writer(chunk=8).write(MIXED)
    kind = type(SAMPLES[1])

    numbers = writer.log.table(kind.topic).column("seq").to_pylist()

    assert numbers == [one.seq for one in writer.expected if isinstance(one, kind)]


def test_a_table_begins_with_seq_and_time() -> None:
    table = Writer().write([None, 0]).log.table(SAMPLES[1].topic)

    assert ["seq", "time", *type(SAMPLES[1]).model_fields][:2] == table.column_names[:2]
    assert str(table.schema.field("time").type) == "timestamp[us, tz=UTC]"


def test_the_table_of_an_unknown_topic_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(StoreError, match=r"no topic 'fil'; there are .*fill"):
        Writer().log.table("fil")


def test_counts_are_of_all_events_of_a_topic() -> None:
    log = Writer(chunk=3).write([None, *[0] * (2 * len(SAMPLES))]).log
    log.seal()

    topics = [one.topic for one in SAMPLES]
    assert log.counts == {topic: 2 * topics.count(topic) for topic in topics}


# events that break their contract


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"reason": "lunch"}, r"\$\.reason.*'lunch' is none of"),
        ({"reason": None}, r"\$\.reason"),
        ({"session": "2020-01-01"}, r"\$\.session .*is a str; emit a date"),
        ({"session": date(1600, 1, 1)}, r"\$\.session .*is before 1700"),
    ],
)
def test_an_event_that_breaks_its_contract_stops_the_run_when_it_is_sealed(changes: dict[str, Any], says: str) -> None:
    log = Writer().write([None, 0]).log
    trigger(log, **changes)

    with pytest.raises(RunError, match=rf"engine/valuation_trigger\.v1: {says}"):
        log.seal()


def test_the_message_names_the_event_that_breaks_its_contract() -> None:
    log = Writer().write([None, 0, None]).log
    trigger(log)
    trigger(log, reason="lunch")

    with pytest.raises(RunError, match="event 4 "):
        log.seal()


def test_a_broken_rule_between_fields_is_found_in_columns() -> None:
    log = EventLog(RUN, world(), KINDS)
    bar = event(PriceBarEvent)
    log.enter(PriceBarEvent, {**bar.__dict__, "low": bar.high + 1})

    with pytest.raises(RunError, match=r"data/bar\.v1: \$\.low .*breaks low <= "):
        log.seal()


def test_what_came_before_the_broken_event_stays_and_nothing_after_it() -> None:
    writer = Writer().write([None, 0, None, 1])
    trigger(writer.log, reason="lunch")
    writer.log.bars += 1
    trigger(writer.log)
    with pytest.raises(RunError):
        writer.log.seal()

    assert list(writer.log) == writer.expected
    assert writer.log.digest() == Writer().write([None, 0, None, 1]).log.digest()


def test_a_full_batch_with_a_broken_event_stops_the_publisher() -> None:
    log = EventLog(RUN, market(daily("A", [10])), KINDS, chunk=2)
    bus = EventBus(log)
    trigger(log, reason="lunch")
    for _ in range(2 * BATCH - 2):
        bus.publish(made(ValuationTriggerEvent))

    with pytest.raises(RunError, match="breaks its contract"):
        bus.publish(made(ValuationTriggerEvent))


# on disk


@pytest.mark.parametrize("chunk", [1, 7, 4096])
def test_a_log_read_back_is_equal_event_for_event(chunk: int, tmp_path: Path) -> None:
    writer = Writer(chunk=chunk).write([*MIXED, *[None, *[0] * len(SAMPLES)]])
    again = read_back(writer.log, tmp_path)

    assert list(again) == writer.expected
    assert [to_contract(one) for one in again] == [to_contract(one) for one in writer.expected]


@given(SCRIPTS)
@settings(deadline=None, max_examples=20)
def test_any_log_read_back_has_its_digest(tmp_path_factory: pytest.TempPathFactory, script: list[int | None]) -> None:
    log = Writer(chunk=6).write(script).log

    assert log.digest() == read_back(log, tmp_path_factory.mktemp("log")).digest()


def test_a_log_read_back_has_its_counts_and_blocks(tmp_path: Path) -> None:
    log = Writer(chunk=6).write(MIXED).log
    again = read_back(log, tmp_path)

    assert (log.counts, log.block_digests()) == (again.counts, again.block_digests())


def test_a_log_file_that_is_cut_is_refused(tmp_path: Path) -> None:
    read_back(Writer().write(MIXED).log, tmp_path)
    path = tmp_path / "events.arrow"
    path.write_bytes(path.read_bytes()[:-100])

    with pytest.raises(StoreError, match=r"events\.arrow: the event log cannot be read"):
        read_log(path, KINDS)


def test_a_topic_that_no_plugin_knows_is_named(tmp_path: Path) -> None:
    read_back(Writer().write(MIXED).log, tmp_path)

    with pytest.raises(StoreError, match=r"no installed plugin knows: .*order"):
        read_log(tmp_path / "events.arrow", [ValuationTriggerEvent])


def test_a_log_without_its_bars_says_so() -> None:
    log = Writer().write([None, 0]).log
    log.seal()
    bare = EventLog.of_chunks(log.run, replace(world(), tables=()), KINDS, log.chunks, log.bars)

    assert bare[1] == log[1]
    with pytest.raises(StoreError, match=r"event 0 is a bar.*not archived"):
        bare[0]


# the digest


def test_the_digest_changes_with_the_number_of_bars_seen() -> None:
    assert Writer().write([None, None]).log.digest() != Writer().write([None]).log.digest()


def test_the_digest_changes_with_the_market() -> None:
    one, other = (EventLog(RUN, market(daily("A", [10, last])), KINDS) for last in (11, 12))

    assert one.digest() != other.digest()


def test_the_digest_does_not_hang_on_the_run() -> None:
    """The run digest is in ids only: two runs that are event for event the same have one event digest."""
    one, other = (Writer(run=run).write(MIXED).log for run in (RUN, RUN + 1))

    assert one.digest() == other.digest()
    assert one[1].event_id != other[1].event_id


@pytest.mark.parametrize("changed", ["cause", "corr", "time_ns", "seq"])
def test_the_digest_covers_each_part_of_the_envelope(changed: str) -> None:
    digests = set()
    for value in (3, 4):
        log = EventLog(RUN, world(), KINDS)
        origin = Origin(RUN, 9, 7, 2, 1)._replace(**{changed: value})
        log.append(trusted(ValuationTriggerEvent, {"session": None, "reason": "end"}, origin))
        digests.add(log.digest())

    assert len(digests) == 2


# events made by hand


def test_an_event_made_by_hand_is_given_its_place_in_the_run() -> None:
    writer = Writer().write([None, 0])
    hand_made = made(SignalEvent)
    logged = writer.log.adopt(hand_made, writer.objects[0])

    assert logged.origin == Origin(RUN, 2, writer.log.time_ns, 0, 0)
    assert writer.log[2] == logged


def test_an_event_made_by_hand_keeps_its_payload_in_the_run() -> None:
    writer = Writer().write([None])
    hand_made = made(SignalEvent)
    logged = writer.log.adopt(hand_made, None)

    assert {**logged.__dict__, "origin": None} == {**hand_made.__dict__, "origin": None}


def test_a_reply_by_hand_is_caused_by_what_is_handled() -> None:
    bus = EventBus(EventLog(RUN, world(), KINDS))
    bus.attach("manager", [Handler("signal", lambda _: bus.publish(made(ValuationTriggerEvent)) and None)])
    bus.publish(made(SignalEvent))

    assert bus.history[1].origin.cause == bus.history[0].seq


def test_a_bar_made_by_hand_in_a_run_counts_beside_those_of_the_market(tmp_path: Path) -> None:
    writer = Writer().write([None])
    writer.log.adopt(event(PriceBarEvent), None)
    writer.bar()
    again = read_back(writer.log, tmp_path)

    assert [one.seq for one in again] == [0, 1, 2]
    assert ["A", event(PriceBarEvent).symbol, "B"] == [one.symbol for one in again if isinstance(one, PriceBarEvent)]


# outside a run


def test_a_log_outside_a_run_keeps_events_as_they_were_made() -> None:
    log = EventLog()
    one = made(SignalEvent)

    assert log.adopt(one, None) is one
    assert list(log) == [one]


def test_a_log_outside_a_run_has_no_cap_and_seals_nothing() -> None:
    bus = EventBus()
    for _ in range(5000):
        bus.publish(made(ValuationTriggerEvent))

    assert (len(bus.history), len(bus.log.chunks)) == (5000, 0)


def test_events_emitted_outside_a_run_take_numbers_of_the_process() -> None:
    log = EventLog()
    first = trigger(log).origin
    hand_made = made(SignalEvent)

    assert first.seq < hand_made.seq < trigger(log).seq
    assert first.run == 0


def test_an_answer_outside_a_run_is_not_earlier_than_its_cause() -> None:
    cause = made(SignalEvent, occurred_at="2024-01-31T21:00:00.000000Z")
    origin = trigger(EventLog(), cause).origin

    assert (cause.time_ns, cause.seq, cause.seq) == (origin.time_ns, origin.cause, origin.corr)
