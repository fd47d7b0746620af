"""The suite for risk policies: a good document passes, a bad one is caught by exactly the test meant."""

from typing import Any

import pytest

from qtrader.providers import PolicyDocument
from qtrader.testing import PolicyConformance
from suites import failing

GOOD: dict[str, Any] = {
    "policy": "careful",
    "version": 1,
    "sizing": {"use": "fixed", "with": {"quantity": 1}},
    "limits": [{"use": "concentration", "with": {"max_pct": 0.25}}],
}


def offered(summary: str = "One unit", **changes: Any) -> PolicyDocument:
    return PolicyDocument("careful", summary, {**GOOD, **changes})


class TestCareful(PolicyConformance):
    policy = offered()


@pytest.mark.parametrize(
    ("policy", "test"),
    [
        (offered(limit=[]), "test_it_loads_and_every_key_is_read"),
        (offered(signals={"short": True}), "test_it_loads_and_every_key_is_read"),
        (offered(orders={"type": "wish"}), "test_it_loads_and_every_key_is_read"),
        (offered(policy="careless"), "test_it_is_called_what_it_is_offered_as"),
        (offered(sizing={"use": "fixed", "with": {7: "units"}}), "test_it_is_plain_data"),
        (offered(" "), "test_it_says_what_it_is_for"),
    ],
)
def test_a_policy_is_caught_by_the_test_meant(policy: PolicyDocument, test: str) -> None:
    assert test in failing(PolicyConformance, policy=policy)


def test_an_unknown_key_is_named() -> None:
    suite = type("Checked", (PolicyConformance,), {"policy": offered(limit=[])})()

    with pytest.raises(AssertionError, match=r"policy 'careful': limit: unknown key.*'limits'"):
        suite.test_it_loads_and_every_key_is_read()
