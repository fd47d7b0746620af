"""What a run uses where its configuration is silent: what the one plugin with ``qtrader_defaults`` answers."""

from collections.abc import Mapping
from typing import Any

from qtrader.catalogue import Catalogue
from qtrader.errors import ConfigError
from qtrader.ports.settings import RunSettings

REFERENCES = {"fill-policy": "fill", "commission": "commission", "slippage": "slippage"}
"""Kinds that a run must choose, and their keys in the section ``execution``."""


def default_document(catalogue: Catalogue) -> dict[str, Any]:
    """The lowest layer of every configuration, in the shape of a run file."""
    chosen = catalogue.defaults()
    execution: dict[str, Mapping[str, Any]] = {
        key: {"use": chosen[kind].use, "with": dict(chosen[kind].with_)}
        for kind, key in REFERENCES.items()
        if kind in chosen
    }
    document: dict[str, Any] = {"execution": execution} if execution else {}
    if "risk-policy" in chosen:
        document["risk"] = {"policy": chosen["risk-policy"].use}
    return document


def check_chosen(settings: RunSettings) -> None:
    """Refuse a run that leaves open what nobody answers. Raises ConfigError naming the key."""
    missing = [f"execution.{key}" for key in REFERENCES.values() if getattr(settings.execution, key) is None]
    missing += ["risk.policy"] if settings.risk.policy is None else []
    if missing:
        raise ConfigError(
            f"{', '.join(missing)}: not set, and no installed plugin gives a default; "
            "set it, or pip install 'qtrader[standard]'"
        )
