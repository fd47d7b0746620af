"""What a fill does to position, cash and trades, and what the service says about it."""

from decimal import Decimal

import pytest

from qtrader.errors import LedgerError, RunError
from qtrader.events import CashEvent, ConsolidatedPortfolioEvent, PositionEvent, TradeEvent
from qtrader.ports import Instrument

D = Decimal


def test_a_position_event_has_the_cash_after_the_fill(desk):
    desk.buy(100, 10, 1)

    assert D(10_000) - 1_000 - 1 == desk.last(PositionEvent).cash_balance


def test_every_fill_gives_one_position_event(desk):
    desk.buy(100, 10)
    desk.buy(50, 12)
    desk.sell(150, 12)

    assert [D(100), D(150), D(0)] == [event.quantity for event in desk.of(PositionEvent)]


def test_the_reason_of_a_position_after_a_fill_is_the_fill(desk):
    desk.buy(1, 10)

    assert desk.last(PositionEvent).reason == "fill"


def test_average_price_is_cost_per_unit(desk):
    desk.buy(100, 10)
    desk.buy(50, 12)

    assert D("10.66666667") == desk.last(PositionEvent).average_price


def test_a_flat_position_has_no_average_price(desk):
    desk.buy(100, 10)
    desk.sell(100, 10)

    assert desk.last(PositionEvent).average_price is None


def test_a_position_is_marked_at_the_latest_close_not_at_the_fill(desk):
    desk.price("AAPL", "10.40")
    desk.buy(100, 10)

    assert (D("10.40"), D(1040), D(40)) == _mark(desk.last(PositionEvent))


def test_without_a_bar_a_position_is_marked_at_its_fill(desk):
    desk.buy(100, 10)

    assert (D(10), D(1000), D(0)) == _mark(desk.last(PositionEvent))


def _mark(event):
    return event.price, event.market_value, event.unrealised_pnl


def test_a_short_has_negative_quantity_cost_and_value(desk):
    desk.sell(100, 10)
    desk.price("AAPL", 12)
    desk.value()

    event = desk.last(PositionEvent)
    assert (D(-100), D(-1000)) == (event.quantity, event.cost_basis)
    assert D(-200) == desk.position.unrealised


def test_shorting_brings_cash(desk):
    desk.sell(100, 10, 1)

    assert D(10_999) == desk.cash


def test_fractional_quantities_are_shown_whole_nowhere(desk):
    """7.5 at 3.33 cost 24.975."""
    desk.buy("7.5", "3.33")

    assert (D("7.5"), D("24.975")) == (desk.last(PositionEvent).quantity, desk.last(PositionEvent).cost_basis)


def test_an_instruments_multiplier_scales_value_and_cost(desk_with):
    desk = desk_with(1_000_000, instruments=(Instrument("ES", multiplier=D(50)),))
    desk.buy(2, 4_000, symbol="ES")
    desk.price("ES", 4_010)

    assert D(2) * 50 * 4_000 == desk.position.cost_basis
    assert D(2) * 50 * 10 == desk.value().unrealised_pnl


def test_average_price_is_free_of_the_multiplier(desk_with):
    desk = desk_with(1_000_000, instruments=(Instrument("ES", multiplier=D(50)),))
    desk.buy(2, 4_000, symbol="ES")

    assert D(4_000) == desk.last(PositionEvent).average_price


def test_a_price_below_zero_brings_the_buyer_cash(desk):
    desk.buy(10, "-37.63")

    assert D("10376.30") == desk.cash


def test_cash_may_go_below_zero_the_ledger_refuses_no_fact(desk):
    desk.buy(2_000, 10)

    assert D(-10_000) == desk.cash


def test_a_fill_value_is_rounded_half_even_to_the_ledgers_scale(desk):
    """0.5 x 0.00000003 = 0.000000015 is 0.00000002."""
    desk.buy("0.5", "0.00000003")

    assert D("0.00000002") == desk.position.cost_basis


def test_commissions_add_up_in_the_position(desk):
    desk.buy(100, 10, "1.25")
    desk.sell(50, 10, "0.75")

    assert D("2.00") == desk.last(PositionEvent).commission


def test_realised_profit_is_gross_and_cumulative(desk):
    desk.buy(100, 10, 5)
    desk.sell(50, 11, 5)
    desk.sell(50, 12, 5)

    assert [D(0), D(50), D(150)] == [event.realised_pnl for event in desk.of(PositionEvent)]


def test_an_opening_fill_makes_no_trade(desk):
    desk.buy(100, 10)
    desk.buy(100, 11)

    assert desk.of(TradeEvent) == []


def test_one_trade_for_every_lot_that_a_fill_closes(desk):
    desk.buy(10, 10)
    desk.buy(10, 11)
    desk.buy(10, 12)
    desk.sell(25, 13)

    assert [D(10), D(10), D(5)] == [trade.quantity for trade in desk.of(TradeEvent)]


