"""MAE and MFE of trades: the worst and the best that the profit of the closed units was while they were held."""

from decimal import Decimal

import pytest

from qtrader.events import TradeEvent
from qtrader.ports import Instrument

D = Decimal


def trade(desk, opens, closes, low, high, quantity=100, fee=0):
    """Open at 10, close at a price, with a range in between."""
    desk.price("AAPL", 10, 0)
    getattr(desk, opens)(quantity, 10, fee)
    desk.price("AAPL", 11, 3)
    desk.market.ranges["AAPL"] = D(low), D(high)
    getattr(desk, "sell" if opens == "buy" else "buy")(quantity, closes, fee)
    return desk.last(TradeEvent)


def test_a_long_suffers_from_lows_and_gains_from_highs(desk):
    """100 at 10: at 8.50 they were 150 under water, at 13.25 they were 325 above."""
    found = trade(desk, "buy", 11, "8.50", "13.25")

    assert (found.mae, found.mfe, found.gross_pnl) == (D(-150), D(325), D(100))


def test_a_short_suffers_from_highs_and_gains_from_lows(desk):
    found = trade(desk, "sell", 11, "8.50", "13.25")

    assert (found.mae, found.mfe, found.gross_pnl) == (D(-325), D(150), D(-100))


def test_fees_do_not_count(desk):
    found = trade(desk, "buy", 11, "8.50", "13.25", fee=7)

    assert (found.mae, found.mfe) == (D(-150), D(325))


@pytest.mark.parametrize(("opens", "closes", "low", "high"), [("buy", 11, "10.50", "12"), ("sell", 9, "8", "9.50")])
def test_what_never_was_under_water_has_no_adverse_excursion(desk, opens, closes, low, high):
    """It began at zero."""
    found = trade(desk, opens, closes, low, high)

    assert (found.mae, found.mfe) == (D(0), D(200))


@pytest.mark.parametrize(("opens", "closes", "low", "high"), [("buy", 9, "8", "9.50"), ("sell", 11, "10.50", "12")])
def test_what_never_was_above_water_has_no_favourable_excursion(desk, opens, closes, low, high):
    found = trade(desk, opens, closes, low, high)

    assert (found.mae, found.mfe) == (D(-200), D(0))


@pytest.mark.parametrize(
    ("opens", "closes", "worst", "best"),
    [
        ("buy", "7.90", -210, 100),
        ("sell", "11.30", -130, 150),
        ("buy", "11.30", -150, 130),
        ("sell", "7.90", -100, 210),
    ],
)
def test_the_exit_counts_where_it_was_outside_the_bars(desk, opens, closes, worst, best):
    """The bars reach from 8.50 to 11: with slippage, or on a price that no bar has, it was sold outside."""
    found = trade(desk, opens, closes, "8.50", "11")

    assert (found.mae, found.mfe) == (D(worst), D(best))


def test_each_lot_has_its_own_by_its_units_and_cost(desk):
    """60 for 600 and 40 for 480, of which 60 and 10 are sold; between 9 and 14 from then on."""
    desk.buy(60, 10)
    desk.buy(40, 12)
    desk.price("AAPL", 13, 4)
    desk.market.ranges["AAPL"] = D(9), D(14)
    desk.sell(70, 13)

    assert [(one.mae, one.mfe) for one in desk.of(TradeEvent)] == [(D(-60), D(240)), (D(-30), D(20))]


def test_a_multiplier_counts(desk_with):
    desk = desk_with(1_000_000, instruments=(Instrument("AAPL", multiplier=D(50)),))
    found = trade(desk, "buy", 11, "8.50", "13.25", quantity=2)

    assert (found.mae, found.mfe) == (D(-150), D(325))


def test_where_no_bar_was_seen_both_are_unknown(desk):
    desk.buy(100, 10)
    desk.sell(100, 11)
    found = desk.last(TradeEvent)

    assert (found.mae, found.mfe) == (None, None)


def test_held_is_the_time_from_entry_to_exit(desk):
    found = trade(desk, "buy", 11, 9, 12)

    assert found.held.days == 3
    assert found.held == found.exit_time - found.entry_time
