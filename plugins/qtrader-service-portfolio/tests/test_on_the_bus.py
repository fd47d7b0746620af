"""The service on the real bus, with bars, fills and actions published by hand."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from qtrader import EventBus
from qtrader.contracts import to_contract, validate_document
from qtrader.errors import HandlerError
from qtrader.events import CorporateActionEvent, PositionEvent, PriceBarEvent, ValuationEvent, ValuationTriggerEvent
from qtrader.ports.settings import PortfolioServiceSettings, PortfolioSettings
from qtrader_service_portfolio import PortfolioService

D = Decimal


@pytest.fixture
def bus():
    return EventBus()


@pytest.fixture
def service(bus):
    settings = PortfolioServiceSettings(portfolio=PortfolioSettings(cash=D(10_000)), snapshots="fill")
    return PortfolioService(bus, settings)


def bar(day, close):
    return PriceBarEvent(
        symbol="AAPL",
        asset_class="equity",
        interval="1d",
        timestamp=datetime(2024, 1, day, 21, tzinfo=UTC),
        session=date(2024, 1, day),
        open=D(close),
        high=D(close),
        low=D(close),
        close=D(close),
        currency="USD",
    )


def topics(bus):
    return [event.topic for event in bus.history if event.topic != "bar"]


def test_a_fill_is_answered_by_position_and_portfolio(bus, service, desk):
    bus.publish(desk.make_fill("buy", 100, 10))

    assert topics(bus) == ["fill", "cash", "position", "consolidated_portfolio"]


def test_a_sale_is_answered_by_trades_too(bus, service, desk):
    bus.publish(desk.make_fill("buy", 100, 10))
    bus.publish(desk.make_fill("sell", 100, 11))

    assert topics(bus)[4:] == ["fill", "position", "trade", "consolidated_portfolio"]


def test_what_it_says_is_caused_by_the_fill(bus, service, desk):
    fill = bus.publish(desk.make_fill("buy", 100, 10))
    position = next(event for event in bus.history if isinstance(event, PositionEvent))

    assert fill.event_id == position.causation_id
    assert position.source_service == "portfolio"


def test_it_learns_prices_from_the_bus(bus, service, desk):
    bus.publish(desk.make_fill("buy", 100, 10))
    bus.publish(bar(3, 12))
    bus.publish(ValuationTriggerEvent(session=date(2024, 1, 3), reason="session_end"))

    (event,) = (event for event in bus.history if isinstance(event, ValuationEvent))
    assert D(9_000) + 1_200 == event.equity


def test_a_split_by_hand_is_booked(bus, service, desk):
    bus.publish(bar(2, 10))
    bus.publish(desk.make_fill("buy", 100, 10))
    bus.publish(
        CorporateActionEvent(
            action_id="s", symbol="AAPL", action_type="split", ex_date=date(2024, 1, 3), numerator=2, denominator=1
        )
    )

    assert (D(200), D(5)) == (service.positions[0].quantity, service.positions[0].price)


def test_everything_it_says_keeps_its_contract(bus, service, desk):
    bus.publish(desk.make_fill("buy", 33, "10.01", "1.01"))
    bus.publish(desk.make_fill("sell", 50, "11.07", "1.01"))
    bus.publish(bar(3, 12))
    bus.publish(ValuationTriggerEvent(session=date(2024, 1, 3), reason="session_end"))
    service.stop()

    said = [event for event in bus.history if event.source_service == "portfolio"]
    assert {"cash", "position", "trade", "valuation", "consolidated_portfolio"} == {event.topic for event in said}
    assert [problem for event in said for problem in validate_document(to_contract(event))] == []


def test_a_fill_that_comes_again_changes_nothing_and_another_of_its_id_stops_the_run(bus, service, desk):
    fill = desk.make_fill("buy", 100, 10)
    bus.publish(fill)
    bus.publish(fill)

    assert D(100) == service.positions[0].quantity
    with pytest.raises(HandlerError, match=r"portfolio: .*on_fill.*is booked already, and was another one: price 10"):
        bus.publish(desk.make_fill("buy", 100, 11, fill_id=fill.fill_id, source_order_id=fill.source_order_id))


def test_selling_more_than_is_held_flips_and_raises_nothing(bus, service, desk):
    bus.publish(desk.make_fill("buy", 100, 10))
    bus.publish(desk.make_fill("sell", 250, 12))

    assert D(-150) == service.positions[0].quantity
