"""Logs written as the engine writes them, from a script, beside a plain list of what must be in them."""

from collections.abc import Sequence
from typing import Any

import qtrader_contracts
from event_samples import EVENT_CLASSES, valid_examples
from market_builders import daily, market
from qtrader.bar_table import Bar
from qtrader.contracts import from_contract
from qtrader.events import BaseEvent, Origin
from qtrader.events.base import trusted
from qtrader.log import EventLog
from qtrader.market import Market

RUN = 0x2A_BCDE_F012_3456_789A
KINDS = tuple(EVENT_CLASSES)
Script = Sequence[int | None]
"""None publishes the next bar; a number n an event caused by event ``n`` of those before, or by none when negative."""


def world(bars: int = 40) -> Market:
    """Two symbols; the second has a bar every third day, so that some instants have two bars and some have one."""
    few = list(range(0, bars, 3))
    return market(daily("A", range(100, 100 + bars)), daily("B", range(50, 50 + len(few)), days=few), days=bars)


def samples() -> list[BaseEvent]:
    """The events of every valid example, in the order of contracts and files."""
    contracts = {kind.contract() for kind in EVENT_CLASSES} - {"data/bar.v1"}
    found = [(name, file) for name, file in valid_examples() if name in contracts]
    return [from_contract(qtrader_contracts.examples(name)[file]) for name, file in found]


SAMPLES = samples()


class Writer:
    """Writes a log; ``expected`` is the naive list of its events, and ``bars`` those that were published."""

    def __init__(self, run: int = RUN, chunk: int = 4096, bars: int = 40) -> None:
        self.log = EventLog(run, world(bars), KINDS, chunk)
        self.expected: list[BaseEvent] = []
        self.objects: list[Any] = []
        """What a handler would hold of each event: the row view of a bar, else the event."""

    def bar(self) -> None:
        """Publish the next bar."""
        log = self.log
        assert log.market is not None
        timeline, row, seq = log.market.timeline, log.bars, len(self.expected)
        bar = timeline.bars(row, row + 1)[0]
        if bar.time_ns != log.time_ns:
            log.step_row = row
            log.step_bars = tuple(one for one in timeline.bars(row, row + 2) if one.time_ns == bar.time_ns)
        log.time_ns = bar.time_ns
        log.bars += 1
        self.objects.append(bar)
        self.expected.append(expanded(bar, Origin(log.run, seq, bar.time_ns, -1, seq)))

    def event(self, cause: int = -1) -> BaseEvent:
        """Emit the next sample because of an earlier event."""
        seq = len(self.expected)
        sample = SAMPLES[seq % len(SAMPLES)]
        because = self.objects[cause] if cause >= 0 else None
        event = self.log.enter(type(sample), payload_of(sample), because)
        self.log.settle()
        thread = self.expected[cause].origin.corr if cause >= 0 else seq
        origin = Origin(self.log.run, seq, self.log.time_ns, max(cause, -1), thread)
        self.expected.append(trusted(type(sample), payload_of(sample), origin))
        self.objects.append(event)
        return event

    def write(self, script: Script) -> "Writer":
        """Follow a script; a cause counts from the first event, modulo the number of events so far."""
        for step in script:
            if step is None:
                self.bar()
            else:
                self.event(step % len(self.expected) if self.expected and step >= 0 else -1)
        return self


def payload_of(event: BaseEvent) -> dict[str, Any]:
    """An event's typed payload."""
    return {name: value for name, value in event.__dict__.items() if name != "origin"}


def expanded(bar: Bar, origin: Origin) -> BaseEvent:
    """The event of a table's row, built by validation, with its place in a run."""
    event = bar.event()
    return trusted(type(event), payload_of(event), origin)
