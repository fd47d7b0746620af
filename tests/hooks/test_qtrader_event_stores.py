from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qtrader import hookimpl
from qtrader.catalogue import Catalogue
from qtrader.plugins import Host
from qtrader.ports.settings import Reference
from qtrader.providers import ToolProvider


@dataclass
class SqliteStore:
    file: str = "events.db"

    def append(self, batch: Any) -> str:
        return self.file


@hookimpl
def qtrader_event_stores() -> list[ToolProvider[Any]]:
    return [ToolProvider("sqlite", "Made for a test", f"{__name__}:SqliteStore")]


def test_qtrader_event_stores_names_a_tool_that_a_run_can_choose(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[qtrader_event_stores]))

    entry = catalogue.find("event-store", "sqlite")

    assert (entry.plugin.name, entry.summary) == ("acme", "Made for a test")


def test_qtrader_event_stores_gives_the_class_that_is_built_with_options(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[qtrader_event_stores]))

    tool = catalogue.build("event-store", Reference(use="sqlite", with_={"file": "mine.db"}))

    assert tool.append(None) == "mine.db"
