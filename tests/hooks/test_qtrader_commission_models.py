from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from qtrader import hookimpl
from qtrader.catalogue import Catalogue
from qtrader.plugins import Host
from qtrader.ports import CommissionModel, NonNegative
from qtrader.ports.settings import Reference
from qtrader.providers import ToolProvider


@dataclass
class FlatFee:
    amount: NonNegative = Decimal(1)

    def fee(self, fill: Any) -> Decimal:
        return self.amount


@hookimpl
def qtrader_commission_models() -> list[ToolProvider[CommissionModel]]:
    return [ToolProvider("flat", "Made for a test", f"{__name__}:FlatFee")]


def test_qtrader_commission_models_names_a_tool_that_a_run_can_choose(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[qtrader_commission_models]))

    entry = catalogue.find("commission", "flat")

    assert (entry.plugin.name, entry.summary) == ("acme", "Made for a test")


def test_qtrader_commission_models_gives_the_class_that_is_built_with_options(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[qtrader_commission_models]))

    tool = catalogue.build("commission", Reference(use="flat", with_={"amount": 2.5}))

    assert tool.fee(None) == Decimal("2.5")
