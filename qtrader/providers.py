"""The frozen records that hooks return: each names a thing and says where its class is, without importing it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)  # no slots: with them ToolProvider[Sizer](...) raises TypeError on Python 3.11
class ToolProvider(Generic[T]):
    """A tool that a config can choose by name. ``target`` is ``"package.module:Class"``, imported when first used."""

    name: str
    summary: str
    target: str


@dataclass(frozen=True, slots=True)
class ServiceProvider:
    """A service. ``consumes`` names topics, ``"bar@market"`` for the early phase of ``bar``; ``emits`` names topics."""

    name: str
    summary: str
    target: str
    consumes: tuple[str, ...] = ()
    emits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EventProvider:
    """A topic: ``model`` is ``"package.module:EventClass"``, ``schema`` a contract such as ``strategy/signal.v1``."""

    topic: str
    model: str
    schema: str

    @property
    def version(self) -> int:
        """The version of its contract. A plugin may offer several of a topic: the newest is what is emitted."""
        return int(self.schema.rpartition(".v")[2])


@dataclass(frozen=True, slots=True)
class Upcaster:
    """The way from one version of a contract up to another, so that old documents and logs are read as new ones.

    ``target`` is ``"package.module:function"``. The function takes the fields beside the envelope as JSON values, a
    ``dict[str, Any]``, and gives those of ``to``; what it gives is checked against that contract.
    """

    contract: str
    to: str
    target: str


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """A risk policy: the parsed YAML document and where it came from."""

    name: str
    summary: str
    document: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
