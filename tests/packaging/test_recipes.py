"""The recipes "Add a service" and "Add an event" of CONTRIBUTING.md, carried out step by step in a temporary plugin.

Each step is a function below that takes its step's text: what the step says to write or run is read from there where it
can be, so a recipe that changes fails here.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from places import ROOT, Place

SERVICE = '''\
"""Raises an alarm for every large fill."""

from collections.abc import Mapping, Sequence
from typing import Any

from qtrader import EventBus, wire_alone
from qtrader.errors import StoreError
from qtrader.events import FillEvent
from qtrader.ports import Handler, Snapshot, Wiring


class AlarmService:
    """Counts large fills."""

    def __init__(self, event_bus: EventBus, config: Mapping[str, Any], wiring: Wiring | None = None) -> None:
        self.most = int(config.get("most", 100))
        self.count = 0
        self.wiring = wiring or wire_alone(event_bus, "alarm")
        if wiring is None:
            event_bus.attach("alarm", self.handlers())

    def handlers(self) -> Sequence[Handler]:
        """The table of topics and functions."""
        return [Handler("fill", self.on_fill)]

    def on_fill(self, fill: FillEvent) -> None:
        """Count a fill when it is large."""
        self.count += fill.quantity > self.most

    def start(self) -> None:
        """Nothing to do beforehand."""

    def stop(self) -> None:
        """Nothing to say at the end."""

    def snapshot(self) -> Snapshot:
        """How many there were."""
        return {"version": 1, "count": self.count}

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from a snapshot."""
        if snapshot["version"] != 1:
            raise StoreError(f"alarm: snapshot version {snapshot['version']!r}; this release reads 1")
        self.count = snapshot["count"]
'''
PLUGIN = '''\
"""Offers alarm."""

from qtrader import hookimpl
from qtrader.providers import ServiceProvider


@hookimpl
def qtrader_services() -> list[ServiceProvider]:
    """Offer alarm."""
    return [ServiceProvider("alarm", "Raise an alarm", "qtrader_service_alarm.alarm:AlarmService", ("fill",), ())]
'''
TEST = """\
from decimal import Decimal

from qtrader import EventBus
from qtrader.events import FillEvent
from qtrader.testing import ServiceConformance, example
from qtrader_service_alarm.alarm import AlarmService
from qtrader_service_alarm.plugin import qtrader_services

STORY = [example(FillEvent, quantity=Decimal(quantity)) for quantity in (5, 500)]


class TestAlarm(ServiceConformance):
    provider = qtrader_services()[0]

    def make(self, bus, wiring):
        return AlarmService(bus, {}, wiring)

    def steps(self):
        return STORY

    def test_a_large_fill_is_counted(self):
        bus = EventBus()
        service = AlarmService(bus, {"most": 100})
        for event in STORY:
            bus.publish(event)
        assert service.count == 1
"""
EVENT = '''\
"""The alarm."""

from qtrader.events import ValidatedEvent
from qtrader.events.fields import PositiveQuantity


class AlarmEvent(ValidatedEvent, title="contract alarm/alarm.v1"):
    """A large fill."""

    topic = "alarm"
    source = "alarm"

    quantity: PositiveQuantity
