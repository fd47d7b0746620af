"""The figures of a run, from events: worked examples with the arithmetic beside them."""

import math
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from qtrader import Metrics
from qtrader_service_reporting.metrics import Flow, compute, round_trips

Build = Callable[..., Any]
DEPOSIT = [Flow(0, "USD", Decimal(1000))]


def test_total_return_is_measured_from_the_deposit(valuation: Build) -> None:
    days = [valuation("2024-01-02", "1100"), valuation("2024-01-03", "990")]

    found = compute(days, DEPOSIT, [], [])

    assert found.total_return == -0.01  # 990 / 1000 - 1
    assert (found.initial_equity, found.final_equity) == (Decimal(1000), Decimal(990))


def test_without_a_deposit_the_first_valuation_is_the_start(valuation: Build) -> None:
    days = [valuation("2024-01-02", "1000"), valuation("2024-01-03", "1050")]

    assert compute(days, [], [], []).total_return == 0.05


def test_ratios_come_from_session_returns(valuation: Build) -> None:
    equity = [1000, 1010, 990, 1005, 1020, 1015]
    days = [valuation(date(2024, 1, 1) + timedelta(days=n), str(one)) for n, one in enumerate(equity[1:], 1)]
    returns = np.diff(equity) / np.array(equity[:-1])

    found = compute(days, DEPOSIT, [], [])

    assert found.volatility == pytest.approx(returns.std(ddof=1) * math.sqrt(252), rel=1e-11)
    assert found.sharpe == pytest.approx(returns.mean() / returns.std(ddof=1) * math.sqrt(252), rel=1e-11)
    assert found.cagr == pytest.approx(1.015 ** (252 / 5) - 1, rel=1e-11)


def test_markets_that_never_close_have_365_sessions_a_year(valuation: Build) -> None:
    days = [valuation("2024-01-06", "1010"), valuation("2024-01-07", "1000")]
    returns = np.array([0.01, 1000 / 1010 - 1])

    found = compute(days, DEPOSIT, [], [], sessions_per_year=365)

    assert found.volatility == pytest.approx(returns.std(ddof=1) * math.sqrt(365), rel=1e-11)


def test_last_valuation_of_a_session_stands_for_it(valuation: Build) -> None:
    days = [valuation("2024-01-02", "900"), valuation("2024-01-02", "1000"), valuation("2024-01-03", "1010")]

    found = compute(days, DEPOSIT, [], [])

    assert (found.sessions, found.max_drawdown) == (2, 0.0)


def test_deposit_in_between_is_no_profit(valuation: Build) -> None:
    """1000 grows to 1100 (10 %), 500 comes in and the rest stands still: still 10 %."""
    days = [valuation("2024-01-02", "1100"), valuation("2024-01-03", "1600")]

    found = compute(days, [*DEPOSIT, Flow(1, "USD", Decimal(500))], [], [])

    assert found.total_return == 0.1


def test_withdrawal_is_no_loss(valuation: Build) -> None:
    days = [valuation("2024-01-02", "1000"), valuation("2024-01-03", "400")]

    assert compute(days, [*DEPOSIT, Flow(1, "USD", Decimal(-600))], [], []).max_drawdown == 0.0


def test_flow_is_taken_into_its_session_where_there_are_several_valuations(valuation: Build) -> None:
    days = [valuation("2024-01-02", "1000"), valuation("2024-01-03", "1000"), valuation("2024-01-03", "1500")]

    assert compute(days, [*DEPOSIT, Flow(2, "USD", Decimal(500))], [], []).total_return == 0.0


def test_flow_in_a_foreign_currency_leaves_returns_undefined(valuation: Build) -> None:
    found = compute([valuation("2024-01-02", "1000")], [*DEPOSIT, Flow(0, "EUR", Decimal(1))], [], [])

    assert found.total_return is None
    assert found.why("total_return") == "flows in EUR cannot be set against USD"


def test_drawdown_has_dates_and_length(valuation: Build) -> None:
    """Peak 1200 on the 2nd; below it on the 3rd, 4th (900: a fall of 25 %) and 5th; back at it on the 8th."""
    equity = {"02": "1200", "03": "1100", "04": "900", "05": "1199", "08": "1200", "09": "1150"}
    days = [valuation(f"2024-01-{day}", one) for day, one in equity.items()]

    found = compute(days, DEPOSIT, [], [])

    assert found.max_drawdown == 0.25
    assert (found.drawdown_start, found.drawdown_trough) == (date(2024, 1, 3), date(2024, 1, 4))
    assert (found.drawdown_recovery, found.drawdown_sessions) == (date(2024, 1, 8), 3)


def test_drawdown_that_lasts_says_so(valuation: Build) -> None:
    found = compute([valuation("2024-01-02", "900"), valuation("2024-01-03", "950")], DEPOSIT, [], [])

    assert (found.max_drawdown, found.drawdown_recovery, found.drawdown_sessions) == (0.1, None, 2)
    assert found.why("drawdown_recovery") == "the peak was not reached again"


def test_nothing_traded_and_nothing_lost_is_said_in_words(valuation: Build) -> None:
    found = compute([valuation("2024-01-02", "1000"), valuation("2024-01-03", "1000")], DEPOSIT, [], [])

    assert (found.total_return, found.volatility, found.max_drawdown, found.trades) == (0.0, 0.0, 0.0, 0)
    assert found.why("sharpe") == "every session returned the same, so there is no deviation to divide by"
    assert found.why("win_rate") == "no round trip was closed"
    assert found.why("total_return") is None


