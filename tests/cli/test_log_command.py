"""``qtrader log``: which events it prints, and that its JSON holds to the contracts."""

import json
import re
from typing import Any

import pytest

AN_EVENT = re.compile(r" *(?P<seq>[0-9]+) 2001-[0-9T:.-]+Z (?P<topic>[a-z_]+) +(<-[0-9]+ +)?[a-z_]+=")


def seq_of(document: dict[str, Any]) -> int:
    """The place in the run that an event's id holds: its last 48 bits."""
    return int(document["event_id"].replace("-", "")[-12:], 16)


def documents(desk: Any, *options: str) -> list[dict[str, Any]]:
    """The documents that ``log --json`` prints of the last run."""
    return [json.loads(line) for line in desk.good("log", "@last", "--json", *options).splitlines()]


@pytest.fixture
def ran(desk: Any) -> Any:
    """A desk with a run."""
    desk.good("backtest", "run.yaml", "--quiet")
    return desk


def test_every_line_holds_to_its_contract(ran: Any) -> None:
    ran.write("all.jsonl", ran.good("log", "@last", "--json"))

    said = ran.good("contracts", "validate", "all.jsonl")

    assert re.fullmatch("[0-9]+ documents, no problem\n", said)


def test_numbers_have_no_gaps(ran: Any) -> None:
    found = documents(ran)

    assert [seq_of(one) for one in found] == list(range(len(found)))
    assert len(found) > 124


def test_bars_are_expanded(ran: Any) -> None:
    """IBM closed at 84.81 on 2 January 2001, the first session of the run."""
    first = next(one for one in documents(ran) if one["event_type"] == "bar" and one["symbol"] == "IBM")

    assert (first["session"], first["close"], first["volume"]) == ("2001-01-02", "84.81", "8007200")


def test_a_cause_is_an_event_before(ran: Any) -> None:
    found = documents(ran)
    ids = {one["event_id"]: seq for seq, one in enumerate(found)}

    caused = [(ids[one["causation_id"]], seq) for seq, one in enumerate(found) if one["causation_id"]]

    assert caused
    assert all(cause < seq for cause, seq in caused)


def test_a_topic_is_the_events_of_that_topic_alone(ran: Any) -> None:
    everything = documents(ran)

    for topic in ("fill", "bar"):
        assert documents(ran, "--topic", topic) == [one for one in everything if one["event_type"] == topic]


def test_a_topic_with_a_star_is_every_topic_that_begins_so(ran: Any) -> None:
    found = {one["event_type"] for one in documents(ran, "--topic", "order*")}

    assert found == {"order", "order_update"}


@pytest.mark.parametrize(
    ("span", "numbers"), [("10..12", [10, 11, 12]), ("..2", [0, 1, 2]), ("7", [7]), ("7..7", [7]), ("999999..", [])]
)
def test_a_range_has_both_its_ends(ran: Any, span: str, numbers: list[int]) -> None:
    assert [seq_of(one) for one in documents(ran, "--seq", span)] == numbers


def test_an_open_range_goes_on_to_the_end(ran: Any) -> None:
    everything = documents(ran)

    assert documents(ran, "--seq", "100..") == everything[100:]


def test_range_and_topic_narrow_together(ran: Any) -> None:
    fills = [seq_of(one) for one in documents(ran, "--topic", "fill")]

    span = f"{fills[1]}..{fills[2]}"
    assert [seq_of(one) for one in documents(ran, "--topic", "fill", "--seq", span)] == fills[1:3]


def test_for_people_an_event_is_a_line_with_number_time_topic_and_fields(ran: Any) -> None:
    lines = ran.good("log", "@last").splitlines()

    found = [match for line in lines if (match := AN_EVENT.match(line))]
    assert len(found) == len(lines)
    assert [int(match["seq"]) for match in found] == list(range(len(lines)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--topic", "fil"), "--topic: no topic is named 'fil'. There are: ambiguity, bar, "),
        (("--topic", "fil"), "Did you mean 'fill'?"),
        (("--topic", "x*"), "--topic: no topic is like 'x*'. There are: ambiguity, bar, "),
        (("--seq", "a..b"), "--seq 'a..b': write A..B with whole numbers, A.., ..B, or one number"),
        (("--seq", ".."), "--seq '..': write A..B"),
        (("--seq", "-1"), "--seq '-1': write A..B"),
        (("--seq", "5..3"), "--seq '5..3': 5 is after 3; write the smaller number first"),
    ],
)
def test_what_cannot_be_meant_is_the_users_mistake(ran: Any, options: tuple[str, ...], message: str) -> None:
    done = ran("log", "@last", *options)

    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert done.err.count("\n") == 1
