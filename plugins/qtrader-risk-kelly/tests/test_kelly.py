from decimal import Decimal, localcontext
from fractions import Fraction
from math import log
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from qtrader.ports import Size, Sizer, TradeStatistics
from qtrader.testing import SizerConformance, request
from qtrader_risk_kelly import KellySizer, kelly_fraction, measured_payoff, measured_win_rate

KNOWN: dict[str, Any] = {"win_rate": Decimal("0.6"), "payoff": Decimal(2)}


def trades(wins: int, losses: int, won: str, lost: str) -> TradeStatistics:
    return TradeStatistics(wins, losses, Decimal(won), Decimal(lost))


def sized(closed: TradeStatistics, **options: Any) -> Size:
    return KellySizer(**{"min_trades": 1, **options}).size(request(trades=closed))


def test_it_is_a_sizer() -> None:
    assert isinstance(KellySizer(), Sizer)


@pytest.mark.parametrize(
    ("win_rate", "payoff", "expected"),
    [
        ("0.6", "2", "0.4"),  # 0.6 - 0.4 / 2
        ("0.6", "1", "0.2"),  # even odds: 2p - 1
        ("0.5", "1", "0"),  # no edge
        ("0.4", "1", "-0.2"),
        ("0.25", "4", "0.0625"),  # 0.25 - 0.75 / 4
        ("1", "0.1", "1"),  # never loses
        ("0", "5", "-0.2"),  # never wins
    ],
)
def test_the_fraction_by_hand(win_rate: str, payoff: str, expected: str) -> None:
    assert kelly_fraction(Decimal(win_rate), Decimal(payoff)) == Decimal(expected)


@pytest.mark.parametrize(("win_rate", "payoff"), [("0.55", "1.8"), ("0.3", "2.9"), ("0.123", "0.07")])
def test_the_fraction_by_fractions(win_rate: str, payoff: str) -> None:
    p, b = Fraction(win_rate), Fraction(payoff)

    assert abs(Fraction(kelly_fraction(Decimal(win_rate), Decimal(payoff))) - (p - (1 - p) / b)) < Fraction(1, 10**50)


def test_the_fraction_makes_an_account_grow_fastest() -> None:
    """Of all stakes, to a ten-thousandth, the expected logarithm of what is left is greatest at it."""
    stakes = np.arange(0, 1, 0.0001)
    growth = [0.55 * log(1 + 1.8 * one) + 0.45 * log(1 - one) for one in stakes.tolist()]

    assert stakes[int(np.argmax(growth))] == pytest.approx(
        float(kelly_fraction(Decimal("0.55"), Decimal("1.8"))), abs=1e-9
    )


def test_the_fraction_is_the_same_in_a_narrow_context() -> None:
    with localcontext() as context:
        context.prec = 4
        narrow = kelly_fraction(Decimal("0.55"), Decimal("1.7"))

    assert narrow == kelly_fraction(Decimal("0.55"), Decimal("1.7"))


@pytest.mark.parametrize(
    ("win_rate", "payoff", "told"),
    [
        ("1.1", "1", "win_rate 1.1 is no share"),
        ("-0.1", "1", "win_rate -0.1 is no share"),
        ("0.5", "0", "payoff 0 has no stake"),
        ("0.5", "-2", "payoff -2 has no stake"),
    ],
)
def test_the_fraction_refuses_what_are_no_odds(win_rate: str, payoff: str, told: str) -> None:
    with pytest.raises(ValueError, match=f"{told}: hand over"):
        kelly_fraction(Decimal(win_rate), Decimal(payoff))


@pytest.mark.parametrize(("wins", "losses", "expected"), [(0, 0, None), (3, 1, "0.75"), (0, 4, "0"), (4, 0, "1")])
def test_the_win_rate_of_trades(wins: int, losses: int, expected: str | None) -> None:
    assert measured_win_rate(trades(wins, losses, "1", "1")) == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("closed", "expected"),
    [
        (trades(4, 2, "800", "100"), "4"),  # 200 over 50
        (trades(1, 4, "30", "240"), "0.5"),  # 30 over 60
        (trades(0, 4, "0", "240"), "0"),
        (trades(4, 0, "800", "0"), None),
        (TradeStatistics(), None),
    ],
)
def test_the_payoff_of_trades(closed: TradeStatistics, expected: str | None) -> None:
    assert measured_payoff(closed) == (None if expected is None else Decimal(expected))


def test_half_of_a_known_edge_unless_told_otherwise() -> None:
    assert KellySizer(**KNOWN).size(request()).quantity == 400  # 0.4 x 0.5 x 100000 / 50


def test_a_whole_known_edge() -> None:
    assert KellySizer(**KNOWN, fraction=Decimal(1)).size(request()).quantity == 800


