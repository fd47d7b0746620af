from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qtrader import hookimpl
from qtrader.catalogue import Catalogue
from qtrader.plugins import Host
from qtrader.ports import RiskLimit
from qtrader.ports.settings import Reference
from qtrader.providers import ToolProvider


@dataclass
class OneADay:
    most: int = 1

    def check(self, intent: Any, books: Any) -> bool:
        return len(books) < self.most


@hookimpl
def qtrader_risk_limits() -> list[ToolProvider[RiskLimit]]:
    return [ToolProvider("one-a-day", "Made for a test", f"{__name__}:OneADay")]


def test_qtrader_risk_limits_names_a_tool_that_a_run_can_choose(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[qtrader_risk_limits]))

    entry = catalogue.find("risk-limit", "one-a-day")

    assert (entry.plugin.name, entry.summary) == ("acme", "Made for a test")


def test_qtrader_risk_limits_gives_the_class_that_is_built_with_options(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[qtrader_risk_limits]))

    tool = catalogue.build("risk-limit", Reference(use="one-a-day", with_={"most": 3}))

    assert tool.check("intent", [1, 2]) is True
