"""Sealed chunks of the log: discrete events as Arrow columns, in memory and as one IPC file.

A chunk is a record batch ``seq, time, cause, corr, event`` where ``event`` is a dense union with one struct per topic.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from qtrader.columns import arrow_type, check_columns, events_from_columns, with_origins
from qtrader.digest import Streams, block_digest, streams
from qtrader.errors import StoreError
from qtrader.events.base import BaseEvent, Origin

ENVELOPE = (("seq", pa.int64()), ("time", pa.int64()), ("cause", pa.int64()), ("corr", pa.int64()))


@dataclass(frozen=True)
class Chunk:
    """A sealed run of discrete events: the order of topics, and each topic's envelope and payload columns."""

    kinds: tuple[type[BaseEvent], ...]
    order: tuple[int, ...]
    """For each event, which of ``kinds`` it is."""
    envelopes: Mapping[str, Mapping[str, pa.Array]]
    payloads: Mapping[str, pa.StructArray]

    @classmethod
    def of(cls, events: Sequence[BaseEvent]) -> "Chunk":
        """Seal events, after checking each topic's columns against its contract. Raises ContractError."""
        by_kind: dict[type[BaseEvent], list[BaseEvent]] = defaultdict(list)
        for event in events:
            by_kind[type(event)].append(event)
        kinds = tuple(sorted(by_kind, key=lambda kind: kind.topic))
        number = {kind: index for index, kind in enumerate(kinds)}
        envelopes, payloads = {}, {}
        for kind in kinds:
            payload, origins = with_origins(kind, by_kind[kind])
            check_columns(kind, payload)
            places = list(chain.from_iterable(origins))
            envelopes[kind.topic] = {
                name: pa.array(places[at :: len(Origin._fields)], type_) for at, (name, type_) in enumerate(ENVELOPE, 1)
            }
            payloads[kind.topic] = payload
        return cls(kinds, tuple(map(number.__getitem__, map(type, events))), envelopes, payloads)

    def cut(self, size: int) -> "Iterator[Chunk]":
        """The same events in chunks of a size, on the same memory."""
        begin = dict.fromkeys(self.kinds, 0)
        for start in range(0, len(self.order), size):
            order = self.order[start : start + size]
            used = sorted(set(order))
            number = {which: index for index, which in enumerate(used)}
            envelopes, payloads = {}, {}
            for kind, count in ((self.kinds[which], order.count(which)) for which in used):
                envelope = self.envelopes[kind.topic].items()
                envelopes[kind.topic] = {name: column.slice(begin[kind], count) for name, column in envelope}
                payloads[kind.topic] = self.payloads[kind.topic].slice(begin[kind], count)
                begin[kind] += count
            kinds = tuple(self.kinds[which] for which in used)
            yield Chunk(kinds, tuple(map(number.__getitem__, order)), envelopes, payloads)

    def __len__(self) -> int:
        """Number of events."""
        return len(self.order)

    def sequence(self) -> list[int]:
        """Sequence numbers of the events, in order."""
        numbers = [iter(self.envelopes[kind.topic]["seq"].to_pylist()) for kind in self.kinds]
        return [next(numbers[which]) for which in self.order]

    def counts(self) -> dict[str, int]:
        """How many events of each topic."""
        return {topic: len(struct) for topic, struct in self.payloads.items()}

    def streams(self) -> dict[str, list[Streams]]:
        """What every topic's columns add to digests, envelope first."""
        found = {}
        for topic, struct in self.payloads.items():
            columns = [*self.envelopes[topic].items(), *zip(_names(struct), struct.flatten(), strict=True)]
            found[topic] = [streams(name, column) for name, column in columns]
        return found

    def digest(self) -> str:
        """The digest of this block alone."""
        return block_digest(self.streams())

    def events(self, run: int, topic: str | None = None) -> Iterator[BaseEvent]:
        """The events again, equal to those that were sealed; of one topic or all, in order."""
        streams: list[Iterator[BaseEvent]] = []
        for kind in self.kinds:
            if topic is not None and kind.topic != topic:
                continue
            envelope = [self.envelopes[kind.topic][name].to_pylist() for name, _ in ENVELOPE]
            origins = [Origin(run, *values) for values in zip(*envelope, strict=True)]
            streams.append(iter(events_from_columns(kind, self.payloads[kind.topic], origins)))
        if topic is not None:
            yield from (event for stream in streams for event in stream)
            return
        for which in self.order:
            yield next(streams[which])


def _names(struct: pa.StructArray) -> list[str]:
    return [struct.type.field(index).name for index in range(struct.type.num_fields)]


