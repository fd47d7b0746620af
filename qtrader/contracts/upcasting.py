"""Old documents as new ones: the chain of upcasters from a contract's version to the newest, each answer checked."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from qtrader.contracts.registry import Contracts
from qtrader.contracts.validation import validate_document
from qtrader.errors import ContractError
from qtrader.events.base import BaseEvent
from qtrader.providers import Upcaster


def to_newest(document: Mapping[str, Any], name: str, contracts: Contracts) -> tuple[dict[str, Any], str]:
    """A document of contract ``name`` as one of the newest version, and that version's name.

    Raises ContractError where no way leads there, or an upcaster on the way fails or gives what its contract refuses.
    """
    for step in contracts.way_up(name):
        document = _taken(document, step, contracts)
        name = step.to
    return dict(document), name


def _taken(document: Mapping[str, Any], step: Upcaster, contracts: Contracts) -> dict[str, Any]:
    """A document after one step."""
    model = contracts.model(step.to)
    kept = contracts.schema("envelope.v1")["properties"] if issubclass(model, BaseEvent) else {}
    payload = {key: value for key, value in document.items() if key not in kept}
    answer = _call(step, payload)
    if doubled := sorted(kept.keys() & answer.keys()):
        raise ContractError(f"{_called(step)} gives {doubled[0]!r}, which is the envelope's; leave it out")
    envelope = {key: document[key] for key in kept}
    if issubclass(model, BaseEvent):
        envelope |= {"event_type": model.topic, "event_version": model.version, "source_service": model.source}
    taken = {**envelope, **answer}
    if problems := validate_document(taken, step.to, contracts):
        raise ContractError(f"{_called(step)} gives what its contract refuses: {'; '.join(map(str, problems))}")
    return taken


def _call(step: Upcaster, payload: dict[str, Any]) -> Mapping[str, Any]:
    module, _, function = step.target.partition(":")
    try:
        answer = getattr(import_module(module), function)(payload)
    except Exception as error:
        raise ContractError(f"{_called(step)} raised {type(error).__name__}: {error}") from error
    if not isinstance(answer, Mapping):
        raise ContractError(f"{_called(step)} gives {answer!r}; give the fields of the new version as a dict")
    return answer


def _called(step: Upcaster) -> str:
    return f"upcaster {step.target!r} ({step.contract} to {step.to})"


__all__ = ["to_newest"]
