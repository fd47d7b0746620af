"""Events to contract documents and back."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from qtrader.contracts.registry import Contracts, kernel_contracts
from qtrader.contracts.upcasting import to_newest
from qtrader.contracts.validation import Problem, validate_document
from qtrader.errors import ContractError
from qtrader.events.base import BaseEvent, Foreign, Origin, Value, read_id, to_ns
from qtrader.events.fields import COMPLETE, Moment, PositiveCount, Slug, UuidText, time_text


class Envelope(Value, title="contract envelope.v1"):
    """The seven fields that every event's document has beside its payload."""

    event_id: UuidText
    event_type: Slug
    event_version: PositiveCount
    occurred_at: Moment
    source_service: Slug
    correlation_id: UuidText | None
    causation_id: UuidText | None


_ENVELOPE = tuple(Envelope.model_fields)


def to_contract(value: Value) -> dict[str, Any]:
    """The document of an event, or of a value such as an instrument: flat, JSON types only, decimals as plain text.

    Raises ContractError for what no document can say, such as a time between two microseconds.
    """
    try:
        payload = value.model_dump(mode="json", warnings="error")
    except PydanticSerializationError as error:
        raise ContractError(f"{type(value).__name__} holds a value of the wrong type: {error}") from error
    return {**_envelope(value), **payload} if isinstance(value, BaseEvent) else payload


def _envelope(event: BaseEvent) -> dict[str, Any]:
    time_ns = event.origin.time_ns
    if time_ns % 1000:
        raise ContractError(f"{event.contract()}: $.occurred_at: {time_ns} ns is between two microseconds")
    return {
        "event_id": event.event_id,
        "event_type": event.event_type,
        "event_version": event.event_version,
        "occurred_at": time_text(event.occurred_at),
        "source_service": event.source_service,
        "correlation_id": event.correlation_id,
        "causation_id": event.causation_id,
    }


def from_contract(
    document: Mapping[str, Any],
    name: str | None = None,
    contracts: Contracts | None = None,
    *,
    newest: bool = False,
) -> Value:
    """The event, or value, of a document; ids that this system did not make are kept as they are.

    The class is that of the document's version or, with ``newest``, of the newest one that upcasters lead to.
    Raises ContractError with every problem found: the contract's name and a JSON path each.
    """
    known = contracts or kernel_contracts()
    problems = validate_document(document, name, known)
    if problems:
        raise ContractError("; ".join(map(str, problems)))
    name = name or known.name_of(document)
    if newest:
        document, name = to_newest(document, name, known)
    return read_document(document, known.model(name), name)


def read_document(document: Mapping[str, Any], model: type[Value], name: str) -> Value:
    """Build a class from a document by the class's own checks alone. Raises ContractError."""
    try:
        if not issubclass(model, BaseEvent):
            return model.model_validate(dict(document), context=COMPLETE)
        payload = {key: value for key, value in document.items() if key not in _ENVELOPE}
        envelope = {key: value for key, value in document.items() if key in _ENVELOPE}
        origin = _origin(Envelope.model_validate(envelope, context=COMPLETE), model)
        if "origin" in payload:
            raise ContractError(f"{name}: $.origin: no field is named 'origin'")
        return model.model_validate({**payload, "origin": origin}, context=COMPLETE)
    except ValidationError as error:
        raise ContractError("; ".join(str(_problem(name, found)) for found in error.errors())) from error


def _problem(name: str, found: Any) -> Problem:
    path = "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in found["loc"])
    return Problem(name, path, found["msg"])


def _origin(envelope: Envelope, model: type[BaseEvent]) -> Origin:
    for field, wanted in (
        ("event_type", model.topic),
        ("event_version", model.version),
        ("source_service", model.source),
    ):
        if getattr(envelope, field) != wanted:
            raise ContractError(f"{model.contract()}: $.{field}: {getattr(envelope, field)!r} is not {wanted!r}")
    time_ns = to_ns(envelope.occurred_at)
    own = read_id(envelope.event_id)
    run, seq = own or (None, 0)
    cause, strange_cause = _place(envelope.causation_id, run)
    corr, strange_corr = _place(envelope.correlation_id, run)
    foreign = Foreign(None if own else envelope.event_id, strange_corr, strange_cause)
    return Origin(run or 0, seq, time_ns, cause, corr, foreign if any(foreign) else None)


def _place(text: str | None, run: int | None) -> tuple[int, str | None]:
    """A place in the run, or -1 and the id as it came where it is of no run or of another one."""
    found = read_id(text) if text is not None and run is not None else None
    return (found[1], None) if found is not None and found[0] == run else (-1, text)


__all__ = ["Envelope", "from_contract", "read_document", "to_contract"]
