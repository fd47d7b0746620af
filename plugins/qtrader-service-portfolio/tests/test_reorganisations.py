"""Worked examples I to L and what surrounds them: spin-offs, symbol changes, delistings, mergers, rights."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrader.errors import RunError
from qtrader.events import CashEvent, PositionEvent, TradeEvent
from qtrader.market import Market
from qtrader.market_view import MarketView
from qtrader.ports import Instrument

D = Decimal
F = Fraction
FRACTIONAL = tuple(Instrument(symbol, lot=D("0.00000001")) for symbol in ("AAPL", "NEW"))


def held(desk, quantity=100, price=50, **facts):
    """Holds AAPL (short: below zero) at a price, on the eve of session 2; NEW is listed."""
    desk.market.instruments.setdefault("NEW", Instrument("NEW"))
    (desk.buy if quantity > 0 else desk.sell)(abs(quantity), price, **facts)
    desk.price("AAPL", price, 1)
    desk.now = 2
    return desk


def books(desk):
    """Quantity and cost of each symbol that is held or was."""
    return {one.symbol: (one.quantity, one.cost_basis) for one in desk.service.positions}


def spin_off(desk, ratio="0.25", **facts):
    desk.act("spin_off", new_symbol="NEW", ratio=D(ratio), **facts)


def open_at(desk, **prices):
    """The first session after an action ends at these prices."""
    for symbol, price in prices.items():
        desk.price(symbol, price)
    return desk.value()


# example I, spin-offs


def test_i_the_cost_of_5000_is_split_by_the_first_values_into_4500_and_500(desk):
    """100 x 45 = 4,500; 25 x 20 = 500."""
    spin_off(held(desk))
    before = desk.of(PositionEvent)[0].cash_balance + 100 * 50
    valuation = open_at(desk, AAPL=45, NEW=20)

    assert books(desk) == {"AAPL": (100, 4_500), "NEW": (25, 500)}
    assert desk.position.realised == 0
    assert valuation.equity == before == 10_000


def test_i_entry_prices_follow_the_cost(desk):
    """50 a unit of cost 4,500 is 45; the new unit's 500 by 25 is 20; later trades tell them."""
    spin_off(held(desk))
    open_at(desk, AAPL=45, NEW=20)
    desk.sell(100, 46)
    desk.sell(25, 21, symbol="NEW")

    assert [(one.symbol, one.entry_price, one.gross_pnl) for one in desk.of(TradeEvent)] == [
        ("AAPL", 45, 100),
        ("NEW", 20, 25),
    ]


def test_i_new_units_are_there_at_once_and_their_cost_is_provisional(desk):
    spin_off(held(desk))

    assert books(desk) == {"AAPL": (100, 5_000), "NEW": (25, 0)}
    assert desk.last(PositionEvent).reason == "spin_off"


def test_i_half_a_unit_that_cost_10_is_paid_with_10(desk):
    """102 units give 25.5 that cost 510 in all; half a unit: 510 x 0.5 / 25.5."""
    spin_off(held(desk, 102))
    open_at(desk, AAPL=45, NEW=20)

    assert books(desk)["NEW"] == (25, 500)
    assert (desk.last(CashEvent).kind, desk.last(CashEvent).amount) == ("cash_in_lieu", 10)
    (trade,) = desk.of(TradeEvent)
    assert (trade.symbol, trade.quantity, trade.gross_pnl) == ("NEW", D("0.5"), 0)


def test_i_the_issuers_share_and_reference_price_settle_at_once(desk):
    spin_off(held(desk, 102), cost_share=D("0.2"), reference_price=D(30))

    assert books(desk) == {"AAPL": (102, 4_080), "NEW": (25, 1_020 - D(20))}
    assert desk.last(CashEvent).amount == 15
    assert desk.of(TradeEvent)[-1].gross_pnl == 15 - 20


