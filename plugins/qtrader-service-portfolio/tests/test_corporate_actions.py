"""Splits, stock dividends and cash dividends on what is held; what any kind does to who holds nothing."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from qtrader.errors import RunError
from qtrader.events import CashEvent, PositionEvent, TradeEvent, ValuationTriggerEvent
from qtrader.ports import Instrument

D = Decimal


def at(number):
    """The close of session ``number``; 0 is 2024-01-02."""
    return datetime(2024, 1, 2, 21, tzinfo=UTC) + timedelta(days=number)


@pytest.fixture
def holder(desk):
    """Holds 100 AAPL bought at 50, marked at 50, at the open of session 2."""
    desk.buy(100, 50, 1)
    desk.price("AAPL", 50, 1)
    desk.now = 2
    return desk


@pytest.fixture
def shorter(desk):
    """Is short 100 AAPL at 50, at the open of session 2."""
    desk.sell(100, 50, 1)
    desk.price("AAPL", 50, 1)
    desk.now = 2
    return desk


def test_a_split_says_so_in_the_position(holder):
    holder.split(2, 1)

    event = holder.last(PositionEvent)
    assert ("split", D(200), D(5_000)) == (event.reason, event.quantity, event.cost_basis)


def test_a_reverse_split_says_so_in_the_position(holder):
    holder.split(1, 2)

    assert ("reverse_split", D(50)) == (holder.last(PositionEvent).reason, holder.last(PositionEvent).quantity)


def test_after_a_split_the_mark_is_the_last_close_restated(holder):
    holder.split(2, 1)

    assert (D(25), D(5_000)) == (holder.last(PositionEvent).price, holder.last(PositionEvent).market_value)


def test_a_valuation_before_the_next_bar_uses_the_restated_mark(holder):
    """Halted on the ex-date: the old close may not be taken for a new one."""
    holder.split(2, 1)

    assert D(10_000) - 1 == holder.value().equity


def test_the_next_bar_ends_the_restatement(holder):
    holder.split(2, 1)
    holder.price("AAPL", 26, 2)

    assert D(200) * 26 == holder.value().market_value


def test_a_split_does_not_restate_another_instrument(holder):
    holder.buy(10, 20, symbol="MSFT")
    holder.price("MSFT", 21, 1)
    holder.now = 2
    holder.split(2, 1)

    assert D(5_000) + 210 == holder.value().market_value


def test_two_splits_before_the_next_bar_restate_twice(holder):
    holder.split(2, 1)
    holder.split(5, 1)

    assert (D(1_000), D(5)) == (holder.position.quantity, holder.position.price)


def test_a_fill_after_a_split_and_before_a_bar_is_marked_at_its_price(holder):
    holder.split(2, 1)
    holder.buy(10, 26)

    assert D(26) == holder.last(PositionEvent).price


def test_a_split_without_a_bar_restates_the_fill_price(desk):
    desk.buy(100, 50)
    desk.now = 1
    desk.split(2, 1)

    assert D(25) == desk.position.price


def test_a_split_of_what_nobody_holds_says_nothing(desk):
    desk.split(2, 1)

    assert desk.of(PositionEvent) == []


def test_a_split_of_another_instrument_changes_nothing(holder):
    holder.split(2, 1, symbol="MSFT")

    assert D(100) == holder.position.quantity


def test_a_split_of_a_closed_position_says_nothing(holder):
    holder.sell(100, 50)
    before = len(holder.of(PositionEvent))
    holder.split(2, 1)

    assert before == len(holder.of(PositionEvent))


def test_a_split_reaches_the_books_of_every_strategy(desk):
    desk.buy(10, 50, strategy_id="one")
    desk.sell(20, 50, strategy_id="two")
    desk.now = 1
    desk.split(3, 1)

    assert [D(30), D(-60)] == [position.quantity for position in desk.service.positions]


def test_books_are_told_in_the_order_of_their_strategies(desk):
    for name in ("zebra", "alpha"):
        desk.buy(10, 50, strategy_id=name)
    desk.now = 1
    desk.split(3, 1)

    assert [event.strategy_id for event in desk.of(PositionEvent)[-2:]] == ["alpha", "zebra"]


def test_a_split_without_a_fraction_moves_no_cash(holder):
    holder.split(2, 1)

    assert [event.kind for event in holder.of(CashEvent)] == ["deposit"]


def test_cash_in_lieu_comes_before_the_position_that_counts_it(desk):
    desk.buy(3, 10)
    desk.now = 1
    desk.split(3, 2)

    assert [CashEvent, PositionEvent, TradeEvent] == [type(event) for event in desk.emitter.events[2:]]
    assert desk.last(CashEvent).balance == desk.last(PositionEvent).cash_balance


def test_cash_in_lieu_without_a_reference_price_is_at_the_last_price_restated(desk):
    """Half a unit at 12 x 2/3 = 8."""
    desk.buy(3, 10)
    desk.price("AAPL", 12)
    desk.now = 1
    desk.split(3, 2)

    assert D("4.00") == desk.last(CashEvent).amount


def test_cash_in_lieu_names_kind_action_strategy_and_symbol(desk):
    desk.buy(3, 10)
    desk.now = 1
    desk.split(3, 2, action_id="split-1")

    event = desk.last(CashEvent)
    assert (
        event.kind,
        event.action_id,
        event.strategy_id,
        event.symbol,
    ) == ("cash_in_lieu", "split-1", "trend", "AAPL")


def test_cash_in_lieu_counts_the_multiplier(desk_with):
    """Half a unit at 8 with multiplier 10."""
    desk = desk_with(instruments=(Instrument("AAPL", multiplier=D(10)),))
    desk.buy(3, 10)
    desk.now = 1
    desk.split(3, 2, reference_price=D(8))

    assert D("40.00") == desk.last(CashEvent).amount


def test_the_fraction_is_a_trade_with_its_share_of_the_entry_fee(desk):
    """0.5 of 4.5 units carries a ninth of 0.90; the price after the split is 8; cost 30/9."""
    desk.buy(3, 10, "0.90")
    desk.now = 1
    desk.split(3, 2, reference_price=D(8), action_id="split-1")

    (trade,) = desk.of(TradeEvent)
    assert (D("0.5"), D("0.10"), D(8), "split-1") == (
        trade.quantity,
        trade.commission,
        trade.exit_price,
        trade.exit_fill_id,
    )
    assert D("4.00") - D("3.33333333") == trade.gross_pnl


def test_a_fraction_that_is_everything_closes_the_round_trip(desk):
    desk.buy(3, 10)
    desk.now = 1
    desk.split(1, 10)

    assert [trade.closes_round_trip for trade in desk.of(TradeEvent)] == [True]
    assert desk.value().open_positions == 0


def test_a_fraction_that_is_not_everything_leaves_the_round_trip_open(desk):
    desk.buy(13, 10)
    desk.now = 1
    desk.split(1, 10)

    assert [trade.closes_round_trip for trade in desk.of(TradeEvent)] == [False]


def test_fractional_lots_are_not_paid_out(desk_with):
    desk = desk_with(instruments=(Instrument("AAPL", lot=D("0.01")),))
    desk.buy(3, 10)
    desk.now = 1
    desk.split(3, 2)

    assert D("4.5") == desk.position.quantity


def test_an_action_id_may_come_once(holder):
    holder.split(2, 1, action_id="s-1")

    with pytest.raises(RunError, match="'s-1' is booked already"):
        holder.split(2, 1, action_id="s-1")


def test_a_dividend_is_income_and_position_at_the_ex_date(holder):
    holder.dividend("0.82", pay=9)

    event = holder.last(PositionEvent)
    assert ("cash_dividend", D("82.00")) == (event.reason, event.dividends)


def test_a_positions_dividends_are_net_of_tax(holder):
    holder.dividend("0.82", pay=9, withholding=D("0.15"))

    assert D("82.00") - D("12.30") == holder.last(PositionEvent).dividends


def test_withheld_tax_is_payable_from_the_ex_date_on(holder):
    """Equity may not fall on the pay date: the tax is known on the ex-date."""
    holder.dividend("0.82", pay=9, withholding=D("0.15"))
    after = holder.value()

    assert (D("82.00"), D("12.30")) == (after.receivables, after.payables)
    assert holder.value(9).equity == after.equity


def test_dividend_and_tax_are_paid_as_two_movements(holder):
    holder.dividend("0.82", pay=9, withholding=D("0.15"), action_id="d-1")
    holder.value(9)

    paid = [(e.kind, e.amount, e.action_id) for e in holder.of(CashEvent)[-2:]]
    assert [("dividend", D("82.00"), "d-1"), ("withholding", D("-12.30"), "d-1")] == paid


def test_after_the_payment_nothing_is_receivable_or_payable(holder):
    holder.dividend("0.82", pay=9, withholding=D("0.15"))
    holder.value(9)

    assert (D(0), D(0)) == (holder.last(CashEvent).receivable, holder.last(CashEvent).payable)


def test_a_dividend_is_paid_once(holder):
    holder.dividend("0.82", pay=9)
    holder.value(9)
    paid = holder.cash
    holder.value(9)
    holder.value(10)

    assert paid == holder.cash


def test_a_pay_date_without_a_session_is_paid_at_the_next(holder):
    holder.dividend("0.82", pay=9)
    holder.value(8)
    before = holder.cash
    holder.value(12)

    assert D("82.00") == holder.cash - before


def test_a_trigger_without_a_session_pays_by_its_own_date(holder):
    holder.dividend("0.82", pay=9)
    before = holder.cash
    for number in (8, 9):
        holder.service.on_valuation_trigger(ValuationTriggerEvent(reason="bar", occurred_at=at(number)))
        before = holder.cash if number == 8 else before

    assert D("82.00") == holder.cash - before


def test_without_a_pay_date_it_is_paid_on_the_ex_date_and_says_so(holder):
    before = holder.cash
    holder.dividend("0.82")

    assert D("82.00") == holder.cash - before
    assert holder.last(CashEvent).reason == "paid on the ex-date: the action has no pay date"


def test_a_pay_date_on_the_ex_date_is_paid_then(holder):
    holder.dividend("0.82", pay=2)

    assert (D("82.00"), D(0)) == (holder.last(CashEvent).amount, holder.last(CashEvent).receivable)


def test_paying_on_the_ex_date_leaves_other_dividends_due(holder):
    holder.dividend("0.50", pay=9)
    holder.dividend("0.82")

    assert D("50.00") == holder.last(CashEvent).receivable


def test_dividends_that_come_due_together_are_paid_by_pay_date(holder):
    holder.dividend("0.50", pay=8, action_id="later")
    holder.dividend("0.20", pay=7, action_id="sooner")
    holder.value(9)

    assert [event.action_id for event in holder.of(CashEvent)[-2:]] == ["sooner", "later"]


def test_a_dividend_is_rounded_half_even_to_cents(desk):
    """7.5 x 0.15 = 1.125 is 1.12."""
    desk.buy("7.5", 10)
    desk.dividend("0.15")

    assert D("1.12") == desk.last(CashEvent).amount


def test_a_dividend_is_rounded_once_not_twice(desk):
    """1 x 0.0149999999 is 0.01; rounding to 10^-8 first would make it 0.015 and then 0.02."""
    desk.buy(1, 10)
    desk.dividend("0.0149999999")

    assert D("0.01") == desk.last(CashEvent).amount


def test_a_dividend_below_one_is_a_receivable_too(desk):
    desk.buy(1, 10)
    desk.dividend("0.25", pay=3)
    owed = desk.service.ledger.balance("Assets:Receivables", "USD")
    desk.value(3)

    assert (D("0.25"), D(0)) == (owed, desk.service.ledger.balance("Assets:Receivables", "USD"))


def test_yen_dividends_are_whole(desk_with):
    desk = desk_with(currency="JPY", instruments=(Instrument("AAPL", currency="JPY"),))
    desk.buy(3, 100, currency="JPY", commission_currency="JPY")
    desk.dividend("1.5", currency="JPY")

    assert D(4) == desk.last(CashEvent).amount


def test_a_short_pays_when_the_long_is_paid(shorter):
    shorter.dividend("0.82", pay=9)
    before = shorter.cash
    shorter.value(8)
    on_the_day_before = shorter.cash
    shorter.value(9)

    assert (before, D("-82.00")) == (on_the_day_before, shorter.cash - before)


def test_long_and_short_of_one_size_net_to_nothing(desk):
    desk.buy(100, 50, strategy_id="long")
    desk.sell(100, 50, strategy_id="short")
    before = desk.cash
    desk.dividend("0.82", pay=3)
    desk.value(3)

    assert before == desk.cash


def test_a_dividend_of_a_closed_position_is_nobodys(holder):
    holder.sell(100, 50)
    before = len(holder.emitter.events)
    holder.dividend("0.82", pay=9)

    assert before == len(holder.emitter.events)


def test_a_dividend_in_another_currency_names_instrument_and_date(holder):
    with pytest.raises(RunError, match=r"AAPL on 2024-01-04: no rate of EUR/USD on 2024-01-03"):
        holder.dividend("0.82", pay=9, currency="EUR")


def test_a_foreign_dividend_of_what_nobody_holds_is_ignored(desk):
    desk.dividend("0.82", pay=9, currency="EUR")

    assert D(0) == desk.value().receivables


def test_after_a_split_a_post_split_dividend_counts_the_new_units(holder):
    holder.split(2, 1)
    holder.dividend("0.41", amount_basis="post_split")

    assert D(200) * D("0.41") == holder.last(CashEvent).amount


def test_after_a_split_a_pre_split_dividend_counts_the_old_units(holder):
    holder.split(2, 1)
    holder.dividend("0.82", amount_basis="pre_split")

    assert D(100) * D("0.82") == holder.last(CashEvent).amount


def test_pre_split_means_before_the_first_split_of_the_day(holder):
    holder.split(2, 1)
    holder.split(21, 20, action_type="stock_dividend")
    holder.dividend("0.82", amount_basis="pre_split")

    assert D(100) * D("0.82") == holder.last(CashEvent).amount


def test_a_dividend_on_a_splits_ex_date_must_say_which_units(holder):
    holder.split(2, 1)

    with pytest.raises(RunError, match="amount_basis"):
        holder.dividend("0.82")


def test_who_holds_nothing_need_not_know_which_units(holder):
    holder.sell(100, 50)
    holder.split(2, 1)
    before = len(holder.emitter.events)
    holder.dividend("0.82")

    assert before == len(holder.emitter.events)


def test_a_dividend_on_another_day_than_the_split_need_not_say(holder):
    holder.split(2, 1)
    holder.now = 3
    holder.dividend("0.41")

    assert D("82.00") == holder.last(CashEvent).amount


def test_units_that_a_split_cashed_out_are_still_entitled_pre_split(desk):
    """3 units 1:10 leave for cash; the dividend of the same day is on the 3."""
    desk.buy(3, 10)
    desk.now = 1
    desk.split(1, 10)
    desk.dividend("0.50", amount_basis="pre_split")

    assert D("1.50") == desk.last(CashEvent).amount


OTHER_KINDS = {
    "spin_off": {"new_symbol": "CHILD", "ratio": D("0.25")},
    "merger": {"cash_amount": D(60)},
    "rights": {"ratio": D("0.1"), "subscription_price": D(20)},
    "symbol_change": {"new_symbol": "NEW"},
    "delisting": {"value": D(0)},
}


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_who_holds_nothing_hears_nothing_of_it(desk, kind):
    desk.buy(1, 10)
    desk.sell(1, 10)
    before = len(desk.emitter.events)
    desk.act(kind, **OTHER_KINDS[kind])

    assert before == len(desk.emitter.events)


def test_the_position_of_a_dividend_is_marked_at_the_latest_close(holder):
    holder.price("AAPL", 51, 1)
    holder.now = 2
    holder.dividend("0.82", pay=9)

    assert D(51) == holder.last(PositionEvent).price


def test_a_stock_dividend_says_so_in_the_position(holder):
    holder.split(21, 20, action_type="stock_dividend")

    assert ("stock_dividend", D(105)) == (holder.last(PositionEvent).reason, holder.last(PositionEvent).quantity)


def test_an_entitlement_says_how_it_came_about(holder):
    holder.dividend("0.82", pay=9, withholding=D("0.15"))

    pay_date = holder.market.session + timedelta(days=8)
    assert holder.last(CashEvent).reason == f"100 x 0.82 less tax 12.3, to be paid on {pay_date}"


def test_a_dividend_above_the_price_is_refused_with_both_and_nothing_is_booked(holder):
    before = holder.service.get_snapshot()

    with pytest.raises(RunError, match=r"AAPL on 2024-01-04 pays 50.01 USD a unit, more than the last price, 50[.]"):
        holder.dividend("50.01")
    assert holder.service.get_snapshot() == before
    holder.dividend("50")


def test_dividends_of_a_position_are_summed(desk):
    desk.buy(100, 10)
    desk.price("AAPL", 10, 1)
    for number in (2, 3):
        desk.now = number
        desk.dividend("0.10", withholding=Decimal("0.1"))

    assert desk.position.dividends == 18


def test_cash_of_a_dividend_says_whose_it_is(desk):
    desk.buy(100, 10)
    desk.price("AAPL", 10, 1)
    desk.now = 2
    desk.dividend("0.10", pay=3, withholding=Decimal("0.1"), action_id="the-act")
    desk.value(3)

    told = [one for one in desk.of(CashEvent) if one.action_id == "the-act"]
    assert [(one.kind, one.amount) for one in told] == [("dividend", 0), ("dividend", 10), ("withholding", -1)]
    assert {(one.strategy_id, one.symbol, one.currency) for one in told} == {("trend", "AAPL", "USD")}
