"""What every service must do: live on the bus alone, say what it declares, and go on after being stopped anywhere."""

import json
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeAlias

from qtrader.errors import QTraderError
from qtrader.events import BaseEvent, EventBus
from qtrader.ports import Service, Snapshot, Wiring
from qtrader.providers import ServiceProvider
from qtrader.wiring import wire_alone

Step: TypeAlias = BaseEvent | Callable[[Any], Any]
"""What happens to a service: an event is published on its bus, a function is called with the service."""
Said: TypeAlias = list[tuple[str, dict[str, Any]]]
"""Topics and payloads, without their places in a run."""


class ServiceConformance:
    """A service needs a bus and nothing else, and its snapshot is all that it needs to go on.

    ``provider`` is what its plugin declares; ``make`` builds it, and ``steps`` is a story that lets it do all it can.
    """

    provider: ClassVar[ServiceProvider]

    def make(self, bus: EventBus, wiring: Wiring | None) -> Service:
        """Build the service: ``Target(event_bus=bus, config=..., wiring=wiring)``."""
        raise NotImplementedError

    def steps(self) -> Sequence[Step]:
        """What happens, in order."""
        raise NotImplementedError

    def prepare(self, service: Any) -> None:
        """Give a fresh service what no snapshot holds, such as loaded data."""

    def _attached(self, bus: EventBus, past: Sequence[BaseEvent] = (), state: Snapshot | None = None) -> Service:
        """A service on a bus; its view of market and books has seen the past, itself it knows only its snapshot."""
        wiring = wire_alone(bus, self.provider.name)
        for event in past:
            bus.publish(event)
        service = self.make(bus, wiring)
        self.prepare(service)
        if state is not None:
            service.restore(state)
        bus.attach(self.provider.name, service.handlers())
        return service

    def _play(self, stop: int | None = None) -> tuple[Said, Snapshot]:
        """Let everything happen; before step ``stop`` the service is replaced by one made from its snapshot."""
        bus = EventBus()
        service = self._attached(bus)
        service.start()
        for number, step in enumerate(self.steps()):
            if number == stop:
                past, bus = list(bus.history), EventBus()
                service = self._attached(bus, past, _through_json(service))
            _take(step, bus, service)
        service.stop()
        return _said(bus), _through_json(service)

    def _told(self) -> tuple[EventBus, Service]:
        """The bus and the service after the whole story."""
        bus = EventBus()
        service = self._attached(bus)
        service.start()
        for step in self.steps():
            _take(step, bus, service)
        return bus, service

    def test_it_is_a_service(self) -> None:
        """It has handlers, a start and a stop, and can be saved and brought back."""
        bus = EventBus()

        assert isinstance(self.make(bus, wire_alone(bus, self.provider.name)), Service)

    def test_it_handles_what_its_provider_declares(self) -> None:
        """No less: what nobody handles need not be declared. No more: the wiring would refuse it."""
        bus = EventBus()
        handlers = self.make(bus, wire_alone(bus, self.provider.name)).handlers()
        entries = {
            f"{one.topic}@{one.phase}" if one.topic == "bar" and one.phase == "market" else one.topic
            for one in handlers
        }

        assert entries == set(self.provider.consumes)

    def test_the_story_makes_it_say_everything_that_it_declares(self) -> None:
        """And nothing else; what it says holds to its contracts."""
        bus, service = self._told()
        service.stop()
        heard = [step for step in self.steps() if isinstance(step, BaseEvent)]
        said = [event for event in bus.history if not any(event == one for one in heard)]
        bus.log.seal()

        assert {event.topic for event in said} == set(self.provider.emits)

    def test_alone_a_bus_is_enough(self) -> None:
        """Without wiring it makes its own, subscribes itself, and says the same."""
        bus = EventBus()
        service = self.make(bus, None)
        self.prepare(service)
        service.start()
        for step in self.steps():
            _take(step, bus, service)
        service.stop()

        assert _said(bus) == self._play()[0]

    def test_the_same_story_is_answered_the_same(self) -> None:
        """No clock, no chance."""
        assert self._play() == self._play()

    def test_its_snapshot_is_plain_json_with_a_version(self) -> None:
        """It can be stored, and told from those of other versions."""
        snapshot = self._told()[1].snapshot()

        assert json.loads(json.dumps(snapshot)) == snapshot
        assert isinstance(snapshot["version"], int)

    def test_stopped_anywhere_and_restored_it_goes_on_as_if_never_stopped(self) -> None:
        """It says the same, and ends in the same state, wherever it was stopped."""
        undisturbed = self._play()
        for stop in range(len(self.steps())):
            said, state = self._play(stop)

            assert said == undisturbed[0], f"stopped before step {stop}, it said something else"
            assert state == undisturbed[1], f"stopped before step {stop}, it ended differently"

    def test_a_snapshot_of_another_version_is_refused(self) -> None:
        """Guessing what an old snapshot means would be worse."""
        service = self._attached(EventBus())
        refused = False
        try:
            service.restore({**service.snapshot(), "version": 999})
        except QTraderError:
            refused = True

        assert refused, "a snapshot of version 999 must raise a QTraderError"


def _take(step: Step, bus: EventBus, service: Service) -> None:
    if isinstance(step, BaseEvent):
        bus.publish(step)
    else:
        step(service)


def _said(bus: EventBus) -> Said:
    return [
        (event.topic, {name: value for name, value in event.__dict__.items() if name != "origin"})
        for event in bus.history
    ]


def _through_json(service: Service) -> Snapshot:
    state: Snapshot = json.loads(json.dumps(service.snapshot()))
    return state
