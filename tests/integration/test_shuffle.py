"""The order in which services subscribe never changes a run."""

from itertools import permutations

from market_builders import daily, market, split
from qtrader import BacktestEngine
from qtrader.market import Market
from qtrader.plugins import load_plugins
from runs import play, random_walk, settings, stream


def world() -> Market:
    return market(
        daily("A", random_walk(1, 40)),
        daily("B", random_walk(2, 40)),
        actions=[split("A", 20), split("B", 20)],
        days=40,
    )


def test_every_order_of_service_subscription_gives_the_same_canonical_stream() -> None:
    expected = play(world()).run_state.log.digest()
    reference, host = world(), load_plugins()
    for order in permutations(["data", "portfolio", "execution", "strategy", "manager", "reporting"]):
        engine = BacktestEngine.from_config(settings(["A", "B"]), market=reference, host=host)
        run = engine.run_state
        for token in [one for one in run.bus.subscriptions if one.owner in run.services]:
            run.bus.unsubscribe(token)
        for name in order:
            run.bus.attach(name, run.services[name].handlers())
        engine.run()

        assert expected == run.log.digest(), order


def test_the_world_of_this_test_trades() -> None:
    """Otherwise every order would agree on nothing."""
    topics = {event["event_type"] for event in stream(play(world()).run_state.log)}

    assert {"bar", "signal", "order", "fill", "position", "trade", "corporate_action"} <= topics