def test_i_lots_keep_their_age_and_share_of_cost(desk):
    desk.buy(60, 40)
    desk.now = 1
    spin_off(held(desk, 40, 65))
    open_at(desk, AAPL=45, NEW=20)

    new = next(one for one in desk.service.positions if one.symbol == "NEW").lots
    old = desk.position.lots
    assert [(lot.quantity, lot.cost) for lot in new] == [(15, 240), (10, 260)]
    assert [lot.opened for lot in new] == [lot.opened for lot in old]
    assert [lot.cost for lot in old] == [2_160, 2_340]


def test_i_who_is_short_owes_the_new_units(desk):
    spin_off(held(desk, -102))
    valuation = open_at(desk, AAPL=45, NEW=20)

    assert books(desk) == {"AAPL": (-102, -4_590), "NEW": (-25, -500)}
    assert desk.last(CashEvent).amount == -10
    assert valuation.equity == 10_000


def test_i_fees_stay_with_the_old_lots(desk):
    spin_off(held(desk, fee=3))
    open_at(desk, AAPL=45, NEW=20)

    assert [one.open_fees for one in desk.service.positions] == [3, 0]


def test_i_two_companies_of_one_day_share_by_the_value_of_all_three(desk):
    desk.market.instruments["OTHER"] = Instrument("OTHER")
    spin_off(held(desk))
    desk.act("spin_off", new_symbol="OTHER", ratio=D(1))
    open_at(desk, AAPL=30, NEW=40, OTHER=10)

    assert books(desk) == {"AAPL": (100, 3_000), "NEW": (25, 1_000), "OTHER": (100, 1_000)}


def test_i_without_a_price_of_the_new_units_the_run_stops(desk):
    spin_off(held(desk))

    with pytest.raises(
        RunError, match="spin_off of NEW from AAPL on 2024-01-04 cannot be booked: NEW has no price since"
    ):
        open_at(desk, AAPL=45)


def test_i_a_fill_before_the_first_prices_settles_or_stops(desk):
    spin_off(held(desk))
    desk.price("AAPL", 45)

    with pytest.raises(RunError, match="NEW has no price since"):
        desk.sell(10, 45)
    assert books(desk)["AAPL"] == (100, 5_000)
    desk.price("NEW", 20)
    desk.sell(10, 45)
    assert desk.position.realised == 0


def test_i_a_symbol_that_the_run_has_not_got_is_named(desk):
    held(desk)
    desk.market.instruments.clear()
    desk.market.instrument = MarketView(Market(tables=())).instrument

    with pytest.raises(RunError, match="spin_off of AAPL on 2024-01-04 gives NEW, whose prices the run has not got"):
        spin_off(desk)
    assert books(desk) == {"AAPL": (100, 5_000)}


def test_i_a_dividend_of_the_same_day_is_paid_on_the_old_units(desk):
    spin_off(held(desk))
    desk.dividend("0.10")

    assert desk.last(CashEvent).amount == 10


# example J, symbol changes


def test_j_lots_go_on_under_the_new_symbol_and_nothing_is_posted_to_cash(desk):
    held(desk, fee=3)
    before = desk.cash
    desk.act("symbol_change", new_symbol="NEW")
    valuation = open_at(desk, NEW=51)

    assert books(desk) == {"AAPL": (0, 0), "NEW": (100, 5_000)}
    assert desk.cash == before
    assert valuation.equity == 10_000 + 100 - 3
    assert [(one.symbol, one.quantity) for one in desk.of(PositionEvent)[-2:]] == [("AAPL", 0), ("NEW", 100)]


def test_j_where_the_run_has_only_the_old_symbol_all_goes_on(desk):
    desk.buy(100, 50)
    desk.price("AAPL", 50, 1)
    desk.now = 2
    desk.act("symbol_change", new_symbol="ELSEWHERE")

    assert books(desk) == {"AAPL": (100, 5_000)}


def test_j_a_new_symbol_that_is_held_already_is_refused(desk):
    held(desk)
    desk.price("NEW", 5)
    desk.buy(1, 5, symbol="NEW")

    with pytest.raises(RunError, match="holds 1 NEW already"):
        desk.act("symbol_change", new_symbol="NEW")
    assert books(desk) == {"AAPL": (100, 5_000), "NEW": (1, 5)}


