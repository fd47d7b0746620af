"""The suite for services: what keeps to the port passes, what does not is caught by the test meant."""

from collections.abc import Sequence
from typing import Any

import pytest

from qtrader import EventBus, wire_alone
from qtrader.errors import RunError
from qtrader.events import BaseEvent, FrozenMap, RecordEvent, SignalEvent
from qtrader.ports import (
    Handler,
)
from qtrader.providers import ServiceProvider
from qtrader.testing import (
    ServiceConformance,
    example,
)


class Echo:
    """Writes down each signal, and how many there were."""

    def __init__(self, bus: EventBus, wiring: Any) -> None:
        self.count = 0
        self.emit = (wiring or wire_alone(bus, "echo")).emitter.emit
        if wiring is None:
            bus.attach("echo", self.handlers())

    def handlers(self) -> list[Handler]:
        return [Handler("signal", self.on_signal)]

    def on_signal(self, signal: Any) -> None:
        self.count += 1
        self.emit(RecordEvent, strategy_id=signal.strategy_id, values=FrozenMap({"n": self.count}))

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def snapshot(self) -> dict[str, Any]:
        return {"version": 1, "count": self.count}

    def restore(self, snapshot: dict[str, Any]) -> None:
        if snapshot["version"] != 1:
            raise RunError("another version")
        self.count = snapshot["count"]


class EchoSuite(ServiceConformance):
    provider = ServiceProvider("echo", "Echoes", "echo:Echo", ("signal",), ("record",))
    service: type[Any] = Echo

    def make(self, bus: EventBus, wiring: Any) -> Any:
        return self.service(bus, wiring)

    def steps(self) -> Sequence[BaseEvent]:
        return STORY


STORY = [example(SignalEvent, signal_id=f"s-{number}") for number in range(4)]


class TestEcho(EchoSuite):
    pass


class Deaf(Echo):
    """Listens to nothing that it declares."""

    def handlers(self) -> list[Handler]:
        return []


class Chatty(Echo):
    """Says more than it declares."""

    def on_signal(self, signal: Any) -> None:
        super().on_signal(signal)
        self.emit(SignalEvent, **{k: v for k, v in example(SignalEvent).__dict__.items() if k != "origin"})

    def handlers(self) -> list[Handler]:
        return [Handler("signal", lambda one: self.on_signal(one) if one in STORY else None)]


class Amnesiac(Echo):
    """Forgets how many there were."""

    def snapshot(self) -> dict[str, Any]:
        return {"version": 1, "count": 0}


class Rich(Echo):
    """Saves what JSON cannot hold."""

    def snapshot(self) -> dict[str, Any]:
        return {"version": 1, "count": self.count, "pair": (1, 2)}


class Trusting(Echo):
    """Reads any snapshot."""

    def restore(self, snapshot: dict[str, Any]) -> None:
        self.count = snapshot["count"]


class Unattached(Echo):
    """Alone it subscribes nothing."""

    def __init__(self, bus: EventBus, wiring: Any) -> None:
        super().__init__(EventBus() if wiring is None else bus, wiring)


@pytest.mark.parametrize(
    ("service", "test"),
    [
        (Deaf, "test_it_handles_what_its_provider_declares"),
        (Deaf, "test_the_story_makes_it_say_everything_that_it_declares"),
        (Chatty, "test_the_story_makes_it_say_everything_that_it_declares"),
        (Unattached, "test_alone_a_bus_is_enough"),
        (Amnesiac, "test_stopped_anywhere_and_restored_it_goes_on_as_if_never_stopped"),
        (Rich, "test_its_snapshot_is_plain_json_with_a_version"),
        (Trusting, "test_a_snapshot_of_another_version_is_refused"),
    ],
)
def test_a_service_that_does_not_keep_to_its_port_is_caught(service: type[Any], test: str) -> None:
    checked = type("Checked", (EchoSuite,), {"service": service})()

    with pytest.raises(AssertionError):
        getattr(checked, test)()
