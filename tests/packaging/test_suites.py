"""Every first-party plugin is one that ``qtrader plugins test`` would pass: each of its tools is held to its suite."""

import json
import subprocess
import sys
from typing import Any

import pytest

from places import ROOT
from qtrader.offers import KINDS
from qtrader.plugins import load_plugins
from qtrader.testing import SUITES

WITHOUT_SUITE = {
    "event-type": "its contract is its suite: tests/events and tests/contracts hold class and schema to one another",
    "event-store": "no plugin offers one; the store of the kernel has tests/kernel/test_store.py",
    "upcaster": "it is one function from document to document, tried on the documents of its two contracts",
}
"""The kinds that have no suite, and why."""


@pytest.fixture(scope="module")
def judged() -> dict[str, Any]:
    """What tests/support/held.py finds out."""
    command = [sys.executable, "tests/support/held.py", "plugins"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_every_kind_has_a_suite_or_a_reason_for_none() -> None:
    assert sorted([*SUITES, *WITHOUT_SUITE]) == sorted(KINDS)


def test_no_plugin_offers_what_is_said_to_be_offered_by_none() -> None:
    offered = {offer.kind for plugin in load_plugins().active if plugin.name != "kernel" for offer in plugin.offers}

    assert "event-store" not in offered


def test_each_tool_is_held_to_the_suite_of_its_kind(judged: dict[str, Any], projects: dict[str, Any]) -> None:
    offered = [
        [offer.kind, offer.name]
        for plugin in load_plugins().active
        for offer in plugin.offers
        if plugin.name != "kernel" and plugin.distribution in projects and offer.kind in SUITES
    ]

    assert judged["code"] == 0, judged["said"]
    assert [one for one in offered if one not in judged["held"]] == []


def test_no_plugin_replaces_a_test_of_its_suite(judged: dict[str, Any]) -> None:
    assert judged["replaced"] == []
