"""The data service keeps to what every service must do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from qtrader import EventBus
from qtrader.ports import CorporateAction, Instrument, Interval, SourceFacts, Wiring
from qtrader.ports.settings import DataServiceSettings, DataSettings, SourceSettings
from qtrader.testing import ServiceConformance, Step
from qtrader_service_data.plugin import qtrader_services
from qtrader_service_data.service import DataService

DAYS = [date(2020, 1, 2), date(2020, 1, 3), date(2020, 1, 6), date(2020, 1, 7)]
CLOSES = {"AAPL": [Decimal(40), Decimal(42), Decimal(10), Decimal(11)], "IBM": [Decimal(7)] * 4}


@dataclass
class Written:
    """Prices as they stand above; AAPL is split 4 for 1 on the third day."""

    facts: SourceFacts = field(default_factory=lambda: SourceFacts("raw", "session", knows_actions=True))
    closes: Mapping[str, list[Decimal]] = field(default_factory=lambda: CLOSES)

    def instruments(self) -> list[Instrument]:
        return [Instrument(symbol, calendar="XNYS", zone="") for symbol in sorted(self.closes)]

    def intervals(self, symbol: str) -> list[Interval]:
        return ["1d"]

    def bars(self, symbol: str, interval: Interval, start: date | None, end: date | None) -> pa.RecordBatchReader:
        prices = self.closes[symbol]
        return pa.table({"time": DAYS, **dict.fromkeys(("open", "high", "low", "close"), prices)}).to_reader()

    def actions(self, symbol: str) -> list[CorporateAction]:
        split = CorporateAction("AAPL", "split", DAYS[2], numerator=4, denominator=1)
        return [split] if symbol == "AAPL" else []


class TestData(ServiceConformance):
    provider = qtrader_services()[0]

    def make(self, bus: EventBus, wiring: Wiring | None) -> DataService:
        data = DataSettings(source="written", symbols=["AAPL", "IBM"])
        sources = {"written": SourceSettings(use="written", instance=Written())}
        return DataService(bus, DataServiceSettings(data=data, sources=sources), wiring)

    def prepare(self, service: Any) -> None:
        for symbol in CLOSES:
            service.load_data(symbol=symbol, start_date=DAYS[0])

    def steps(self) -> Sequence[Step]:
        """Every session streamed, the one of the split twice."""
        return [lambda service, day=day: service.stream_bar(day) for day in [*DAYS[:3], DAYS[2], DAYS[3]]]