# example K, delistings


@pytest.mark.parametrize(("quantity", "realised"), [(100, -4_950), (-100, 4_950)])
def test_k_what_is_held_is_closed_at_the_stated_value(desk, quantity, realised):
    held(desk, quantity)
    desk.act("delisting", value=D("0.50"))

    sign = 1 if quantity > 0 else -1
    assert (desk.position.quantity, desk.position.realised) == (0, realised)
    assert (desk.last(CashEvent).kind, desk.last(CashEvent).amount) == ("delisting", 50 * sign)
    assert [(one.gross_pnl, one.closes_round_trip) for one in desk.of(TradeEvent)] == [(realised, True)]
    assert desk.value().equity == 10_000 + realised


def test_k_it_may_be_worth_nothing(desk):
    held(desk).act("delisting", value=D(0))

    assert desk.position.realised == -5_000
    assert desk.value().equity == 5_000


# example L, mergers


def test_l_cash_of_35_on_a_cost_of_3000_realises_500(desk):
    held(desk, 100, 30).act("merger", cash_amount=D(35))

    assert desk.position.realised == 100 * 35 - 3_000 == 500
    assert desk.last(CashEvent).amount == 3_500
    assert books(desk) == {"AAPL": (0, 0)}


def test_l_stock_at_0_6_keeps_cost_and_pays_0_6_of_a_unit(desk):
    """101 x 0.6 = 60.6: 60 kept of cost 3,030 x 60 / 60.6 = 3,000; 0.6 x 80 = 48 against 30."""
    held(desk, 101, 30)
    desk.price("NEW", 80, 1)
    desk.now = 2
    desk.act("merger", new_symbol="NEW", ratio=D("0.6"))

    assert books(desk) == {"AAPL": (0, 0), "NEW": (60, 3_000)}
    assert desk.last(CashEvent).amount == 48
    assert sum(one.realised for one in desk.service.positions) == 18


def test_l_of_cash_and_stock_a_quarter_of_value_is_realised(desk):
    """100 x 10 = 1,000 in cash, 50 x 60 = 3,000 in stock: cost 2,000 splits 500 / 1,500."""
    held(desk, 100, 20)
    desk.price("NEW", 60, 1)
    desk.now = 2
    desk.act("merger", new_symbol="NEW", ratio=D("0.5"), cash_amount=D(10))

    assert books(desk) == {"AAPL": (0, 0), "NEW": (50, 1_500)}
    assert desk.position.realised == 1_000 - 500
    (trade,) = desk.of(TradeEvent)
    assert (trade.quantity, trade.exit_price, trade.gross_pnl) == (25, 40, 500)
    assert desk.value().equity == 10_000 - 2_000 + 1_000 + 3_000


def test_l_of_cash_and_stock_every_lot_gives_its_share(desk):
    """150 x 10 = 1,500 in cash, 75 x 60 = 4,500 in stock: a quarter of each lot is paid, by its units.

    25 of 100 that cost 3,000, for 1,000; 12.5 of 50 that cost 2,000, for 500. Of 112.5 left 75 are given.
    """
    held(desk, 100, 30, fee=1)
    desk.price("NEW", 60, 1)
    desk.buy(50, 40, 2)
    desk.now = 2
    desk.act("merger", new_symbol="NEW", ratio=D("0.5"), cash_amount=D(10))

    assert [(one.quantity, one.gross_pnl, one.commission) for one in desk.of(TradeEvent)] == [
        (25, 250, D("0.25")),
        (D("12.5"), 0, D("0.5")),
    ]
    new = next(one for one in desk.service.positions if one.symbol == "NEW")
    assert [(lot.quantity, lot.cost, lot.fee) for lot in new.lots] == [(50, 2_250, D("0.75")), (25, 1_500, D("1.5"))]


