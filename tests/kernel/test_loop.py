"""One step of time: what happens at one instant and in which order, on markets of a few bars."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from market_builders import DAY, FIRST, HOUR, daily, day_ns, market, sessions, split
from qtrader.bar_table import BarTable
from qtrader.engine.loop import Loop
from qtrader.events import PriceBarEvent, ValuationTriggerEvent
from qtrader.market import Market, ScheduledAction, Session
from qtrader.ports import CorporateAction, Instrument
from tiny_run import engine, play, wire

OPEN, CLOSE = 14 * HOUR, 21 * HOUR


def told(log: Any, day: int | None = None) -> list[str]:
    """Topics in order, a symbol behind those of bars; of one day or all."""
    events = [one for one in log if day is None or one.time_ns // DAY == day_ns(day) // DAY]
    return [f"{one.topic} {one.symbol}" if one.topic == "bar" else one.topic for one in events]


def values(log: Any) -> list[tuple[str, int]]:
    """Every valuation trigger: why, and on which day of the market."""
    return [
        (one.reason, (one.occurred_at.date() - FIRST).days)
        for one in log.discrete_events()
        if isinstance(one, ValuationTriggerEvent)
    ]


def round_the_clock(days: int, missing: int = -1) -> Market:
    """A market that never closes: a session's close is the next one's open, and bars end there."""
    ends = [day for day in range(days) if day != missing]
    closes = np.array([(day_ns(day + 1)) for day in ends], dtype=np.int64)
    prices = np.array([1000 + day for day in ends], dtype=np.int64)
    table = BarTable(
        Instrument("BTC", calendar="24/7"),
        "1d",
        2,
        time_ns=closes,
        open_ns=closes - DAY,
        session=np.array([day_ns(day) // DAY for day in ends], dtype=np.int32),
        open=prices,
        high=prices + 10,
        low=prices - 10,
        close=prices,
        volume=np.full(len(ends), 5, dtype=np.int64),
    )
    always = tuple(Session(FIRST + timedelta(days=day), day_ns(day), day_ns(day + 1)) for day in range(days))
    return Market(tables=(table,), sessions=always, sessions_per_year=365)


def hourly(closes: list[int]) -> BarTable:
    """Bars of an hour from 15:00 UTC on of the first day."""
    ends = np.array([day_ns(0) + OPEN + (hour + 1) * HOUR for hour in range(len(closes))], dtype=np.int64)
    prices = np.array(closes, dtype=np.int64)
    return BarTable(
        Instrument("A"),
        "1h",
        0,
        time_ns=ends,
        open_ns=ends - HOUR,
        session=np.full(len(ends), day_ns(0) // DAY, dtype=np.int32),
        open=prices,
        high=prices,
        low=prices,
        close=prices,
    )


# the order of one step


def test_a_step_is_market_then_decide_then_value() -> None:
    """The second day: orders of the first fill bar by bar, then strategies decide, then the session is valued."""
    log = play(market(daily("A", [10, 11]), daily("B", [20, 21]), days=2)).log

    assert told(log, 1) == [
        *("bar A", "fill", "position", "bar B", "fill", "position"),
        *("signal", "signal", "order", "order"),
        *("valuation_trigger", "valuation"),
        "order_update",
    ]


def test_on_the_first_day_nothing_rests_yet() -> None:
    log = play(market(daily("A", [10, 11]), days=2)).log

    assert told(log, 0) == ["cash", "bar A", "signal", "order", "valuation_trigger", "valuation"]


def test_a_split_comes_before_the_bars_of_its_session() -> None:
    log = play(market(daily("A", [10, 5]), daily("B", [20, 21]), actions=[split("A", 1)], days=2)).log

    assert told(log, 1) == [
        *("corporate_action", "trade", "order_update"),
        *("bar A", "fill", "position", "bar B", "fill", "position"),
        *("signal", "signal", "order", "order"),
        *("valuation_trigger", "valuation"),
        "order_update",
    ]


def test_a_split_happens_at_its_session_s_open() -> None:
    log = play(market(daily("A", [10, 5]), actions=[split("A", 1)], days=2)).log
    action = next(log.discrete_events("corporate_action"))

    assert action.occurred_at == datetime(2020, 1, 2, 14, tzinfo=UTC)


def test_between_a_split_and_the_next_bar_the_last_price_is_restated() -> None:
    run = wire(market(daily("A", [10, 5]), actions=[split("A", 1)], days=2))
    seen: list[Any] = []
    run.bus.subscribe("corporate_action", lambda _: seen.append(run.view.last("A")))
    run.bus.subscribe("bar", lambda _: seen.append(run.view.last("A")), phase="market")
    for _ in Loop(run).play():
        pass

    assert seen == [Decimal(10), Decimal(5), Decimal(5)]


def test_actions_of_one_open_come_in_the_order_of_the_market() -> None:
    first, second = split("A", 1), split("B", 1, 3)
    log = play(market(daily("A", [10, 5]), daily("B", [21, 7]), actions=[second, first], days=2)).log

    assert [one.action_id for one in log.discrete_events("corporate_action")] == [second.action_id, first.action_id]


def test_an_action_of_a_session_without_bars_happens_in_its_session() -> None:
    log = play(market(daily("A", [10, 5], days=[0, 4]), actions=[split("A", 2)], days=5)).log

    assert told(log, 2) == ["corporate_action", "trade", "order_update", "valuation_trigger", "valuation"]


def test_an_action_after_the_last_bar_never_happens() -> None:
    log = play(market(daily("A", [10, 11]), actions=[split("A", 4)], days=6)).log

    assert "corporate_action" not in told(log)


def test_an_action_of_the_warm_up_is_none_of_the_run() -> None:
    table = daily("A", [10, 5, 6, 7], live_from=2)
    world = Market(tables=(table,), actions=(split("A", 1),), sessions=sessions(4)[2:])

    assert "corporate_action" not in told(play(world).log)


def test_bars_of_one_instant_come_in_symbol_order() -> None:
    log = play(market(*(daily(symbol, [10]) for symbol in "ABC"), days=1)).log

    assert [one for one in told(log) if one.startswith("bar")] == ["bar A", "bar B", "bar C"]


def test_deciders_see_every_bar_of_the_instant() -> None:
    run = wire(market(daily("A", [10, 11]), daily("B", [20, 21]), days=2))
    seen: list[Any] = []
    run.bus.subscribe("bar", lambda bar: seen.append((bar.symbol, run.view.last("A"), run.view.last("B"))))
    for _ in Loop(run).play():
        pass

    assert seen == [("A", 10, 20), ("B", 10, 20), ("A", 11, 21), ("B", 11, 21)]


def test_in_the_market_phase_the_other_bars_of_the_instant_are_not_known_yet() -> None:
    run = wire(market(daily("A", [10, 11]), daily("B", [20, 21]), days=2))
    seen: list[Any] = []
    run.bus.subscribe("bar", lambda bar: seen.append((bar.symbol, run.view.last("B"))), phase="market")
    for _ in Loop(run).play():
        pass

    assert seen == [("A", None), ("B", 20), ("A", 20), ("B", 21)]


def test_a_batch_decider_gets_all_bars_of_the_instant_at_once() -> None:
    run = wire(market(daily("A", [10, 11]), daily("B", [20], days=[1]), days=2))
    seen: list[Any] = []
    run.bus.subscribe("bar", lambda bars: seen.append([bar.symbol for bar in bars]), batch=True)
    for _ in Loop(run).play():
        pass

    assert seen == [["A"], ["A", "B"]]


def test_each_step_is_given_out_with_its_bars() -> None:
    run = wire(market(daily("A", [10, 11]), daily("B", [20], days=[1]), days=2))

    assert [[bar.symbol for bar in bars] for bars in Loop(run).play()] == [["A"], ["A", "B"]]


# causes


def test_a_fill_is_caused_by_the_bar_that_filled() -> None:
    log = play(market(daily("A", [10, 11]), daily("B", [20, 21]), days=2)).log
    causes = [log[fill.origin.cause] for fill in log.discrete_events("fill")]

    assert [(type(one), one.symbol, one.seq) for one in causes] == [  # type: ignore[attr-defined]
        (PriceBarEvent, fill.symbol, fill.seq - 1)
        for fill in log.discrete_events("fill")  # type: ignore[attr-defined]
    ]


def test_a_signal_is_caused_by_its_own_bar() -> None:
    log = play(market(daily("A", [10, 11]), daily("B", [20, 21]), days=2)).log
    signals = list(log.discrete_events("signal"))

    assert [log[one.origin.cause].symbol for one in signals] == ["A", "B", "A", "B"]  # type: ignore[attr-defined]


def test_valuations_and_actions_have_no_cause() -> None:
    log = play(market(daily("A", [10, 5]), actions=[split("A", 1)], days=2)).log
    engine_s = [one for one in log if one.topic in ("valuation_trigger", "corporate_action")]

    assert {-1} == {one.origin.cause for one in engine_s}


# the clock


def test_times_never_fall() -> None:
    tables = [daily("A", [10, 11, 12], days=[3, 5, 9]), daily("B", [20, 21], days=[5, 7])]
    log = play(market(*tables, actions=[split("A", 1), split("B", 5)], days=12)).log
    times = [one.time_ns for one in log]

    assert times == sorted(times)


def test_the_run_begins_at_the_open_of_its_first_session() -> None:
    log = play(market(daily("A", [10, 11]), days=2)).log

    assert log[0].occurred_at == datetime(2020, 1, 1, 14, tzinfo=UTC)


def test_a_run_without_sessions_begins_at_its_first_bar() -> None:
    log = play(market(daily("A", [10, 11]), days=0)).log

    assert log[0].occurred_at == datetime(2020, 1, 1, 21, tzinfo=UTC)


def test_the_view_shows_the_session_of_the_step() -> None:
    run = wire(market(daily("A", [10, 11]), days=2))
    seen: list[Any] = []
    run.bus.subscribe("bar", lambda _: seen.append(run.view.session))
    for _ in Loop(run).play():
        pass

    assert seen == [date(2020, 1, 1), date(2020, 1, 2)]


def test_nothing_later_than_the_clock_can_be_read() -> None:
    run = wire(market(daily("A", range(10, 30)), days=20))
    late: list[Any] = []

    def look(bar: Any) -> None:
        late.extend(time for time in run.view.history("A", 99).time_ns if time > run.view.time_ns)
        assert bar.time_ns == run.view.time_ns

    run.bus.subscribe("bar", look)
    steps = sum(1 for _ in Loop(run).play())

    assert (steps, late) == (20, [])


# valuation


def test_every_session_is_valued_at_its_close() -> None:
    assert values(play(market(daily("A", [10, 11, 12]), days=3)).log) == [("session_end", day) for day in range(3)]


def test_sessions_without_bars_are_valued_from_the_calendar() -> None:
    log = play(market(daily("A", [10, 11], days=[0, 4]), days=5)).log

    assert values(log) == [("session_end", day) for day in range(5)]


def test_a_session_without_bars_is_valued_at_its_own_close_and_date() -> None:
    log = play(market(daily("A", [10, 11], days=[0, 4]), days=5)).log
    trigger = [one for one in log.discrete_events() if isinstance(one, ValuationTriggerEvent)][2]

    assert (trigger.session, trigger.occurred_at) == (date(2020, 1, 3), datetime(2020, 1, 3, 21, tzinfo=UTC))


def test_nothing_is_valued_before_the_first_bar() -> None:
    log = play(market(daily("A", [10, 11], days=[3, 4]), days=5)).log

    assert values(log) == [("session_end", 3), ("session_end", 4)]


def test_nothing_is_valued_after_the_last_bar_s_session() -> None:
    log = play(market(daily("A", [10, 11]), days=9)).log

    assert values(log) == [("session_end", 0), ("session_end", 1)]


def test_a_missing_last_bar_of_one_symbol_does_not_move_the_session_s_end() -> None:
    """The session of day 1 has a bar of B alone; both days end by the calendar."""
    log = play(market(daily("A", [10], days=[0]), daily("B", [20, 21]), days=2)).log

    assert values(log) == [("session_end", 0), ("session_end", 1)]


def test_by_option_every_step_is_valued_once() -> None:
    world = Market(tables=(hourly([10, 11, 12, 13, 14, 15, 16]),), sessions=sessions(1))
    log = play(world, engine={"valuation": "bar"}).log

    assert [reason for reason, _ in values(log)] == ["bar"] * 6 + ["session_end"]


def test_within_a_session_nothing_is_valued() -> None:
    world = Market(tables=(hourly([10, 11, 12, 13, 14, 15, 16]),), sessions=sessions(1))

    assert values(play(world).log) == [("session_end", 0)]


def test_data_that_ends_within_a_session_are_valued_at_their_end() -> None:
    world = Market(tables=(hourly([10, 11, 12]),), sessions=sessions(1))
    log = play(world).log
    trigger = next(log.discrete_events("valuation_trigger"))

    assert values(log) == [("end", 0)]
    assert trigger.occurred_at == datetime(2020, 1, 1, 17, tzinfo=UTC)


def test_data_that_end_at_a_close_are_not_valued_again() -> None:
    assert [reason for reason, _ in values(play(market(daily("A", [10]), days=1)).log)] == ["session_end"]


def test_every_service_is_stopped_after_the_last_valuation() -> None:
    log = play(market(daily("A", [10, 11]), days=2)).log

    assert told(log)[-3:] == ["valuation_trigger", "valuation", "order_update"]


def test_a_market_without_bars_values_nothing() -> None:
    log = play(market(daily("A", []), days=3)).log

    assert told(log) == ["cash", "order_update"]


# a market that never closes


def test_where_close_and_next_open_are_one_instant_the_bar_s_session_is_valued() -> None:
    log = play(round_the_clock(3)).log
    triggers = [one for one in log.discrete_events() if isinstance(one, ValuationTriggerEvent)]

    assert [one.session for one in triggers] == [FIRST, FIRST + timedelta(days=1), FIRST + timedelta(days=2)]


def test_where_close_and_next_open_are_one_instant_the_step_keeps_its_order() -> None:
    log = play(round_the_clock(2)).log

    assert told(log) == [
        *("cash", "bar BTC", "signal", "order", "valuation_trigger", "valuation"),
        *("bar BTC", "fill", "position", "signal", "order", "valuation_trigger", "valuation"),
        "order_update",
    ]


def test_round_the_clock_a_day_without_a_bar_is_valued() -> None:
    log = play(round_the_clock(4, missing=1)).log

    assert [one.session for one in log.discrete_events() if isinstance(one, ValuationTriggerEvent)] == [
        FIRST + timedelta(days=day) for day in range(4)
    ]


def test_an_action_at_the_instant_of_a_close_comes_after_its_valuation() -> None:
    """The open of the next session is the same instant as this close; the split belongs to the next session."""
    world = round_the_clock(3)
    action = CorporateAction("BTC", "split", FIRST + timedelta(days=1), numerator=2, denominator=1)
    world = Market(
        tables=world.tables, sessions=world.sessions, actions=(ScheduledAction(day_ns(1), "BTC-split", action),)
    )
    topics = told(play(world).log)
    place = topics.index("corporate_action")

    assert topics[place - 2 : place] == ["valuation_trigger", "valuation"]
    assert topics[place + 3] == "bar BTC"


# step by step


def test_stepping_by_hand_gives_the_log_of_a_run() -> None:
    world = market(daily("A", [10, 5, 6]), daily("B", [20, 21], days=[0, 2]), actions=[split("A", 1)], days=3)
    stepped = engine(world)
    while stepped.process_bar():
        pass

    assert stepped.run_state.log.digest() == play(world).log.digest()


def test_steps_share_out_the_events_of_the_run() -> None:
    made = engine(market(daily("A", [10, 11, 12]), days=3))
    steps = []
    while step := made.process_bar():
        steps.append(step)
    log = made.run_state.log

    assert [event.seq for step in steps for event in step.events] == list(range(len(log) - 1))
    assert [step.time for step in steps] == [datetime(2020, 1, day, 21, tzinfo=UTC) for day in (1, 2, 3)]


def test_more_steps_than_are_read_ahead_at_once() -> None:
    """Steps are read 4,096 at a time; at the seam nothing is lost, doubled or delayed."""
    count = 4100
    log = play(market(daily("A", [10 + day % 7 for day in range(count)]), days=count)).log

    assert (log.bars, log.counts["valuation_trigger"]) == (count, count)
    assert values(log)[-1] == ("session_end", count - 1)