def topic_table(chunks: Sequence[Chunk], topic: str, kinds: Sequence[type[BaseEvent]]) -> pa.Table:
    """All events of a topic: seq, time (UTC), then the payload. Raises StoreError for an unknown topic."""
    kind = next((kind for kind in kinds if kind.topic == topic), None)
    if kind is None:
        raise StoreError(f"no topic {topic!r}; there are {', '.join(sorted(kind.topic for kind in kinds))}")
    fields = [pa.field("seq", pa.int64()), pa.field("time", pa.timestamp("us", "UTC")), *arrow_type(kind)]
    batches = []
    for chunk in chunks:
        if topic in chunk.payloads:
            seq, time = chunk.envelopes[topic]["seq"], chunk.envelopes[topic]["time"]
            micros = pc.divide(time, 1000).cast(pa.timestamp("us", "UTC"))
            batches.append(
                pa.RecordBatch.from_arrays([seq, micros, *chunk.payloads[topic].flatten()], schema=pa.schema(fields))
            )
    return pa.Table.from_batches(batches, schema=pa.schema(fields))


def write_log(path: Path, chunks: Sequence[Chunk], kinds: Sequence[type[BaseEvent]]) -> None:
    """Write chunks as one Arrow IPC file, a record batch each."""
    kinds = sorted(kinds, key=lambda kind: kind.topic)
    schema = _schema(kinds)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for chunk in chunks:
            writer.write_batch(_batch(chunk, kinds, schema))


def _schema(kinds: Sequence[type[BaseEvent]]) -> pa.Schema:
    union = pa.dense_union([pa.field(kind.topic, arrow_type(kind)) for kind in kinds])
    versions = {f"contract:{kind.topic}": str(kind.version) for kind in kinds}
    return pa.schema([*(pa.field(name, kind) for name, kind in ENVELOPE), pa.field("event", union)], metadata=versions)


def _batch(chunk: Chunk, kinds: Sequence[type[BaseEvent]], schema: pa.Schema) -> pa.RecordBatch:
    code = {kind.topic: index for index, kind in enumerate(kinds)}
    next_offset = dict.fromkeys(code, 0)
    types, offsets = [], []
    for which in chunk.order:
        topic = chunk.kinds[which].topic
        types.append(code[topic])
        offsets.append(next_offset[topic])
        next_offset[topic] += 1
    children = [chunk.payloads.get(kind.topic, pa.array([], arrow_type(kind))) for kind in kinds]
    union = pa.UnionArray.from_dense(
        pa.array(types, pa.int8()), pa.array(offsets, pa.int32()), children, [kind.topic for kind in kinds]
    )
    envelope = [
        pa.array(
            [
                chunk.envelopes[kinds[kind].topic][name][offset].as_py()
                for kind, offset in zip(types, offsets, strict=True)
            ],
            kind_,
        )
        for name, kind_ in ENVELOPE
    ]
    return pa.RecordBatch.from_arrays([*envelope, union], schema=schema)


def read_log(path: Path, kinds: Sequence[type[BaseEvent]]) -> list[Chunk]:
    """Read chunks back, each topic as the class of the version that was stored: ``kinds`` may hold several of a topic.

    Raises StoreError for a file that is cut, or that holds a topic, or a version of one, that nobody here knows.
    """
    try:
        with pa.memory_map(str(path)) as source:
            reader = pa.ipc.open_file(source)
            by_topic = _stored_kinds(reader.schema, kinds)
            return [_chunk(reader.get_batch(index), by_topic) for index in range(reader.num_record_batches)]
    except (pa.ArrowInvalid, OSError) as error:
        raise StoreError(f"{path}: the event log cannot be read: {error}. Run the backtest again") from error


def _stored_kinds(schema: pa.Schema, kinds: Sequence[type[BaseEvent]]) -> dict[str, type[BaseEvent]]:
    """By topic the class of the version that a file holds, as far as there is one."""
    stored = schema.metadata or {}
    return {kind.topic: kind for kind in kinds if stored.get(f"contract:{kind.topic}".encode()) == b"%d" % kind.version}


def _chunk(batch: pa.RecordBatch, by_topic: Mapping[str, type[BaseEvent]]) -> Chunk:
    union = batch.column("event")
    topics = [union.type.field(index).name for index in range(union.type.num_fields)]
    types = union.type_codes.to_pylist()
    used = sorted(set(types), key=lambda code: topics[code])
    unknown = [topics[code] for code in used if topics[code] not in by_topic]
    if unknown:
        versions = {topic: (batch.schema.metadata or {}).get(f"contract:{topic}".encode(), b"?") for topic in unknown}
        told = ", ".join(f"{topic} in version {version.decode()}" for topic, version in versions.items())
        raise StoreError(f"the log holds topics that no installed plugin knows: {told}")
    kinds = tuple(by_topic[topics[code]] for code in used)
    number = {code: index for index, code in enumerate(used)}
    rows = {code: [] for code in used}  # type: dict[int, list[int]]
    for row, code in enumerate(types):
        rows[code].append(row)
    envelopes = {
        topics[code]: {name: batch.column(name).take(pa.array(rows[code])) for name, _ in ENVELOPE} for code in used
    }
    payloads = {topics[code]: union.field(code) for code in used}
    return Chunk(kinds, tuple(number[code] for code in types), envelopes, payloads)
