"""Which contracts there are, and which class each one has."""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any

import qtrader_contracts
from qtrader.errors import ContractError
from qtrader.events.base import BaseEvent, Value
from qtrader.events.rules import Rule
from qtrader.kernel_plugin import qtrader_event_types
from qtrader.offers import Provider
from qtrader.providers import EventProvider, Upcaster
from qtrader.suggest import did_you_mean

_VALUES = {"envelope.v1": "qtrader.contracts.codec:Envelope", "data/instrument.v1": "qtrader.events:InstrumentValue"}
"""The contracts that are no event's."""


class Contracts:
    """The contracts of the kernel, those of the event types that plugins add, and the ways from old versions up.

    A plugin keeps the schema of its topic in its own package, at ``schemas/<contract name>.json``.
    """

    def __init__(self, providers: Iterable[Provider] = ()) -> None:
        """Know the kernel's contracts and, of what plugins offer, the event types and upcasters."""
        offered = tuple(providers)
        events = [one for one in offered if isinstance(one, EventProvider)]
        self._ways = [one for one in offered if isinstance(one, Upcaster)]
        everyone = {provider.schema: provider for provider in (*qtrader_event_types(), *events)}
        self._providers: Mapping[str, EventProvider] = everyone
        self._targets = {**_VALUES, **{name: provider.model for name, provider in everyone.items()}}
        self._names: dict[tuple[str, float], str] = {
            (provider.topic, _version(name)): name for name, provider in everyone.items()
        }
        self._validators: dict[str, Any] = {}
        self._rules: dict[str, tuple[Rule, ...]] = {}

    def names(self) -> tuple[str, ...]:
        """Every contract's name, sorted."""
        return tuple(sorted(self._targets))

    def schema(self, name: str) -> dict[str, Any]:
        """A contract's JSON Schema. Raises ContractError where there is none of the name."""
        self._known(name)
        if name in qtrader_contracts.names():
            return qtrader_contracts.schema(name)
        package = self._targets[name].partition(":")[0].partition(".")[0]
        place = files(package) / "schemas" / f"{name}.json"
        if not place.is_file():
            raise ContractError(f"{name}: package {package!r} has no file schemas/{name}.json; add it")
        document: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
        return document

    def model(self, name: str) -> type[Value]:
        """The class of a contract. Raises ContractError where there is none of the name."""
        self._known(name)
        module, _, attribute = self._targets[name].partition(":")
        model: type[Value] = getattr(import_module(module), attribute)
        return model

    def event_classes(self) -> tuple[type[BaseEvent], ...]:
        """The classes of all event contracts, by contract name."""
        models = (self.model(name) for name in sorted(self._providers))
        return tuple(model for model in models if issubclass(model, BaseEvent))

    def name_of(self, document: Mapping[str, Any]) -> str:
        """The contract that a document claims by its ``event_type`` and ``event_version``. Raises ContractError."""
        topic, version = document.get("event_type"), document.get("event_version")
        known = sorted({one for one, _ in self._names})
        if topic not in known:
            hint = did_you_mean(topic, known) if isinstance(topic, str) else ""
            raise ContractError(f"$.event_type: {topic!r} is no event type. There are: {', '.join(known)}.{hint}")
        name = self._names.get((str(topic), version)) if isinstance(version, int | float) else None
        if name is None or version is True:
            versions = ", ".join(str(number) for one, number in sorted(self._names) if one == topic)
            raise ContractError(f"$.event_version: {topic} has no version {version!r}; it has {versions}")
        return name

    def way_up(self, name: str) -> tuple[Upcaster, ...]:
        """The upcasters that lead from a contract to the newest version of its topic; none where it is the newest.

        A contract that is no event's is as new as its upcasters lead. Raises ContractError where no way leads there.
        """
        self._known(name)
        newest = self._newest(name)
        way: list[Upcaster] = []
        while name != newest:
            steps = [one for one in self._ways if one.contract == name]
            if not steps and newest is None:
                break
            passed = " to ".join([*(one.contract for one in way), name])
            if not steps:
                raise ContractError(
                    f"no upcaster leads from {passed} on to {newest}. Update or install the plugin that offers it"
                )
            if len(steps) > 1:
                targets = " and ".join(repr(one.target) for one in steps)
                raise ContractError(f"two upcasters start at {name}: {targets}. Uninstall one")
            if steps[0].to in (one.contract for one in (*way, steps[0])):
                raise ContractError(f"upcasters go in a circle: {passed} to {steps[0].to}. Mend the plugin of the last")
            self._known(steps[0].to)
            way.append(steps[0])
            name = steps[0].to
        return tuple(way)

    def _newest(self, name: str) -> str | None:
        """The newest version of an event's topic; None for a contract that is no event's."""
        if name not in self._providers:
            return None
        topic = self._providers[name].topic
        return self._names[topic, max(version for one, version in self._names if one == topic)]

    def validator(self, name: str) -> Any:
        """The compiled validator of a contract, made once; formats are checked and nothing is fetched.

        A schema may refer to itself and to ``envelope.v1``.
        """
        if name not in self._validators:
            from jsonschema_rs import Draft202012Validator, Registry

            envelope = qtrader_contracts.schema("envelope.v1")
            self._validators[name] = Draft202012Validator(
                self.schema(name), registry=Registry([(envelope["$id"], envelope)]), validate_formats=True, offline=True
            )
        return self._validators[name]

    def rules(self, name: str) -> tuple[Rule, ...]:
        """The x-rules of a contract, read once."""
        if name not in self._rules:
            self._rules[name] = rules_of(self.schema(name))
        return self._rules[name]

    def _known(self, name: str) -> None:
        if name not in self._targets:
            hint = did_you_mean(name, self._targets)
            raise ContractError(f"no contract is named {name!r}. There are: {', '.join(self.names())}.{hint}")


def rules_of(schema: Mapping[str, Any]) -> tuple[Rule, ...]:
    """The x-rules of a schema."""
    return tuple(
        Rule(entry["rule"], entry["message"], {name: tuple(values) for name, values in entry.get("when", {}).items()})
        for entry in schema.get("x-rules", ())
    )


def _version(name: str) -> int:
    stem, _, version = name.rpartition(".v")
    if not stem or not version.isdigit():
        raise ContractError(f"{name!r} is no contract name; write <producer>/<name>.v<version>, such as 'data/bar.v1'")
    return int(version)


@cache
def kernel_contracts() -> Contracts:
    """The contracts of the kernel alone."""
    return Contracts()