def test_run_without_a_valuation_defines_no_return() -> None:
    found = compute([], [], [], [])

    assert (found.sessions, found.currency, found.total_return) == (0, None, None)
    assert found.why("sharpe") == "no session was valued"


def test_equity_below_zero_leaves_total_return_and_drawdown_but_no_ratios(valuation: Build) -> None:
    days = [valuation("2024-01-02", "-500"), valuation("2024-01-03", "-250")]

    found = compute(days, DEPOSIT, [], [])

    assert (found.total_return, found.max_drawdown) == (-1.25, 1.5)
    assert (found.sharpe, found.cagr) == (None, None)
    assert found.why("sharpe") == "equity was -500 before 2024-01-03: a return on nothing is not defined"


def test_run_may_start_with_less_than_one(valuation: Build) -> None:
    assert compute([valuation("2024-01-02", "0.75")], [Flow(0, "USD", Decimal("0.5"))], [], []).total_return == 0.5


def test_run_without_money_defines_no_return(valuation: Build) -> None:
    found = compute([valuation("2024-01-02", "0")], [], [], [])

    assert found.why("total_return") == "the run started with no equity"


def test_exposure_is_the_share_of_sessions_with_a_position(valuation: Build) -> None:
    days = [valuation(f"2024-01-0{n}", "1000", open_positions=n % 2) for n in (2, 3, 4, 5)]

    assert compute(days, DEPOSIT, [], []).exposure == 0.5


def test_round_trip_sums_its_trades_and_counts_when_it_closes(trade: Build) -> None:
    trades = [
        trade("a", "10", closes_round_trip=False),
        trade("b", "-4"),
        trade("a", "-3"),
        trade("c", "99", closes_round_trip=False),
    ]

    assert round_trips(trades) == [Decimal(-4), Decimal(7)]


def test_trade_figures_count_a_zero_as_no_win(trade: Build) -> None:
    """Four round trips: 30, 10, 0, -16. Wins 2 of 4; 40 won against 16 lost; 24 over 4."""
    found = compute([], [], [trade("a", "30"), trade("b", "10"), trade("c", "0"), trade("d", "-16")], [])

    assert (found.trades, found.win_rate, found.profit_factor) == (4, 0.5, 2.5)
    assert (found.expectancy, found.average_win, found.average_loss) == (Decimal(6), Decimal(20), Decimal(-16))


def test_no_losing_trade_means_no_profit_factor(trade: Build) -> None:
    found = compute([], [], [trade("a", "30")], [])

    assert found.why("profit_factor") == "no round trip lost money"
    assert found.why("average_loss") == "no round trip lost money"


def test_average_is_exact_to_the_ledgers_scale(trade: Build) -> None:
    found = compute([], [], [trade("a", "1"), trade("b", "0"), trade("c", "0")], [])

    assert found.expectancy == Decimal("0.33333333")


def test_trades_in_several_currencies_are_counted_but_not_added(trade: Build) -> None:
    found = compute([], [], [trade("a", "1"), trade("b", "1", currency="EUR")], [])

    assert (found.trades, found.win_rate, found.expectancy) == (2, 1.0, None)
    assert found.why("expectancy") == "trades are in several currencies: EUR, USD"


def test_costs_are_fees_and_the_way_from_the_reference_price(fill: Build) -> None:
    """10 x 0.02 + 5 x 0.02 slipped; 1 + 2.5 paid."""
    found = compute([], [], [], [fill(), fill(quantity=Decimal(5), commission=Decimal("2.5"))])

    assert (found.commission, found.slippage) == (Decimal("3.5"), Decimal("0.3"))


def test_slippage_counts_the_multiplier(fill: Build) -> None:
    found = compute([], [], [], [fill(symbol="ES")], multipliers={"ES": Decimal(50)})

    assert found.slippage == Decimal(10)  # 10 x 0.02 x 50


def test_fees_in_a_foreign_currency_are_not_added(fill: Build) -> None:
    found = compute([], [], [], [fill(), fill(commission_currency="EUR")])

    assert (found.commission, found.slippage) == (None, Decimal("0.4"))


@pytest.mark.parametrize("symbols", [1, 20])
def test_sharpe_does_not_depend_on_how_many_symbols_were_valued(valuation: Build, symbols: int) -> None:
    """One point per session, however many instruments it holds."""
    equity = [1000, 1020, 990, 1040]
    days = [valuation(f"2024-01-0{n + 1}", str(one), open_positions=symbols) for n, one in enumerate(equity) if n]
    returns = np.diff(equity) / np.array(equity[:-1])

    found = compute(days, DEPOSIT, [], [])

    assert found.sharpe == pytest.approx(returns.mean() / returns.std(ddof=1) * math.sqrt(252), rel=1e-11)


def test_metrics_survive_json(valuation: Build, trade: Build, fill: Build) -> None:
    days = [valuation("2024-01-02", "900"), valuation("2024-01-03", "950")]
    found = compute(days, DEPOSIT, [trade("a", "1")], [fill()])

    assert Metrics.from_json(found.to_json()) == found
