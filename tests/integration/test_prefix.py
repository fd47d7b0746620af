"""Nothing up to T hangs on what comes after T: data cut after T leaves the canonical stream up to T unchanged."""

from typing import Any

import pytest

from market_builders import daily, market, split
from qtrader.market import Market
from runs import canonical_until, cut, play, random_walk

BUILT_IN = {
    "buy-and-hold": [{"name": "one", "use": "buy-and-hold"}],
    "sma-cross": [{"name": "one", "use": "sma-cross", "with": {"fast": 3, "slow": 8}}],
}
SCHEDULED = {"scheduled": [{"name": "one", "use": "runs:Clock"}]}
"""Sessions 31 and 60 end January and February 2020, which the calendar alone knows where the data ends."""
RANDOM = {f"random-{seed}": [{"name": "one", "use": "runs:RandomTrader", "with": {"seed": seed}}] for seed in range(20)}
STRATEGIES = BUILT_IN | SCHEDULED | RANDOM
SESSIONS = 60


def world() -> Market:
    tables = [daily("A", random_walk(5, SESSIONS)), daily("B", random_walk(6, SESSIONS - 20), days=range(20, SESSIONS))]
    return market(*tables, actions=[split("A", 30), split("B", 50)], days=SESSIONS)


def shortened(whole: Market, sessions: int) -> Market:
    """The same market with everything after some session gone, calendar and actions included."""
    end = whole.sessions[sessions - 1].close_ns
    tables = [cut(table, int((table.time_ns <= end).sum())) for table in whole.tables]
    return Market(
        tables=tuple(table for table in tables if len(table)),
        actions=tuple(action for action in whole.actions if action.time_ns <= end),
        sessions=whole.sessions[:sessions],
        around=(None, whole.sessions[sessions].day),
    )


@pytest.mark.parametrize("strategies", [*STRATEGIES.values()], ids=[*STRATEGIES])
def test_cutting_the_data_changes_nothing_before_the_cut(strategies: Any) -> None:
    whole = world()
    complete = play(whole, strategies).run_state.log
    for sessions in (25, 31, 45):
        end = whole.sessions[sessions - 1].close_ns
        shorter = play(shortened(whole, sessions), strategies).run_state.log
        before = list(canonical_until(complete, end))
        after = list(canonical_until(shorter, end))

        assert len(before) > sessions
        assert before == after[: len(before)]
        assert {"end_of_data"} >= {
            one.get("reason") for one in after[len(before) :] if one["event_type"] == "order_update"
        }
        assert {"order_update", "consolidated_portfolio"} >= {one["event_type"] for one in after[len(before) :]}