@pytest.mark.parametrize("win_rate", ["0.5", "0.4", "0"])
def test_no_edge_buys_nothing(win_rate: str) -> None:
    assert KellySizer(win_rate=Decimal(win_rate), payoff=Decimal(1)).size(request()).quantity == 0


def test_known_odds_need_no_trades_and_look_at_none() -> None:
    assert KellySizer(**KNOWN).size(request(trades=trades(0, 99, "0", "5000"))).quantity == 400


def test_the_edge_of_closed_trades() -> None:
    answer = sized(trades(6, 4, "1200", "400"))  # p 0.6, b 200 over 100

    assert answer.quantity == 400
    assert answer.inputs == {"win_rate": Decimal("0.6"), "payoff": 2, "edge": Decimal("0.4"), "stake": 20000}


def test_an_edge_of_thirds_is_not_a_unit_short() -> None:
    assert sized(trades(2, 1, "40", "10")).quantity == 500  # p 2/3, b 2: 2/3 - 1/6 is 1/2 exactly


@pytest.mark.parametrize("counts", [(2, 1), (6, 7), (11, 2), (17, 13), (100, 83)])
def test_the_edge_of_closed_trades_by_fractions(counts: tuple[int, int]) -> None:
    wins, losses = counts
    p, b = Fraction(wins, wins + losses), Fraction(7313, wins) / Fraction(2917, losses)
    exact = max(p - (1 - p) / b, Fraction(0)) / 2 * 100000 / 50

    assert abs(Fraction(sized(trades(wins, losses, "7313", "2917")).quantity) - exact) < Fraction(1, 10**30)


@pytest.mark.parametrize(("wins", "units"), [(5, 0), (6, 400)])
def test_trades_are_believed_once_there_are_enough(wins: int, units: int) -> None:
    closed = trades(wins, 4, str(200 * wins), "400")

    assert sized(closed, min_trades=10).quantity == units


def test_without_trades_nothing_is_bought() -> None:
    assert KellySizer().size(request()).quantity == 0


def test_until_there_are_trades_the_share_to_start_with() -> None:
    sizer = KellySizer(start_pct=Decimal("0.02"))

    assert sizer.size(request()) == Size(Decimal(40), inputs={"stake": Decimal(2000)})


def test_until_a_trade_has_lost_the_share_to_start_with() -> None:
    assert sized(trades(9, 0, "900", "0"), start_pct=Decimal("0.02")).quantity == 40


def test_trades_that_all_lost_buy_nothing() -> None:
    assert sized(trades(0, 9, "0", "900"), start_pct=Decimal("0.02")).quantity == 0


def test_a_known_win_rate_with_a_measured_payoff() -> None:
    assert sized(trades(1, 9, "200", "900"), win_rate=Decimal("0.6")).quantity == 400  # b 200 over 100


def test_a_known_payoff_with_a_measured_win_rate() -> None:
    assert sized(trades(6, 4, "1", "4000"), payoff=Decimal(2)).quantity == 400


def test_a_known_payoff_needs_no_loss() -> None:
    assert sized(trades(6, 0, "1", "0"), payoff=Decimal(2)).quantity == 1000  # p 1: all, and half of it


@pytest.mark.parametrize("known", [{"win_rate": Decimal("0.6")}, {"payoff": Decimal(2)}])
def test_half_of_what_must_be_known_waits_for_trades(known: dict[str, Any]) -> None:
    assert sized(trades(6, 4, "1200", "400"), min_trades=11, **known).quantity == 0


@pytest.mark.parametrize(
    "options",
    [
        {"win_rate": "-0.1"},
        {"win_rate": "1.1"},
        {"win_rate": "NaN"},
        {"payoff": "0"},
        {"payoff": "-1"},
        {"fraction": "1.5"},
        {"start_pct": "-0.1"},
        {"min_trades": "many"},
    ],
)
def test_senseless_options_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(KellySizer).validate_python(options)


@pytest.mark.parametrize("count", [0, -3])
def test_no_trades_to_believe_are_refused_with_what_to_write(count: int) -> None:
    with pytest.raises(ValidationError, match=f"min_trades {count} measures nothing; write at least 1"):
        TypeAdapter(KellySizer).validate_python({"min_trades": count})


class TestConformance(SizerConformance):
    tool = KellySizer(min_trades=3, start_pct=Decimal("0.01"))
    requests = (
        *SizerConformance.requests,
        request(trades=trades(2, 1, "40", "10")),
        request(trades=trades(3, 0, "40", "0")),
        request(trades=trades(0, 3, "0", "40")),
        request(trades=trades(1, 2, "0.00000001", "99999999")),
        request(trades=trades(2, 1, "40", "10"), equity="0"),
    )


class TestConformanceOfKnownOdds(SizerConformance):
    tool = KellySizer(**KNOWN)
