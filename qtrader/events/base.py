"""What every event is: a frozen payload and an origin from which the seven fields of the envelope are derived."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, InstanceOf, ValidationInfo, model_validator
from pydantic_core import CoreSchema, core_schema

from qtrader.events.fields import COMPLETE, read_time
from qtrader.events.rules import Rule, When

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RUN_BITS, SEQ_BITS = 74, 48
_MICROSECOND = timedelta(microseconds=1)
_hand_made = count(1)


class Foreign(NamedTuple):
    """Ids of an event that another system made: kept as they came."""

    event_id: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None


class Origin(NamedTuple):
    """Where an event comes from: run (0: outside a run), place in the run, time, and what caused it.

    ``cause`` and ``corr`` are places in the same run, -1 for none; ``foreign`` holds ids that are not of this run.
    """

    run: int
    seq: int
    time_ns: int
    cause: int = -1
    corr: int = -1
    foreign: Foreign | None = None


def make_id(run: int, seq: int) -> str:
    """The UUIDv8 of 74 bits of run digest and 48 bits of sequence."""
    bits = (run << SEQ_BITS | seq) & (1 << RUN_BITS + SEQ_BITS) - 1
    high, middle, low = bits >> 74, bits >> 62 & 0xFFF, bits & (1 << 62) - 1
    return str(UUID(int=high << 80 | 8 << 76 | middle << 64 | 0b10 << 62 | low))


def read_id(text: str) -> tuple[int, int] | None:
    """Run and sequence of an id that ``make_id`` made; None for any other UUID."""
    number = UUID(text).int
    bits = number >> 80 << 74 | (number >> 64 & 0xFFF) << 62 | number & (1 << 62) - 1
    run, seq = bits >> SEQ_BITS, bits & (1 << SEQ_BITS) - 1
    return (run, seq) if make_id(run, seq) == text else None


def to_ns(moment: datetime) -> int:
    """Nanoseconds since 1970 of an aware datetime."""
    return (moment - EPOCH) // _MICROSECOND * 1000


def from_ns(time_ns: int) -> datetime:
    """The aware UTC datetime of a number of nanoseconds, cut to the microsecond."""
    return EPOCH + timedelta(microseconds=time_ns // 1000)


def next_hand_made() -> int:
    """The sequence number of the next event made outside a run, counted per process."""
    return next(_hand_made)


class Value(BaseModel):
    """A frozen, closed record; ``rules`` and ``conditions`` hold between its fields whenever one is built."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: ClassVar[tuple[Rule, ...]] = ()
    conditions: ClassVar[tuple[When, ...]] = ()

    @model_validator(mode="before")
    @classmethod
    def _take(cls, data: Any, info: ValidationInfo) -> Any:
        if info.context is COMPLETE:
            cls._complete(data)
        return data

    @classmethod
    def _complete(cls, data: Any) -> None:
        if not isinstance(data, dict):
            return  # the schema says so
        missing = [name for name in cls.model_fields if name not in data and name != "origin"]
        if missing:
            raise ValueError(f"missing: {', '.join(missing)}; a document has every field, null where there is none")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The record's schema, and its rules after it where it has any: an empty check would be a call for each."""
        schema = handler(source)
        if not cls.rules and not cls.conditions:
            return schema
        return core_schema.no_info_after_validator_function(cls._keep_rules, schema)

    def _keep_rules(self) -> Self:
        broken = [found for condition in self.conditions if (found := condition.broken(self.__dict__))]
        broken += [f"{rule.rule}: {rule.message}" for rule in self.rules if rule.broken(self.__dict__)]
        if broken:
            raise ValueError("; ".join(broken))
        return self

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:  # noqa: ARG002
        """A copy with some fields changed, validated like any other; ``deep`` means nothing here."""
        return type(self).model_validate({**self.__dict__, **(update or {})})


