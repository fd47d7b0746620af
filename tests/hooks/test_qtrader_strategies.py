from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qtrader import hookimpl
from qtrader.catalogue import Catalogue
from qtrader.plugins import Host
from qtrader.ports import Strategy
from qtrader.ports.settings import Reference
from qtrader.providers import ToolProvider


@dataclass
class Breakout:
    window: int = 20

    def on_bar(self, bar: Any, context: Any) -> None:
        context.append((bar, self.window))


@hookimpl
def qtrader_strategies() -> list[ToolProvider[Strategy]]:
    return [ToolProvider("breakout", "Made for a test", f"{__name__}:Breakout")]


def test_qtrader_strategies_names_a_tool_that_a_run_can_choose(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[qtrader_strategies]))

    entry = catalogue.find("strategy", "breakout")

    assert (entry.plugin.name, entry.summary) == ("acme", "Made for a test")


def test_qtrader_strategies_gives_the_class_that_is_built_with_options(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[qtrader_strategies]))

    tool = catalogue.build("strategy", Reference(use="breakout", with_={"window": 55}))

    assert tool.window == 55
