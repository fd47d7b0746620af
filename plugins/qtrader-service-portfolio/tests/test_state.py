"""The state is immutable, the snapshot complete: restoring and going on is as if nothing had happened."""

import json
from datetime import date
from decimal import Decimal

import pytest
from pydantic import ValidationError

from qtrader.errors import ConfigError, RunError
from qtrader.events import ConsolidatedPortfolioEvent, PortfolioStateEvent
from qtrader.ports import Service
from qtrader.ports.settings import BorrowSettings, LotSettings, MarginInterestSettings, PortfolioSettings
from qtrader_service_portfolio import IPortfolioService, PortfolioService

D = Decimal
RATES = {
    "borrow": BorrowSettings(rate=D("0.31"), changes={date(2024, 1, 20): D("0.07")}),
    "margin_interest": MarginInterestSettings(rate=D("0.0683")),
}


def steps():
    """One of everything that the books can go through, in small steps."""
    return [
        lambda d: d.price("AAPL", 10, 0),
        lambda d: d.buy(33, 10, "1.01"),
        lambda d: d.buy("34.5", 11, "1.02", strategy_id="two"),
        lambda d: d.sell(7, 40, "0.55", symbol="MSFT"),
        lambda d: d.value(0),
        lambda d: d.sell("3.3", 12, "0.10"),
        lambda d: d.price("AAPL", 12, 1),
        lambda d: d.value(1),
        lambda d: setattr(d, "now", 2),
        lambda d: d.split(3, 2, action_id="split"),
        lambda d: d.dividend("0.31", pay=5, withholding=D("0.15"), amount_basis="pre_split", action_id="div"),
        lambda d: d.dividend("0.20", pay=6, symbol="MSFT", action_id="short-div"),
        lambda d: d.value(2),
        lambda d: d.price("AAPL", "8.1", 3),
        lambda d: d.sell(100, "8.2", "0.70"),
        lambda d: d.value(30),
        lambda d: d.price("AAPL", "8.3", 31),
        lambda d: d.value(31),
        lambda d: d.buy(90, "8.05", "0.20"),
        lambda d: d.price("AAPL", 9, 60),
        lambda d: d.value(60),
    ]


def played(desk):
    for step in steps():
        step(desk)
    return desk


def content(events):
    return [(type(event).__name__, event.model_dump(mode="json")) for event in events]


@pytest.mark.parametrize("stop", range(len(steps()) + 1))
def test_restoring_and_going_on_equals_the_uninterrupted_run(desk_with, stop):
    whole, broken = desk_with(snapshots="month", **RATES), desk_with(snapshots="month", **RATES)
    played(whole)
    for step in steps()[:stop]:
        step(broken)
    saved = json.loads(json.dumps(broken.service.get_snapshot()))
    broken.service = broken.build()
    broken.service.restore_from_snapshot(saved)
    for step in steps()[stop:]:
        step(broken)

    assert content(whole.emitter.events) == content(broken.emitter.events)
    assert whole.service.get_snapshot() == broken.service.get_snapshot()


def test_a_restored_service_makes_the_snapshot_that_it_was_made_from(desk):
    saved = played(desk).service.get_snapshot()
    other = desk.build()
    other.restore(saved)

    assert saved == other.snapshot()


def test_restoring_publishes_nothing(desk):
    saved = played(desk).service.get_snapshot()
    before = len(desk.emitter.events)
    desk.build().restore_from_snapshot(saved)

    assert before == len(desk.emitter.events)


def test_starting_after_a_restore_announces_no_second_deposit(desk):
    saved = played(desk).service.get_snapshot()
    before = len(desk.emitter.events)
    other = desk.build()
    other.restore_from_snapshot(saved)
    other.start()

    assert before == len(desk.emitter.events)


def test_a_restored_service_has_every_position_lot_and_fee(desk):
    other = desk.build()
    other.restore_from_snapshot(played(desk).service.get_snapshot())

    assert desk.service.positions == other.positions


def test_unrealised_profit_survives_a_restore_without_any_bar(desk):
    """What the market has not said again is still known from the books."""
    desk.buy(100, 10)
    desk.price("AAPL", 9)
    desk.value()
    desk.market.bars.clear()
    other = desk.build()
    other.restore_from_snapshot(desk.service.get_snapshot())

    assert D(-100) == other.get_state().unrealised_pnl


def test_a_fill_id_stays_known_after_a_restore(desk):
    desk.buy(1, 10, fill_id="f-9")
    saved = desk.service.get_snapshot()
    desk.service = desk.build()
    desk.service.restore_from_snapshot(saved)

    with pytest.raises(RunError, match="'f-9'"):
        desk.buy(1, 10, fill_id="f-9")


def test_an_action_id_stays_known_after_a_restore(desk):
    desk.split(2, 1, action_id="s-9")
    saved = desk.service.get_snapshot()
    desk.service = desk.build()
    desk.service.restore_from_snapshot(saved)

    with pytest.raises(RunError, match="'s-9'"):
        desk.split(2, 1, action_id="s-9")


def test_a_snapshot_is_plain_json(desk):
    saved = played(desk).service.get_snapshot()

    assert saved == json.loads(json.dumps(saved))


def test_a_snapshot_does_not_change_when_the_service_goes_on(desk):
    desk.buy(1, 10)
    saved = desk.service.get_snapshot()
    text = json.dumps(saved)
    played(desk)

    assert text == json.dumps(saved)


