"""Small enough to read: files, functions, entry points."""

import ast
from collections.abc import Callable, Iterable
from statistics import median
from typing import Any

FILE_LINES = 300
FUNCTION_LINES = 50
ENTRY_POINT_LINES = 40


def long_files(sources: Iterable[Any]) -> list[str]:
    """Files of 300 lines or more."""
    sizes = [(source.path, len(source.text.splitlines())) for source in sources]
    return [f"{path}: {lines} lines" for path, lines in sizes if lines >= FILE_LINES]


def functions(sources: Iterable[Any]) -> list[tuple[str, int]]:
    """Every function: where it is and its length, docstring included."""
    return [
        (f"{source.path}:{node.lineno}: {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
        for source in sources
        for node in source.nodes()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def long_functions(sources: Iterable[Any]) -> list[str]:
    """Functions of 50 lines or more."""
    return [f"{where}: {lines} lines" for where, lines in functions(sources) if lines >= FUNCTION_LINES]


def test_files_are_short(production: list[Any]) -> None:
    assert long_files(production) == []


def test_functions_are_short(production: list[Any]) -> None:
    assert long_functions(production) == []


def test_most_functions_are_very_short(production: list[Any]) -> None:
    assert median(lines for _, lines in functions(production)) <= 10


def test_entry_points_are_short(plugins: list[Any]) -> None:
    sizes = {source.path: len(source.text.splitlines()) for source in plugins if source.path.endswith("/plugin.py")}

    assert {path: lines for path, lines in sizes.items() if lines > ENTRY_POINT_LINES} == {}


def test_rules_catch_what_is_too_long(snippet: Callable[..., list[Any]]) -> None:
    made_up = snippet("def long():\n" + "    pass\n" * 300)

    assert (len(long_files(made_up)), len(long_functions(made_up))) == (1, 1)
