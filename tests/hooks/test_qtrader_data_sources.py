from collections.abc import Callable
from dataclasses import dataclass

from qtrader import hookimpl
from qtrader.catalogue import Catalogue
from qtrader.plugins import Host
from qtrader.ports import DataSource
from qtrader.ports.settings import Reference
from qtrader.providers import ToolProvider


@dataclass
class FeatherSource:
    folder: str = "bars"

    def bars(self) -> str:
        return self.folder


@hookimpl
def qtrader_data_sources() -> list[ToolProvider[DataSource]]:
    return [ToolProvider("feather", "Made for a test", f"{__name__}:FeatherSource")]


def test_qtrader_data_sources_names_a_tool_that_a_run_can_choose(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[qtrader_data_sources]))

    entry = catalogue.find("data-source", "feather")

    assert (entry.plugin.name, entry.summary) == ("acme", "Made for a test")


def test_qtrader_data_sources_gives_the_class_that_is_built_with_options(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[qtrader_data_sources]))

    tool = catalogue.build("data-source", Reference(use="feather", with_={"folder": "other"}))

    assert tool.bars() == "other"
