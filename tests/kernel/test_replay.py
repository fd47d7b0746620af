"""Comparing runs: the first event that differs is named, with what differs in it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from logs import RUN, Writer
from market_builders import daily, market
from qtrader.contracts import to_contract
from qtrader.events import BaseEvent
from qtrader.events.base import trusted
from qtrader.replay import IDENTITY_ONLY, canonical, differences, first_difference
from tiny_run import engine

SCRIPT = [None, 0, 1, None, 2, None, 3, 3]


def events(**changed: dict[str, Any]) -> list[BaseEvent]:
    """A log as a list; ``e4={"price": ...}`` changes fields of event 4, "origin" included."""
    found = list(Writer().write(SCRIPT).log)
    for key, changes in changed.items():
        seq = int(key[1:])
        one = found[seq]
        payload = {name: value for name, value in one.__dict__.items() if name != "origin"}
        origin = one.origin._replace(**changes.get("origin", {}))
        found[seq] = trusted(type(one), {**payload, **{k: v for k, v in changes.items() if k != "origin"}}, origin)
    return found


# first_difference


def test_equal_logs_have_no_difference() -> None:
    assert first_difference(events(), events()) == "no event differs, so the bars themselves do"


def test_the_first_event_that_differs_is_named_with_field_and_values() -> None:
    said = first_difference(events(), events(e0={"close": Decimal("99.5")}, e6={"symbol": "LATER"}))

    assert said == "event 0 (bar at 2020-01-01T21:00:00.000000Z): close was '100' and is '99.5'"


def test_every_field_that_differs_in_that_event_is_told() -> None:
    said = first_difference(events(), events(e0={"close": Decimal("99.5"), "volume": None}))

    assert said.endswith("close was '100' and is '99.5'; volume was '1000' and is None")


@pytest.mark.parametrize("part", ["cause", "corr"])
def test_a_cause_or_a_thread_that_differs_is_a_difference(part: str) -> None:
    said = first_difference(events(), events(e2={"origin": {part: 0}}, e4={"origin": {part: 1}}))
    before = events()[2].origin

    where = 2 if getattr(before, part) else 4
    assert said.startswith(f"event {where} (")
    assert f"{part} was {getattr(events()[where].origin, part)} and is" in said


def test_another_topic_at_the_same_place_is_said_in_one_line() -> None:
    before, after = events(), events()
    after[1] = after[0]

    assert first_difference(before, after) == f"event 1 was {before[1].topic} and is bar"


def test_an_event_too_few_is_only_in_the_stored_run() -> None:
    before = events()

    assert first_difference(before, before[:-1]) == f"event 7 ({before[7].topic}) is only in the stored run"


def test_an_event_too_many_is_only_in_the_new_run() -> None:
    after = events()

    assert first_difference(after[:-1], after) == f"event 7 ({after[7].topic}) is only in the new run"


def test_ids_made_from_the_run_digest_are_no_difference() -> None:
    one, other = (Writer(run=run).write(SCRIPT).log for run in (RUN, RUN + 1))

    assert first_difference(one, other) == "no event differs, so the bars themselves do"


def test_runs_on_other_data_part_at_the_first_bar_that_differs() -> None:
    one, other = (engine(market(daily("A", [10, close]), days=2)).run().log for close in (11, 12))
    seq = next(event.seq for event in one if event.topic == "bar" and event.seq > 1)

    assert first_difference(one, other).startswith(f"event {seq} (bar at 2020-01-02T21:00:00.000000Z): close was '11'")


# canonical documents


def test_a_canonical_document_has_places_for_ids() -> None:
    event = events()[2]
    document = canonical(to_contract(event), event)

    assert not set(IDENTITY_ONLY) & set(document)
    assert (document["seq"], document["cause"], document["corr"]) == (2, 1, 0)


def test_a_canonical_document_has_everything_else_of_the_contract() -> None:
    event = events()[2]
    whole = to_contract(event)

    assert set(canonical(whole, event)) == set(whole) - set(IDENTITY_ONLY) | {"seq", "cause", "corr"}


# nested mappings


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ({"a": {"b": 1}, "c": [1]}, []),
        ({"a": {"b": 2}, "c": [1]}, ["a.b was 1 and is 2"]),
        ({"a": {}, "c": [1]}, ["a.b was 1 and is None"]),
        ({"a": {"b": 1}, "c": [2]}, ["c was [1] and is [2]"]),
        ({"a": 1, "c": [1]}, ["a was {'b': 1} and is 1"]),
        ({"a": {"b": 1, "z": 0}, "c": [1]}, ["a.z was None and is 0"]),
    ],
)
def test_differences_are_told_by_key(after: dict[str, Any], said: list[str]) -> None:
    assert differences({"a": {"b": 1}, "c": [1]}, after) == said


# the identity of a run


def test_what_makes_a_run_names_config_data_actions_strategies_and_code() -> None:
    identity = engine(market(daily("A", [10]), days=1)).run_state.identity

    assert set(identity) == {
        *("config", "data", "instruments", "actions", "sessions"),
        *("strategies", "services", "distributions"),
    }


def test_other_bars_are_told_as_other_data() -> None:
    one, other = (engine(market(daily("A", [10, close]), days=2)).run_state.identity for close in (11, 12))

    assert [line.partition(" ")[0] for line in differences(one, other)] == ["data.A"]


def test_other_settings_are_told_by_their_key() -> None:
    world = market(daily("A", [10]), days=1)
    one, other = (engine(world, portfolio={"cash": cash}).run_state.identity for cash in (7, 8))

    assert differences(one, other) == ["config.portfolio.cash was '7' and is '8'"]


def test_other_facts_of_an_instrument_are_told() -> None:
    """They are in no bar, and yet they decide what an order costs."""
    table = daily("A", [10])
    other = replace(table, instrument=replace(table.instrument, multiplier=Decimal(50)))

    before, after = (engine(market(one, days=1)).run_state.identity for one in (table, other))

    assert differences(before, after) == ["instruments.A.multiplier was '1' and is '50'"]


def test_other_sessions_are_told() -> None:
    """A calendar that was mended moves the valuations, whatever the bars are."""
    one, other = (engine(market(daily("A", [10]), days=days)).run_state.identity for days in (1, 2))

    assert [line.partition(" ")[0] for line in differences(one, other)] == ["sessions"]


@pytest.mark.parametrize("known", [{"zone": "Asia/Tokyo"}, {"around": (None, date(2020, 1, 3))}])
def test_what_the_calendar_says_besides_is_told(known: dict[str, Any]) -> None:
    """Schedules go by it: a month may end another day, and a time of day be another moment."""
    world = market(daily("A", [10]), days=1)
    one, other = (engine(each).run_state.identity for each in (world, replace(world, **known)))

    assert [line.partition(" ")[0] for line in differences(one, other)] == ["sessions"]