def test_changing_a_snapshot_does_not_reach_the_service_restored_from_it(desk):
    saved = played(desk).service.get_snapshot()
    other = desk.build()
    other.restore_from_snapshot(saved)
    before = json.dumps(other.get_snapshot())
    saved["restated"]["IBM"] = 1
    saved["account"]["books"].clear()
    saved["account"]["fills"].clear()

    assert before == json.dumps(other.get_snapshot())


def test_a_snapshot_has_a_version(desk):
    assert desk.service.get_snapshot()["version"] == 5


def test_a_snapshot_of_another_version_is_refused(desk):
    with pytest.raises(RunError, match="version 1 cannot be read"):
        desk.service.restore_from_snapshot({**desk.service.get_snapshot(), "version": 1})


def test_a_snapshot_without_a_version_is_refused(desk):
    with pytest.raises(RunError, match="version None"):
        desk.service.restore_from_snapshot({})


def test_a_snapshot_in_another_currency_is_refused(desk, desk_with):
    with pytest.raises(RunError, match="keeps USD and this one EUR"):
        desk_with(currency="EUR").service.restore_from_snapshot(desk.service.get_snapshot())


def test_a_refused_snapshot_changes_nothing(desk):
    desk.buy(1, 10)
    before = desk.service.get_snapshot()
    with pytest.raises(RunError):
        desk.service.restore_from_snapshot({**before, "version": 99})

    assert before == desk.service.get_snapshot()


def test_the_lot_methods_come_from_the_settings_after_a_restore(desk_with):
    desk = desk_with(lots=LotSettings(long="lifo"))
    desk.buy(1, 10)
    desk.buy(1, 20)
    saved = desk.service.get_snapshot()
    desk.service = desk.build()
    desk.service.restore_from_snapshot(saved)
    desk.sell(1, 30)

    assert D(10) == desk.position.realised


def test_the_state_is_the_portfolio_event(desk):
    assert isinstance(desk.service.get_state(), PortfolioStateEvent)


def test_asking_for_the_state_publishes_nothing(desk):
    desk.buy(1, 10)
    before = len(desk.emitter.events)
    desk.service.get_state()

    assert before == len(desk.emitter.events)


def test_the_state_has_the_markets_time(desk):
    desk.price("AAPL", 10, 7)

    assert desk.market.time == desk.service.get_state().occurred_at


def test_the_state_cannot_be_changed(desk):
    desk.buy(1, 10)
    with pytest.raises(ValidationError):
        desk.service.get_state().cash = D(0)


def test_a_position_inside_the_state_cannot_be_changed(desk):
    desk.buy(1, 10)
    with pytest.raises(ValidationError):
        desk.service.get_state().strategies[0].positions[0].quantity = D(0)


def test_the_lists_inside_the_state_cannot_be_changed(desk):
    desk.buy(1, 10)
    state = desk.service.get_state()

    assert (tuple, tuple, tuple) == (type(state.balances), type(state.strategies), type(state.strategies[0].positions))


def test_a_state_handed_out_stays_as_it_was(desk):
    desk.buy(1, 10)
    state = desk.service.get_state()
    before = state.model_dump_json()
    played(desk)

    assert before == state.model_dump_json()


def test_the_state_is_marked_at_the_latest_price(desk):
    desk.buy(10, 10)
    desk.price("AAPL", 13)

    assert D(10_030) == desk.service.get_state().equity


def test_the_published_portfolio_is_the_state(desk_with):
    desk = played(desk_with(snapshots="end"))
    desk.service.stop()

    assert desk.service.get_state().model_dump() == desk.last(ConsolidatedPortfolioEvent).model_dump()


def test_positions_are_frozen(desk):
    desk.buy(1, 10)
    with pytest.raises(AttributeError):
        desk.position.quantity = D(0)


def test_the_service_is_what_its_interface_says(desk):
    service: IPortfolioService = desk.service

    assert isinstance(service, IPortfolioService)


def test_the_service_is_what_the_kernels_port_says(desk):
    service: Service = desk.service

    assert isinstance(service, Service)


def test_the_modules_that_the_brief_names_exist():
    from qtrader_service_portfolio.interface import IPortfolioService as Interface
    from qtrader_service_portfolio.lot_tracker import LotTracker
    from qtrader_service_portfolio.models import LedgerEntry, Lot, Position
    from qtrader_service_portfolio.service import PortfolioService as Service_

    assert all((Interface, LotTracker, LedgerEntry, Lot, Position, Service_))


def test_an_account_in_no_iso_currency_is_refused():
    from qtrader import EventBus

    with pytest.raises(ConfigError, match="'XQZ' is not an ISO 4217 currency"):
        PortfolioService(EventBus(), PortfolioSettings(currency="XQZ"))


def test_capital_finer_than_the_ledger_is_refused():
    from qtrader import EventBus

    with pytest.raises(ConfigError, match=r"0\.000000001 is finer"):
        PortfolioService(EventBus(), PortfolioSettings(cash=D("0.000000001")))


def test_every_handler_is_in_the_table(desk):
    table = {handler.topic: handler.call for handler in desk.service.handlers()}

    assert {
        "order": desk.service.on_order,
        "fill": desk.service.on_fill,
        "corporate_action": desk.service.on_corporate_action,
        "valuation_trigger": desk.service.on_valuation_trigger,
    } == table
