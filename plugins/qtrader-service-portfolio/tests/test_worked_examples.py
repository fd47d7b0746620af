"""Every worked example of the accounting rules, A to H, with its arithmetic."""

from datetime import UTC, datetime
from decimal import Decimal

from qtrader.events import CashEvent, PositionEvent, TradeEvent
from qtrader.ports import Instrument
from qtrader.ports.settings import LotSettings
from qtrader_service_portfolio import LotTracker

D = Decimal
WHEN = datetime(2024, 1, 2, tzinfo=UTC)


def example_a(desk):
    desk.buy(100, 10, 1)
    desk.buy(50, 12, 1)
    desk.sell(120, 15, "1.20")
    return desk


def test_a_realises_500_on_the_first_lot_and_60_on_the_second(desk):
    example_a(desk)

    assert [D(100) * (15 - 10), D(20) * (15 - 12)] == [t.gross_pnl for t in desk.of(TradeEvent)]
    assert D("560.00") == desk.position.realised


def test_a_leaves_10196_80_in_cash(desk):
    assert 10_000 - (1_000 + 1) - (600 + 1) + (1_800 - D("1.20")) == D("10196.80")
    assert D("10196.80") == example_a(desk).cash


def test_a_leaves_30_units_at_cost_360_with_a_fee_of_0_60(desk):
    (lot,) = example_a(desk).position.lots

    assert (D(30), D(30) * 12, D(1) * 30 / 50) == (lot.quantity, lot.cost, lot.fee)


def test_a_nets_557_40_after_the_fees_of_what_was_sold(desk):
    """First lot's whole fee 1.00, 20/50 of the second's = 0.40, exit fee 1.20."""
    example_a(desk)

    assert 560 - D("1.00") - D("0.40") - D("1.20") == sum(t.net_pnl for t in desk.of(TradeEvent)) == D("557.40")


def test_a_is_worth_10646_80_at_15(desk):
    """10,000 + 560 realised + 30 x (15 - 12) unrealised - 3.20 fees."""
    example_a(desk).price("AAPL", 15)

    assert 10_000 + 560 + 90 - D("3.20") == desk.value().equity == D("10646.80")


def example_b(desk):
    desk.sell(100, 50)
    desk.sell(100, 55)
    desk.buy(150, 52)
    return desk


def test_b_lifo_shorts_realise_300_less_100(desk_with):
    """The newer 100 at 55 gain 3 each, then 50 at 50 lose 2 each."""
    desk = example_b(desk_with(20_000))

    assert [D(100) * (55 - 52), D(50) * (50 - 52)] == [t.gross_pnl for t in desk.of(TradeEvent)]


def test_b_fifo_shorts_would_lose_50(desk_with):
    """100 at 50 lose 2 each, then 50 at 55 gain 3 each."""
    desk = example_b(desk_with(20_000, lots=LotSettings(short="fifo")))

    assert D(100) * (50 - 52) + D(50) * (55 - 52) == desk.position.realised == D(-50)


def test_b_leaves_short_50_with_proceeds_2500_and_loses_100_on_paper_at_52(desk_with):
    desk = example_b(desk_with(20_000))
    desk.price("AAPL", 52)

    assert D(50) * 50 - D(50) * 52 == desk.value().unrealised_pnl
    assert (D(-50), D(-2500)) == (desk.position.quantity, desk.position.cost_basis)


def test_b_equity_is_20100_whichever_lots_are_taken(desk_with):
    """Cash 20,000 + 5,000 + 5,500 - 7,800 = 22,700, less 50 x 52."""
    desks = [example_b(desk_with(20_000, lots=LotSettings(short=order))) for order in ("lifo", "fifo")]
    for desk in desks:
        desk.price("AAPL", 52)

    assert [D(22_700) - 2_600] * 2 == [desk.value().equity for desk in desks]


def example_c(desk):
    desk.buy(100, 10, 1)
    desk.sell(250, 12, "2.50")
    return desk


def test_c_the_closing_part_of_a_flip_gains_200_and_nets_198(desk):
    """100 of 250 units carry 100/250 of the fee: 1.00; the entry fee is 1.00."""
    (trade,) = example_c(desk).of(TradeEvent)

    assert (D(200), D(2), D(198)) == (trade.gross_pnl, trade.commission, trade.net_pnl)


