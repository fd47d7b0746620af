"""A plugin with a topic ``alert`` in its third version: a package on disk, as somebody would publish it."""

import importlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from qtrader import hookimpl
from qtrader.plugins import Host, load_plugins
from qtrader.providers import EventProvider, ServiceProvider, Upcaster
from tiny_run import PROVIDERS

PACKAGE = "acme_alerts"
NEWEST = 3
CODE = '''
"""Alerts, and the ways from one version of them to the next."""

from decimal import Decimal
from typing import Literal

from qtrader.events.base import ValidatedEvent
from qtrader.events.fields import PositivePrice, Symbol, Text
from qtrader.ports import Handler


class AlertV1(ValidatedEvent, title="contract alerter/alert.v1"):
    topic, source, version = "alert", "alerter", 1
    symbol: Symbol
    price: PositivePrice


class AlertV2(ValidatedEvent, title="contract alerter/alert.v2"):
    topic, source, version = "alert", "alerter", 2
    symbol: Symbol
    level: PositivePrice
    urgency: Literal["low", "high"]


class AlertV3(ValidatedEvent, title="contract alerter/alert.v3"):
    topic, source, version = "alert", "alerter", 3
    symbol: Symbol
    level: PositivePrice
    urgency: Literal["low", "high"]
    note: Text | None = None


def from_1_to_2(payload):
    return {"symbol": payload["symbol"], "level": payload["price"], "urgency": "low"}


def from_2_to_3(payload):
    return {**payload, "note": None}


def into_nonsense(payload):
    return {**payload, "level": "cheap", "urgency": "low"}


def into_nothing(payload):
    return None


def into_the_envelope(payload):
    return {**from_1_to_2(payload), "event_id": "mine"}


def raising(payload):
    raise KeyError("price")


class Alerter:
    """Alerts on every bar, in the version that it was made for."""

    def __init__(self, event_bus, config, wiring):
        self.emitter = wiring.emitter

    def handlers(self):
        return [Handler("bar", self.on_bar)]

    def on_bar(self, bar):
        if bar.symbol == "A":
            self.emitter.emit(self.kind, symbol=bar.symbol, **self.fields(bar))

    def start(self): ...
    def stop(self): ...
    def snapshot(self):
        return {"version": 1}

    def restore(self, snapshot): ...


class Alerter1(Alerter):
    kind = AlertV1

    def fields(self, bar):
        return {"price": Decimal(bar.close)}


class Alerter3(Alerter):
    kind = AlertV3

    def fields(self, bar):
        return {"level": Decimal(bar.close), "urgency": "low"}
'''
SYMBOL = {"$ref": "../envelope.v1.json#/$defs/symbol"}
PRICE = {"$ref": "../envelope.v1.json#/$defs/positive_price"}
FIELDS: dict[int, dict[str, Any]] = {
    1: {"symbol": SYMBOL, "price": PRICE},
    2: {"symbol": SYMBOL, "level": PRICE, "urgency": {"enum": ["low", "high"]}},
}
FIELDS[3] = {**FIELDS[2], "note": {"anyOf": [{"$ref": "../envelope.v1.json#/$defs/text"}, {"type": "null"}]}}
ENVELOPE = ("event_id", "occurred_at", "correlation_id", "causation_id")


def schema(version: int) -> dict[str, Any]:
    """The contract of one version."""
    properties = {
        **{name: {"$ref": f"../envelope.v1.json#/$defs/{name}"} for name in ENVELOPE},
        "event_type": {"const": "alert"},
        "event_version": {"const": version},
        "source_service": {"const": "alerter"},
        **FIELDS[version],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://qtrader.dev/contracts/alerter/alert.v{version}.json",
        "description": "Something to look at.",
        "type": "object",
        "properties": properties,
        "required": [*properties],
        "additionalProperties": False,
    }


def write_package(folder: Path) -> None:
    """Write the package into a folder."""
    schemas = folder / PACKAGE / "schemas" / "alerter"
    schemas.mkdir(parents=True)
    (folder / PACKAGE / "__init__.py").write_text(CODE, encoding="utf-8")
    for version in FIELDS:
        (schemas / f"alert.v{version}.json").write_text(json.dumps(schema(version)), encoding="utf-8")


def events(*versions: int) -> list[EventProvider]:
    """What the plugin says of some versions of its topic."""
    return [EventProvider("alert", f"{PACKAGE}:AlertV{one}", f"alerter/alert.v{one}") for one in versions]


def way(old: int, new: int, function: str = "") -> Upcaster:
    """The way from one version to another."""
    target = f"{PACKAGE}:{function or f'from_{old}_to_{new}'}"
    return Upcaster(f"alerter/alert.v{old}", f"alerter/alert.v{new}", target)


WAYS = (way(1, 2), way(2, 3))


def plugin(versions: Sequence[int], ways: Sequence[Upcaster] = ()) -> Host:
    """The kernel, the stubs of ``tiny_run`` and the plugin with some versions; it emits the newest of them."""

    @hookimpl
    def qtrader_event_types() -> list[EventProvider]:
        return events(*versions)

    @hookimpl
    def qtrader_upcasters() -> list[Upcaster]:
        return list(ways)

    @hookimpl
    def qtrader_services() -> list[ServiceProvider]:
        target = f"{PACKAGE}:Alerter{max(versions)}"
        return [*PROVIDERS.values(), ServiceProvider("alerter", "Alerts", target, ("bar",), ("alert",))]

    module = ModuleType("alerts")
    for function in (qtrader_event_types, qtrader_upcasters, qtrader_services):
        setattr(module, function.__name__, function)
    return load_plugins(extra={"alerts": module}, entry_points=())


def importable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have Python find the package in a folder for the rest of a test."""
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, PACKAGE, raising=False)
    importlib.invalidate_caches()