def test_a_trade_names_its_lot_and_both_fills(desk):
    desk.buy(10, 10)
    desk.buy(10, 11)
    desk.sell(20, 13)

    names = [(t.lot_id, t.entry_fill_id, t.exit_fill_id) for t in desk.of(TradeEvent)]
    assert names == [("trend-AAPL-L000001", "f1", "f3"), ("trend-AAPL-L000002", "f2", "f3")]


def test_a_trade_has_the_times_and_prices_of_both_fills(desk):
    desk.buy(10, 10)
    entered = desk.market.time
    desk.price("AAPL", 13, 4)
    desk.sell(10, 13)

    (trade,) = desk.of(TradeEvent)
    assert (entered, desk.market.time) == (trade.entry_time, trade.exit_time)
    assert (D(10), D(13)) == (trade.entry_price, trade.exit_price)


def test_a_trade_of_a_short_says_so_and_gains_when_the_price_falls(desk):
    desk.sell(10, 13)
    desk.buy(10, 10)

    (trade,) = desk.of(TradeEvent)
    assert ("short", D(30)) == (trade.side, trade.gross_pnl)


def test_trade_ids_count_within_a_book(desk):
    for _ in range(2):
        desk.buy(10, 10)
        desk.sell(10, 10)

    assert [trade.trade_id for trade in desk.of(TradeEvent)] == ["trend-AAPL-T000001", "trend-AAPL-T000002"]


def test_a_trade_without_profit_is_still_a_trade(desk):
    desk.buy(10, 10)
    desk.sell(10, 10)

    assert [D(0)] == [trade.gross_pnl for trade in desk.of(TradeEvent)]


def test_trades_come_after_the_position_that_they_made(desk):
    desk.buy(10, 10)
    desk.sell(10, 10)

    assert [PositionEvent, PositionEvent, TradeEvent] == [type(e) for e in desk.emitter.events[1:]]


def test_a_round_trip_goes_from_flat_to_flat(desk):
    desk.buy(10, 10)
    desk.buy(10, 11)
    desk.sell(5, 12)
    desk.sell(15, 12)

    trades = desk.of(TradeEvent)
    assert {"trend-AAPL-R000001"} == {trade.round_trip_id for trade in trades}
    assert [trade.closes_round_trip for trade in trades] == [False, False, True]


def test_the_next_entry_begins_the_next_round_trip(desk):
    for _ in range(2):
        desk.buy(10, 10)
        desk.sell(10, 11)

    assert [trade.round_trip_id for trade in desk.of(TradeEvent)] == ["trend-AAPL-R000001", "trend-AAPL-R000002"]


def test_adding_to_a_position_begins_no_round_trip(desk):
    desk.buy(10, 10)
    desk.buy(10, 10)
    desk.sell(20, 11)
    desk.buy(10, 10)
    desk.sell(10, 11)

    assert [int(trade.round_trip_id[-6:]) for trade in desk.of(TradeEvent)] == [1, 1, 2]


def test_a_flip_ends_one_round_trip_and_begins_the_next(desk):
    desk.buy(10, 10)
    desk.sell(25, 11)
    desk.buy(15, 10)

    trips = [(trade.round_trip_id[-1], trade.closes_round_trip, trade.side) for trade in desk.of(TradeEvent)]
    assert trips == [("1", True, "long"), ("2", True, "short")]


def test_only_the_last_lot_of_a_flip_closes_the_round_trip(desk):
    desk.buy(10, 10)
    desk.buy(10, 11)
    desk.sell(25, 12)

    assert [trade.closes_round_trip for trade in desk.of(TradeEvent)] == [False, True]


def test_each_strategy_has_a_book_of_its_own(desk):
    desk.buy(10, 10, strategy_id="one")
    desk.sell(4, 12, strategy_id="two")

    assert [("one", D(10)), ("two", D(-4))] == [(p.strategy_id, p.quantity) for p in desk.service.positions]
    assert desk.of(TradeEvent) == []


def test_each_instrument_has_a_book_of_its_own(desk):
    desk.buy(10, 10, symbol="MSFT")
    desk.sell(10, 12, symbol="IBM")

    assert [("IBM", D(-10)), ("MSFT", D(10))] == [(p.symbol, p.quantity) for p in desk.service.positions]


def test_cash_is_the_accounts_not_the_strategys(desk):
    desk.buy(10, 10, strategy_id="one")
    desk.buy(10, 10, strategy_id="two")

    assert D(9_800) == desk.last(PositionEvent).cash_balance