def test_c_the_rest_of_a_flip_is_a_short_lot_with_its_share_of_proceeds_and_fee(desk):
    (lot,) = example_c(desk).position.lots

    assert ("short", D(150), D(150) * 12, D("2.50") - D("1.00")) == (lot.side, lot.quantity, lot.cost, lot.fee)


def test_c_leaves_11996_50_in_cash(desk):
    assert 10_000 - 1_001 + 3_000 - D("2.50") == example_c(desk).cash == D("11996.50")


def test_c_is_worth_10196_50_at_12_and_10346_50_at_11(desk):
    example_c(desk)
    desk.price("AAPL", 12)
    at_12 = desk.value().equity
    desk.price("AAPL", 11)

    assert (D("11996.50") - 150 * 12, D("11996.50") - 150 * 11) == (at_12, desk.value().equity)


def test_c_is_one_transaction(desk):
    example_c(desk)

    assert desk.service.ledger.transactions == 3  # the deposit and two fills


def test_d_an_indivisible_cost_is_never_lost():
    """3 units cost 100: 33.33333333, then half of 66.66666667 to even, then the rest."""
    tracker = LotTracker()
    tracker.fill("buy", D(3), D(100), WHEN)
    costs, left = [], []
    for _ in range(3):
        (part,) = tracker.fill("sell", D(1), D(40), WHEN).closed
        costs.append(part.cost)
        left.append(tracker.cost)

    assert [D("33.33333333"), D("33.33333334"), D("33.33333333")] == costs
    assert [D("66.66666667"), D("33.33333333"), D(0)] == left


def test_d_realises_exactly_20_through_the_service(desk):
    """33.3333333333 x 3 is 100.00000000 at the ledger's scale."""
    desk.buy(3, "33.3333333333")
    for _ in range(3):
        desk.sell(1, 40)

    assert D(3) * 40 - 100 == desk.position.realised == D(20)


def test_e_commission_is_an_expense_at_once_and_cost_stays_gross(desk):
    desk.buy(100, 10, 7)

    assert (D(1000), D(7)) == (desk.position.cost_basis, desk.service.ledger.balance("Expenses:Commission", "USD"))


def example_f(desk, side):
    for quantity, price in ((60, 8), (45, 12)):
        (desk.buy if side == "long" else desk.sell)(quantity, price)
    desk.price("AAPL", "9.60", 1)
    before = desk.value().equity
    desk.now = 2
    desk.split(1, 10, reference_price=D(96))
    desk.price("AAPL", 96)
    return before


def test_f_a_reverse_split_leaves_10_of_10_5_and_pays_48_for_the_half(desk):
    """105 / 10 = 10.5; the half unit leaves the oldest lot: 5.5 of 480 x 5.5/6 = 440; 0.5 x 96 = 48."""
    example_f(desk, "long")

    assert [(D("5.5"), D(440)), (D("4.5"), D(540))] == [(lot.quantity, lot.cost) for lot in desk.position.lots]
    assert D("0.5") * 96 == desk.last(CashEvent).amount


def test_f_the_half_unit_gains_8(desk):
    example_f(desk, "long")

    assert 48 - D(480) * D("0.5") / 6 == desk.position.realised == D(8)


def test_f_equity_is_9988_on_both_sides_of_the_reverse_split(desk):
    """Cash 10,000 - 480 - 540 = 8,980; 105 x 9.60 = 1,008; after: 8,980 + 48 + 10 x 96."""
    before = example_f(desk, "long")

    assert D(8_980) + 1_008 == before == desk.value().equity == D(8_980) + 48 + 960


def test_f_a_short_pays_48_and_gains_12(desk):
    """The half unit leaves the newest lot: 540 x 0.5/4.5 = 60 of proceeds against 48 paid."""
    example_f(desk, "short")

    assert (D(-10), D(-48), D(12)) == (desk.position.quantity, desk.last(CashEvent).amount, desk.position.realised)


def test_f_equity_is_10012_on_both_sides_for_the_short(desk):
    """Cash 11,020 - 1,008 before; 11,020 - 48 - 960 after."""
    before = example_f(desk, "short")

    assert D(11_020) - 1_008 == before == desk.value().equity == D(11_020) - 48 - 960


