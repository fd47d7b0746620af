"""What the kernel knows of plugins: the extra ``standard`` and the install hints, and what those say is true."""

import ast
import re
import tokenize
from pathlib import Path
from typing import Any

import pytest

from places import ROOT
from qtrader.install_hints import HINTS
from qtrader.plugins import load_plugins

HINTING = ROOT / "qtrader/install_hints.py"
HOOKS = {"qtrader_risk_limits"}
"""Hooks of the kernel that are called like the module of a distribution."""


@pytest.fixture(scope="module")
def names(projects: dict[str, Any]) -> list[str]:
    """First-party plugins, libraries and the metapackage."""
    return sorted(set(projects) - {"qtrader", "qtrader-contracts"})


def code_of(file: Path) -> list[tuple[int, str]]:
    """The tokens of a source that are no comments and no docstrings, with their lines."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    texts = {
        node.value.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }
    with tokenize.open(file) as lines:
        tokens = list(tokenize.generate_tokens(lines.readline))
    return [
        (token.start[0], token.string)
        for token in tokens
        if token.type != tokenize.COMMENT and not (token.type == tokenize.STRING and token.start[0] in texts)
    ]


def test_no_code_of_the_kernel_names_a_first_party_distribution(names: list[str]) -> None:
    modules = [name.replace("-", "_") for name in names if name.replace("-", "_") not in HOOKS]
    wanted = re.compile("|".join(rf"\b{name}\b" for name in (*names, *modules)))

    found = [
        f"{file.relative_to(ROOT)}:{line}: {text}"
        for file in sorted((ROOT / "qtrader").rglob("*.py"))
        if file != HINTING
        for line, text in code_of(file)
        if wanted.search(text)
    ]

    assert found == []


def test_the_kernel_depends_on_no_plugin_but_in_its_extra(projects: dict[str, Any], names: list[str]) -> None:
    kernel = projects["qtrader"]

    assert [one for one in kernel["dependencies"] if re.split("[<>=~!;[ ]", one)[0] in names] == []
    assert kernel["optional-dependencies"] == {"standard": ["qtrader-standard>=0.1,<0.2"]}


def test_every_tool_of_the_workspace_has_a_hint_that_is_true(projects: dict[str, Any]) -> None:
    """What each installed first-party plugin offers, against the table; neither side has more."""
    offered = {
        (offer.kind, offer.name): plugin.distribution
        for plugin in load_plugins().active
        for offer in plugin.offers
        if plugin.distribution in projects and plugin.name != "kernel" and offer.kind != "event-type"
    }

    assert offered == HINTS


def test_the_metapackage_brings_every_distribution_that_a_hint_names(projects: dict[str, Any]) -> None:
    brought = {re.split("[<>=~!;[ ]", one)[0] for one in projects["qtrader-standard"]["dependencies"]}

    assert set(HINTS.values()) - brought == set()
