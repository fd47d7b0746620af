"""Risk tools are pure: values in, a value out. No bus, no events, no services, no input or output, nothing kept."""

import ast
from collections.abc import Callable, Iterator
from typing import Any

import pytest

ALLOWED = frozenset({"collections.abc", "dataclasses", "decimal", "functools", "itertools", "typing", "qtrader.ports"})
"""What a risk tool may import beside its own package."""
SIDE_EFFECTS = frozenset({"open", "print", "input", "exec", "eval", "compile", "__import__", "setattr", "delattr"})
CHANGING = frozenset({"append", "extend", "insert", "update", "setdefault", "pop", "popitem", "clear", "remove", "add"})
TOOLS = 9
"""Distributions ``qtrader-risk-*`` that there are at least."""


def impurities(source: Any) -> Iterator[str]:
    """What a module has that a pure one has not: line and word."""
    for module, _, line in source.imports():
        if module not in ALLOWED and module.partition(".")[0] != source.package:
            yield f"{line}: imports {module}"
    for node in source.nodes():
        if isinstance(node, ast.Global | ast.Nonlocal):
            yield f"{node.lineno}: {type(node).__name__.lower()} {', '.join(node.names)}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SIDE_EFFECTS:
            yield f"{node.lineno}: calls {node.func.id}"
        if isinstance(node, ast.ClassDef):
            yield from _thawed(node)
        if isinstance(node, ast.FunctionDef):
            yield from _kept(node)


def _thawed(kind: ast.ClassDef) -> Iterator[str]:
    """A dataclass that is not frozen."""
    for decorator in kind.decorator_list:
        if ast.unparse(decorator).startswith("dataclass") and "frozen=True" not in ast.unparse(decorator):
            yield f"{kind.lineno}: {kind.name} is a dataclass that is not frozen"


def _kept(function: ast.FunctionDef) -> Iterator[str]:
    """What a function writes into anything that it did not make."""
    own = {
        name.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.For | ast.comprehension)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        for name in ast.walk(target)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    }
    for node in ast.walk(function):
        written = isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del)
        if written and (isinstance(node, ast.Attribute) or _root(node) not in own):
            yield f"{node.lineno}: writes {ast.unparse(node)}"
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Attribute) and called.attr in CHANGING and _root(called) not in own:
            yield f"{node.lineno}: changes {ast.unparse(called.value)}"


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def test_risk_tools_are_pure(plugins: list[Any]) -> None:
    tools = [source for source in plugins if source.package.startswith("qtrader_risk_")]
    pure = [source for source in tools if not source.path.endswith(("/__init__.py", "/plugin.py"))]

    assert len({source.package for source in pure}) >= TOOLS
    assert [f"{source.path}:{told}" for source in pure for told in impurities(source)] == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import logging", "1: imports logging"),
        ("from qtrader.events import SignalEvent", "1: imports qtrader.events"),
        ("from qtrader import EventBus", "1: imports qtrader"),
        ("import random", "1: imports random"),
        ("def size(request):\n    global last\n    last = request", "2: global last"),
        ("def size(self, request):\n    self.last = request", "2: writes self.last"),
        ("SEEN = {}\ndef size(request):\n    SEEN[request] = 1", "3: writes SEEN[request]"),
        ("SEEN = []\ndef size(request):\n    SEEN.append(request)", "3: changes SEEN"),
        ("def check(current_positions):\n    current_positions.pop('A')", "2: changes current_positions"),
        ("def size(request):\n    print(request)", "2: calls print"),
        ("def size(request):\n    return open('stakes').read()", "2: calls open"),
        ("@dataclass\nclass Sizer:\n    stake: int = 1", "2: Sizer is a dataclass that is not frozen"),
    ],
)
def test_a_tool_that_is_not_would_be_noticed(snippet: Callable[..., list[Any]], text: str, told: str) -> None:
    assert told in list(impurities(snippet(text, package="toy")[0]))


def test_a_function_may_use_what_it_makes(snippet: Callable[..., list[Any]]) -> None:
    text = "def size(request):\n    found = {}\n    found['a'] = 1\n    found.update(b=2)\n    return found"

    assert list(impurities(snippet(text, package="toy")[0])) == []