def test_l_a_merger_for_less_than_the_finest_unit_is_cash_and_a_trade(desk_with):
    """0.00000001 x 0.4 of NEW at 500,000,000: 2 in cash, rounded from 2.00000000."""
    desk = desk_with(instruments=FRACTIONAL)
    held(desk, D("0.00000001"), 100)
    desk.price("NEW", 500_000_000, 1)
    desk.now = 2
    desk.act("merger", new_symbol="NEW", ratio=D("0.4"))

    assert books(desk)["AAPL"] == (0, 0)
    (trade,) = desk.of(TradeEvent)
    assert (trade.quantity, trade.exit_price, trade.closes_round_trip) == (D("0.00000001"), 500_000_000, True)
    assert desk.last(CashEvent).amount == 2 == trade.gross_pnl + desk.of(PositionEvent)[0].cost_basis


def test_l_who_is_short_pays_the_cash_and_owes_the_stock(desk):
    held(desk, -100, 20)
    desk.price("NEW", 60, 1)
    desk.now = 2
    desk.act("merger", new_symbol="NEW", ratio=D("0.5"), cash_amount=D(10))

    assert books(desk) == {"AAPL": (0, 0), "NEW": (-50, -1_500)}
    assert desk.last(CashEvent).amount == -1_000
    assert desk.position.realised == 500 - 1_000


def test_l_units_join_what_is_held_of_the_acquirer_in_order_of_age(desk):
    held(desk, 100, 30)
    desk.price("NEW", 80, 3)
    desk.buy(7, 80, symbol="NEW")
    desk.act("merger", new_symbol="NEW", ratio=D("0.5"))

    new = next(one for one in desk.service.positions if one.symbol == "NEW")
    assert [(lot.quantity, lot.cost) for lot in sorted(new.lots, key=lambda lot: lot.opened)] == [(50, 3_000), (7, 560)]


def test_l_the_other_side_of_the_acquirer_is_refused_and_nothing_is_changed(desk):
    held(desk, 100, 30)
    desk.price("NEW", 80, 1)
    desk.sell(7, 80, symbol="NEW")
    before = json.dumps(desk.service.get_snapshot())

    with pytest.raises(RunError, match=r"'trend' is long AAPL and short NEW"):
        desk.act("merger", new_symbol="NEW", ratio=D("0.5"))
    assert json.dumps(desk.service.get_snapshot()) == before


def test_l_an_acquirer_without_a_price_is_named_and_nothing_is_changed(desk):
    held(desk)
    books_before, events = books(desk), len(desk.emitter.events)

    with pytest.raises(RunError, match="merger of AAPL on 2024-01-04 gives NEW, which has no price yet"):
        desk.act("merger", new_symbol="NEW", ratio=D("0.5"))
    assert {symbol: one for symbol, one in books(desk).items() if symbol == "AAPL"} == books_before
    assert len(desk.emitter.events) == events


# rights


def test_rights_below_the_price_are_taken_up_and_worth_stays(desk):
    """100 at 50, 1 for 4 at 40: 25 new for 1,000; (50 + 0.25 x 40) / 1.25 = 48."""
    held(desk).act("rights", ratio=D("0.25"), subscription_price=D(40))

    assert books(desk) == {"AAPL": (125, 6_000)}
    assert (desk.last(CashEvent).kind, desk.last(CashEvent).amount) == ("rights", -1_000)
    assert desk.last(PositionEvent).price == 48
    desk.price("AAPL", 48)
    assert desk.value().equity == 10_000


def test_rights_of_a_short_bring_the_price_and_a_larger_short(desk):
    held(desk, -100).act("rights", ratio=D("0.25"), subscription_price=D(40))

    assert books(desk) == {"AAPL": (-125, -6_000)}
    assert desk.last(CashEvent).amount == 1_000


def test_rights_above_the_price_lapse(desk):
    held(desk).act("rights", ratio=D("0.25"), subscription_price=D(50))

    assert books(desk) == {"AAPL": (100, 5_000)}
    assert [one.kind for one in desk.of(CashEvent)] == ["deposit"]


