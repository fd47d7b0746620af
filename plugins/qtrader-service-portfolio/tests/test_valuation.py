"""What the account is worth, and when the whole portfolio is published."""

from decimal import Decimal

from qtrader.events import ConsolidatedPortfolioEvent, ValuationEvent

D = Decimal


def test_equity_is_cash_and_market_value(desk):
    desk.buy(100, 10)
    desk.price("AAPL", 11)

    event = desk.value()
    assert (D(9_000), D(1_100), D(10_100)) == (event.cash, event.market_value, event.equity)


def test_longs_and_shorts_are_valued_with_their_sign(desk):
    desk.buy(10, 10, symbol="MSFT")
    desk.sell(10, 10, symbol="IBM")
    desk.price("MSFT", 12)
    desk.price("IBM", 13)

    assert D(10) * 12 - D(10) * 13 == desk.value().market_value


def test_a_valuation_of_an_empty_account_is_its_cash(desk):
    assert D(10_000) == desk.value().equity


def test_realised_profit_is_the_accounts_over_all_books(desk):
    for symbol in ("MSFT", "IBM"):
        desk.buy(10, 10, symbol=symbol)
        desk.sell(10, 11, symbol=symbol)

    assert D(20) == desk.value().realised_pnl


def test_open_positions_counts_books_that_hold_something(desk):
    desk.buy(10, 10, symbol="MSFT")
    desk.buy(10, 10, symbol="IBM")
    desk.sell(10, 10, symbol="IBM")

    assert desk.value().open_positions == 1


def test_a_valuation_has_the_session_of_its_trigger(desk):
    event = desk.value(5)

    assert desk.market.session == event.session


def test_a_session_without_a_bar_keeps_the_last_mark(desk):
    desk.buy(10, 10)
    desk.price("AAPL", 12, 1)
    desk.value()

    assert D(120) == desk.value(2).market_value


def test_every_trigger_gives_one_valuation(desk):
    desk.value(1)
    desk.value(2, "bar")
    desk.value(3, "end")

    assert len(desk.of(ValuationEvent)) == 3


def published(desk):
    return [event.session for event in desk.of(ConsolidatedPortfolioEvent)]


def test_snapshots_by_session_come_at_every_session_end(desk_with):
    desk = desk_with(snapshots="session")
    sessions = [desk.value(number).session for number in (0, 1, 2)]

    assert sessions == published(desk)


def test_snapshots_by_session_do_not_come_at_bars(desk_with):
    desk = desk_with(snapshots="session")
    desk.value(0, "bar")

    assert published(desk) == []


def test_snapshots_by_month_come_at_the_first_session_end_of_each_month(desk_with):
    """Sessions 0 to 29 are in January 2024, 30 to 58 in February."""
    desk = desk_with(snapshots="month")
    for number in (0, 1, 29, 30, 31, 59):
        desk.value(number)

    assert [str(session) for session in published(desk)] == ["2024-01-02", "2024-02-01", "2024-03-01"]


def test_the_end_publishes_the_portfolio(desk_with):
    desk = desk_with(snapshots="end")
    desk.value(0)
    desk.service.stop()

    assert len(published(desk)) == 1


def test_no_snapshots_means_none_at_the_end_either(desk_with):
    desk = desk_with(snapshots="none")
    desk.value(0)
    desk.service.stop()

    assert published(desk) == []


def test_a_fill_publishes_no_portfolio_unless_asked(desk_with):
    desk = desk_with(snapshots="session")
    desk.buy(1, 10)

    assert published(desk) == []


def state_of(desk):
    desk.buy(100, 10, symbol="MSFT", strategy_id="b")
    desk.sell(50, 20, symbol="IBM", strategy_id="a")
    desk.buy(1, 10, symbol="GOOG", strategy_id="a")
    desk.sell(1, 12, symbol="GOOG", strategy_id="a")
    desk.price("MSFT", 11)
    desk.price("IBM", 22)
    return desk.service.get_state()


def test_exposures_are_the_values_of_longs_and_shorts(desk):
    state = state_of(desk)

    assert (D(1_100), D(1_100)) == (state.long_exposure, state.short_exposure)


def test_gross_is_the_sum_of_exposures_and_net_the_difference(desk):
    state = state_of(desk)

    assert (D(2_200), D(0)) == (state.gross_exposure, state.net_exposure)


def test_leverage_is_gross_exposure_over_equity(desk):
    """Equity 10,000 + 100 - 100 + 2 = 10,002; 2,200 / 10,002."""
    assert D("0.21995601") == state_of(desk).leverage


def test_leverage_of_a_ruined_account_is_unknown(desk):
    desk.sell(1_000, 10)
    desk.price("AAPL", 30)

    assert desk.service.get_state().leverage is None


def test_leverage_without_positions_is_nothing(desk):
    assert D(0) == desk.service.get_state().leverage


def test_leverage_without_equity_is_unknown(desk):
    desk.sell(1_000, 10)
    desk.price("AAPL", 20)

    state = desk.service.get_state()
    assert (D(0), None) == (state.equity, state.leverage)


def test_exposures_below_one_count(desk):
    desk.buy("0.5", 1, symbol="MSFT")
    desk.sell("0.5", 1, symbol="IBM")

    state = desk.service.get_state()
    assert (D("0.5"), D("0.5")) == (state.long_exposure, state.short_exposure)


def test_leverage_beyond_what_a_column_holds_is_unknown(desk_with):
    """An equity of 0.00000001 and positions of 10^13."""
    desk = desk_with("0.00000001")
    desk.buy("1E+13", 1)

    assert desk.service.get_state().leverage is None


def test_strategies_and_their_positions_are_in_name_order(desk):
    names = [(one.strategy_id, [p.symbol for p in one.positions]) for one in state_of(desk).strategies]

    assert names == [("a", ["GOOG", "IBM"]), ("b", ["MSFT"])]


def test_positions_say_their_side(desk):
    sides = {p.symbol: p.side for one in state_of(desk).strategies for p in one.positions}

    assert sides == {"GOOG": "flat", "IBM": "short", "MSFT": "long"}


def test_a_flat_position_keeps_its_history(desk):
    goog = state_of(desk).strategies[0].positions[0]

    assert (D(0), D(2)) == (goog.quantity, goog.realised_pnl)


def test_initial_equity_is_the_capital(desk):
    assert D(10_000) == state_of(desk).initial_equity


def test_balances_hold_the_cash_by_currency(desk):
    state = state_of(desk)

    assert [("USD", state.cash)] == [(one.currency, one.amount) for one in state.balances]


def test_fractional_positions_are_shown_with_all_their_digits(desk):
    desk.buy("7.5", 10)

    assert D("7.5") == desk.service.get_state().strategies[0].positions[0].quantity
