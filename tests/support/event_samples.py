"""Events and documents to test with: the contracts' own valid examples, one way or another."""

from typing import Any

import qtrader_contracts
from qtrader.contracts import from_contract, kernel_contracts
from qtrader.events import BaseEvent, Origin

EVENT_CLASSES = kernel_contracts().event_classes()
ORIGIN = Origin(run=0x1A2B3C4D5E6F7081923, seq=1207, time_ns=1_718_049_600_000_000_000, cause=1206, corr=1201)


def document(contract: str, variant: str = "", **changes: Any) -> dict[str, Any]:
    """A contract's valid example, or a variant of it, with some fields changed."""
    stem = contract.rpartition("/")[2]
    file = f"{stem}.{variant}.example.json" if variant else f"{stem}.example.json"
    return {**qtrader_contracts.examples(contract)[file], **changes}


def event(event_class: type[BaseEvent], variant: str = "") -> Any:
    """The event of a class's example."""
    return from_contract(document(event_class.contract(), variant))


def payload(event_class: type[BaseEvent], variant: str = "") -> dict[str, Any]:
    """The typed payload of a class's example, in field order."""
    values = event(event_class, variant).__dict__
    return {name: value for name, value in values.items() if name != "origin"}


def made(event_class: type[BaseEvent], variant: str = "", **changes: Any) -> Any:
    """An event built by hand from a class's example, with some fields changed."""
    return event_class(**{**payload(event_class, variant), **changes})


def valid_examples() -> list[tuple[str, str]]:
    """Every valid example: contract and file."""
    return [
        (name, file)
        for name in qtrader_contracts.names()
        for file in qtrader_contracts.examples(name)
        if ".invalid-" not in file
    ]


def invalid_examples() -> list[tuple[str, str]]:
    """Every invalid example: contract and file."""
    return [
        (name, file)
        for name in qtrader_contracts.names()
        for file in qtrader_contracts.examples(name)
        if ".invalid-" in file
    ]
