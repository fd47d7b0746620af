"""Reporting keeps to what every service must do, and its figures survive being stopped anywhere."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from qtrader import EventBus, wire_alone
from qtrader.events import BaseEvent, CashEvent, FillEvent, TradeEvent, ValuationEvent
from qtrader.ports import Wiring
from qtrader.ports.settings import ReportSettings
from qtrader.testing import ServiceConformance, Step, example
from qtrader_service_reporting.plugin import qtrader_services
from qtrader_service_reporting.service import ReportingService


def valuation(day: int, equity: int) -> ValuationEvent:
    moment = datetime(2020, 1, day, 21, tzinfo=UTC)
    money = {"equity": Decimal(equity), "cash": Decimal(equity), "market_value": Decimal(0)}
    return example(ValuationEvent, session=moment.date(), currency="USD", occurred_at=moment, **money)


def flow(kind: str, amount: int) -> CashEvent:
    return example(CashEvent, kind=kind, currency="USD", amount=Decimal(amount))


STORY: Sequence[BaseEvent] = (
    flow("deposit", 1000),
    valuation(2, 1000),
    example(FillEvent),
    valuation(3, 1010),
    example(TradeEvent),
    flow("dividend", 5),
    flow("withdrawal", -100),
    valuation(6, 905),
    valuation(7, 950),
)


class TestReporting(ServiceConformance):
    provider = qtrader_services()[0]

    def make(self, bus: EventBus, wiring: Wiring | None) -> ReportingService:
        return ReportingService(bus, ReportSettings(), wiring)

    def steps(self) -> Sequence[Step]:
        """An account that is paid into, trades, earns a dividend and is paid out of."""
        return STORY


@pytest.mark.parametrize("stop", range(len(STORY) + 1))
def test_the_figures_are_those_of_a_service_that_was_never_stopped(stop: int) -> None:
    def listening(events: Sequence[BaseEvent], state: Any = None) -> ReportingService:
        bus = EventBus()
        service = ReportingService(bus, ReportSettings(), wire_alone(bus, "reporting"))
        if state is not None:
            service.restore(json.loads(json.dumps(state)))
        bus.attach("reporting", service.handlers())
        for event in events:
            bus.publish(event)
        return service

    stopped = listening(STORY[:stop])

    assert listening(STORY[stop:], stopped.snapshot()).metrics() == listening(STORY).metrics()