class BaseEvent(Value):
    """The envelope: where and when an event came to be. Its fields are derived from ``origin`` when asked for.

    Made by hand, ``occurred_at=`` says when (default: the payload's own time where it has one, else 1970) and the event
    belongs to run 0. ``origin`` is no part of dumps; ``qtrader.contracts.to_contract`` writes the whole document.
    """

    topic: ClassVar[str]
    source: ClassVar[str]
    version: ClassVar[int] = 1
    time_field: ClassVar[str | None] = None

    _template: ClassVar[dict[str, Any]] = {}
    _names: ClassVar[set[str]] = set()
    _payload: ClassVar[tuple[str, ...]] = ()
    """The names of its fields without ``origin``, in order."""

    origin: InstanceOf[Origin] = Field(default=Origin(0, 0, 0), exclude=True, repr=False)

    if TYPE_CHECKING:  # accepted by the constructor, derived afterwards
        occurred_at: datetime = EPOCH
    else:

        @property
        def occurred_at(self) -> datetime:
            """When it became known; aware, UTC, microseconds."""
            return from_ns(self.origin.time_ns)

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        cls._template = {name: info.get_default() for name, info in cls.model_fields.items()}
        cls._names = set(cls.model_fields)
        cls._payload = tuple(name for name in cls.model_fields if name != "origin")

    @model_validator(mode="before")
    @classmethod
    def _take(cls, data: Any, info: ValidationInfo) -> Any:
        if info.context is COMPLETE:
            cls._complete(data)
        if not isinstance(data, dict) or "origin" in data:
            return data
        payload = dict(data)
        moment = payload.pop("occurred_at", None)
        time_ns = cls._own_time(payload) if moment is None else to_ns(read_time(moment))
        return {**payload, "origin": Origin(0, next_hand_made(), time_ns)}

    @classmethod
    def _own_time(cls, payload: Mapping[str, Any]) -> int:
        if cls.time_field is None:
            return 0
        try:
            return to_ns(read_time(payload.get(cls.time_field)))
        except ValueError:
            return 0  # the field's own check says what is wrong with it

    @classmethod
    def contract(cls) -> str:
        """The name of its contract, such as ``execution/fill.v1``."""
        return f"{cls.source}/{cls.topic}.v{cls.version}"

    @property
    def event_type(self) -> str:
        """The topic."""
        return self.topic

    @property
    def event_version(self) -> int:
        """The version of its contract."""
        return self.version

    @property
    def source_service(self) -> str:
        """The service that emits it."""
        return self.source

    @property
    def seq(self) -> int:
        """Its place in the run."""
        return self.origin.seq

    @property
    def time_ns(self) -> int:
        """When it became known; int64 nanoseconds since 1970, UTC."""
        return self.origin.time_ns

    @property
    def event_id(self) -> str:
        """Its UUID."""
        foreign = self.origin.foreign
        return (foreign and foreign.event_id) or make_id(self.origin.run, self.origin.seq)

    @property
    def correlation_id(self) -> str | None:
        """The UUID of the first event of its chain, or None."""
        foreign = self.origin.foreign
        return (foreign and foreign.correlation_id) or self._id_of(self.origin.corr)

    @property
    def causation_id(self) -> str | None:
        """The UUID of the event that it answers, or None."""
        foreign = self.origin.foreign
        return (foreign and foreign.causation_id) or self._id_of(self.origin.cause)

    def _id_of(self, seq: int) -> str | None:
        return make_id(self.origin.run, seq) if seq >= 0 else None


class ValidatedEvent(BaseEvent):
    """What events derive from: the payload is checked against its contract whenever one is built, rules included."""


E = TypeVar("E", bound=BaseEvent)
_new = object.__new__
set_values = BaseModel.__dict__["__dict__"].__set__
set_names, set_extra, set_private = (
    BaseModel.__dict__[f"__pydantic_{slot}__"].__set__ for slot in ("fields_set", "extra", "private")
)


def trusted(event_class: type[E], payload: dict[str, Any], origin: Origin) -> E:
    """Build an event without checks, in about a microsecond: for emitters that hand over typed values.

    ``payload`` holds every field but those whose default is meant, in any order. The log checks such events in columns
    before anybody reads them.
    """
    values = event_class._template | payload
    values["origin"] = origin
    event = _new(event_class)
    set_values(event, values)
    set_names(event, event_class._names)
    set_extra(event, None)
    set_private(event, None)
    return event


def loose_origin(time_ns: int, cause: Any, correlate: BaseEvent | None) -> Origin:
    """The origin of an event that is emitted outside a run, not before what it answers."""
    parent = cause if isinstance(cause, BaseEvent) else None
    thread = correlate or parent
    corr = -1
    if thread is not None:
        corr = thread.origin.corr if thread.origin.corr >= 0 else thread.origin.seq
    if parent is None:
        return Origin(0, next_hand_made(), time_ns, -1, corr)
    return Origin(0, next_hand_made(), max(time_ns, parent.time_ns), parent.seq, corr)


def defaults(event_class: type[BaseEvent]) -> dict[str, Any]:
    """The payload fields that may be left out, and what they are then."""
    fields = event_class.model_fields.items()
    return {name: info.default for name, info in fields if name != "origin" and not info.is_required()}
