"""Portfolio keeps to what every service must do."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

from qtrader import EventBus
from qtrader.events import CorporateActionEvent, FillEvent, ValuationTriggerEvent
from qtrader.ports import Wiring
from qtrader.ports.settings import PortfolioServiceSettings, PortfolioSettings
from qtrader.testing import ServiceConformance, Step, bar, example
from qtrader_service_portfolio import PortfolioService
from qtrader_service_portfolio.plugin import qtrader_services


def fill(number: int, side: Literal["buy", "sell"], quantity: str, price: int, symbol: str = "AAPL") -> FillEvent:
    return example(
        FillEvent,
        fill_id=f"{symbol}-{number}",
        source_order_id=f"o-{number}",
        intent_id=f"i-{number}",
        strategy_id="s",
        symbol=symbol,
        side=side,
        quantity=Decimal(quantity),
        price=Decimal(price),
        currency="USD",
        commission=Decimal("1.25"),
        commission_currency="USD",
        reference_price=Decimal(price),
        slippage=Decimal(0),
        executed_at=datetime(2020, 1, number, 14, 30, tzinfo=UTC),
        occurred_at=datetime(2020, 1, number, 21, tzinfo=UTC),
    )


def action(kind: str, day: int, **facts: Any) -> CorporateActionEvent:
    nothing = dict.fromkeys(set(CorporateActionEvent.model_fields) - {"origin", "action_id"})
    known = {"action_type": kind, "symbol": "AAPL", "ex_date": date(2020, 1, day), "action_id": f"AAPL-{kind}-{day}"}
    return example(
        CorporateActionEvent,
        **{**nothing, **known, **facts, "occurred_at": datetime(2020, 1, day, 14, 30, tzinfo=UTC)},
    )


def session_end(day: int) -> ValuationTriggerEvent:
    moment = datetime(2020, 1, day, 21, tzinfo=UTC)
    return example(ValuationTriggerEvent, session=moment.date(), reason="session_end", occurred_at=moment)


class TestPortfolio(ServiceConformance):
    provider = qtrader_services()[0]

    def make(self, bus: EventBus, wiring: Wiring | None) -> PortfolioService:
        account = PortfolioSettings(cash=Decimal(10_000))
        return PortfolioService(bus, PortfolioServiceSettings(portfolio=account, snapshots="session"), wiring)

    def steps(self) -> Sequence[Step]:
        """Lots opened, split, sold in part and flipped short; a dividend that is paid later."""
        return STORY


STORY: Sequence[Step] = (
    bar(day=2),
    fill(2, "buy", "100", 10),
    fill(2, "buy", "10.5", 20, "IBM"),
    session_end(2),
    action("cash_dividend", 3, amount=Decimal("0.5"), currency="USD", pay_date=date(2020, 1, 7)),
    bar(day=3, prices="11 13 10 12"),
    fill(3, "buy", "50", 12),
    session_end(3),
    action("split", 6, numerator=2, denominator=1),
    session_end(6),
    bar(day=7, prices="6 7 5 6"),
    fill(7, "sell", "220", 6),
    session_end(7),
    fill(8, "sell", "100", 6),
    bar(day=8, prices="6 7 5 6"),
    session_end(8),
    fill(9, "buy", "50", 6),
    action("reverse_split", 9, symbol="IBM", numerator=1, denominator=4),
    session_end(9),
)
