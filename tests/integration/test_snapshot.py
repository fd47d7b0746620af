"""Every service can be put away at any bar and taken out again: the run goes on as if nothing had happened."""

import json

import pytest

from market_builders import daily, market, split
from qtrader import BacktestEngine
from qtrader.wiring import make_service
from runs import SAMPLE, random_walk, settings


def swap(engine: BacktestEngine, name: str) -> None:
    """Replace a service by a fresh one that is given its snapshot, through JSON text."""
    run = engine.run_state
    snapshot = json.loads(json.dumps(run.services[name].snapshot()))
    for token in [one for one in run.bus.subscriptions if one.owner == name]:
        run.bus.unsubscribe(token)
    fresh = make_service(run, name)
    fresh.restore(snapshot)
    assert snapshot == json.loads(json.dumps(fresh.snapshot()))
    run.services[name] = fresh
    run.bus.attach(name, fresh.handlers())


def test_the_sample_run_goes_on_unchanged_when_every_service_is_restored_at_every_100th_bar() -> None:
    undisturbed = BacktestEngine.from_config(SAMPLE)
    expected = undisturbed.run()
    engine = BacktestEngine.from_config(SAMPLE)
    swapped, next_swap = 0, 100
    while engine.process_bar():
        if engine.run_state.log.bars >= next_swap:
            next_swap += 100
            for name in list(engine.services):
                swap(engine, name)
            swapped += 1

    assert swapped > 100
    assert expected.digest == engine.get_results().digest
    assert expected.metrics == engine.get_results().metrics


@pytest.mark.parametrize("name", ["data", "portfolio", "execution", "strategy", "manager", "reporting"])
def test_a_service_restored_after_every_step_changes_nothing(name: str) -> None:
    tables = [daily("A", random_walk(1, 40)), daily("B", random_walk(2, 40))]
    world = market(*tables, actions=[split("A", 20)], days=40)
    expected = BacktestEngine.from_config(settings(["A", "B"]), market=world).run()
    engine = BacktestEngine.from_config(settings(["A", "B"]), market=world)
    while engine.process_bar():
        swap(engine, name)

    assert expected.digest == engine.get_results().digest
    assert expected.metrics == engine.get_results().metrics


def test_schedules_go_on_in_a_strategy_service_restored_after_every_step() -> None:
    """40 days from Wednesday 1 January 2020: 39 opens after the first bar, 40 noons, 13 thirds, one end of a month.

    Mondays open a week on 6, 13, 20 and 27 January and on 3 February.
    """
    strategies = [{"name": "one", "use": "runs:Clock"}]
    world = market(daily("A", random_walk(1, 40)), days=40)
    expected = BacktestEngine.from_config(settings(["A"], strategies), market=world).run()
    engine = BacktestEngine.from_config(settings(["A"], strategies), market=world)
    while engine.process_bar():
        swap(engine, "strategy")
    told = [event.values["why"] for event in engine.get_results().log.discrete_events("record")]

    assert {why: told.count(why) for why in sorted(set(told))} == {
        "month": 1,
        "noon": 40,
        "open": 39,
        "third": 13,
        "week": 5,
    }
    assert expected.digest == engine.get_results().digest