'''
EVENT_TEST = """\
from decimal import Decimal

import pytest

from qtrader.testing import RecordingBus, example
from qtrader.events import FillEvent
from qtrader_service_alarm.alarm import AlarmService
from qtrader_service_alarm.events import AlarmEvent


def test_a_large_fill_raises_an_alarm():
    bus = RecordingBus()
    AlarmService(bus, {})
    bus.publish(example(FillEvent, quantity=Decimal(500)))
    (alarm,) = bus.of("alarm")
    assert (alarm.quantity, alarm.topic) == (500, "alarm")


def test_nothing_is_no_alarm():
    with pytest.raises(ValueError, match="quantity"):
        AlarmEvent(quantity=Decimal(0))
"""


ENVELOPE = {
    "event_id": "68acf135-79bd-8c20-9923-0000000004bc",
    "event_type": "alarm",
    "event_version": 1,
    "occurred_at": "2024-06-10T20:00:00.000000Z",
    "source_service": "alarm",
    "correlation_id": None,
    "causation_id": None,
}


def recipe(title: str) -> list[str]:
    """The steps of a recipe, each on one line."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    return [" ".join(step.split()) for step in re.findall(r"^\d\. (.*?)(?=^\d\. |^$)", section, re.M | re.S)]


def says(step: str, *phrases: str) -> None:
    """A step still asks for what is done here."""
    assert [phrase for phrase in phrases if phrase not in step] == [], step


class Made:
    """The temporary plugin, as far as it is made."""

    def __init__(self, stranger: Place) -> None:
        self.stranger = stranger
        self.folder: Path = stranger.folder / "plugins" / "qtrader-service-alarm"
        self.source = self.folder / "src" / "qtrader_service_alarm"

    def run(self, command: str) -> str:
        """Run a command of a recipe, with NAME filled in."""
        program, *arguments = command.replace("NAME", "alarm").split()
        assert program == "qtrader"
        return self.stranger.said(*arguments)


def write_the_distribution(step: str, made: Made) -> None:
    (command,) = re.findall(r"`(qtrader plugins new .*?)`", step)
    made.run(command)


def write_the_class(step: str, made: Made) -> None:
    says(
        step, "`__init__(self, event_bus, config, wiring=None)`", "`handlers()`", "`snapshot`", "`restore`", "`Service`"
    )
    (made.source / "alarm.py").write_text(SERVICE)


def offer_the_service(step: str, made: Made) -> None:
    says(step, "`plugin.py`", "`qtrader_services()`", "A topic has one emitter")
    (made.source / "plugin.py").write_text(PLUGIN)


def try_it_alone(step: str, made: Made) -> None:
    says(step, "`Service(EventBus(), settings)`", "publish events made by hand")
    (made.folder / "tests" / "test_alarm.py").write_text(TEST)
    (command,) = re.findall(r"`(qtrader plugins test .*?)`", step)
    assert "service 'alarm': held to ServiceConformance" in made.run(command)


def take_it_in(step: str, made: Made) -> None:
    says(step, "`pyproject.toml`", "`[tool.uv.sources]`", "`requirements.txt`", "`qtrader-standard`")
    made.stranger.install_built(made.folder)
    rows = json.loads(made.stranger.said("plugins", "list", "--json"))
    (row,) = [row for row in rows if row["distribution"] == "qtrader-service-alarm"]
    assert row["status"] == "active"


def write_the_contract(step: str, made: Made) -> None:
    says(step, "`schemas/PRODUCER/NAME.v1.json`", "in its package", "closed", "a valid and an invalid example")
    schema = json.loads(made.stranger.said("contracts", "show", "execution/fill.v1"))
    kept = (
        "event_id",
        "event_version",
        "occurred_at",
        "correlation_id",
        "causation_id",
        "event_type",
        "source_service",
    )
    fields = {name: schema["properties"][name] for name in kept}
    place = "https://qtrader.dev/contracts/envelope.v1.json"
    text = json.dumps(fields).replace("../envelope.v1.json", place)
    properties = json.loads(text)
    properties["event_type"]["const"] = properties["source_service"]["const"] = "alarm"
    properties["quantity"] = {"type": "string", "pattern": "^[1-9][0-9]*$", "description": "Units that were traded."}
    document = {
        "$schema": schema["$schema"],
        "$id": "https://example.org/contracts/alarm/alarm.v1.json",
        "title": "Alarm",
        "description": "A large fill.",
        "type": "object",
        "required": sorted(properties),
        "properties": properties,
        "additionalProperties": False,
    }
    folder = made.source / "schemas" / "alarm"
    folder.mkdir(parents=True)
    (folder / "alarm.v1.json").write_text(json.dumps(document))
    (made.folder / "alarm.v1.example.json").write_text(json.dumps({**ENVELOPE, "quantity": "500"}))
    (made.folder / "alarm.v1.invalid-quantity-zero.json").write_text(json.dumps({**ENVELOPE, "quantity": "0"}))


def write_the_event_class(step: str, made: Made) -> None:
    says(step, "a `ValidatedEvent` with `topic` and `source`", "in the plugin")
    (made.source / "events.py").write_text(EVENT)


def offer_the_event(step: str, made: Made) -> None:
    says(step, "`qtrader_event_types()`", "in the plugin")
    hook = '''

@hookimpl
def qtrader_event_types() -> list[EventProvider]:
    """Offer the alarm."""
    return [EventProvider("alarm", "qtrader_service_alarm.events:AlarmEvent", "alarm/alarm.v1")]
'''
    text = (made.source / "plugin.py").read_text()
    text = text.replace("import ServiceProvider", "import EventProvider, ServiceProvider")
    (made.source / "plugin.py").write_text(text + hook)


def emit_the_event(step: str, made: Made) -> None:
    says(step, '`emits=("NAME",)`', "`wiring.emitter.emit(NameEvent, ...)`")
    plugin, service = (made.source / name for name in ("plugin.py", "alarm.py"))
    plugin.write_text(plugin.read_text().replace('("fill",), ()', '("fill",), ("alarm",)'))
    counted = "        self.count += fill.quantity > self.most\n"
    emitting = (
        "        if fill.quantity > self.most:\n"
        "            self.count += 1\n"
        "            self.wiring.emitter.emit(AlarmEvent, quantity=fill.quantity)\n"
    )
    text = service.read_text().replace(counted, emitting)
    imported = "from qtrader.ports import Handler, Snapshot, Wiring\n"
    service.write_text(text.replace(imported, f"{imported}from qtrader_service_alarm.events import AlarmEvent\n"))


def try_the_event(step: str, made: Made) -> None:
    says(step, "class and schema must accept and refuse the same documents")
    (name,) = re.findall(r"`(tests/events/test_NAME_event\.py)`", step)
    place = made.folder / name.replace("NAME", "alarm")
    place.parent.mkdir()
    place.write_text(EVENT_TEST)
    assert "service 'alarm': held to ServiceConformance" in made.run(
        "qtrader plugins test plugins/qtrader-service-NAME"
    )
    made.stranger.install_built(made.folder)
    says(step, "`qtrader contracts validate FILE`")
    valid, invalid = (made.folder / f"alarm.v1.{one}.json" for one in ("example", "invalid-quantity-zero"))
    assert made.stranger.said("contracts", "validate", valid) == "1 document, no problem\n"
    assert "quantity" in made.stranger.said("contracts", "validate", invalid, expect=2)


Step = Callable[[str, Made], None]
RECIPES: dict[str, list[Step]] = {
    "Add a service": [write_the_distribution, write_the_class, offer_the_service, try_it_alone, take_it_in],
    "Add an event": [write_the_contract, write_the_event_class, offer_the_event, emit_the_event, try_the_event],
}


@pytest.fixture(scope="module")
def made(stranger: Place) -> Made:
    return Made(stranger)


@pytest.mark.parametrize("title", RECIPES)
def test_a_recipe_works_as_it_is_written(title: str, made: Made) -> None:
    steps = recipe(title)

    assert len(steps) == len(RECIPES[title]), steps
    for text, carry_out in zip(steps, RECIPES[title], strict=True):
        carry_out(text, made)
