"""What every risk policy must do."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from qtrader.config import read_settings
from qtrader.errors import ConfigError
from qtrader.ports.policy import Policy
from qtrader.providers import PolicyDocument


class PolicyConformance:
    """A policy is a plain document that says its name and of which every key is read.

    ``policy`` is the record that the plugin's hook returns: ``policy = qtrader_risk_policies()[0]``.
    """

    policy: ClassVar[PolicyDocument]

    def test_it_loads_and_every_key_is_read(self) -> None:
        """An unknown key is an error, so what loads is read."""
        told = ""
        try:
            read_settings(self.policy.document, Policy, f"policy {self.policy.name!r}")
        except ConfigError as error:
            told = str(error)

        assert not told, told

    def test_it_is_called_what_it_is_offered_as(self) -> None:
        """Key ``policy`` is the name that configurations use."""
        named = self.policy.document.get("policy")

        assert named == self.policy.name, f"the document says policy: {named}, and it is offered as {self.policy.name}"

    def test_it_is_plain_data(self) -> None:
        """What YAML holds: it is written into the run's folder as it is."""
        plain = _plain(self.policy.document)

        assert json.loads(json.dumps(plain)) == plain, "a policy holds texts, numbers, true and false, lists and maps"

    def test_it_says_what_it_is_for(self) -> None:
        """`qtrader policy list` has something to say."""
        assert self.policy.summary.strip(), "write a summary"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value
