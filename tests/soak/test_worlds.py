"""Random worlds of orders: 300 of them, what they meet, and that a mistake in the market would be seen.

``qtrader simulate --worlds 20000 --require 100`` plays more.
"""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from qtrader import cli
from qtrader_service_execution.book import OrderBook
from qtrader_service_execution.groups import Groups
from qtrader_service_execution.lifecycle import Lifecycle
from qtrader_service_execution.matching import Matching
from qtrader_service_execution.service import ExecutionService
from qtrader_simulate.checks import MET
from qtrader_simulate.features import FEATURES
from qtrader_simulate.play import play, smallest
from qtrader_simulate.world import World

D = Decimal


@pytest.mark.parametrize("first", range(0, 300, 30))
def test_nothing_is_wrong_with_a_world(first: int) -> None:
    """And what worlds are for comes up: otherwise they would agree on nothing."""
    counts: Counter[str] = Counter()
    for seed in range(first, first + 30):
        played = play(World.of(seed), twice=seed % 10 == 0)
        assert played.faults == [], f"qtrader simulate --seed {seed}"
        counts += played.counts

    assert [
        one for one in (*MET, *(f"feature {name}" for name in FEATURES), "triggered", "replace") if not counts[one]
    ] == []


def found(seeds: int = 40) -> bool:
    """Whether one of the first worlds notices."""
    return any(play(World.of(seed)).faults for seed in range(seeds))


def better(outcome: Any, order: Any, by: str) -> Any:
    """A fill at a price that is better for the trader."""
    sign = 1 if order.side == "buy" else -1
    return outcome._replace(price=outcome.price * (1 - sign * D(by))) if hasattr(outcome, "price") else outcome


def cheat_matching(change: Callable[[Any, Any], Any]) -> Callable[[Any], None]:
    """Let matching answer otherwise."""

    def plant(patch: Any) -> None:
        real = Matching.match
        patch.setattr(
            Matching, "match", lambda self, order, *rest, **more: change(real(self, order, *rest, **more), order)
        )

    return plant


def without(owner: type, name: str, answer: Any = None) -> Callable[[Any], None]:
    """Let a method do nothing."""

    def plant(patch: Any) -> None:
        patch.setattr(owner, name, lambda *_, **__: answer)

    return plant


MISTAKES: dict[str, Callable[[Any], None]] = {
    "fills are better than the market": cheat_matching(lambda outcome, order: better(outcome, order, "0.2")),
    "limits slip": cheat_matching(
        lambda outcome, order: better(outcome, order, "-0.01") if order.order_type == "limit" else outcome
    ),
    "stops fill better": cheat_matching(
        lambda outcome, order: better(outcome, order, "0.002") if order.order_type == "stop" else outcome
    ),
    "volume is taken twice": without(Matching, "take"),
    "volume is no bound": without(Matching, "available"),
    "a group does not share": without(Groups, "share"),
    "keys are forgotten": without(OrderBook, "of_key"),
    "conflicts are taken": without(ExecutionService, "_again"),
    "orders outlive the data": without(ExecutionService, "stop"),
    "refusals are silent": without(Lifecycle, "refuse"),
}
NOT_SEEN = {"refusals are silent"}
"""What no rule of orders forbids: the unit tests of the plugin have it."""


@pytest.mark.parametrize("mistake", sorted(MISTAKES))
def test_a_mistake_would_be_seen(mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    MISTAKES[mistake](monkeypatch)

    assert found() is (mistake not in NOT_SEEN)


def test_a_world_is_made_smaller_as_long_as_it_breaks_a_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    MISTAKES["conflicts are taken"](monkeypatch)
    world = next(one for seed in range(40) if "repeats" in (one := World.of(seed)).features and play(one).faults)

    assert smallest(world).features == {"repeats"}


def test_the_command_says_what_is_wrong_and_how_to_see_it_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    MISTAKES["volume is no bound"](monkeypatch)

    assert cli.run(["simulate", "--worlds", "40"]) == 1
    told = capsys.readouterr().err
    assert "filled of" in told
    assert "the smallest world that does: qtrader simulate --seed" in told


def test_the_command_tells_a_world(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["simulate", "--seed", "7"]) == 0

    told = capsys.readouterr().out
    assert "seed 7: 4 instruments, 60 sessions of the New York exchange from 2024-01-02" in told
    assert "nothing wrong   digest " in told


def test_what_hardly_comes_up_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["simulate", "--worlds", "2", "--require", "100"]) == 1
    assert "came up less than 100 times: " in capsys.readouterr().err


def test_an_unknown_feature_is_the_users_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["simulate", "--without", "luck"]) == 2
    assert "'luck' is no feature; there are limits, stops" in capsys.readouterr().err
