"""What a plugin's hooks hand over: taken out at once, checked, and tied to a kind."""

import re
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import Any

from qtrader.providers import EventProvider, PolicyDocument, ServiceProvider, ToolProvider, Upcaster
from qtrader.suggest import did_you_mean

Provider = ToolProvider[Any] | ServiceProvider | EventProvider | PolicyDocument | Upcaster
Defaults = Mapping[str, str | Mapping[str, Any]]
Call = Callable[[Mapping[str, Any]], Any]
"""One plugin's implementation of a hook, taking the hook's arguments by name."""
Calls = Callable[[str], Iterable[Call]]
"""One plugin's implementations of the hook of a name."""

RECORD_HOOKS: Mapping[str, tuple[str, type[Provider]]] = MappingProxyType(
    {
        "qtrader_services": ("service", ServiceProvider),
        "qtrader_data_sources": ("data-source", ToolProvider),
        "qtrader_strategies": ("strategy", ToolProvider),
        "qtrader_sizers": ("sizer", ToolProvider),
        "qtrader_risk_limits": ("risk-limit", ToolProvider),
        "qtrader_risk_policies": ("risk-policy", PolicyDocument),
        "qtrader_fill_policies": ("fill-policy", ToolProvider),
        "qtrader_commission_models": ("commission", ToolProvider),
        "qtrader_slippage_models": ("slippage", ToolProvider),
        "qtrader_event_stores": ("event-store", ToolProvider),
        "qtrader_report_writers": ("report", ToolProvider),
        "qtrader_event_types": ("event-type", EventProvider),
        "qtrader_upcasters": ("upcaster", Upcaster),
    }
)
"""Each hook that returns records: the kind of thing they offer, and the record's class."""

KINDS = tuple(kind for kind, _ in RECORD_HOOKS.values())
"""Every kind of thing that a plugin can offer."""

MOST_RECORDS = 1000
"""More records than this from one hook of one plugin mean a generator that never ends."""

_NAME = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")
_TARGET = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
_CONTRACT = re.compile(r"[a-z0-9_-]+(/[a-z0-9_-]+)*\.v[1-9][0-9]*")


class Refused(Exception):  # noqa: N818 - a verdict on a plugin; the loader turns it into the reason of its state
    """A plugin breaks a rule; the text says which."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that a plugin provides."""

    kind: str
    name: str
    summary: str
    provider: Provider


def take_offers(calls: Calls) -> Iterator[Offer]:
    """Take everything that one plugin offers; Refused when a hook fails or gives what it must not."""
    seen: set[tuple[str, str, str]] = set()
    for hook, (kind, record_type) in RECORD_HOOKS.items():
        for call in calls(hook):
            for record in _drain(hook, call):
                offer = _offer(hook, kind, record_type, record)
                version = record.schema if isinstance(record, EventProvider) else ""
                if (kind, offer.name, version) in seen:
                    raise Refused(f"{hook}() gives {offer.name!r} twice")
                seen.add((kind, offer.name, version))
                yield offer


def take_defaults(calls: Calls) -> Defaults | None:
    """Take one plugin's word on defaults, None when it has none."""
    for call in calls("qtrader_defaults"):
        answer = call({})
        if not isinstance(answer, Mapping):
            raise Refused(f"qtrader_defaults() returned {answer!r}: return a mapping from kinds to names")
        for kind, chosen in answer.items():
            if kind not in KINDS:
                raise Refused(f"qtrader_defaults() names the unknown kind {kind!r}.{did_you_mean(str(kind), KINDS)}")
            if not isinstance(chosen, str | Mapping):
                raise Refused(f"qtrader_defaults() gives {chosen!r} for {kind!r}: write a name, or {{'use': ...}}")
        return MappingProxyType(dict(answer))
    return None


def told(hook: str, error: BaseException) -> str:
    """Say in a message that a hook raised an error."""
    return f"{hook} raised {words(error)}"


def words(error: BaseException) -> str:
    """An error in one line: a verdict as it stands, anything else with its type; even one that cannot be printed."""
    if isinstance(error, Refused):
        return str(error)
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error}"
    return " ".join(traceback.format_exception_only(error)[0].split())


def _drain(hook: str, call: Call) -> list[Any]:
    """Take a hook's records now, so that a failing or endless generator fails under its plugin's name."""
    try:
        answer = call({})
        if isinstance(answer, str | Mapping) or not isinstance(answer, Iterable):
            raise Refused(f"{hook}() returned {answer!r}: return a list of records")
        records = list(islice(answer, MOST_RECORDS + 1))
    except Refused:
        raise
    except (Exception, SystemExit) as error:
        raise Refused(told(hook, error)) from error
    if len(records) > MOST_RECORDS:
        raise Refused(f"{hook}() gave more than {MOST_RECORDS} records and did not end")
    return records


def _offer(hook: str, kind: str, record_type: type[Provider], record: Any) -> Offer:
    if not isinstance(record, record_type):
        raise Refused(f"{hook}() gave {record!r} where a {record_type.__name__} belongs")
    name, summary, target = _parts(record)
    if isinstance(record, Upcaster):
        _check_contract(hook, record.contract)
        _check_contract(hook, record.to)
    elif not isinstance(name, str) or not _NAME.fullmatch(name):
        raise Refused(f"{hook}() gave the name {name!r}: write it in lower case with hyphens, such as 'sma-cross'")
    if target is not None and not (isinstance(target, str) and _TARGET.fullmatch(target)):
        raise Refused(f"{hook}() gave the target {target!r} for {name!r}: write it as 'package.module:Class'")
    _check_rest(hook, name, record)
    return Offer(kind, name, str(summary), record)


def _check_contract(hook: str, contract: Any, of: str = "") -> None:
    if not isinstance(contract, str) or not _CONTRACT.fullmatch(contract):
        raise Refused(f"{hook}() gave the contract {contract!r}{of}: write it as 'producer/name.v1'")


def _check_rest(hook: str, name: str, record: Provider) -> None:
    """Refuse what is peculiar to one kind of record and of the wrong type."""
    if isinstance(record, EventProvider):
        _check_contract(hook, record.schema, f" for {name!r}")
    elif isinstance(record, PolicyDocument):
        if not isinstance(record.document, Mapping):
            raise Refused(f"{hook}() gave the document {record.document!r} for {name!r}: give the YAML as a mapping")
    elif isinstance(record, ServiceProvider):
        for topics in (record.consumes, record.emits):
            if not isinstance(topics, tuple | list) or not all(isinstance(topic, str) for topic in topics):
                raise Refused(f"{hook}() gave the topics {topics!r} for {name!r}: write a tuple of names, ('bar',)")


def _parts(record: Provider) -> tuple[Any, Any, Any]:
    """Name, summary and target of a record; a policy document has no target."""
    if isinstance(record, EventProvider):
        return record.topic, record.schema, record.model
    if isinstance(record, Upcaster):
        return record.contract, f"to {record.to}", record.target
    if isinstance(record, PolicyDocument):
        return record.name, record.summary, None
    return record.name, record.summary, record.target
