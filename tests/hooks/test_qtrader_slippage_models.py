from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from qtrader import hookimpl
from qtrader.catalogue import Catalogue
from qtrader.plugins import Host
from qtrader.ports import Positive, SlippageModel
from qtrader.ports.settings import Reference
from qtrader.providers import ToolProvider


@dataclass
class OneTick:
    tick: Positive = Decimal("0.01")

    def adjust(self, price: Decimal, order: Any, bar: Any) -> Decimal:
        return price + self.tick


@hookimpl
def qtrader_slippage_models() -> list[ToolProvider[SlippageModel]]:
    return [ToolProvider("tick", "Made for a test", f"{__name__}:OneTick")]


def test_qtrader_slippage_models_names_a_tool_that_a_run_can_choose(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[qtrader_slippage_models]))

    entry = catalogue.find("slippage", "tick")

    assert (entry.plugin.name, entry.summary) == ("acme", "Made for a test")


def test_qtrader_slippage_models_gives_the_class_that_is_built_with_options(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[qtrader_slippage_models]))

    tool = catalogue.build("slippage", Reference(use="tick", with_={"tick": "0.05"}))

    assert tool.adjust(Decimal(10), None, None) == Decimal("10.05")
