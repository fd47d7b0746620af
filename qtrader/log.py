"""The event log: bars by reference, discrete events as columns, and sequence numbers by arithmetic.

Bar r of the timeline is event ``r + (discrete events before it)``; discrete event k, published after b bars, is event
``b + k``. So bars need no entry of their own. Discrete events wait as objects until there are four chunks of 4,096, are
then checked in columns against their contracts and sealed as Arrow.
"""

import hashlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

from qtrader.errors import ContractError, RunError, StoreError
from qtrader.events.base import BaseEvent, Origin, loose_origin, set_extra, set_names, set_private, set_values, trusted

if TYPE_CHECKING:
    import pyarrow as pa

    from qtrader.digest import StreamDigest
    from qtrader.log_file import Chunk
    from qtrader.market import Market

E = TypeVar("E", bound=BaseEvent)
CHUNK = 4096
_new = object.__new__
_place: Any = tuple.__new__
"""Makes an ``Origin`` from its fields; its own constructor takes twice as long."""
BATCH = 4
"""How many chunks are sealed at once: most of the cost is per column, whatever its length."""


class EventLog(Sequence[BaseEvent]):
    """Every event of one run in order. Indexing and iterating give events; bars are expanded from their tables.

    ``run`` is the 74-bit number that event ids carry; 0 is a log outside any run, which keeps whatever is published.
    """

    def __init__(
        self, run: int = 0, market: "Market | None" = None, kinds: Sequence[type[BaseEvent]] = (), chunk: int = CHUNK
    ) -> None:
        self.run = run
        self.kinds = tuple(kinds)
        """Every event class that the log may hold."""
        self.market = market
        self.time_ns = 0
        """The clock: the instant that new events carry."""
        self.bars = 0
        """How many rows of the timeline have been published."""
        self.step_row = 0
        """Timeline row of the present step's first bar."""
        self.step_bars: Sequence[Any] = ()
        """The present step's bars."""
        self.chunks: list[Chunk] = []
        self.counts: dict[str, int] = {}
        self._chunk = chunk
        self._batch = BATCH * chunk
        self._bars_before = array("q")
        self._open: list[BaseEvent] = []
        self._first_open = 0
        self._decoded: tuple[int, list[BaseEvent]] = (-1, [])
        self._cause: Any = None
        """What last caused an event, with its sequence number and that of its thread; -1 for none."""
        self._cause_seq = self._cause_thread = -1
        self._stream: StreamDigest | None = None
        self._blocks: list[str] = []

    @classmethod
    def of_chunks(
        cls, run: int, market: "Market", kinds: Sequence[type[BaseEvent]], chunks: Sequence["Chunk"], bars: int
    ) -> "EventLog":
        """A log read back: sealed chunks, and how many bars were published."""
        log = cls(run, market, kinds)
        for chunk in chunks:
            for seq in chunk.sequence():
                log._bars_before.append(seq - len(log._bars_before))
            for topic, count in chunk.counts().items():
                log.counts[topic] = log.counts.get(topic, 0) + count
        log.chunks = list(chunks)
        log._first_open = len(log._bars_before)
        log.bars = bars
        return log

    # writing

    def enter(self, kind: type[E], values: dict[str, Any], cause: Any = None, correlate: BaseEvent | None = None) -> E:
        """Make an event of all its field values, give it its place, and take it; the dict is the event's from then on.

        Its correlation is that of ``cause``, or of ``correlate`` where there is one. The hottest function of a run.
        """
        if self.market is None and self.run == 0:
            values["origin"] = loose_origin(self.time_ns, cause, correlate)
        else:
            seq = self.bars + len(self._bars_before)
            if cause is not self._cause:
                self._answer(cause)
            thread = self._cause_thread
            if correlate is not None:
                _, begun, _, _, thread, _ = correlate.__dict__["origin"]
                if thread < 0:
                    thread = begun
            elif thread < 0:
                thread = seq
            values["origin"] = _place(Origin, (self.run, seq, self.time_ns, self._cause_seq, thread, None))
        event = _new(kind)  # as ``trusted`` does it
        set_values(event, values)
        set_names(event, kind._names)
        set_extra(event, None)
        set_private(event, None)
        self._bars_before.append(self.bars)
        self._open.append(event)
        return event

    def _answer(self, cause: Any) -> None:
        """Note what causes the next events."""
        self._cause = cause
        if isinstance(cause, BaseEvent):
            _, self._cause_seq, _, _, self._cause_thread, _ = cause.__dict__["origin"]
        else:
            self._cause_seq = self._cause_thread = -1 if cause is None else self.bar_seq(cause)

    def adopt(self, event: BaseEvent, cause: Any) -> BaseEvent:
        """Log an event made by hand. Inside a run it is derived anew with its place in that run."""
        if self.run or self.market is not None:
            return self.enter(type(event), {**event.__dict__}, cause)
        self.append(event)
        return event

    def append(self, event: BaseEvent) -> None:
        """Take one discrete event as it is."""
        self._bars_before.append(self.bars)
        self._open.append(event)

    def settle(self) -> None:
        """Seal the open events when they fill four chunks; the bus calls this when its queue is empty."""
        while len(self._open) >= self._batch and self.market is not None:
            self._seal()

    def seal(self) -> None:
        """Check all open events in columns and keep them as Arrow. Raises RunError for one that breaks its contract."""
        while self._open:
            self._seal()

    def _seal(self) -> None:
        from qtrader.log_file import Chunk

        events = self._open[: self._batch]
        try:
            batch = Chunk.of(events)
        except ContractError:
            raise self._end_before_broken(events) from None
        self.chunks.extend(batch.cut(self._chunk))
        for topic, number in batch.counts().items():
            self.counts[topic] = self.counts.get(topic, 0) + number
        self._first_open += len(events)
        self._open = self._open[self._batch :]

    def _end_before_broken(self, events: Sequence[BaseEvent]) -> RunError:
        """Drop the first event that breaks its contract and all that came after it, and say which it was."""
        good = bisect_left(range(len(events)), True, key=lambda last: _broken(events[: last + 1]) is not None)
        event = events[good]
        self.bars = self._bars_before[self._first_open + good]
        del self._bars_before[self._first_open + good :]
        self._open = list(events[:good])
        return RunError(
            f"event {event.seq} ({event.topic}) breaks its contract: {_broken([event])}. "
            f"Mend the service that emits it; the log ends before it"
        )

    # numbers

    def bar_seq(self, bar: Any) -> int:
        """The sequence number of a bar that was published."""
        if self.market is None:
            return -1
        bars = self.step_bars
        alone = len(bars) == 1 and bars[0] is bar
        return self._row_seq(self.step_row if alone else self.market.timeline.index(bar))

    def _row_seq(self, row: int) -> int:
        return row + bisect_right(self._bars_before, row)

    @property
    def discrete(self) -> int:
        """How many events that are not bars."""
        return len(self._bars_before)

    def __len__(self) -> int:
        """Number of events, bars included."""
        return self.bars + len(self._bars_before)

    # reading

    @overload
    def __getitem__(self, index: int) -> BaseEvent: ...
    @overload
    def __getitem__(self, index: slice) -> list[BaseEvent]: ...
    def __getitem__(self, index: int | slice) -> BaseEvent | list[BaseEvent]:
        """The event with a sequence number, or a slice of them."""
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        seq = index + len(self) if index < 0 else index
        if not 0 <= seq < len(self):
            raise IndexError(f"event {index} of {len(self)}")
        low, high = 0, len(self._bars_before)
        while low < high:
            middle = (low + high) // 2
            if self._bars_before[middle] + middle < seq:
                low = middle + 1
            else:
                high = middle
        if low < len(self._bars_before) and self._bars_before[low] + low == seq:
            return self._discrete(low)
        return self._bar(seq - low, seq)

    def __iter__(self) -> Iterator[BaseEvent]:
        """All events in order."""
        return self.between(0, len(self))

    def between(self, first: int, stop: int) -> Iterator[BaseEvent]:
        """Events ``first`` to ``stop`` (exclusive) in order."""
        return (self[seq] for seq in range(first, stop))

    def discrete_events(self, topic: str | None = None) -> Iterator[BaseEvent]:
        """Events that are not bars, of one topic or all, in order."""
        for chunk in self.chunks:
            yield from chunk.events(self.run, topic)
        for event in self._open:
            if topic is None or event.topic == topic:
                yield event

    def table(self, topic: str) -> "pa.Table":
        """All events of a topic as a table: seq, time (UTC), then the contract's fields."""
        from qtrader.log_file import Chunk, topic_table

        chunks = [*self.chunks, Chunk.of(self._open)] if self._open else self.chunks
        return topic_table(chunks, topic, self.kinds)

    def _discrete(self, k: int) -> BaseEvent:
        if k >= self._first_open:
            return self._open[k - self._first_open]
        which, offset = 0, k
        while offset >= len(self.chunks[which]):
            offset -= len(self.chunks[which])
            which += 1
        if self._decoded[0] != which:
            self._decoded = (which, list(self.chunks[which].events(self.run)))
        return self._decoded[1][offset]

    def _bar(self, row: int, seq: int) -> BaseEvent:
        if self.market is None or row >= len(self.market.timeline):
            raise StoreError(
                f"event {seq} is a bar, and the run's bars were not archived with it; "
                "run it with runs.archive: always, or read one topic at a time"
            )
        bar = self.market.timeline.bars(row, row + 1)[0]
        event = bar.event()
        payload = {name: value for name, value in event.__dict__.items() if name != "origin"}
        return trusted(type(event), payload, Origin(self.run, seq, bar.time_ns, -1, seq))

    # digests

    def digest(self) -> str:
        """The event digest: the bar tables' contents, how many of them were seen, and every discrete column."""
        sha = hashlib.sha256()
        for table in self.market.all_tables if self.market is not None else ():
            sha.update(f"{table.symbol}:{table.digest};".encode())
        sha.update(f"bars:{self.bars};".encode())
        self._digest_sealed().feed(sha)
        return sha.hexdigest()

    def block_digests(self) -> list[str]:
        """One digest per 4,096 discrete events."""
        self._digest_sealed()
        return list(self._blocks)

    def _digest_sealed(self) -> "StreamDigest":
        """Seal what is open, and digest the chunks that were not yet: each alone, and all as one stream."""
        from qtrader.digest import StreamDigest, block_digest

        self.seal()
        stream = self._stream = self._stream or StreamDigest()
        for chunk in self.chunks[len(self._blocks) :]:
            block = chunk.streams()
            for topic, columns in block.items():
                stream.update(topic, columns)
            self._blocks.append(block_digest(block))
        return stream


def _broken(events: Sequence[BaseEvent]) -> ContractError | None:
    """What is wrong with the first event that breaks its contract; None where all hold to theirs."""
    from qtrader.log_file import Chunk

    try:
        Chunk.of(events)
    except ContractError as error:
        return error
    return None