def test_f_three_for_two_of_67_pays_3_50_and_gains_0_16666667(desk):
    """33 + 34 = 67 becomes 100.5; half a unit of the first 49.5 that cost 330 is 3.33333333; 0.5 x 7 = 3.50."""
    desk.buy(33, 10)
    desk.buy(34, 11)
    desk.now = 1
    desk.split(3, 2, reference_price=D(7))

    assert (D(100), D("3.50")) == (desk.position.quantity, desk.last(CashEvent).amount)
    assert D("3.50") - D("3.33333333") == desk.position.realised == D("0.16666667")


def example_g(desk, **facts):
    desk.buy(100, 50)
    desk.price("AAPL", 50, 1)
    desk.value()
    desk.now = 2
    desk.dividend("0.82", pay=10, **facts)
    return desk


def test_g_an_entitlement_is_a_receivable_of_82_until_it_is_paid(desk):
    example_g(desk)

    assert (D(0), D(100) * D("0.82")) == (desk.last(CashEvent).amount, desk.last(CashEvent).receivable)


def test_g_after_15_percent_tax_69_70_arrive_on_the_pay_date(desk):
    """82.00 less 12.30."""
    example_g(desk, withholding=D("0.15"))
    before = desk.cash
    desk.value(9)
    on_the_day_before = desk.cash
    desk.value(10)

    assert (before, before + 82 - D("12.30")) == (on_the_day_before, desk.cash)


def test_g_it_is_paid_even_when_all_was_sold_on_the_ex_date(desk):
    example_g(desk).sell(100, 50)
    before = desk.cash
    desk.value(10)

    assert D("82.00") == desk.cash - before


def test_g_what_was_bought_on_the_ex_date_gets_none(desk):
    desk.now = 2
    desk.dividend("0.82", pay=10)
    desk.buy(100, 50)
    before = desk.cash
    desk.value(10)

    assert before == desk.cash


def test_g_a_short_owes_82_and_pays_without_tax_relief(desk):
    desk.sell(100, 50)
    desk.dividend("0.82", pay=10, withholding=D("0.15"))
    owed, before = desk.last(CashEvent).payable, desk.cash
    desk.value(10)

    assert (D("82.00"), D("-82.00")) == (owed, desk.cash - before)


def test_g_falling_by_the_dividend_leaves_equity_flat(desk):
    example_g(desk)
    before = desk.of(PositionEvent)[0].cash_balance + 100 * 50
    desk.price("AAPL", "49.18")

    assert before == desk.value().equity == D(10_000)


def test_h_a_stock_dividend_of_5_percent_is_a_split_of_21_for_20(desk):
    """150 becomes 157.5; half a unit of 157.5 that cost 3,000 leaves: 9.52380952."""
    desk.buy(150, 20)
    desk.price("AAPL", 20)
    desk.now = 1
    desk.split(21, 20, action_type="stock_dividend")

    assert (D(157), 3_000 - D("9.52380952")) == (desk.position.quantity, desk.position.cost_basis)


def test_h_fractional_lots_keep_the_half_unit(desk_with):
    desk = desk_with(instruments=(Instrument("AAPL", lot=D("0.001")),))
    desk.buy(150, 20)
    desk.price("AAPL", 20)
    desk.now = 1
    desk.split(21, 20, action_type="stock_dividend")

    assert (D("157.5"), D(3_000)) == (desk.position.quantity, desk.position.cost_basis)


def test_p_a_future_is_worth_nothing_and_what_it_gains_is_cash_at_every_session_end(desk_with):
    """2 contracts of 50 a point at 4,000, fee 5; then 4,010, 3,990, sold at 4,005: 100 * (10, -20, 15) and the fees."""
    desk = desk_with(100_000, instruments=(Instrument("ES", asset_class="future", multiplier=D(50)),))
    desk.buy(2, 4_000, 5, symbol="ES")
    seen = [desk.cash]
    for number, price in enumerate((4_010, 3_990), 1):
        desk.price("ES", price, number)
        worth = desk.value()
        assert (D(0), desk.cash) == (worth.market_value, worth.equity)
        seen.append(desk.cash)
    desk.now = 3
    desk.sell(2, 4_005, 5, symbol="ES")
    seen.append(desk.cash)

    assert [D(99_995), D(100_995), D(98_995), D(100_490)] == seen
    trade = desk.last(TradeEvent)
    assert (D(50 * 2 * 5), D(50 * 2 * 5 - 10)) == (trade.gross_pnl, trade.net_pnl)
    assert D(0) == desk.service.ledger.balance("Liabilities:Futures", "USD")