def test_rights_for_nothing_are_new_units_without_cost(desk):
    held(desk).act("rights", ratio=D("0.255"), subscription_price=D(0))

    assert books(desk) == {"AAPL": (125, 5_000)}


# all of them

ACTIONS = {
    "spin_off": {"new_symbol": "NEW", "ratio": D("0.3")},
    "symbol_change": {"new_symbol": "NEW"},
    "delisting": {"value": D(20)},
    "cash merger": {"cash_amount": D(20)},
    "stock merger": {"new_symbol": "NEW", "ratio": D("1.7")},
    "mixed merger": {"new_symbol": "NEW", "ratio": D("0.85"), "cash_amount": D(10)},
    "rights": {"ratio": D("0.3"), "subscription_price": D(10)},
}
FAIR = {
    "spin_off": {"AAPL": "17", "NEW": "10"},
    "symbol_change": {"NEW": "20"},
    "delisting": {},
    "cash merger": {},
    "stock merger": {"NEW": F(20) / F("1.7")},
    "mixed merger": {"NEW": F(10) / F("0.85")},
    "rights": {"AAPL": F(20 + 3) / F("1.3")},
}
one_fill = st.tuples(st.integers(1, 300), st.decimals("1", "90", places=2), st.integers(0, 9))


@pytest.mark.parametrize("kind", ACTIONS)
@settings(deadline=None, max_examples=60)
@given(fills=st.lists(one_fill, min_size=1, max_size=5), long=st.booleans(), fraction=st.booleans())
def test_at_fair_prices_equity_units_cost_and_fees_are_as_before(desk_with, kind, fills, long, fraction):
    """Prices of NEW have ten decimals; cash is paid in cents; nothing else may move worth."""
    desk = desk_with(50_000, instruments=FRACTIONAL if fraction else (Instrument("NEW"),))
    for quantity, price, fee in fills:
        desk.now += 1
        (desk.buy if long else desk.sell)(quantity, price, fee)
    desk.price("AAPL", 20)
    before, units, cost = desk.value(), F(desk.position.quantity), F(desk.position.cost_basis)
    desk.now += 1
    fair = {symbol: D(f"{float(price):.10f}") for symbol, price in FAIR[kind].items()}
    if "merger" in kind and "NEW" in fair:
        desk.price("NEW", fair["NEW"])
    desk.act(kind.split()[-1], **ACTIONS[kind])
    valuation = open_at(desk, **fair)

    assert abs(F(valuation.equity) - F(before.equity)) <= F(1, 100) + abs(units) * F(1, 10**8)
    after = desk.service.positions
    paid = sum(F(one.amount) for one in desk.of(CashEvent) if one.kind != "deposit")
    gained = sum(F(one.realised) for one in after)
    assert sum(F(one.cost_basis) for one in after) == cost - paid + gained
    told = sum(F(one.commission) for one in desk.of(TradeEvent))
    assert sum(F(fee) for *_, fee in fills) == told + sum(F(one.open_fees) for one in after)
    assert desk.service.ledger.balance("Equity:Transfers", "USD") == 0
    assert desk.cash == valuation.cash


@pytest.mark.parametrize("kind", ACTIONS)
def test_restored_right_after_the_action_the_books_go_on_the_same(desk_with, kind):
    whole, broken = (held(desk_with(50_000), 101, 20) for _ in range(2))
    for desk in (whole, broken):
        desk.price("NEW", "12.5", 1)
        desk.now = 2
        desk.act(kind.split()[-1], action_id="act", **ACTIONS[kind])
    snapshot = json.loads(json.dumps(broken.service.get_snapshot()))
    broken.service = broken.build()
    broken.service.restore_from_snapshot(snapshot)
    for desk in (whole, broken):
        desk.emitter.events.clear()
        open_at(desk, AAPL=17, NEW=10)
        desk.sell(3, 17)

    assert [one.model_dump(mode="json", exclude={"event_id"}) for one in whole.emitter.events] == [
        one.model_dump(mode="json", exclude={"event_id"}) for one in broken.emitter.events
    ]
    assert whole.service.get_snapshot() == broken.service.get_snapshot()


