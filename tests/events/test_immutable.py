import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from event_samples import event, made
from qtrader.events import ConsolidatedPortfolioEvent, DecisionEvent, FrozenMap, RecordEvent

pytestmark = pytest.mark.events

CHANGES: dict[str, Callable[[Any], Any]] = {
    "setting": lambda values: values.__setitem__("fast", 1),
    "deleting": lambda values: values.__delitem__("fast"),
    "clearing": lambda values: values.clear(),
    "popping": lambda values: values.pop("fast"),
    "popping any": lambda values: values.popitem(),
    "setting a default": lambda values: values.setdefault("new", 1),
    "updating": lambda values: values.update(new=1),
    "merging in place": lambda values: values.__ior__({"new": 1}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_records_values_refuse(change: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match="cannot be changed"):
        change(event(RecordEvent).values)


def test_a_records_values_are_no_longer_those_of_the_caller() -> None:
    mine = {"fast": 1}
    record = made(RecordEvent, values=mine)
    mine["fast"] = 2

    assert record.values == {"fast": 1}


def test_a_decisions_inputs_refuse_a_change() -> None:
    with pytest.raises(TypeError, match="cannot be changed"):
        event(DecisionEvent).inputs["equity"] = "0"


def test_a_decisions_checks_are_a_tuple() -> None:
    assert type(event(DecisionEvent).checks) is tuple


def test_a_check_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        event(DecisionEvent).checks[0].outcome = "pass"


def test_a_position_inside_a_portfolio_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        event(ConsolidatedPortfolioEvent).strategies[0].positions[0].quantity = 0


def test_a_balance_inside_a_portfolio_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        event(ConsolidatedPortfolioEvent).balances[0].amount = 0


def test_the_positions_inside_a_portfolio_are_tuples() -> None:
    strategies = event(ConsolidatedPortfolioEvent).strategies

    assert (type(strategies), type(strategies[0].positions)) == (tuple, tuple)


def test_a_nested_copy_is_validated() -> None:
    with pytest.raises(ValidationError, match="outcome"):
        event(DecisionEvent).checks[0].model_copy(update={"outcome": "perhaps"})


def test_a_frozen_map_is_in_key_order() -> None:
    assert list(FrozenMap({"b": 1, "a": 2})) == ["a", "b"]


def test_frozen_maps_of_one_content_hash_alike() -> None:
    assert hash(FrozenMap(a=1, b=2)) == hash(FrozenMap({"b": 2, "a": 1}))


def test_frozen_maps_of_other_content_hash_otherwise() -> None:
    assert hash(FrozenMap(a=1)) != hash(FrozenMap(a=2))


def test_a_frozen_map_equals_the_dict_of_its_content() -> None:
    assert FrozenMap(a=1) == {"a": 1}


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_frozen_map_survives_copying_as_a_frozen_map(again: Callable[[Any], Any]) -> None:
    twin = again(FrozenMap(a=1))

    assert (type(twin), twin) == (FrozenMap, {"a": 1})
