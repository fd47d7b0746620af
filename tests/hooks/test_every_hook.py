"""The gate: a hook without documentation, an example or a test bearing its name does not get in."""

import ast
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from qtrader import hookspecs
from qtrader.offers import RECORD_HOOKS

HOOKS = {
    name: thing
    for name, thing in vars(hookspecs).items()
    if isinstance(thing, FunctionType) and hasattr(thing, "qtrader_spec")
}
MOMENTS = {"qtrader_run_wired", "qtrader_run_finished", "qtrader_run_failed", "qtrader_commands"}


def test_the_hooks_are_those_that_the_loader_asks_for() -> None:
    assert set(HOOKS) == {*RECORD_HOOKS, "qtrader_defaults", *MOMENTS}


@pytest.mark.parametrize("hook", HOOKS.values(), ids=HOOKS)
def test_a_hook_says_what_who_when_and_what_it_returns(hook: Callable[..., Any]) -> None:
    text = inspect.getdoc(hook) or ""

    first, *_ = text.splitlines()
    assert re.fullmatch(r"[A-Z].*\.", first)
    assert re.search(r"^Called .*by ", text, re.MULTILINE)
    assert re.search(r"^Returns: ", text, re.MULTILINE)


@pytest.mark.parametrize("hook", HOOKS.values(), ids=HOOKS)
def test_a_hook_has_an_example_that_implements_it(hook: Callable[..., Any]) -> None:
    _, _, example = (inspect.getdoc(hook) or "").partition("Example::\n")

    (function,) = ast.parse(inspect.cleandoc(example)).body
    assert isinstance(function, ast.FunctionDef)
    assert function.name == hook.__name__
    assert [ast.unparse(one) for one in function.decorator_list] == ["hookimpl"]
    assert [one.arg for one in function.args.args] == list(inspect.signature(hook).parameters)


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_has_a_test_bearing_its_name(hook: str) -> None:
    source = Path(__file__).with_name(f"test_{hook}.py").read_text(encoding="utf-8")

    names = [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    assert any(name.startswith(f"test_{hook}_") for name in names)


@pytest.mark.parametrize("hook", HOOKS.values(), ids=HOOKS)
def test_a_hook_wants_neither_the_first_result_nor_a_history(hook: Callable[..., Any]) -> None:
    options = vars(hook)["qtrader_spec"]

    assert (options["firstresult"], options["historic"]) == (False, False)