@pytest.mark.parametrize("quantity", ["10", "10.00"])
def test_a_fill_that_comes_again_is_ignored_and_counted(desk, quantity):
    fill = desk.make_fill("buy", 10, 10, 1)
    desk.service.on_fill(fill)
    cash, events = desk.cash, len(desk.emitter.events)
    desk.service.on_fill(fill.model_copy(update={"quantity": D(quantity)}))

    assert (desk.position.quantity, desk.cash, len(desk.emitter.events)) == (10, cash, events)
    assert desk.service.get_snapshot()["account"]["fills"]["duplicates"] == 1


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("price", D(11), "price 10 and now 11"),
        ("quantity", D(9), "quantity 10 and now 9"),
        ("side", "sell", "side buy and now sell"),
        ("symbol", "MSFT", "symbol AAPL and now MSFT"),
        ("commission", D(2), "commission 1 and now 2"),
        ("strategy_id", "two", "strategy_id trend and now two"),
        ("source_order_id", "o9", "source_order_id o1 and now o9"),
    ],
)
def test_another_fill_of_a_booked_id_names_what_differs_and_changes_nothing(desk, field, value, told):
    fill = desk.make_fill("buy", 10, 10, 1)
    desk.service.on_fill(fill)
    before = desk.service.get_snapshot()

    with pytest.raises(RunError, match=f"'f1' of .* is booked already, and was another one: {told}[.]"):
        desk.service.on_fill(fill.model_copy(update={"reference_price": D(11) - (field != "price"), field: value}))
    assert desk.service.get_snapshot() == before


def test_a_restored_service_knows_the_fills_that_were_booked(desk):
    fill = desk.make_fill("buy", 10, 10)
    desk.service.on_fill(fill)
    snapshot = desk.service.get_snapshot()
    desk.service = desk.build()
    desk.service.restore_from_snapshot(snapshot)
    desk.service.on_fill(fill)

    assert desk.position.quantity == 10


def test_a_fill_in_another_currency_names_symbol_and_currency(desk):
    with pytest.raises(RunError, match="AAPL is in EUR"):
        desk.buy(10, 10, currency="EUR")


def test_a_commission_in_another_currency_without_a_rate_names_the_pair(desk):
    with pytest.raises(RunError, match="no rate of EUR/USD on 2024-01-02"):
        desk.buy(10, 10, 1, commission_currency="EUR")


def test_a_fill_in_another_currency_than_its_instrument_names_both(desk_with):
    rates = {"EUR/USD": {"table": {"2024-01-02": "1.10"}}}
    desk = desk_with(instruments=(Instrument("SAP", currency="EUR"),), rates=rates)

    with pytest.raises(RunError, match="SAP is in USD, and SAP is quoted in EUR"):
        desk.buy(10, 10, symbol="SAP")


def test_a_refused_currency_changes_nothing(desk):
    desk.buy(1, 10)
    before = desk.service.get_snapshot()
    with pytest.raises(RunError):
        desk.buy(10, 10, currency="EUR")

    assert before == desk.service.get_snapshot()


def test_a_fill_worth_more_than_a_book_can_hold_is_refused(desk):
    with pytest.raises(LedgerError, match="amounts must stay below 1E"):
        desk.buy("1E+18", "1E+18")


def test_a_refused_overflow_changes_nothing(desk):
    desk.buy(1, 10)
    before = desk.service.get_snapshot()
    with pytest.raises(LedgerError):
        desk.buy("1E+18", "1E+18")

    assert before == desk.service.get_snapshot()


def test_cash_that_adds_up_to_more_than_a_book_can_hold_is_refused(desk):
    desk.sell("1E+15", "6E+14", symbol="ONE")

    with pytest.raises(LedgerError, match="cash of"):
        desk.sell("1E+15", "6E+14", symbol="TWO")


def test_cash_of_exactly_the_limit_is_refused(desk_with):
    """10^30 in all."""
    desk = desk_with(0)
    desk.sell("1E+15", "9E+14", symbol="ONE")

    with pytest.raises(LedgerError, match="cash of"):
        desk.sell("1E+15", "1E+14", symbol="TWO")


def test_large_amounts_stay_exact(desk):
    """0.12345678 more or less is not lost beside 10^28."""
    desk.sell("1E+14", "1E+14")
    desk.sell("0.12345678", 1, symbol="MSFT")

    assert D("10000000000000000000000010000.12345678") == desk.cash


def test_the_initial_capital_is_announced_as_a_deposit(desk):
    desk.service.start()

    event = desk.last(CashEvent)
    assert ("deposit", D(10_000), D(10_000)) == (event.kind, event.amount, event.balance)


def test_the_deposit_is_announced_once(desk):
    desk.service.start()
    desk.buy(1, 10)
    desk.service.start()

    assert [event.kind for event in desk.of(CashEvent)] == ["deposit"]


def test_the_first_event_announces_the_deposit_where_nobody_started_the_service(desk):
    desk.buy(1, 10)

    assert [CashEvent, PositionEvent] == [type(event) for event in desk.emitter.events]


def test_a_corporate_action_announces_it_too(desk):
    desk.split(2, 1)

    assert [event.kind for event in desk.of(CashEvent)] == ["deposit"]


def test_a_valuation_announces_it_too(desk):
    desk.value()

    assert [event.kind for event in desk.of(CashEvent)] == ["deposit"]


def test_at_the_frequency_fill_every_fill_publishes_the_portfolio_after_it(desk_with):
    desk = desk_with(snapshots="fill")
    desk.buy(10, 10)
    desk.sell(10, 12)

    assert [D(9_900), D(10_020)] == [event.cash for event in desk.of(ConsolidatedPortfolioEvent)]
