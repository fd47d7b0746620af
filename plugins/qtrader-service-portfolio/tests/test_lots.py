"""Which units leave, at what cost, with which fee: the lot tracker by itself."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from qtrader.errors import LedgerError
from qtrader_service_portfolio import LotTracker

D = Decimal
FIRST = datetime(2024, 1, 2, tzinfo=UTC)


def at(days):
    return FIRST + timedelta(days=days)


def buy(tracker, quantity, value, days=0, **other):
    return tracker.fill("buy", D(quantity), D(value), at(days), **other)


def sell(tracker, quantity, value, days=0, **other):
    return tracker.fill("sell", D(quantity), D(value), at(days), **other)


def taken(matched):
    return [(part.quantity, part.cost) for part in matched.closed]


def left(tracker):
    return [(lot.quantity, lot.cost) for lot in tracker.lots]


@pytest.fixture
def three_longs(tracker):
    """10 for 100, 10 for 110, 10 for 120, a day apart."""
    for days, value in enumerate((100, 110, 120)):
        buy(tracker, 10, value, days)
    return tracker


@pytest.fixture
def three_shorts(tracker):
    """10 for 100, 10 for 110, 10 for 120, a day apart, sold short."""
    for days, value in enumerate((100, 110, 120)):
        sell(tracker, 10, value, days)
    return tracker


def test_longs_leave_oldest_first(three_longs):
    assert [(D(10), D(100)), (D(5), D(55))] == taken(sell(three_longs, 15, 300, 9))


def test_shorts_leave_newest_first(three_shorts):
    assert [(D(10), D(120)), (D(5), D(55))] == taken(buy(three_shorts, 15, 100, 9))


def test_longs_can_leave_newest_first():
    tracker = LotTracker(long="lifo")
    buy(tracker, 10, 100, 0)
    buy(tracker, 10, 110, 1)

    assert [(D(10), D(110))] == taken(sell(tracker, 10, 300, 9))


def test_shorts_can_leave_oldest_first():
    tracker = LotTracker(short="fifo")
    sell(tracker, 10, 100, 0)
    sell(tracker, 10, 110, 1)

    assert [(D(10), D(100))] == taken(buy(tracker, 10, 90, 9))


def test_the_dearest_longs_leave_first():
    """8.00, 12.00 and 10.00 a unit: all of the second, then 5 of the third."""
    tracker = LotTracker(long="hifo")
    for days, value in enumerate((80, 120, 100)):
        buy(tracker, 10, value, days)

    assert [(D(10), D(120)), (D(5), D(50))] == taken(sell(tracker, 15, 300, 9))
    assert [(D(10), D(80)), (D(5), D(50))] == left(tracker)


def test_the_dearest_is_so_by_the_unit_and_not_in_total():
    tracker = LotTracker(long="hifo")
    buy(tracker, 10, 100, 0)
    buy(tracker, 2, 30, 1)

    assert [(D(2), D(30)), (D(1), D(10))] == taken(sell(tracker, 3, 60, 9))


def test_shorts_that_brought_the_least_are_covered_first():
    """8.00, 12.00 and 10.00 a unit: covering the cheapest gains least."""
    tracker = LotTracker(short="hifo")
    for days, value in enumerate((80, 120, 100)):
        sell(tracker, 10, value, days)

    assert [(D(10), D(80)), (D(5), D(50))] == taken(buy(tracker, 15, 90, 9))


@pytest.mark.parametrize(("opens", "closes"), [("buy", "sell"), ("sell", "buy")])
def test_of_equally_dear_lots_the_oldest_leaves_first(opens, closes):
    tracker = LotTracker(long="hifo", short="hifo")
    for days, quantity in ((2, 20), (1, 10), (3, 30)):
        tracker.fill(opens, D(quantity), D(quantity) * 7, at(days))

    closed = tracker.fill(closes, D(35), D(35) * 8, at(9)).closed
    assert [D(10), D(20), D(5)] == [part.quantity for part in closed]


def test_the_fraction_of_a_split_leaves_the_dearest_lot():
    """5 at 8 and 5 at 12 and 1 at 10 become 2.5, 2.5 and 0.5: of 5.5 the half leaves that cost 24 a unit."""
    tracker = LotTracker(long="hifo")
    for days, (quantity, value) in enumerate(((5, 40), (5, 60), (1, 10))):
        buy(tracker, quantity, value, days)

    closed = tracker.split(1, 2, step=D(1), unit_value=D(20), currency="USD")
    assert [(D("0.5"), D(12), D(10))] == [(part.quantity, part.cost, part.value) for part in closed]


def test_the_dearest_first_gains_least_of_all_orders():
    gains = {}
    for order in ("fifo", "lifo", "hifo"):
        tracker = LotTracker(long=order)
        for days, value in enumerate((100, 140, 120, 90)):
            buy(tracker, 10, value, days)
        gains[order] = sum(part.gross for part in sell(tracker, 15, 225, 9).closed)

    assert gains == {"fifo": D(225) - 170, "lifo": D(225) - 150, "hifo": D(225) - 200}


@pytest.fixture
def named():
    """Lots 1, 2 and 3: 10 for 100, 10 for 110, 10 for 120; what is sold must be named."""
    tracker = LotTracker(long="specific")
    for days, value in enumerate((100, 110, 120)):
        buy(tracker, 10, value, days)
    return tracker


def test_named_lots_leave_in_the_order_in_which_they_are_named(named):
    assert [(D(10), D(110)), (D(4), D(40))] == taken(sell(named, 14, 300, 9, lots=[2, 1]))
    assert [(D(6), D(60)), (D(10), D(120))] == left(named)


def test_a_lot_can_be_named_until_it_is_gone(named):
    sell(named, 4, 60, 9, lots=[2])
    assert [(D(6), D(66))] == taken(sell(named, 6, 90, 10, lots=[2]))

    with pytest.raises(LedgerError, match=r"lot 2 is named, and is not open"):
        sell(named, 1, 15, 11, lots=[2])


def test_shorts_can_be_named():
    tracker = LotTracker(short="specific")
    for days, value in enumerate((100, 110)):
        sell(tracker, 10, value, days)

    assert [(D(10), D(100))] == taken(buy(tracker, 10, 90, 9, lots=[1]))


@pytest.mark.parametrize(
    ("lots", "told"),
    [
        ([], r"closes 15 units and names no lot; the order is 'specific'. Open lots: 1 \(10 units\), 2"),
        ([2], r"lots \[2\] hold 10 units and the fill closes 15"),
        ([2, 4], r"lot 4 is named, and is not open or is named twice. Open lots: 1 \(10 units\)"),
        ([2, 2], r"lot 2 is named, and is not open or is named twice"),
    ],
)
def test_what_cannot_be_named_is_refused_and_changes_nothing(named, lots, told):
    before = named.snapshot()
    with pytest.raises(LedgerError, match=told):
        sell(named, 15, 300, 9, lots=lots)

    assert named.snapshot() == before


@pytest.mark.parametrize(("side", "order"), [("sell", "fifo"), ("buy", "none, as it opens one")])
def test_where_no_lots_are_chosen_by_name_none_can_be_named(three_longs, side, order):
    before = three_longs.snapshot()
    with pytest.raises(LedgerError, match=f"names the lots \\[1\\], and this tracker chooses lots by {order}"):
        three_longs.fill(side, D(5), D(60), at(9), lots=[1])

    assert three_longs.snapshot() == before


def test_a_flip_names_all_that_it_closes(named):
    with pytest.raises(LedgerError, match=r"lots \[1, 2\] hold 20 units and the fill closes 30"):
        sell(named, 40, 800, 9, lots=[1, 2])
    flipped = sell(named, 40, 800, 9, lots=[3, 1, 2])

    assert [(D(10), D(120)), (D(10), D(100)), (D(10), D(110))] == taken(flipped)
    assert [(D(10), D(200))] == left(named)


def test_the_fraction_of_a_split_leaves_the_oldest_of_lots_that_must_be_named(named):
    """1:4 makes 2.5 of each 10: of 7.5 the half leaves lot 1, a fifth of its 100."""
    closed = named.split(1, 4, step=D(1), unit_value=D(48), currency="USD")

    assert [(1, D("0.5"), D(20), D(24))] == [(p.lot.number, p.quantity, p.cost, p.value) for p in closed]


def test_a_second_sale_goes_on_where_the_first_stopped(three_longs):
    sell(three_longs, 15, 300, 9)

    assert [(D(5), D(55)), (D(10), D(120))] == taken(sell(three_longs, 15, 300, 10))


def test_lots_are_ordered_by_acquisition_time_not_by_call(tracker):
    buy(tracker, 5, 55, 2)
    buy(tracker, 5, 50, 1)

    assert [(D(5), D(50))] == taken(sell(tracker, 5, 60, 9))


def test_lifo_takes_the_latest_acquired_not_the_latest_call():
    tracker = LotTracker(long="lifo")
    buy(tracker, 5, 55, 2)
    buy(tracker, 5, 50, 1)

    assert [(D(5), D(55))] == taken(sell(tracker, 5, 60, 9))


def test_a_late_lot_lands_between_its_neighbours(tracker):
    for days, value in ((1, 10), (3, 30), (2, 20)):
        buy(tracker, 1, value, days)

    assert [D(10), D(20), D(30)] == [cost for _, cost in taken(sell(tracker, 3, 90, 9))]


def test_lots_of_the_same_instant_leave_in_the_order_of_their_calls(tracker):
    for value in (10, 20, 30):
        buy(tracker, 1, value)

    assert [D(10), D(20), D(30)] == [cost for _, cost in taken(sell(tracker, 3, 90, 9))]


def test_a_late_lot_comes_after_those_of_its_own_instant(tracker):
    for days, value in ((1, 10), (3, 30), (1, 20)):
        buy(tracker, 1, value, days)

    assert [D(10), D(20), D(30)] == [cost for _, cost in taken(sell(tracker, 3, 90, 9))]


def test_lots_are_shown_in_the_order_in_which_they_were_opened(tracker):
    for days, value in ((2, 20), (1, 10)):
        buy(tracker, 1, value, days)

    assert [D(20), D(10)] == [lot.cost for lot in tracker.lots]


def test_a_lot_that_is_used_up_is_gone(three_longs):
    sell(three_longs, 10, 300, 9)

    assert [(D(10), D(110)), (D(10), D(120))] == left(three_longs)


def test_the_value_of_a_sale_is_shared_by_quantity(three_longs):
    """15 units for 100: 10 of them 66.66666667, the rest 33.33333333."""
    closed = sell(three_longs, 15, 100, 9).closed

    assert [D("66.66666667"), D("33.33333333")] == [part.value for part in closed]


def test_the_exit_fee_is_shared_by_quantity_and_none_is_lost(three_longs):
    closed = sell(three_longs, 15, 300, 9, fee=D("1")).closed

    assert [D("0.66666667"), D("0.33333333")] == [part.exit_fee for part in closed]


def test_a_lot_carries_its_entry_fee_until_it_leaves(tracker):
    buy(tracker, 4, 40, fee=D("1.00"))
    (part,) = sell(tracker, 1, 12, 1).closed

    assert (D("0.25"), D("0.75")) == (part.entry_fee, tracker.fees)


def test_the_last_part_of_a_lot_takes_what_is_left_of_its_fee(tracker):
    """1.00 over three: 0.33333333, half of 0.66666667 to even, 0.33333333."""
    buy(tracker, 3, 30, fee=D("1.00"))
    fees = [sell(tracker, 1, 12, days).closed[0].entry_fee for days in (1, 2, 3)]

    assert [D("0.33333333"), D("0.33333334"), D("0.33333333")] == fees


def test_profit_of_a_long_is_what_it_brought_less_what_it_cost(tracker):
    buy(tracker, 2, 20)
    (part,) = sell(tracker, 2, 26, 1).closed

    assert D(6) == part.gross


def test_profit_of_a_short_is_what_it_brought_less_what_buying_back_cost(tracker):
    sell(tracker, 2, 26)
    (part,) = buy(tracker, 2, 20, 1).closed

    assert D(6) == part.gross


def test_net_is_gross_less_both_fees(tracker):
    buy(tracker, 2, 20, fee=D("0.50"))
    (part,) = sell(tracker, 2, 26, 1, fee=D("0.30")).closed

    assert D(6) - D("0.50") - D("0.30") == part.net


def test_a_fill_larger_than_the_position_opens_the_other_side(tracker):
    buy(tracker, 4, 40)
    matched = sell(tracker, 10, 150, 1)

    assert [(D(4), D(40))] == taken(matched)
    assert ("short", D(6), D(90)) == (matched.opened.side, matched.opened.quantity, matched.opened.cost)


def test_a_sale_of_several_lots_shares_an_indivisible_value_without_loss(three_longs):
    """1 for three lots of ten: 0.33333333, half of the rest to 10^-8, half-even, and what is left."""
    matched = sell(three_longs, 30, 1)

    assert [D("0.33333333"), D("0.33333334"), D("0.33333333")] == [part.value for part in matched.closed]


def test_a_flip_shares_an_indivisible_value_without_loss(tracker):
    """3 of 7 units for 100 are 42.85714286; the rest 57.14285714."""
    buy(tracker, 3, 30)
    matched = sell(tracker, 7, 100, 1)

    assert (D("42.85714286"), D("57.14285714")) == (matched.closed[0].value, matched.opened.cost)


def test_a_short_flips_to_long(tracker):
    sell(tracker, 4, 40)
    buy(tracker, 10, 150, 1)

    assert (D(6), D(90), "long") == (tracker.quantity, tracker.cost, tracker.side)


def test_refuse_raises_and_names_both_quantities():
    tracker = LotTracker(on_excess="refuse")
    buy(tracker, 15, 150)

    with pytest.raises(LedgerError, match="sell of 16 is more than the 15 held"):
        sell(tracker, 16, 160, 1)


def test_refuse_changes_nothing():
    tracker = LotTracker(on_excess="refuse")
    buy(tracker, 5, 50, 1)
    buy(tracker, 4, 44, 0)
    before = tracker.snapshot()
    with pytest.raises(LedgerError):
        sell(tracker, 10, 100, 9)

    assert before == tracker.snapshot()


def test_refuse_allows_everything_up_to_flat():
    tracker = LotTracker(on_excess="refuse")
    buy(tracker, 5, 50)
    sell(tracker, 5, 60, 1)

    assert ((), D(0), D(0)) == (tracker.lots, tracker.quantity, tracker.cost)


def test_totals_are_signed_for_shorts(three_shorts):
    assert (D(-30), D(-330)) == (three_shorts.quantity, three_shorts.cost)


def test_totals_are_the_sums_of_the_lots(three_longs):
    sell(three_longs, "12.5", 100, 9)

    assert sum(lot.quantity for lot in three_longs.lots) == three_longs.quantity == D("17.5")
    assert sum(lot.cost for lot in three_longs.lots) == three_longs.cost


def test_fractional_units_stay_fractional(tracker):
    buy(tracker, "7.5", 75)
    sell(tracker, "3.3", 33, 1)

    assert D("4.2") == tracker.quantity


def test_the_smallest_step_can_be_sold(tracker):
    buy(tracker, 1, 1)
    sell(tracker, "0.00000001", "0.00000001", 1)

    assert D("0.99999999") == tracker.quantity


def test_a_flat_tracker_has_no_side(tracker):
    assert tracker.side is None


def test_lots_cannot_be_changed_from_outside(three_longs):
    with pytest.raises(AttributeError):
        three_longs.lots[0].quantity = D(1)


def test_what_closed_cannot_be_changed(three_longs):
    (part,) = sell(three_longs, 10, 100, 9).closed
    with pytest.raises(AttributeError):
        part.value = D(1)


def test_the_display_price_defaults_to_value_per_unit(tracker):
    assert D("3.33333333") == buy(tracker, 3, 10).opened.price


def test_the_display_price_is_the_fills_when_it_is_given(tracker):
    assert D("3.3") == buy(tracker, 3, 10, price=D("3.3")).opened.price


@pytest.mark.parametrize("quantity", ["0", "-1"])
def test_a_fill_of_nothing_is_refused(tracker, quantity):
    with pytest.raises(LedgerError, match="above zero"):
        buy(tracker, quantity, 10)


@pytest.mark.parametrize("number", [1.5, "1", 1, D("NaN"), D("Infinity")])
def test_only_finite_decimals_are_booked(tracker, number):
    with pytest.raises(LedgerError, match="not a finite Decimal"):
        tracker.fill("buy", number, D(10), FIRST)


def test_a_float_fee_is_refused(tracker):
    with pytest.raises(LedgerError, match=r"fee 0\.1 is not a finite Decimal"):
        tracker.fill("buy", D(1), D(10), FIRST, fee=0.1)


def test_an_unknown_side_is_refused(tracker):
    with pytest.raises(LedgerError, match="'hold'"):
        tracker.fill("hold", D(1), D(10), FIRST)


def test_more_units_than_a_column_can_hold_are_refused(tracker):
    with pytest.raises(LedgerError, match=r"1E\+20 units"):
        buy(tracker, "1E+20", 1)


def test_units_that_add_up_to_more_than_a_column_can_hold_are_refused(tracker):
    buy(tracker, "6E+19", 1)

    with pytest.raises(LedgerError, match="more than a book"):
        buy(tracker, "6E+19", 1)


def test_short_units_that_add_up_to_more_than_a_column_can_hold_are_refused(tracker):
    sell(tracker, "6E+19", 1)

    with pytest.raises(LedgerError, match="more than a book"):
        sell(tracker, "6E+19", 1)


def test_more_value_than_a_column_can_hold_is_refused_also_when_it_adds_up(tracker):
    buy(tracker, 1, "6E+29")

    with pytest.raises(LedgerError, match="more than a book"):
        buy(tracker, 1, "6E+29")


def test_more_proceeds_of_shorts_than_a_column_can_hold_are_refused_too(tracker):
    sell(tracker, 1, "6E+29")

    with pytest.raises(LedgerError, match="more than a book"):
        sell(tracker, 1, "6E+29")


def test_exactly_the_limit_of_value_is_refused(tracker):
    with pytest.raises(LedgerError, match="more than a book"):
        buy(tracker, 1, "1E+30")


def test_less_value_than_minus_the_limit_is_refused(tracker):
    with pytest.raises(LedgerError, match="more than a book"):
        buy(tracker, 1, "-1E+30")


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="'newest'"):
        LotTracker(long="newest")


def test_an_unknown_answer_to_excess_is_refused():
    with pytest.raises(ValueError, match="'ignore'"):
        LotTracker(on_excess="ignore")


def test_a_snapshot_restores_lots_counter_and_totals(three_shorts):
    buy(three_shorts, "3.7", 40, 5, fee=D("0.3"))
    other = LotTracker()
    other.restore(three_shorts.snapshot())

    assert three_shorts.snapshot() == other.snapshot()
    assert (three_shorts.quantity, three_shorts.cost, three_shorts.fees) == (other.quantity, other.cost, other.fees)


def test_lot_numbers_go_on_after_a_restore(three_longs):
    other = LotTracker()
    other.restore(three_longs.snapshot())

    assert buy(other, 1, 10, 9).opened.number == 4


def split(tracker, numerator, denominator, unit_value=10, step="1", currency="USD"):
    return tracker.split(numerator, denominator, step=D(step), unit_value=D(unit_value), currency=currency)


def test_a_split_multiplies_units_and_keeps_cost(three_longs):
    split(three_longs, 2, 1)

    assert [(D(20), D(100)), (D(20), D(110)), (D(20), D(120))] == left(three_longs)


def test_a_split_keeps_acquisition_times(three_longs):
    split(three_longs, 2, 1)

    assert [at(0), at(1), at(2)] == [lot.opened for lot in three_longs.lots]


def test_a_split_restates_the_display_price(three_longs):
    split(three_longs, 2, 1)

    assert [D(5), D("5.5"), D(6)] == [lot.price for lot in three_longs.lots]


def test_a_reverse_split_restates_the_display_price_upward(three_longs):
    split(three_longs, 1, 2)

    assert [D(20), D(22), D(24)] == [lot.price for lot in three_longs.lots]


def test_a_split_without_a_fraction_pays_nothing(three_longs):
    assert split(three_longs, 3, 2) == ()


def test_the_whole_position_is_rounded_not_each_lot(tracker):
    """3 + 3 units 3:2 are 4.5 + 4.5 = 9 whole units."""
    buy(tracker, 3, 30, 0)
    buy(tracker, 3, 30, 1)

    assert split(tracker, 3, 2) == ()
    assert [D("4.5"), D("4.5")] == [lot.quantity for lot in tracker.lots]


def test_a_long_fraction_leaves_the_oldest_lot(tracker):
    """5 + 10 units 3:2 are 22.5; the half unit of the first 7.5 that cost 60 takes 4."""
    buy(tracker, 5, 60, 0)
    buy(tracker, 10, 150, 1)
    (part,) = split(tracker, 3, 2, unit_value=9)

    assert (D("0.5"), D(4), D("4.50")) == (part.quantity, part.cost, part.value)


def test_a_short_fraction_leaves_the_newest_lot_and_shrinks_toward_zero(tracker):
    """15 units 3:2 are 22.5: 22 are left; the half unit of the last 15 that brought 150 takes 5."""
    sell(tracker, 5, 60, 0)
    sell(tracker, 10, 150, 1)
    (part,) = split(tracker, 3, 2, unit_value=9)

    assert (D(-22), D(5), D("4.50")) == (tracker.quantity, part.cost, part.value)


def test_a_fraction_takes_its_share_of_the_carried_fee(tracker):
    """Half of 1.5 units carries a third of 0.90."""
    buy(tracker, 1, 12, fee=D("0.90"))
    (part,) = split(tracker, 3, 2)

    assert (D("0.30"), D("0.60")) == (part.entry_fee, tracker.fees)


def test_a_fraction_that_swallows_a_lot_takes_its_whole_fee(tracker):
    """1 + 8 units 1:2 are 4.5; the fraction is the whole first lot of 0.5."""
    buy(tracker, 1, 10, 0, fee=D("0.70"))
    buy(tracker, 8, 80, 1, fee=D("0.80"))
    (part,) = split(tracker, 1, 2)

    assert (D(10), D("0.70"), D("0.80")) == (part.cost, part.entry_fee, tracker.fees)


def test_cash_for_a_fraction_is_rounded_half_even_to_cents(tracker):
    """0.5 x 9.45 = 4.725 is 4.72."""
    buy(tracker, 1, 10)
    (part,) = split(tracker, 3, 2, unit_value="9.45")

    assert D("4.72") == part.value


def test_cash_for_a_fraction_is_rounded_to_whole_yen(tracker):
    """0.5 x 985 = 492.5 is 492 yen."""
    buy(tracker, 1, 1000)
    (part,) = split(tracker, 3, 2, unit_value=985, currency="JPY")

    assert D(492) == part.value


def test_cash_is_for_the_exact_fraction_even_where_units_are_not(tracker):
    """100 units 1:3 are 33.333...; a third of 300,000,000 is exactly 100,000,000, not 99,999,999.00."""
    buy(tracker, 100, 1000)
    (part,) = split(tracker, 1, 3, unit_value=300_000_000)

    assert (D("0.33333333"), D(100_000_000)) == (part.quantity, part.value)


def test_lots_are_cut_to_8_decimals_and_the_newest_takes_the_rest(tracker):
    """1 + 1 units 4:3 in steps of 10^-8 are 2.66666666: 1.33333333 and the rest."""
    buy(tracker, 1, 10, 0)
    buy(tracker, 1, 10, 1)
    split(tracker, 4, 3, step="0.00000001")

    assert [D("1.33333333"), D("1.33333333")] == [lot.quantity for lot in tracker.lots]


def test_the_newest_lot_gets_what_cutting_the_others_left(tracker):
    """Three units 2:3 are 2.00000000: 0.66666666, 0.66666666 and 0.66666668."""
    for days in range(3):
        buy(tracker, 1, 10, days)
    split(tracker, 2, 3)

    assert [D("0.66666666"), D("0.66666666"), D("0.66666668")] == [lot.quantity for lot in tracker.lots]


def test_a_position_smaller_than_one_new_unit_leaves_whole(tracker):
    buy(tracker, 3, 30, fee=D("0.30"))
    (part,) = split(tracker, 1, 10, unit_value=100)

    assert (D("0.3"), D(30), D("30.00"), D("0.30")) == (part.quantity, part.cost, part.value, part.entry_fee)
    assert ((), D(0), D(0), D(0)) == (tracker.lots, tracker.quantity, tracker.cost, tracker.fees)


def test_a_lot_that_a_split_makes_nothing_leaves_its_cost_and_fee_to_the_next(tracker):
    """0.00000001 unit 1:10 is less than the finest step."""
    buy(tracker, "0.00000001", "0.5", 0, fee=D("0.1"))
    buy(tracker, 10, 100, 1)
    split(tracker, 1, 10)

    assert ([(D(1), D("100.5"))], D("0.1")) == (left(tracker), tracker.fees)


def test_a_newest_lot_that_a_split_makes_nothing_leaves_its_cost_to_the_one_before(tracker):
    buy(tracker, 10, 100, 0)
    buy(tracker, "0.00000001", "0.5", 1, fee=D("0.1"))
    split(tracker, 1, 10)

    assert ([(D(1), D("100.5"))], D("0.1")) == (left(tracker), tracker.fees)


def test_what_a_vanished_lot_leaves_is_in_the_lot_that_takes_it(tracker):
    buy(tracker, 10, 100, 0, fee=D("0.2"))
    buy(tracker, "0.00000001", "0.5", 1, fee=D("0.1"))
    split(tracker, 1, 10)

    assert [(D("100.5"), D("0.3"))] == [(lot.cost, lot.fee) for lot in tracker.lots]


def test_a_vanished_lot_without_a_fee_leaves_its_cost(tracker):
    buy(tracker, 10, 100, 0)
    buy(tracker, "0.00000001", "0.5", 1)
    split(tracker, 1, 10)

    assert [(D(1), D("100.5"))] == left(tracker)


def test_a_position_that_a_split_makes_nothing_is_closed_at_its_cost(tracker):
    buy(tracker, "0.00000001", "0.5", fee=D("0.1"))
    (part,) = split(tracker, 1, 10)

    assert (D("0.5"), D(0), D("0.1"), ()) == (part.cost, part.value, part.entry_fee, tracker.lots)


def test_a_short_that_a_split_makes_nothing_is_closed_at_its_proceeds(tracker):
    sell(tracker, "0.00000001", "0.5")
    (part,) = split(tracker, 1, 10)

    assert (D("0.00000001"), D("0.5"), D(0)) == (part.quantity, part.cost, tracker.quantity)


def test_a_lot_step_finer_than_the_ledger_is_kept(tracker):
    buy(tracker, "0.0000000003", 1)
    split(tracker, 2, 1, step="0.0000000001")

    assert D("0.0000000006") == tracker.quantity


def test_a_split_of_nothing_does_nothing(tracker):
    assert split(tracker, 2, 1) == ()


@pytest.mark.parametrize(("numerator", "denominator", "step"), [(0, 1, "1"), (1, 0, "1"), (-2, 1, "1"), (2, 1, "0")])
def test_an_impossible_ratio_or_step_is_refused(three_longs, numerator, denominator, step):
    with pytest.raises(LedgerError, match="must be above zero"):
        split(three_longs, numerator, denominator, step=step)


def test_a_split_into_exactly_the_limit_is_refused(three_longs):
    """30 x 10^20 / 30."""
    with pytest.raises(LedgerError, match="more than a book can hold"):
        split(three_longs, 10**20, 30)


def test_a_split_into_more_units_than_a_column_can_hold_is_refused_and_changes_nothing(three_longs):
    before = three_longs.snapshot()
    with pytest.raises(LedgerError, match="more than a book can hold"):
        split(three_longs, 10**20, 1)

    assert before == three_longs.snapshot()


def test_two_for_one_then_one_for_two_is_where_it_began(three_longs):
    before = left(three_longs)
    split(three_longs, 2, 1)
    split(three_longs, 1, 2)

    assert before == left(three_longs)


def test_a_restored_total_is_the_same_to_its_last_zero(tracker):
    """1 and 1.00000000 are equal, but a digest of their texts is not."""
    buy(tracker, "0.01", "0.01")
    buy(tracker, "0.49", "0.49", 1)
    split(tracker, 2, 1)
    other = LotTracker()
    other.restore(tracker.snapshot())

    assert str(tracker.quantity) == str(other.quantity)


def test_a_long_of_less_than_a_unit_closes_in_the_order_of_longs():
    tracker = LotTracker(long="fifo", short="lifo")
    tracker.fill("buy", D("0.25"), D(10), at(0))
    tracker.fill("buy", D("0.25"), D(20), at(1))
    matched = tracker.fill("sell", D("0.25"), D(30), at(2))

    assert [part.lot.number for part in matched.closed] == [1]


def test_a_lot_knows_the_fill_that_opened_it():
    tracker = LotTracker()

    assert tracker.fill("buy", D(1), D(10), at(0), fill_id="F1").opened.fill_id == "F1"
    assert tracker.fill("buy", D(1), D(10), at(1)).opened.fill_id == ""
