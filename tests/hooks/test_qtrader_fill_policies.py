from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qtrader import hookimpl
from qtrader.catalogue import Catalogue
from qtrader.plugins import Host
from qtrader.ports import FillPolicy
from qtrader.ports.settings import Reference
from qtrader.providers import ToolProvider


@dataclass
class Midpoint:
    same_bar: bool = False

    def decide(self, order: Any, bar: Any) -> bool:
        return self.same_bar


@hookimpl
def qtrader_fill_policies() -> list[ToolProvider[FillPolicy]]:
    return [ToolProvider("midpoint", "Made for a test", f"{__name__}:Midpoint")]


def test_qtrader_fill_policies_names_a_tool_that_a_run_can_choose(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[qtrader_fill_policies]))

    entry = catalogue.find("fill-policy", "midpoint")

    assert (entry.plugin.name, entry.summary) == ("acme", "Made for a test")


def test_qtrader_fill_policies_gives_the_class_that_is_built_with_options(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[qtrader_fill_policies]))

    tool = catalogue.build("fill-policy", Reference(use="midpoint", with_={"same_bar": True}))

    assert tool.decide(None, None) is True