# what every act tells of itself

ACTS = {
    "spin_off": {"new_symbol": "NEW", "ratio": D("0.25"), "cost_share": D("0.2"), "reference_price": D(20)},
    "merger": {"new_symbol": "NEW", "ratio": D("0.6"), "cash_amount": D(10)},
    "rights": {"ratio": D("0.255"), "subscription_price": D(40)},
    "symbol_change": {"new_symbol": "NEW"},
    "delisting": {"value": D(3)},
}


@pytest.mark.parametrize("quantity", [101, -101])
@pytest.mark.parametrize("kind", ACTS)
def test_ledger_and_events_say_which_act_of_which_time_they_come_of(desk, kind, quantity):
    held(desk, quantity)
    desk.price("NEW", 60, 1)
    desk.now = 2
    before, said = desk.service.ledger.transactions, len(desk.emitter.events)
    desk.act(kind, **ACTS[kind], action_id="the-act")
    booked = desk.service.ledger.since(before)

    at = int((desk.market.time.replace(day=4, hour=15) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 10**9
    assert {(one.reference, one.time_ns, one.strategy_id) for one in booked} == {("the-act", at, "trend")}
    assert {one.kind for one in booked} <= {kind, "cash_in_lieu"}
    side = "Assets:Inventory" if quantity > 0 else "Liabilities:Shorts"
    other = "Liabilities:Shorts" if quantity > 0 else "Assets:Inventory"
    names = {name for one in booked for name, _ in one.postings}
    assert side in names
    assert other not in names
    cash = [one for one in desk.emitter.events[said:] if isinstance(one, CashEvent)]
    assert {(one.action_id, one.strategy_id) for one in cash} <= {("the-act", "trend")}
    assert {one.symbol for one in cash} <= {"AAPL", "NEW"}
    assert len(cash) == sum(any(name == "Assets:Cash" for name, _ in one.postings) for one in booked)


def test_units_bought_by_rights_are_a_lot_of_their_price_and_act(desk):
    held(desk, 100)
    desk.act("rights", ratio=D("0.2"), subscription_price=D(40), action_id="the-act")

    _, lot = desk.position.lots
    assert (lot.quantity, lot.price, lot.fill_id) == (20, 40, "the-act")


def test_profit_of_rights_that_are_sold_adds_to_what_was_earned_before(desk):
    """50 of 101 sold at 51: 50. Then rights to 5.1 at 40 of 51: 0.1 x 10 = 1, the mark being 50 without the rights."""
    held(desk, 101)
    desk.sell(50, 51)
    desk.price("AAPL", 51, 1)
    desk.now = 2
    desk.act("rights", ratio=D("0.1"), subscription_price=D(40))

    assert desk.position.realised == 51
    assert desk.value(3).realised_pnl == 51


def test_a_long_that_cost_less_than_nothing_stays_inventory_when_it_moves(desk):
    """Bought at -2, moved to another symbol: what was posted is that of longs."""
    desk.market.instruments["NEW"] = Instrument("NEW")
    desk.buy(10, -2)
    desk.price("AAPL", 1, 1)
    desk.price("NEW", 1, 1)
    desk.now = 2
    desk.act("symbol_change", new_symbol="NEW")

    names = {name for one in desk.service.ledger.since(2) for name, _ in one.postings}
    assert names == {"Assets:Inventory", "Equity:Transfers"}
    assert desk.value().equity == 10_000 + 20 + 10


# instruments of which a point is worth ten

TENFOLD = tuple(Instrument(symbol, multiplier=D(10)) for symbol in ("AAPL", "NEW"))


def test_a_merger_for_cash_and_stock_counts_points_of_ten(desk_with):
    """100 x 10 x 10 = 10,000 in cash, 50 x 60 x 10 = 30,000 in stock: cost 20,000 splits 5,000 / 15,000."""
    desk = held(desk_with(50_000, instruments=TENFOLD), 100, 20)
    desk.price("NEW", 60, 1)
    desk.now = 2
    desk.act("merger", new_symbol="NEW", ratio=D("0.5"), cash_amount=D(10))

    assert books(desk) == {"AAPL": (0, 0), "NEW": (50, 15_000)}
    (trade,) = desk.of(TradeEvent)
    assert (trade.exit_price, trade.gross_pnl) == (40, 5_000)


def test_a_part_of_a_unit_is_paid_ten_times_its_points(desk_with):
    """101 x 0.5: half a unit of 60 is 300 against 1/101 of 20,200."""
    desk = held(desk_with(50_000, instruments=TENFOLD), 101, 20)
    desk.price("NEW", 60, 1)
    desk.now = 2
    desk.act("merger", new_symbol="NEW", ratio=D("0.5"))

    assert books(desk) == {"AAPL": (0, 0), "NEW": (50, 20_000)}
    assert (desk.last(CashEvent).amount, desk.last(TradeEvent).gross_pnl) == (300, 100)


def test_a_spin_off_splits_cost_by_worth_whatever_a_point_is(desk_with):
    """100 x 45 of ten each and 25 x 20 of one each: 45,000 and 500."""
    instruments = (Instrument("AAPL", multiplier=D(10)), Instrument("NEW"))
    desk = held(desk_with(100_000, instruments=instruments), 100, D("45.5"))
    spin_off(desk)
    open_at(desk, AAPL=45, NEW=20)

    assert books(desk) == {"AAPL": (100, 45_000), "NEW": (25, 500)}


def test_a_spin_off_counts_the_new_units_points_of_ten(desk_with):
    """100 x 45 and 25 x 2 of ten each: 4,500 and 500 of cost 5,000."""
    desk = held(desk_with(instruments=(Instrument("AAPL"), Instrument("NEW", multiplier=D(10)))), 100, 50)
    spin_off(desk)
    open_at(desk, AAPL=45, NEW=2)

    assert books(desk) == {"AAPL": (100, 4_500), "NEW": (25, 500)}


def test_a_round_trip_that_begins_with_a_merger_has_the_next_number(desk):
    held(desk)
    desk.price("NEW", 80, 1)
    desk.buy(5, 80, symbol="NEW")
    desk.sell(5, 80, symbol="NEW")
    desk.now = 2
    desk.act("merger", new_symbol="NEW", ratio=D("0.5"))
    desk.price("NEW", 81)
    desk.sell(50, 81, symbol="NEW")

    assert [one.round_trip_id for one in desk.of(TradeEvent)] == ["trend-NEW-R000001", "trend-NEW-R000002"]


def test_rights_that_are_sold_bring_ten_times_their_points(desk_with):
    """Half a right at 50 - 40 = 10 a unit is 5 points, 50; the mark is (51 + 0.1 x 40) / 1.1 = 50."""
    desk = held(desk_with(100_000, instruments=TENFOLD), 105, 51)
    desk.act("rights", ratio=D("0.1"), subscription_price=D(40))

    assert [(one.kind, one.amount) for one in desk.of(CashEvent)[-2:]] == [("rights", -4_000), ("cash_in_lieu", 50)]


def test_between_rights_and_the_next_bar_worth_is_as_before(desk):
    held(desk, 100, 50)
    desk.act("rights", ratio=D("0.25"), subscription_price=D(40))

    assert desk.service.get_state().equity == 10_000
    assert desk.position.price == 48


def test_an_act_reaches_holders_after_those_who_hold_nothing(desk):
    """By strategy, the first is flat."""
    desk.buy(1, 50, strategy_id="a")
    desk.sell(1, 50, strategy_id="a")
    desk.buy(10, 50, strategy_id="b")
    desk.price("AAPL", 50, 1)
    desk.now = 2
    desk.act("delisting", value=D(3))

    assert [one.quantity for one in desk.service.positions] == [0, 0]
    assert desk.cash == 10_000 - 500 + 30
