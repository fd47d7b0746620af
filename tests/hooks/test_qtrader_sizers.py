from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from qtrader import hookimpl
from qtrader.catalogue import Catalogue
from qtrader.plugins import Host
from qtrader.ports import Ratio, Sizer
from qtrader.ports.settings import Reference
from qtrader.providers import ToolProvider


@dataclass
class KellySizer:
    win_rate: Ratio

    def size(self, request: Decimal) -> Decimal:
        return self.win_rate * request


@hookimpl
def qtrader_sizers() -> list[ToolProvider[Sizer]]:
    return [ToolProvider("kelly", "Made for a test", f"{__name__}:KellySizer")]


def test_qtrader_sizers_names_a_tool_that_a_run_can_choose(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[qtrader_sizers]))

    entry = catalogue.find("sizer", "kelly")

    assert (entry.plugin.name, entry.summary) == ("acme", "Made for a test")


def test_qtrader_sizers_gives_the_class_that_is_built_with_options(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[qtrader_sizers]))

    tool = catalogue.build("sizer", Reference(use="kelly", with_={"win_rate": "0.55"}))

    assert tool.size(Decimal(100)) == 55
