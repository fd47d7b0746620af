from collections.abc import Sequence
from decimal import Decimal

import pytest

from qtrader import EventBus
from qtrader.errors import RunError
from qtrader.events import ValuationEvent
from qtrader.ports import Wiring
from qtrader.testing import ServiceConformance, Step, example
from qtrader_kind_my_template.my_template import MyTemplateService
from qtrader_kind_my_template.plugin import qtrader_services


def worth(equity: int) -> ValuationEvent:
    """An account that is all cash."""
    return example(ValuationEvent, equity=Decimal(equity), cash=Decimal(equity), market_value=Decimal(0))


STORY = [worth(1000), worth(600), worth(700)]


class TestMyTemplate(ServiceConformance):
    provider = qtrader_services()[0]

    def make(self, bus: EventBus, wiring: Wiring | None) -> MyTemplateService:
        return MyTemplateService(bus, {"floor": "500"}, wiring)

    def steps(self) -> Sequence[Step]:
        """What happens to it, so that it does all it can."""
        return STORY

    def test_a_run_below_the_floor_is_stopped(self) -> None:
        service = self.make(EventBus(), None)

        with pytest.raises(RunError, match=r"equity 499 .* is below 500"):
            service.on_valuation(worth(499))
